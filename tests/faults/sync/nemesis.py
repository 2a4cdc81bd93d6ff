"""Whoever breaks everything under the hands of those who work (RELIABILITY.md 9.3): links, programs, servers, clocks,
disks. Some of it is mended before the next thing breaks, some of it later."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TextIO

import psutil
import psycopg

from app.composition.following import renew
from app.domain.errors import Refused
from app.domain.mode import LEAST_DISK
from app.operations.issue_card import IssueCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.resume_desk import ResumeDesk
from app.operations.suspend_desk import SuspendDesk
from tests.faults.sync.newer import become
from tests.faults.sync.proxy import Fault
from tests.faults.sync.served import until
from tests.faults.sync.world import CUP, HEAL_S, HUBS_OWN, OWN_CARD, Clerk, World

# As a cable knows them. "Doubled" bytes break TLS, as they should; a doubled request is in `test_every_call`.
CABLE_FAULTS = (Fault.LATE, Fault.CUT, Fault.HALF_OPEN, Fault.REPLY_DROPPED, Fault.DOUBLED, Fault.DRIP, Fault.GARBAGE)
HOUR_MS = 3_600_000
MOST_STOLEN = 20  # desks; the mall has numbers for 99
MOST_VERSIONS = 8  # each leaves an index and a copy of every store behind


@dataclass
class Nemesis:
    """Two hands: the quick one cuts, kills and turns clocks, the other does what takes a person a while. So several
    things are broken at once."""

    world: World
    seed: int
    diary: TextIO
    problem: BaseException | None = None
    _began: float = field(default_factory=time.monotonic)
    _to_mend: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _away: set[str] = field(default_factory=set)  # desks that are cut off for long
    _stolen: int = 0

    def run(self, seconds: float, watch: Callable[[], None] = lambda: None) -> None:
        """`watch` is called now and then, and may raise."""
        self._began = time.monotonic()
        self._end = self._began + seconds
        quick, slow = random.Random(self.seed), random.Random(-self.seed)
        links = (self.cut_a_link, self.cut_a_link, self.cut_links_for_long, self.cut_all_links)
        programs = (self.kill_a_desk, self.kill_a_hub, self.kill_postgres)
        clocks = (self.set_a_clock,)
        people = (self.put_an_older_file_back, self.suspend_a_desk, self.lose_a_desk, self.lose_a_card)
        disks = (self.fill_a_desks_disk, self.limit_a_desks_files, self.fill_the_disk_of_postgres)
        hands = [
            threading.Thread(target=self._hand, args=(chance, deeds), daemon=True)
            for chance, deeds in (
                (quick, links + programs + clocks),
                (slow, people + disks + (self.bring_a_newer_version,)),
            )
        ]
        for hand in hands:
            hand.start()
        while any(hand.is_alive() for hand in hands):
            watch()
            self._mend_what_is_due(time.monotonic())
            for problem in (self.problem, *(clerk.problem for clerk in self.world.clerks)):
                if problem is not None:
                    raise problem
            time.sleep(0.2)
        self.heal()

    def _hand(self, chance: random.Random, deeds: tuple[Callable[[random.Random], None], ...]) -> None:
        todo: list[Callable[[random.Random], None]] = []
        try:
            while time.monotonic() < self._end:
                if not todo:  # each of them once before any of them again
                    todo = chance.sample(deeds, len(deeds))
                deed = todo.pop()
                self.note(deed.__name__)
                self.world.done[f"nemesis {deed.__name__}"] += 1
                deed(chance)
                _wait(chance, 0.3, 1.3)
        except BaseException as problem:
            self.problem = problem

    def note(self, what: str) -> None:
        self.diary.write(f"{time.monotonic() - self._began:7.2f} {what}\n")

    def _later(self, after_s: float, mend: Callable[[], None]) -> None:
        self._to_mend.append((time.monotonic() + after_s, mend))

    def _mend_what_is_due(self, now: float) -> None:
        for one in [one for one in self._to_mend if one[0] <= now]:
            self._to_mend.remove(one)
            one[1]()

    def _somebody(self, chance: random.Random) -> Clerk:
        """Mostly not one of those that work by themselves just now: they are to get that far."""
        return chance.choice(self._connected() if chance.random() < 0.8 else self.world.at_work)

    # -- links -------------------------------------------------------------------------------------------------------

    def cut_a_link(self, chance: random.Random) -> None:
        clerk, fault = chance.choice(self._connected()), chance.choice(CABLE_FAULTS)
        self.note(f"    {clerk.desk} {fault.value}")
        clerk.line.break_(fault)
        _wait(chance, 0.3, 1.5)
        self._mend(clerk)

    def cut_links_for_long(self, chance: random.Random) -> None:
        """Long enough for whoever may go on by himself to do so; other things break meanwhile. The hub goes on with at
        least one desk."""
        here = self._connected()
        most = min(2, sum(clerk.desk not in self._away for clerk in here) - 1)
        for clerk in chance.sample(here, chance.randint(1, most) if most > 0 else 0):
            self.note(f"    {clerk.desk}")
            self._away.add(clerk.desk)
            clerk.line.break_(Fault.CUT)
            after_s = self.world.rules.contact_timeout_s + chance.uniform(3.0, 9.0)
            self._later(after_s, partial(self._brought_back, clerk))

    def _brought_back(self, clerk: Clerk) -> None:
        self._away.discard(clerk.desk)
        self._mend(clerk)

    def _connected(self) -> list[Clerk]:
        here = [clerk for clerk in self.world.at_work if clerk.desk not in self._away]
        return here or self.world.at_work

    def _mend(self, clerk: Clerk) -> None:
        if clerk.desk not in self._away:
            clerk.line.mend()

    def cut_all_links(self, chance: random.Random) -> None:
        cut = self.world.at_work
        for clerk in cut:
            clerk.line.unplug()
        _wait(chance, 0.5, 2.0)
        for clerk in cut:
            clerk.line.plug()

    # -- programs ----------------------------------------------------------------------------------------------------

    def kill_a_desk(self, chance: random.Random) -> None:
        process = self._somebody(chance).process
        if process is not None:
            process.kill()  # in the middle of whatever it does: its clerk notices

    def kill_a_hub(self, chance: random.Random) -> None:
        chance.choice(self.world.hubs).kill()  # whoever keeps hubs running notices

    def kill_postgres(self, chance: random.Random) -> None:
        with suppress(FileNotFoundError, psutil.NoSuchProcess):  # it does not run at this moment
            self.world.server.kill_the_leader()  # whoever keeps it running notices
        _wait(chance, 0.0, 1.0)

    # -- clocks ------------------------------------------------------------------------------------------------------

    def set_a_clock(self, chance: random.Random) -> None:
        """Of a desk, or of the machine that one of the hubs runs on."""
        clerk, at = self._somebody(chance), chance.randrange(len(self.world.clocks))
        whose, clock = (clerk.desk, clerk.clock) if chance.random() < 0.5 else (f"hub {at + 1}", self.world.clocks[at])
        hours = chance.choice((-1.0, 1.0, 0.1, -0.05))
        self.note(f"    {whose} {hours:+} h")
        clock.write_text(str(int(hours * HOUR_MS)))
        _wait(chance, 0.5, 1.5)
        clock.write_text("0")

    # -- files -------------------------------------------------------------------------------------------------------

    def put_an_older_file_back(self, chance: random.Random) -> None:
        """The desk is stopped, copied, works on, is killed, and its file is the copy again. With what it had sent
        meanwhile, the hub finds it out; an administrator enrols it anew. What it had *not* sent is counted as lost."""
        clerk = self._somebody(chance)
        self.note(f"    {clerk.desk}")
        copy = self.world.folder / f"{clerk.desk}.copy"
        began = time.monotonic()
        with clerk.pen:
            held = time.monotonic()
            clerk.shut(kill=False)
            self.note(f"    waited {held - began:.1f} s, ended in {time.monotonic() - held:.1f} s")
            before = set(clerk.answered)
            clerk.copy_store(copy)
        _wait(chance, 0.2, 1.0)
        with clerk.pen:
            clerk.shut(kill=True)
            clerk.put_back(copy)
        _wait(chance, 0.2, 1.0)  # it may work on, where the hub has not found it out
        with clerk.pen:
            clerk.shut(kill=True)
            clerk.lost |= set(clerk.answered) - before
            began = time.monotonic()
            self._enrol_anew(clerk)
            self.note(f"    enrolled anew in {time.monotonic() - began:.1f} s")
            clerk.redeemed.clear()

    def _enrol_anew(self, clerk: Clerk) -> None:
        """With a code of the administrator, as soon as a hub is there; with another where that one no longer counts."""
        while True:
            began = time.monotonic()
            code = self.world.again(lambda: self.world.mall.code(clerk.desk, clerk.number + 10))
            self.note(f"    {clerk.desk}: a code after {time.monotonic() - began:.1f} s")
            try:
                self.world.again(partial(renew, clerk.home, code))
                return
            except Refused as problem:
                self.note(f"    {clerk.desk}: {problem.code}")
                self.world.done[f"again after {problem.code}"] += 1
                if not problem.code.startswith("hub.code_"):
                    raise

    # -- disks -------------------------------------------------------------------------------------------------------

    def fill_a_desks_disk(self, chance: random.Random) -> None:
        """Nearly, so that nothing new is begun, or to the last byte; perhaps its program is started anew meanwhile."""
        clerk, leave = self._somebody(chance), chance.choice((LEAST_DISK - 1, 0, 0))
        if not self.world.fill(clerk.home.folder, leave):
            self.note(f"    no disk of its own: {self.world.no_disks}")
            return self.limit_a_desks_files(chance)
        self.note(f"    {clerk.desk}, {leave:,} bytes are left")
        try:
            _wait(chance, 0.3, 1.0)
            if clerk.process is not None and chance.random() < 0.5:
                clerk.process.kill()
            _wait(chance, 0.5, 1.5)
        finally:
            self.world.empty(clerk.home.folder)

    def limit_a_desks_files(self, chance: random.Random) -> None:
        """In the middle of what it writes there is an end: its log of writes may not grow any more."""
        import resource  # where there are no processes to fork, there is none

        clerk = self._somebody(chance)
        process, log = clerk.process, clerk.home.store_file.with_name("store.db-wal")
        if process is None:
            return
        with suppress(OSError, psutil.NoSuchProcess):  # it ends at this moment
            size = log.stat().st_size + chance.choice((0, 100, 20_000))
            self.note(f"    {clerk.desk}, {size:,} bytes")
            _, most = process.limits(resource.RLIMIT_FSIZE)
            process.limits(resource.RLIMIT_FSIZE, (size, most))
            _wait(chance, 0.5, 1.5)
            process.limits(resource.RLIMIT_FSIZE, (most, most))

    def fill_the_disk_of_postgres(self, chance: random.Random) -> None:
        if not self.world.fill(self.world.server.folder, chance.choice((0, 100_000))):
            self.note(f"    no disk of its own: {self.world.no_disks}")
            return
        try:
            _wait(chance, 0.3, 0.8)
            with suppress(psycopg.Error):  # the next file to write ahead in, for which there is no room
                self.world.server.ask(1, "SELECT pg_switch_wal()")
            _wait(chance, 0.5, 1.5)
        finally:
            self.world.empty(self.world.server.folder)

    # -- versions ----------------------------------------------------------------------------------------------------

    def bring_a_newer_version(self, chance: random.Random) -> None:
        """Hubs first, one after the other or both at once, while everybody works on; then each desk at its next start,
        which may be killed in the middle of bringing its store up to date."""
        world = self.world
        if len(world.versions.made) == MOST_VERSIONS:
            return
        world.versions.make()
        known, at_once = len(world.versions.made), chance.random() < 0.5
        self.note(f"    {world.versions.made[-1]}, {'both hubs at once' if at_once else 'one hub after the other'}")
        for at in range(len(world.hubs)):
            world.hub_versions[at] = known
            if not at_once:
                world.hubs[at].stop()
                _wait(chance, 0.5, 1.5)
        if at_once:
            for hub in list(world.hubs):
                hub.kill()
            _wait(chance, 0.5, 1.5)
        for clerk in world.at_work:
            clerk.version = known
            with clerk.pen:
                clerk.shut(kill=False)
                clerk.open()
            if clerk.process is not None and chance.random() < 0.5:
                _wait(chance, 0.0, 0.3)
                clerk.process.kill()
        become(world.versions.folder, world.versions.made)

    # -- desks and cards ---------------------------------------------------------------------------------------------

    def suspend_a_desk(self, chance: random.Random) -> None:
        """Somebody stops it, and it hears of that; then it goes on, or is enrolled anew."""
        clerk = self._somebody(chance)
        self.note(f"    {clerk.desk}")
        self.world.decide(SuspendDesk(desk=clerk.desk))
        _jolt(clerk)
        _wait(chance, 1.0, 2.0)
        try:
            if chance.random() < 0.5:
                raise Refused("desk.must_enrol")
            self.world.decide(ResumeDesk(desk=clerk.desk))
        except Refused as problem:
            if problem.code != "desk.must_enrol":
                raise
            with clerk.pen:
                clerk.shut(kill=False)
                self._enrol_anew(clerk)
        _jolt(clerk)

    def lose_a_desk(self, chance: random.Random) -> None:
        """It is reported lost: at its next contact it wipes itself; what it had sent stays. Another desk comes."""
        if self._stolen == MOST_STOLEN:
            return
        self._stolen += 1
        clerk = self._somebody(chance)
        self.note(f"    {clerk.desk}")
        clerk.is_stolen = True
        self.world.decide(ReportDeskLost(desk=clerk.desk))
        _jolt(clerk)
        _wait(chance, 0.0, 1.0)
        began = time.monotonic()
        new = self.world.new_clerk()
        self.note(f"    {new.desk} instead, in {time.monotonic() - began:.1f} s")
        new.start()

    def lose_a_card(self, chance: random.Random) -> None:
        """While a desk is cut off, somebody reports a card lost at the hub and gets a new one; at that desk the old one
        still counts, is then reported lost as well, and replaced by another."""
        clerk, at = self._somebody(chance), chance.randrange(HUBS_OWN)
        member, number = self.world.members[at]
        self.note(f"    {clerk.desk}")
        clerk.line.break_(Fault.CUT)
        new = self.world.mall.new_card()
        # In one: between the two, a desk's own card, from the last time that this member lost one, could come first.
        self.world.serve(ReportCardLost(member=member, number=number), IssueCard(member=member, number=new))
        self.world.lost_cards.append(number)
        clerk.errands += (
            ("redeem", {"member": str(member), "lines": [{"gift": "CUP", "quantity": 1, "points_each": CUP}]}),
            ("report_card_lost", {"member": str(member), "number": number}),
            ("issue_card", {"member": str(member), "number": OWN_CARD}),
        )
        self.world.members[at] = (member, new)
        _wait(chance, 1.0, 2.0)
        self._mend(clerk)

    # -- the end -----------------------------------------------------------------------------------------------------

    def heal(self) -> None:
        self._away.clear()
        for clerk in self.world.at_work:
            clerk.line.mend()
            clerk.clock.write_text("0")
        for clerk in self.world.clerks:
            if clerk.is_stolen and not clerk.gone:
                clerk.line.mend()
                if clerk.process is not None:
                    clerk.process.kill()  # started again, it says hello at once
                until(partial(_has_gone, clerk), f"{clerk.desk} wipes itself")
        self.world.ended.set()
        for clerk in self.world.clerks:
            clerk.join(HEAL_S)
            assert not clerk.is_alive(), f"{clerk.desk} hangs"
            clerk.shut(kill=False)
            if clerk.problem is not None:
                raise clerk.problem


def _wait(chance: random.Random, least_s: float, most_s: float) -> None:
    time.sleep(chance.uniform(least_s, most_s))


def _jolt(clerk: Clerk) -> None:
    """A line that breaks for a moment: the desk says hello again, and hears how it stands."""
    clerk.line.unplug()
    clerk.line.plug()


def _has_gone(clerk: Clerk) -> bool:
    if clerk.problem is not None:
        raise clerk.problem
    return clerk.gone
