"""Machines and slips of this desk: how they are, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from app.domain.errors import Fact, Refused, Unavailable
from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    DeviceChoice,
    DeviceHealth,
    Devices,
    DeviceSetup,
    PrintOutcome,
    PrintResult,
    UnreadableSeen,
)
from app.ports.jobs import Jobs
from app.ports.paper import Paper, PrintJob

SLIPS_SHOWN = 20


def _raise(failure: Exception) -> None:
    raise failure


def _nobody(_slip: PrintJob) -> Callable[[], None]:
    raise Refused("session.none")


class DevicesScreen(Protocol):
    def show_setup(self, choice: DeviceChoice, ports: tuple[tuple[str, str], ...], profiles: tuple[str, ...]) -> None:
        """How the machines are connected, and what could be chosen."""

    def show_busy(self, what: str) -> None:
        """What is going on: "apply", "print", "swipe", or "" for nothing."""

    def show_trial(self, code: str, facts: Mapping[str, Fact], *, good: bool) -> None:
        """How connecting anew, the test slip or the test card ended: a sentence code."""

    def show_device(self, health: DeviceHealth, cause: str) -> None: ...
    def show_slips(self, slips: tuple[PrintJob, ...]) -> None: ...


class DevicesPresenter:
    """`sentence` says causes; failures of a job go to the one message place. `again` gives what prints a copy of a slip
    that did not come out."""

    def __init__(
        self,
        screen: DevicesScreen,
        devices: Devices | None,
        paper: Paper | None,
        jobs: Jobs,
        sentence: Callable[[str, Mapping[str, Fact]], str],
        *,
        setup: DeviceSetup | None = None,
        language: Callable[[], str] = lambda: "zh_CN",
        bug: Callable[[Exception], None] = _raise,
        again: Callable[[PrintJob], Callable[[], None]] = _nobody,
    ) -> None:
        self._again = again
        self._screen = screen
        self._devices = devices
        self._paper = paper
        self._jobs = jobs
        self._sentence = sentence
        self._setup = setup
        self._language = language
        self._bug = bug
        self._busy = ""
        self._known: dict[str, DeviceHealth] = {}

    def open(self) -> None:
        """Show every machine as it is now, and the newest slips."""
        if self._devices is not None:
            for health in self._devices.health():
                self.heard(health)
        self.refresh_slips()
        self.refresh_setup()

    @property
    def can_set_up(self) -> bool:
        return self._setup is not None

    @property
    def waits_for_swipe(self) -> bool:
        return self._busy == "swipe"

    def refresh_setup(self) -> None:
        """Ports come and go with their cables."""
        setup = self._setup
        if setup is None:
            return

        def look() -> tuple[DeviceChoice, tuple[tuple[str, str], ...], tuple[str, ...]]:
            return setup.current(), setup.ports(), setup.profiles()

        self._jobs.run(look, lambda found: self._screen.show_setup(*found), self._failed)

    def apply(self, choice: DeviceChoice) -> None:
        """Connect as chosen, and keep it."""
        setup = self._setup
        if setup is None or self._busy:
            return
        if choice.printer_url and choice.printer_url == choice.reader_url:
            self._screen.show_trial("device.same_port", {}, good=False)
            return
        self._be_busy("apply")
        self._jobs.run(partial(setup.apply, choice), self._on_applied, self._failed)

    def test_print(self) -> None:
        setup = self._setup
        if setup is not None and not self._busy:
            self._be_busy("print")
            self._jobs.run(partial(setup.test_print, self._language()), self._on_printed, self._failed)

    def test_swipe(self) -> None:
        """The next card is only looked at: it brings up nobody."""
        if not self._busy:
            self._be_busy("swipe")

    def stop_waiting(self) -> None:
        if self.waits_for_swipe:
            self._be_busy("")

    def take_swipe(self, seen: CardSeen | BankCardSeen | UnreadableSeen) -> bool:
        """True where the swipe was the test's, and nobody else's business."""
        if not self.waits_for_swipe:
            return False
        self._be_busy("")
        match seen:
            case CardSeen():
                self._screen.show_trial("setup.card_read", {"tail": seen.number[-4:]}, good=True)
            case BankCardSeen():
                self._screen.show_trial("setup.reader_works_bank_card", {}, good=True)
            case UnreadableSeen():
                self._screen.show_trial("card.unreadable", {}, good=False)
        return True

    def heard(self, health: DeviceHealth) -> None:
        self._known[health.name] = health
        self._screen.show_device(health, self._sentence(health.cause, {}) if health.cause else "")

    def retranslate(self) -> None:
        for health in self._known.values():
            self._screen.show_device(health, self._sentence(health.cause, {}) if health.cause else "")

    def sentence(self, code: str, facts: Mapping[str, Fact]) -> str:
        return self._sentence(code, facts)

    def refresh_slips(self) -> None:
        if self._paper is not None:
            self._jobs.run(partial(self._paper.jobs, SLIPS_SHOWN), self._screen.show_slips)

    def settle(self, slip: PrintJob, *, printed: bool) -> None:
        """A person looked: the slip is there, or it must be printed again."""
        if self._paper is not None:
            work = partial(self._paper.came_out, slip.job_id) if printed else self._again(slip)
            self._jobs.run(work, lambda _settled: self.refresh_slips())

    def _be_busy(self, what: str) -> None:
        self._busy = what
        self._screen.show_busy(what)

    def _on_applied(self, _done: None) -> None:
        self._be_busy("")
        self._screen.show_trial("device.connected_anew", {}, good=True)
        self.open()

    def _on_printed(self, result: PrintResult) -> None:
        self._be_busy("")
        match result.outcome:
            case PrintOutcome.CONFIRMED:
                self._screen.show_trial("setup.printed", {}, good=True)
            case PrintOutcome.UNCERTAIN:
                self._screen.show_trial("setup.look_at_slip", {}, good=True)
            case PrintOutcome.FAILED:
                self._screen.show_trial(result.cause or "printer.error", {}, good=False)

    def _failed(self, failure: Exception) -> None:
        self._be_busy("")
        if isinstance(failure, Refused | Unavailable):
            self._screen.show_trial(failure.code, failure.facts, good=False)
        else:
            self._bug(failure)
