"""Six questions, checked one by one; then the store is made, a slip printed and a card swiped. Where the mall has a hub
already, it knows all but the machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from threading import Event
from typing import Protocol

from app.domain.calendar import DEFAULT_ZONE, checked_zone
from app.domain.card import checked_prefix
from app.domain.errors import Fact, Refused, Unavailable
from app.domain.staff import checked_pin
from app.domain.text import clean
from app.ports.devices import BankCardSeen, CardSeen, PrintOutcome, PrintResult, UnreadableSeen
from app.ports.first_start import FirstStart, FirstStartAnswers, HubAnswers, SerialPort, TimeZone
from app.ports.jobs import Jobs

SWIPE_TIMEOUT_S = 20.0


class Step(Enum):
    """The six questions in their order, the one that stands for four of them, and the trial at the end."""

    MALL = "mall"
    DESK = "desk"
    ADMINISTRATOR = "administrator"
    PRINTER = "printer"
    READER = "reader"
    CARDS = "cards"
    HUB = "hub"
    TRIAL = "trial"


STEPS: tuple[Step, ...] = (Step.MALL, Step.DESK, Step.ADMINISTRATOR, Step.PRINTER, Step.READER, Step.CARDS, Step.TRIAL)
QUESTIONS = STEPS[:-1]
WITH_HUB: tuple[Step, ...] = (Step.HUB, Step.PRINTER, Step.READER, Step.TRIAL)
FIELDS: Mapping[Step, tuple[str, ...]] = {
    Step.MALL: ("mall_name", "zone"),
    Step.DESK: ("desk_name", "desk_number"),
    Step.ADMINISTRATOR: ("administrator_staff", "administrator_name", "pin", "pin_again"),
    Step.PRINTER: ("printer_url", "paper_width_mm"),
    Step.READER: ("reader_url",),
    Step.CARDS: ("card_prefix",),
    Step.HUB: ("hub_address", "hub_code", "hub_certificate", "desk_certificate", "desk_key"),
    Step.TRIAL: (),
}
ITS_OWN = ("desk_certificate", "desk_key")  # asked for where the hub wants to see a certificate of this computer
# Where a refusal of the hub, or of the way to it, is put right.
_PLACES = {
    "desk_certificate.date": "desk_certificate",
    "desk_certificate.key_locked": "desk_key",
    "desk_certificate.key_not_read": "desk_key",
    "desk_certificate.no_key": "desk_key",
    "desk_certificate.none": "desk_certificate",
    "desk_certificate.not_read": "desk_certificate",
    "desk_certificate.other_key": "desk_key",
    "enrol.bad_address": "hub_address",
    "enrol.certificate_not_taken": "desk_certificate",
    "enrol.needs_tls": "hub_address",
    "enrol.unreachable": "hub_address",
    "enrol.wants_certificate": "desk_certificate",
    "hub.certificate": "hub_certificate",
    "hub.certificate_date": "hub_certificate",
    "hub.certificate_file": "hub_certificate",
    "hub.certificate_name": "hub_address",
    "hub.code_old": "hub_code",
    "hub.code_used": "hub_code",
    "hub.code_wrong": "hub_code",
    "hub.other_program": "hub_address",
}


class SetupScreen(Protocol):
    def show_step(self, step: Step) -> None: ...
    def show_ports(self, ports: tuple[SerialPort, ...]) -> None: ...
    def show_zones(self, zones: tuple[TimeZone, ...]) -> None:
        """The computer's own first."""

    def show_problem(self, field: str, sentence: str) -> None:
        """`field` is a name of FIELDS, or "" for the whole step; an empty sentence takes it back."""

    def show_refused(self, field: str) -> None:
        """The first answer that has a problem: there the person goes on."""

    def show_busy(self, what: str) -> None:
        """What is going on: "" (nothing), "create", "join", "print" or "swipe"."""

    def show_copied(self, lines: int) -> None:
        """So much of the hub's first copy is here."""

    def show_certificate(self, fingerprint: str) -> None:
        """The hub's, for a person to compare; "": there is none to look at."""

    def ask_own_certificate(self) -> None:
        """The fields of ITS_OWN are needed; until then they are not shown."""

    def show_trial(self, device: str, code: str, facts: Mapping[str, Fact], *, good: bool) -> None:
        """How the "printer" or "reader" trial ended, as a sentence code."""


class SetupPresenter:
    def __init__(
        self,
        screen: SetupScreen,
        first_start: FirstStart,
        jobs: Jobs,
        *,
        sentence: Callable[[str, Mapping[str, Fact]], str],
        language: Callable[[], str],
        finished: Callable[[], None],
        bug: Callable[[Exception], None],
    ) -> None:
        self._screen = screen
        self._first_start = first_start
        self._jobs = jobs
        self._sentence = sentence
        self._language = language
        self._finished = finished
        self._bug = bug
        self._busy = ""
        self._copied = 0  # told by the job
        self._cancel = Event()
        self._fingerprint = ""  # shown, and agreed to by whoever goes on
        self.steps = STEPS
        self.step = Step.MALL
        self.typed: dict[str, str] = {
            "desk_number": "1",
            "administrator_staff": "9001",
            "paper_width_mm": "80",
            "card_prefix": "9900",
            "zone": DEFAULT_ZONE,
        }

    def open(self) -> None:
        self._screen.show_step(self.step)
        self._jobs.run(self._first_start.zones, self._on_zones, self._bug)
        self._jobs.run(self._first_start.serial_ports, self._screen.show_ports, self._on_no_ports)

    def put(self, field: str, value: str) -> None:
        self.typed[field] = value
        if field in ("hub_address", "hub_certificate") and self._fingerprint:
            self._show_fingerprint("")

    def to_hub(self) -> None:
        """From the first question: this mall is there already."""
        if not self._busy and self.step is Step.MALL:
            self.steps = WITH_HUB
            self._show(Step.HUB)

    def look(self) -> None:
        """How far the first copy is; the screen asks while it is busy with that."""
        if self._busy == "join":
            self._screen.show_copied(self._copied)

    def cancel(self) -> None:
        self._cancel.set()

    def next(self) -> None:
        """To the next question; from the last one the store is made."""
        if self._busy:
            return
        if self.step is Step.TRIAL:
            self._finished()
            return
        if not self._is_valid(self.step):
            return
        following = self.steps[self.steps.index(self.step) + 1]
        if self.step is Step.HUB:
            self._join()
        elif following is not Step.TRIAL:
            self._show(following)
        elif self.steps is STEPS:
            self._create()
        else:
            self._keep_machines()

    @property
    def may_go_back(self) -> bool:
        """What the hub has agreed to is not taken back here."""
        return self.step not in (Step.MALL, Step.TRIAL) and (self.steps is STEPS or self.step is not Step.PRINTER)

    def back(self) -> None:
        if self._busy or not self.may_go_back:
            return
        if self.step is Step.HUB:
            self._show_fingerprint("")
            self.steps = STEPS
            self._show(Step.MALL)
        else:
            self._show(self.steps[self.steps.index(self.step) - 1])

    def try_printer(self) -> None:
        url = self._value("printer_url")
        if self._busy or not url:
            return
        self._be_busy("print")
        width_mm, zone = int(self._value("paper_width_mm")), self._value("zone")
        work = partial(self._first_start.test_print, url, width_mm, self._language(), zone)
        self._jobs.run(work, self._on_printed, partial(self._on_trial_failed, "printer"))

    def try_reader(self) -> None:
        url = self._value("reader_url")
        if self._busy or not url:
            return
        self._be_busy("swipe")
        work = partial(self._first_start.wait_for_swipe, url, SWIPE_TIMEOUT_S)
        self._jobs.run(work, self._on_swiped, partial(self._on_trial_failed, "reader"))

    def answers(self) -> FirstStartAnswers:
        return FirstStartAnswers(
            mall_name=self._value("mall_name"),
            desk_name=self._value("desk_name"),
            desk_number=int(self._value("desk_number")),
            administrator_staff=self._value("administrator_staff"),
            administrator_name=self._value("administrator_name"),
            administrator_pin=self._value("pin"),
            printer_url=self._value("printer_url"),
            paper_width_mm=int(self._value("paper_width_mm")),
            reader_url=self._value("reader_url"),
            card_prefix=self._value("card_prefix"),
            zone=checked_zone(self._value("zone")),
        )

    def sentence(self, code: str, facts: Mapping[str, Fact]) -> str:
        return self._sentence(code, facts)

    def _value(self, field: str) -> str:
        return self.typed.get(field, "").strip()

    def _show(self, step: Step) -> None:
        self.step = step
        self._screen.show_problem("", "")
        self._screen.show_step(step)

    def _be_busy(self, what: str) -> None:
        self._busy = what
        self._screen.show_busy(what)

    def _is_valid(self, step: Step) -> bool:
        refused_fields = []
        self._screen.show_problem("", "")
        for field in FIELDS[step]:
            try:
                self._check(field)
            except Refused as refused:
                self._screen.show_problem(field, self._sentence(refused.code, refused.facts))
                refused_fields.append(field)
            else:
                self._screen.show_problem(field, "")
        if refused_fields:
            self._screen.show_refused(refused_fields[0])
        return not refused_fields

    def _check(self, field: str) -> None:
        """Raises Refused where the value cannot be right."""
        value = self._value(field)
        match field:
            case "mall_name":
                clean(value, field="mall", longest=40, shortest=1)
            case "zone":
                checked_zone(value)
            case "desk_name":
                clean(value, field="desk", longest=30, shortest=1)
            case "desk_number":
                if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 99):
                    raise Refused("desk.number_range", lowest=1, highest=99)
            case "administrator_staff":
                if not (value.isascii() and value.isdigit() and 3 <= len(value) <= 8):
                    raise Refused("staff.number_digits", shortest=3, longest=8)
            case "administrator_name":
                clean(value, field="name", longest=40, shortest=1)
            case "pin":
                checked_pin(value)
            case "pin_again":
                if value != self._value("pin"):
                    raise Refused("pin.not_the_same")
            case "card_prefix":
                checked_prefix(value)
            case "hub_address":
                clean(value, field="address", longest=200, shortest=1)
            case "hub_code":
                clean(value, field="code", longest=40, shortest=1)
            case _:
                pass

    def _create(self) -> None:
        self._be_busy("create")
        self._jobs.run(partial(self._first_start.create, self.answers()), self._on_created, self._on_not_created)

    def _join(self) -> None:
        self._copied = 0
        self._cancel.clear()
        self._be_busy("join")
        answers = HubAnswers(
            self._value("hub_address"),
            self._value("hub_code"),
            self._value("hub_certificate"),
            self._fingerprint,
            *map(self._value, ITS_OWN),
        )

        def copied(lines: int) -> None:
            self._copied = lines  # shown by `look`, on the screen's thread

        work = partial(self._first_start.join, answers, copied, self._cancel.is_set)
        self._jobs.run(work, self._on_joined, self._on_not_joined)

    def _on_joined(self, zone: str) -> None:
        self._be_busy("")
        self._show_fingerprint("")
        self.typed["zone"] = zone
        self.typed.pop("hub_code", None)
        self._show(Step.PRINTER)

    def _on_not_joined(self, problem: Exception) -> None:
        self._be_busy("")
        if isinstance(problem, Refused) and problem.code == "enrol.certificate":
            self._show_fingerprint(str(problem.facts["fingerprint"]))
            return
        if not isinstance(problem, Refused | Unavailable):
            self._bug(problem)
            return
        place = _PLACES.get(problem.code, "")
        if place in ITS_OWN:
            self._screen.ask_own_certificate()
        self._screen.show_problem(place, self._sentence(problem.code, problem.facts))
        if place:
            self._screen.show_refused(place)

    def _show_fingerprint(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._screen.show_certificate(fingerprint)

    def _keep_machines(self) -> None:
        self._be_busy("create")
        keep = partial(
            self._first_start.keep_machines,
            self._value("printer_url"),
            int(self._value("paper_width_mm")),
            self._value("reader_url"),
        )
        self._jobs.run(keep, self._on_created, self._on_not_created)

    def _on_created(self, _made: None) -> None:
        self._be_busy("")
        self.typed.pop("pin", None)
        self.typed.pop("pin_again", None)
        self._show(Step.TRIAL)

    def _on_not_created(self, problem: Exception) -> None:
        self._be_busy("")
        if isinstance(problem, Refused | Unavailable):
            self._screen.show_problem("", self._sentence(problem.code, problem.facts))
        else:
            self._bug(problem)

    def _on_zones(self, zones: tuple[TimeZone, ...]) -> None:
        self.typed["zone"] = zones[0].name
        self._screen.show_zones(zones)

    def _on_no_ports(self, problem: Exception) -> None:
        self._screen.show_ports(())
        if not isinstance(problem, Refused | Unavailable):
            self._bug(problem)

    def _on_printed(self, result: PrintResult) -> None:
        self._be_busy("")
        match result.outcome:
            case PrintOutcome.CONFIRMED:
                self._screen.show_trial("printer", "setup.printed", {}, good=True)
            case PrintOutcome.UNCERTAIN:
                self._screen.show_trial("printer", "setup.look_at_slip", {}, good=True)
            case PrintOutcome.FAILED:
                self._screen.show_trial("printer", result.cause or "printer.error", {}, good=False)

    def _on_swiped(self, seen: CardSeen | BankCardSeen | UnreadableSeen | None) -> None:
        self._be_busy("")
        match seen:
            case CardSeen():
                self._screen.show_trial("reader", "setup.card_read", {"tail": seen.number[-4:]}, good=True)
            case BankCardSeen():
                self._screen.show_trial("reader", "setup.reader_works_bank_card", {}, good=True)
            case UnreadableSeen():
                self._screen.show_trial("reader", "card.unreadable", {}, good=False)
            case None:
                self._screen.show_trial("reader", "setup.no_card", {}, good=False)

    def _on_trial_failed(self, device: str, problem: Exception) -> None:
        self._be_busy("")
        if isinstance(problem, Refused | Unavailable):
            self._screen.show_trial(device, problem.code, problem.facts, good=False)
        else:
            self._bug(problem)
