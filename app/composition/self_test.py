"""What is looked at when a shift begins: store, disk, backup, clock, print queue, and every machine of the desk."""

from __future__ import annotations

import math
import queue
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from app.composition.desk import Desk
from app.composition.machines import Machines
from app.domain.errors import Refused, Unavailable
from app.domain.self_test import Check
from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
    Machine,
    Trial,
    UnreadableSeen,
)
from app.ports.self_test import SelfTestStep
from db.backup import backups_of

SWIPE_WITHIN_S = 15.0
LOOK_S = 0.1
SPACE_LOW_MB = 1_000
SPACE_NONE_MB = 200
BACKUP_OLD = timedelta(hours=48)


class DeskSelfTest:
    """`app.ports.self_test.SelfTest` of this desk."""

    def __init__(self, desk: Desk, machines: Machines, *, swipe_s: float = SWIPE_WITHIN_S) -> None:
        self._desk = desk
        self._machines = machines
        self._swipe_s = swipe_s

    def run(
        self,
        language: str,
        step: Callable[[SelfTestStep], None],
        skipped: Callable[[], bool],
        cancelled: Callable[[], bool],
    ) -> tuple[Check, ...]:
        machines = [machine for machine in self._machines.current() if machine.enabled]
        todo: list[tuple[str, str, Callable[[Callable[[], None]], Check]]] = [
            ("store", "", lambda _: self._store()),
            ("space", "", lambda _: self._space()),
            ("backup", "", lambda _: self._backup()),
            ("clock", "", lambda _: self._clock()),
            ("queue", "", lambda _: self._queue()),
        ]
        todo += [
            (machine.kind.value, machine.name, partial(self._machine, machine, language, skipped, cancelled))
            for machine in machines
        ]
        found: tuple[Check, ...] = ()
        for number, (what, name, look) in enumerate(todo, 1):
            if cancelled():
                break
            now = SelfTestStep(what, name, number, len(todo), found=found)
            step(now)
            swiping = partial(step, SelfTestStep(what, name, number, len(todo), swipe=True, found=found))
            try:
                found = (*found, look(swiping))
            except (Refused, Unavailable) as problem:
                facts = {key: value for key, value in problem.facts.items() if isinstance(value, str | int)}
                found = (*found, Check(what, "bad", problem.code, name, facts))
        return found

    def _store(self) -> Check:
        self._desk.store.check()
        try:
            probe = self._desk.home.folder / "self-test"
            probe.write_text("MemberDesk\n", encoding="utf-8")
            probe.unlink()
        except OSError as problem:
            return Check("store", "bad", "self_test.folder_not_writable", facts={"why": problem.strerror or ""})
        return Check("store", "good", "self_test.store_well")

    def _space(self) -> Check:
        free_mb = shutil.disk_usage(self._desk.home.folder).free // 1_000_000
        facts: dict[str, int | str] = {"free": f"{free_mb / 1000:.1f} GB"}
        if free_mb < SPACE_NONE_MB:
            return Check("space", "bad", "self_test.space_low", facts=facts)
        return Check("space", "doubtful" if free_mb < SPACE_LOW_MB else "good", _space_code(free_mb), facts=facts)

    def _backup(self) -> Check:
        file = self._desk.store.file
        if file is None:
            return Check("backup", "good", "self_test.backup_elsewhere")
        known = backups_of(file)
        if not known:
            return Check("backup", "doubtful", "self_test.no_backup")
        age = max(datetime.now(UTC) - known[0].made_at, timedelta())
        facts: dict[str, int | str] = {"hours": max(1, math.ceil(age.total_seconds() / 3600))}
        if age > BACKUP_OLD:
            return Check("backup", "doubtful", "self_test.backup_old", facts=facts)
        return Check("backup", "good", "self_test.backup_fresh", facts=facts)

    def _clock(self) -> Check:
        if self._desk.authority.clock_is_in_doubt():
            return Check("clock", "doubtful", "self_test.clock_doubt")
        return Check("clock", "good", "self_test.clock_well")

    def _queue(self) -> Check:
        waiting = self._desk.queries.desk_status().slips_waiting
        if waiting:
            return Check("queue", "doubtful", "self_test.slips_wait", facts={"slips": waiting})
        return Check("queue", "good", "self_test.queue_empty")

    def _machine(
        self,
        machine: Machine,
        language: str,
        skipped: Callable[[], bool],
        cancelled: Callable[[], bool],
        swiping: Callable[[], None],
    ) -> Check:
        if machine.kind is DeviceKind.READER:
            return self._reader(machine, skipped, cancelled, swiping)
        return _check(machine, self._machines.trial(machine.name, language))

    def _reader(
        self,
        machine: Machine,
        skipped: Callable[[], bool],
        cancelled: Callable[[], bool],
        swiping: Callable[[], None],
    ) -> Check:
        """Only a card proves a reader; where nobody has one at hand, it is told that it is connected."""
        health = next((each for each in self._machines.devices.health() if each.name == machine.name), None)
        if health is not None and health.state is not DeviceState.ONLINE:
            return _check(machine, Trial(False, health.cause or "device.silent"))
        seen: queue.Queue[DeviceEvent] = queue.Queue()
        end = self._machines.devices.listen(seen.put)
        swiping()
        try:
            until_s = time.monotonic() + self._swipe_s
            while time.monotonic() < until_s and not (skipped() or cancelled()):
                try:
                    event = seen.get(timeout=LOOK_S)
                except queue.Empty:
                    continue
                if isinstance(event, DeviceHealth) or event.reader != machine.name:
                    continue
                match event:
                    case CardSeen() | BankCardSeen():
                        return Check(machine.kind.value, "good", "self_test.card_read", machine.name)
                    case UnreadableSeen():
                        return Check(machine.kind.value, "doubtful", "card.unreadable", machine.name)
        finally:
            end()
        return Check(machine.kind.value, "doubtful", "self_test.not_swiped", machine.name)


def _space_code(free_mb: int) -> str:
    return "self_test.space_low" if free_mb < SPACE_LOW_MB else "self_test.space_well"


def _check(machine: Machine, trial: Trial) -> Check:
    facts = {key: value for key, value in trial.facts.items() if isinstance(value, str | int)}
    outcome = {True: "good", False: "bad", None: "doubtful"}[trial.ok]
    return Check(machine.kind.value, outcome, trial.code, machine.name, facts)  # type: ignore[arg-type] # an Outcome
