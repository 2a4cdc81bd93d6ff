"""The machines of this desk: how they are, how they are connected, and a try of each. No Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from app.domain.errors import Fact, Refused, Unavailable
from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    Certainty,
    DeviceHealth,
    DeviceKind,
    Devices,
    DeviceSetup,
    DeviceState,
    FoundPort,
    Guess,
    GuessStep,
    Machine,
    PrinterKind,
    PrinterProbe,
    Trial,
    UnreadableSeen,
)
from app.ports.jobs import Jobs

SWIPE_WITHIN_S = 15.0
KEYBOARD = "keyboard"  # the reader that types has no port, no thread and no health
DEFAULT_DRIVERS = {DeviceKind.READER: "line", DeviceKind.PRINTER: "generic-80"}


@dataclass(frozen=True)
class Told:
    """How something ended: a sentence code. `good` None: a person has to look. `can_undo`: the list before is kept."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    good: bool | None = True
    at: datetime | None = None
    can_undo: bool = False


@dataclass(frozen=True)
class MachineForm:
    """A machine as it is being set up; `was` is its name so far, "" for a new one. `guess` is what was found at its
    port, `step` what is being asked there now."""

    was: str
    machine: Machine
    problem: Told | None = None
    guess: Guess | None = None
    step: GuessStep | None = None


@dataclass(frozen=True)
class DevicesState:
    machines: tuple[Machine, ...] = ()
    health: Mapping[str, DeviceHealth] = field(default_factory=dict)
    chosen: str = ""
    form: MachineForm | None = None
    ports: tuple[FoundPort, ...] = ()
    drivers: Mapping[DeviceKind, tuple[str, ...]] = field(default_factory=dict)
    busy: str = ""  # "apply", "trial", "probe", "swipe", "guess"
    told: Told | None = None  # about the list
    trials: Mapping[str, Told] = field(default_factory=dict)  # the last of each machine
    probe: PrinterProbe | None = None  # what the printer at its port was found to prove
    may_change: bool = False
    paused: bool = False
    frames: tuple[str, ...] = ()  # of the chosen machine, the newest last
    loaded: bool = False

    @property
    def machine(self) -> Machine | None:
        return next((each for each in self.machines if each.name == self.chosen), None)

    def condition(self, machine: Machine) -> DeviceState:
        """How it is, as far as anybody can know."""
        health = self.health.get(machine.name)
        if machine.enabled and machine.driver == KEYBOARD:
            return DeviceState.ONLINE
        return health.state if health is not None else DeviceState.DISABLED

    def missing(self) -> tuple[tuple[DeviceKind, str], ...]:
        """(kind, cause) for each kind of which this desk has a machine, and no machine that works."""
        found = []
        for kind in DeviceKind:
            here = [each for each in self.machines if each.kind is kind and each.enabled]
            known = [self.health.get(each.name) for each in here]
            bad = [health for health in known if health is not None and not _works(health)]
            if bad and len(bad) == len(known):
                found.append((kind, bad[0].cause or ""))
        return tuple(found)


def _works(health: DeviceHealth) -> bool:
    hinders = health.cause not in (None, "printer.paper_near_end")
    return health.state in (DeviceState.ONLINE, DeviceState.OPENING) or not hinders


class DevicesScreen(Protocol):
    def show_state(self, state: DevicesState) -> None: ...


def _raise(failure: Exception) -> None:
    raise failure


def _nobody() -> UUID | None:
    return None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DevicesPresenter:
    """`session` is that of who is signed in, `may_change` whether that person may connect other machines: what counts
    is checked where it is written."""

    def __init__(
        self,
        screen: DevicesScreen,
        devices: Devices | None,
        jobs: Jobs,
        *,
        setup: DeviceSetup | None = None,
        session: Callable[[], UUID | None] = _nobody,
        may_change: Callable[[], bool] = lambda: False,
        language: Callable[[], str] = lambda: "zh_CN",
        now: Callable[[], datetime] = _utc_now,
        bug: Callable[[Exception], None] = _raise,
    ) -> None:
        self._screen = screen
        self._devices = devices
        self._jobs = jobs
        self._setup = setup
        self._session = session
        self._may_change = may_change
        self._language = language
        self._now = now
        self._bug = bug
        self._before: tuple[Machine, ...] | None = None
        self._step: GuessStep | None = None
        self._cancelled = threading.Event()
        self.state = DevicesState()

    # What is shown

    def open(self) -> None:
        """Every machine as it is now; then what there is to choose from, which takes a moment."""
        setup = self._setup
        known = self._devices.health() if self._devices is not None else ()
        machines = setup.current() if setup is not None else tuple(_as_machine(health) for health in known)
        self._set(
            machines=machines,
            health={health.name: health for health in known},
            probe=setup.probed() if setup is not None else None,
            may_change=setup is not None and self._may_change(),
            loaded=True,
        )
        if self.state.machine is None:
            self.choose(machines[0].name if machines else "")
        self._follow_frames()
        if setup is not None:
            self._jobs.run(lambda: (setup.ports(), setup.drivers()), self._on_choices, self._failed)

    def refresh_ports(self) -> None:
        """Ports come and go with their cables."""
        setup = self._setup
        if setup is not None:
            self._jobs.run(lambda: (setup.ports(), setup.drivers()), self._on_choices, self._failed)

    def choose(self, name: str) -> None:
        self._set(chosen=name, paused=False, frames=())
        self._follow_frames()

    def pause(self, paused: bool) -> None:
        """Hold the list of frames still, so that it can be read."""
        self._set(paused=paused)
        self._follow_frames()

    def heard(self, health: DeviceHealth) -> None:
        known = dict(self.state.health)
        if health.state is DeviceState.DISABLED and not health.url:
            known.pop(health.name, None)
        else:
            known[health.name] = health
        self._set(health=known)
        self._follow_frames()

    def look(self) -> None:
        """Now and then: counters and frames grow without an event, and questions at a port are asked on another
        thread."""
        if self._devices is not None:
            health = {each.name: each for each in self._devices.health()}
            if health != self.state.health:
                self._set(health=health)
        self._follow_frames()
        form, step = self.state.form, self._step
        if form is not None and self.state.busy == "guess" and form.step != step:
            self._set(form=replace(form, step=step))

    def person_changed(self) -> None:
        self.stop()
        self._before = None
        self._set(form=None, told=None, trials={}, may_change=self._setup is not None and self._may_change())

    def stop(self) -> None:
        """End what waits for a person, or asks at a port."""
        self._cancelled.set()
        if self.state.busy == "swipe":
            self._set(busy="")

    # Trying a machine

    @property
    def waits_for_swipe(self) -> bool:
        return self.state.busy == "swipe"

    def try_chosen(self) -> None:
        """A test slip, a text on the display, a question; or the next swipe, for a reader."""
        machine, setup = self.state.machine, self._setup
        if self.waits_for_swipe:
            self.stop()
            return
        if machine is None or setup is None or self.state.busy:
            return
        if machine.kind is DeviceKind.READER:
            health = self.state.health.get(machine.name)
            if machine.driver == KEYBOARD:
                self._set(busy="swipe")
            elif health is None or health.state not in (DeviceState.ONLINE, DeviceState.OPENING):
                cause = health.cause if health is not None else None
                self._tried(machine.name, Trial(False, cause or "device.switched_off", {"url": machine.url}))
            else:
                self._set(busy="swipe")
            return
        self._set(busy="trial")
        self._jobs.run(
            partial(setup.trial, machine.name, self._language()), partial(self._tried, machine.name), self._failed
        )

    def probe(self) -> None:
        """Find out how the printer proves that it has printed."""
        setup = self._setup
        if setup is None or self.state.busy:
            return
        self._set(busy="probe")

        def done(found: PrinterProbe) -> None:
            if found.cause is not None:
                self._tried(self.state.chosen, Trial(False, found.cause))
            else:
                self._set(busy="", probe=found)

        self._jobs.run(setup.probe, done, self._failed)

    def take_swipe(self, seen: CardSeen | BankCardSeen | UnreadableSeen) -> bool:
        """True where the swipe was the test's, and nobody else's business. One at another reader is not."""
        if not self.waits_for_swipe or self.state.machine is None:
            return False
        if seen.reader != self.state.chosen:
            self._tried(self.state.chosen, Trial(False, "device.other_reader", {"name": seen.reader}), done=False)
            return True
        self._tried(self.state.chosen, swiped(seen))
        return True

    # Changing the list

    def start_new(self) -> None:
        if self.state.may_change and not self.state.busy:
            port = next((port for port in self.state.ports if not port.used_by and not port.forbidden), None)
            machine = Machine("", DeviceKind.READER, port.url if port else "", DEFAULT_DRIVERS[DeviceKind.READER])
            self._set(form=MachineForm("", machine), told=None)

    def start_change(self) -> None:
        machine = self.state.machine
        if machine is not None and self.state.may_change and not self.state.busy:
            self._set(form=MachineForm(machine.name, machine), told=None)

    def put(self, machine: Machine) -> None:
        """The form as it was filled in now; another kind brings its own driver along."""
        form = self.state.form
        if form is None or machine == form.machine:
            return
        known = self.state.drivers.get(machine.kind, ())
        if known and machine.driver not in known:
            default = DEFAULT_DRIVERS.get(machine.kind, known[0])
            machine = replace(machine, driver=default if default in known else known[0], baudrate=0)
        if machine.driver == KEYBOARD:
            machine = replace(machine, url="", baudrate=0, scan_suffix="")
        guess = form.guess if machine.url == form.machine.url else None
        self._set(form=replace(form, machine=machine, problem=None, guess=guess))

    def leave_form(self) -> None:
        self._cancelled.set()
        self._set(form=None)

    def guess(self) -> None:
        """Ask at the form's port what stands there, and fill in what was found."""
        form, setup = self.state.form, self._setup
        if self.state.busy == "guess":
            self._cancelled.set()
            return
        if form is None or setup is None or self.state.busy:
            return
        if not form.machine.url:
            self._set(form=replace(form, problem=Told("device.port_missing", good=False)))
            return
        self._cancelled = cancelled = threading.Event()
        self._step = None
        self._set(busy="guess", form=replace(form, problem=None, guess=None, step=None))

        def step(now: GuessStep) -> None:
            self._step = now  # shown by `look`, on the screen's thread

        url = form.machine.url
        self._jobs.run(
            lambda: setup.guess(url, step, cancelled.is_set, swipe_s=SWIPE_WITHIN_S),
            partial(self._guessed, url, cancelled),
            self._failed,
        )

    def save(self) -> None:
        form = self.state.form
        if form is None:
            return
        machine = form.machine
        if KEYBOARD in (machine.driver, form.was) and machine.driver != form.was:
            machine = replace(machine, name=KEYBOARD if machine.driver == KEYBOARD else self._free_name(machine.kind))
        elif self._kind_of(form.was) is not machine.kind:
            machine = replace(machine, name=self._free_name(machine.kind))
        if form.was:
            machines = tuple(machine if each.name == form.was else each for each in self.state.machines)
        else:
            machines = (*self.state.machines, machine)
        self._apply(machines, chosen=machine.name)

    def switch(self, *, on: bool) -> None:
        """Use the chosen machine again, or leave it alone for the time being."""
        chosen = self.state.machine
        if chosen is not None:
            changed = replace(chosen, enabled=on)
            self._apply(tuple(changed if each == chosen else each for each in self.state.machines), chosen.name)

    def remove(self) -> None:
        chosen = self.state.machine
        if chosen is not None:
            left = tuple(each for each in self.state.machines if each != chosen)
            self._apply(left, left[0].name if left else "")

    def undo(self) -> None:
        """Connect as it was before the last change."""
        if self._before is not None:
            self._apply(self._before, self.state.chosen)

    def _apply(self, machines: tuple[Machine, ...], chosen: str) -> None:
        setup, session = self._setup, self._session()
        if setup is None or self.state.busy:
            return
        if session is None:
            self._failed(Refused("session.none"))
            return
        before = self.state.machines
        self._set(busy="apply", told=None)

        def done(_none: None) -> None:
            self._before = before
            told = Told("device.connected_anew", at=self._now(), can_undo=True)
            self._set(busy="", form=None, told=told, trials={}, chosen=chosen)
            self.open()

        self._jobs.run(partial(setup.apply, machines, session), done, self._failed)

    # What the printer is

    def printer_kind(self) -> PrinterKind | None:
        """What was chosen, without what was found out at its port."""
        return self._setup.printer_kind() if self._setup is not None else None

    def keep_printer_kind(
        self, kind: PrinterKind, done: Callable[[], None], failed: Callable[[Refused | Unavailable], None]
    ) -> None:
        setup, session = self._setup, self._session()
        if setup is None or session is None:
            failed(Refused("session.none"))
            return

        def kept(_none: None) -> None:
            done()
            told = Told("device.connected_anew", at=self._now())
            self._set(told=told, trials={})
            self.open()

        self._jobs.run(partial(setup.keep_printer_kind, kind, session), kept, partial(self._told_or_bug, failed))

    def _told_or_bug(self, failed: Callable[[Refused | Unavailable], None], failure: Exception) -> None:
        if isinstance(failure, Refused | Unavailable):
            failed(failure)
        else:
            failed(Unavailable("program.bug", kind=type(failure).__name__))
            self._bug(failure)

    def _kind_of(self, name: str) -> DeviceKind | None:
        return next((each.kind for each in self.state.machines if each.name == name), None)

    def _free_name(self, kind: DeviceKind) -> str:
        taken = {each.name for each in self.state.machines}
        number = 1
        while (name := kind.value if number == 1 else f"{kind.value}-{number}") in taken:
            number += 1
        return name

    def _on_choices(self, found: tuple[tuple[FoundPort, ...], Mapping[DeviceKind, tuple[str, ...]]]) -> None:
        ports, drivers = found
        self._set(ports=ports, drivers=drivers)

    def _guessed(self, url: str, cancelled: threading.Event, guess: Guess) -> None:
        form = self.state.form
        self._set(busy="")
        if form is None or form.machine.url != url:
            return
        if cancelled.is_set():
            self._set(form=replace(form, step=None))
            return
        machine = form.machine
        if machine.kind is DeviceKind.ENCODER and guess.driver in self.state.drivers.get(DeviceKind.ENCODER, ()):
            machine = replace(
                machine, driver=guess.driver, baudrate=guess.baudrate
            )  # what writes cards reads them, too
        elif guess.kind is not None:
            driver = guess.driver or (machine.driver if machine.kind is guess.kind else "")
            machine = replace(machine, kind=guess.kind, driver=driver, baudrate=guess.baudrate)
        self.put(machine)
        form = self.state.form
        assert form is not None
        # What a driver would choose anyway is not written down as a person's choice.
        self._set(form=replace(form, guess=guess, step=None))

    def _tried(self, name: str, trial: Trial, *, done: bool = True) -> None:
        told = Told(trial.code, trial.facts, trial.ok, self._now())
        self._set(busy="" if done else self.state.busy, trials={**self.state.trials, name: told})

    def _failed(self, failure: Exception) -> None:
        if not isinstance(failure, Refused | Unavailable):
            self._set(busy="")
            self._bug(failure)
            return
        told = Told(failure.code, failure.facts, good=False, at=self._now())
        form, busy = self.state.form, self.state.busy
        if form is not None:
            self._set(busy="", form=replace(form, problem=told, step=None))
        elif busy in ("trial", "probe"):
            self._set(busy="", trials={**self.state.trials, self.state.chosen: told})
        else:
            self._set(busy="", told=told)

    def _follow_frames(self) -> None:
        health = self.state.health.get(self.state.chosen)
        frames = health.frames if health is not None else ()
        if not self.state.paused and frames != self.state.frames:
            self._set(frames=frames)

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type] # names of fields, as dataclasses.replace has it
        if state != self.state:
            self.state = state
            self._screen.show_state(state)


def swiped(seen: CardSeen | BankCardSeen | UnreadableSeen) -> Trial:
    """What a swipe says of its reader."""
    match seen:
        case CardSeen():
            return Trial(True, "setup.card_read", {"tail": seen.number[-4:]})
        case BankCardSeen():
            return Trial(True, "setup.reader_works_bank_card")
        case UnreadableSeen():
            return Trial(False, "card.unreadable")


def is_sure(guess: Guess) -> bool:
    return guess.certainty in (Certainty.CERTAIN, Certainty.LIKELY)


def _as_machine(health: DeviceHealth) -> Machine:
    return Machine(health.name, health.kind, health.url, "", enabled=health.state is not DeviceState.DISABLED)
