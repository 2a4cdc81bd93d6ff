"""Whoever breaks everything under the hands of those who work (RELIABILITY.md 9.3): links, programs, servers, clocks,
disks. Some of it is mended before the next thing breaks, some of it later."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.composition.following import renew
from tests.faults.sync.proxy import Fault
from tests.faults.sync.world import HEAL_S, Clerk, World

# As a cable knows them. "Doubled" bytes break TLS, as they should; a doubled request is in `test_every_call`.
CABLE_FAULTS = (Fault.LATE, Fault.CUT, Fault.HALF_OPEN, Fault.REPLY_DROPPED, Fault.DOUBLED, Fault.DRIP, Fault.GARBAGE)
HOUR_MS = 3_600_000


@dataclass
class Nemesis:
    world: World
    chance: random.Random
    diary: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _to_mend: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def run(self, seconds: float, watch: Callable[[], None] = lambda: None) -> None:
        """`watch` is called between two deeds, and may raise."""
        self._began = time.monotonic()
        deeds = (
            self.cut_a_link,
            self.cut_a_link,
            self.cut_a_link_for_long,
            self.cut_all_links,
            self.kill_a_desk,
            self.kill_a_desk,
            self.kill_a_hub,
            self.kill_postgres,
            self.set_a_clock,
            self.set_a_hubs_clock,
            self.put_an_older_file_back,
        )
        todo: list[Callable[[], None]] = []
        while time.monotonic() < self._began + seconds:
            if not todo:  # each of them once before any of them again
                todo = self.chance.sample(deeds, len(deeds))
            deed = todo.pop()
            self.note(deed.__name__)
            self.world.done[f"nemesis {deed.__name__}"] += 1
            deed()
            self._wait(0.1, 0.5)
            self._mend_what_is_due(time.monotonic())
            watch()
            for clerk in self.world.clerks:
                if clerk.problem is not None:
                    raise clerk.problem
        self.heal()

    def note(self, what: str) -> None:
        self.diary.append(f"{time.monotonic() - self._began:7.2f} {what}")

    def _wait(self, least_s: float, most_s: float) -> None:
        time.sleep(self.chance.uniform(least_s, most_s))

    def _later(self, least_s: float, most_s: float, mend: Callable[[], None]) -> None:
        self._to_mend.append((time.monotonic() + self.chance.uniform(least_s, most_s), mend))

    def _mend_what_is_due(self, now: float) -> None:
        due = [one for one in self._to_mend if one[0] <= now]
        self._to_mend = [one for one in self._to_mend if one[0] > now]
        for _, mend in due:
            mend()

    def _somebody(self) -> Clerk:
        return self.chance.choice(self.world.at_work)

    # -- links -------------------------------------------------------------------------------------------------------

    def cut_a_link(self) -> None:
        clerk, fault = self._somebody(), self.chance.choice(CABLE_FAULTS)
        self.note(f"    {clerk.desk} {fault.value}")
        clerk.line.break_(fault)
        self._wait(0.3, 1.5)
        clerk.line.mend()

    def cut_a_link_for_long(self) -> None:
        """Long enough for whoever may go on by himself to do so; other things break meanwhile."""
        clerk = self._somebody()
        self.note(f"    {clerk.desk}")
        clerk.line.break_(Fault.CUT)
        self._later(self.world.rules.contact_timeout_s, self.world.rules.contact_timeout_s + 5.0, clerk.line.mend)

    def cut_all_links(self) -> None:
        for clerk in self.world.at_work:
            clerk.line.unplug()
        self._wait(0.5, 2.0)
        for clerk in self.world.at_work:
            clerk.line.plug()

    # -- programs ----------------------------------------------------------------------------------------------------

    def kill_a_desk(self) -> None:
        process = self._somebody().process
        if process is not None:
            process.kill()  # in the middle of whatever it does: its clerk notices

    def kill_a_hub(self) -> None:
        self.chance.choice(self.world.hubs).kill()  # whoever keeps hubs running notices

    def kill_postgres(self) -> None:
        self.world.server.kill_the_leader()
        self._wait(0.0, 1.0)
        self.world.server.again()

    # -- clocks ------------------------------------------------------------------------------------------------------

    def set_a_clock(self) -> None:
        clerk = self._somebody()
        self._set(clerk.clock, clerk.desk)

    def set_a_hubs_clock(self) -> None:
        at = self.chance.randrange(len(self.world.clocks))
        self._set(self.world.clocks[at], f"hub {at + 1}")

    def _set(self, clock: Path, whose: str) -> None:
        hours = self.chance.choice((-1.0, 1.0, 0.1, -0.05))
        self.note(f"    {whose} {hours:+} h")
        clock.write_text(str(int(hours * HOUR_MS)))
        self._wait(0.5, 1.5)
        clock.write_text("0")

    # -- files -------------------------------------------------------------------------------------------------------

    def put_an_older_file_back(self) -> None:
        """The desk is stopped, copied, works on, is killed, and its file is the copy again. With what it had sent
        meanwhile, the hub finds it out; an administrator enrols it anew. What it had *not* sent is counted as lost."""
        clerk = self._somebody()
        self.note(f"    {clerk.desk}")
        copy = self.world.folder / f"{clerk.desk}.copy"
        began = time.monotonic()
        with clerk.pen:
            held = time.monotonic()
            clerk.shut(kill=False)
            self.note(f"    waited {held - began:.1f} s, ended in {time.monotonic() - held:.1f} s")
            before = set(clerk.answered)
            shutil.copy(clerk.home.store_file, copy)
        self._wait(0.2, 1.0)
        with clerk.pen:
            clerk.shut(kill=True)
            clerk.put_back(copy)
        self._wait(0.2, 1.0)  # it may work on, where the hub has not found it out
        with clerk.pen:
            clerk.shut(kill=True)
            clerk.lost |= set(clerk.answered) - before
            began = time.monotonic()
            self._enrol_anew(clerk)
            self.note(f"    enrolled anew in {time.monotonic() - began:.1f} s")
            clerk.redeemed.clear()

    def _enrol_anew(self, clerk: Clerk) -> None:
        """With a code of the administrator, as soon as a hub is there."""
        began = time.monotonic()
        code = self.world.again(lambda: self.world.mall.code(clerk.desk, clerk.number + 10))
        self.note(f"    a code after {time.monotonic() - began:.1f} s")
        self.world.again(lambda: renew(clerk.home, code))

    # -- the end -----------------------------------------------------------------------------------------------------

    def heal(self) -> None:
        self._mend_what_is_due(time.monotonic() + 3_600.0)
        for clerk in self.world.at_work:
            clerk.line.mend()
            clerk.clock.write_text("0")
        self.world.ended.set()
        for clerk in self.world.clerks:
            clerk.join(HEAL_S)
            assert not clerk.is_alive(), f"{clerk.desk} hangs"
            clerk.shut(kill=False)
            if clerk.problem is not None:
                raise clerk.problem
