from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.errors import Fact, Refused, Unavailable
from app.ports.devices import BankCardSeen, CardSeen, PrintOutcome, PrintResult
from app.ports.first_start import SerialPort, TimeZone
from app.ports.jobs import Jobs, JobsAtOnce
from tests.gui.foundation.fakes import FakeFirstStart, sentence
from tests.unit.presenters.fakes import JobsLater
from ui.locale import set_language
from ui.setup.presenter import FIELDS, QUESTIONS, SetupPresenter, Step
from ui.setup.view import SetupView
from ui.widgets import Button, TextField

GOOD = {
    "mall_name": "星河汇购物中心",
    "desk_name": "1 号服务台",
    "administrator_name": "陈志远",
    "pin": "820417",
    "pin_again": "820417",
    "printer_url": "/dev/ttyUSB1",
    "reader_url": "/dev/ttyUSB0",
}


@dataclass
class FakeScreen:
    step: Step = Step.MALL
    ports: tuple[SerialPort, ...] = ()
    zones: tuple[TimeZone, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    busy: str = ""
    copied: int = 0
    fingerprint: str = ""
    own_asked: bool = False
    trials: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def show_step(self, step: Step) -> None:
        self.step = step

    def show_ports(self, ports: tuple[SerialPort, ...]) -> None:
        self.ports = ports

    def show_zones(self, zones: tuple[TimeZone, ...]) -> None:
        self.zones = zones

    def show_problem(self, field: str, sentence: str) -> None:
        self.problems[field] = sentence

    def show_refused(self, field: str) -> None:
        self.refused = field

    def show_busy(self, what: str) -> None:
        self.busy = what

    def show_copied(self, lines: int) -> None:
        self.copied = lines

    def show_certificate(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def ask_own_certificate(self) -> None:
        self.own_asked = True

    def show_trial(self, device: str, code: str, facts: Mapping[str, Fact], *, good: bool) -> None:
        self.trials[device] = (code, good)


class Wizard:
    def __init__(self) -> None:
        self.screen = FakeScreen()
        self.first_start = FakeFirstStart()
        self.finished: list[bool] = []
        self.bugs: list[Exception] = []
        self.presenter = SetupPresenter(
            self.screen,
            self.first_start,
            JobsAtOnce(),
            sentence=sentence,
            language=lambda: "zh_CN",
            finished=lambda: self.finished.append(True),
            bug=self.bugs.append,
        )
        self.presenter.open()

    def fill(self, **changed: str) -> None:
        for name, value in (GOOD | changed).items():
            self.presenter.put(name, value)


@pytest.fixture
def wizard() -> Wizard:
    return Wizard()


def test_six_questions_make_a_store_then_come_the_trials(wizard: Wizard) -> None:
    wizard.fill()
    steps = []
    for _ in QUESTIONS:
        steps.append(wizard.screen.step)
        wizard.presenter.next()
    assert tuple(steps) == QUESTIONS
    assert wizard.screen.step is Step.TRIAL
    (answers,) = wizard.first_start.created
    assert (answers.mall_name, answers.desk_number, answers.card_prefix) == ("星河汇购物中心", 1, "9900")
    assert answers.administrator_pin == "820417"
    assert "820417" not in repr(answers)
    wizard.presenter.next()
    assert wizard.finished == [True]


def test_the_pin_is_forgotten_once_the_store_is_made(wizard: Wizard) -> None:
    wizard.fill()
    for _ in QUESTIONS:
        wizard.presenter.next()
    assert "820417" not in wizard.presenter.typed.values()


@pytest.mark.parametrize(
    ("step", "field", "value", "code"),
    [
        (Step.MALL, "mall_name", "  ", "text.missing"),
        (Step.MALL, "mall_name", "星\x1b河", "text.not_allowed"),
        (Step.MALL, "zone", "乌鲁木齐", "zone.unknown"),
        (Step.MALL, "zone", "", "zone.unknown"),
        (Step.DESK, "desk_number", "0", "desk.number_range"),
        (Step.DESK, "desk_number", "100", "desk.number_range"),
        (Step.ADMINISTRATOR, "administrator_staff", "12", "staff.number_digits"),
        (Step.ADMINISTRATOR, "pin", "123456", "pin.too_simple"),
        (Step.ADMINISTRATOR, "pin", "12345", "pin.six_digits"),
        (Step.ADMINISTRATOR, "pin_again", "820418", "pin.not_the_same"),
        (Step.CARDS, "card_prefix", "6225", "card.prefix_of_banks"),
        (Step.CARDS, "card_prefix", "99", "card.prefix_four_digits"),
    ],
)
def test_a_wrong_answer_is_said_in_its_place_and_holds_the_wizard(
    wizard: Wizard, step: Step, field: str, value: str, code: str
) -> None:
    wizard.fill(**{field: value})
    wizard.presenter.step = step
    wizard.presenter.next()
    assert wizard.presenter.step is step
    assert wizard.screen.problems[field].startswith(code)
    assert wizard.first_start.created == []


def test_the_mall_lives_by_the_computers_zone_unless_somebody_says_otherwise(wizard: Wizard) -> None:
    assert wizard.screen.zones[0].name == wizard.presenter.typed["zone"] == "Asia/Urumqi"
    wizard.fill(zone=" America/Vancouver ")
    for _ in QUESTIONS:
        wizard.presenter.next()
    assert wizard.first_start.created[0].zone == "America/Vancouver"


JOINING = {"hub_address": "10.0.0.5", "hub_code": "JD3G-84ZZ-TSBM"}


def joining(**changed: str) -> Wizard:
    wizard = Wizard()
    wizard.fill(**{**JOINING, **changed})
    wizard.presenter.to_hub()
    return wizard


def test_a_mall_that_has_a_hub_is_asked_for_nothing_that_the_hub_knows() -> None:
    wizard = joining()
    assert wizard.screen.step is Step.HUB
    wizard.presenter.next()
    assert wizard.screen.step is Step.PRINTER
    assert not wizard.presenter.may_go_back
    assert wizard.presenter.typed["zone"] == "America/Vancouver"
    assert "JD3G-84ZZ-TSBM" not in wizard.presenter.typed.values()
    wizard.presenter.next()
    assert wizard.presenter.may_go_back
    wizard.presenter.next()
    assert wizard.screen.step is Step.TRIAL
    assert wizard.first_start.machines == ("/dev/ttyUSB1", 80, "/dev/ttyUSB0")
    assert wizard.first_start.created == []
    wizard.presenter.next()
    assert wizard.finished == [True]


def test_a_certificate_that_nobody_knows_is_looked_at_before_anything_is_sent() -> None:
    wizard = joining()
    wizard.first_start.join_fails = [Refused("enrol.certificate", fingerprint="AB:CD")]
    wizard.presenter.next()
    assert (wizard.screen.step, wizard.screen.fingerprint) == (Step.HUB, "AB:CD")
    wizard.presenter.put("hub_address", "10.0.0.6")
    assert wizard.screen.fingerprint == ""
    wizard.first_start.join_fails = [Refused("enrol.certificate", fingerprint="EF:01")]
    wizard.presenter.next()
    wizard.presenter.next()
    assert [asked.fingerprint for asked in wizard.first_start.asked] == ["", "", "EF:01"]
    assert (wizard.screen.step, wizard.screen.fingerprint) == (Step.PRINTER, "")


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        (Refused("hub.code_wrong"), "hub_code"),
        (Refused("hub.code_old"), "hub_code"),
        (Refused("hub.code_used"), "hub_code"),
        (Refused("enrol.bad_address", address="x y"), "hub_address"),
        (Unavailable("enrol.unreachable", address="10.0.0.5:8443"), "hub_address"),
        (Unavailable("hub.certificate"), "hub_certificate"),
        (Unavailable("hub.certificate_file", file="/media/x.pem"), "hub_certificate"),
        (Unavailable("enrol.certificate_not_taken"), "desk_certificate"),
        (Refused("desk_certificate.no_key"), "desk_key"),
        (Refused("hub.program_old", oldest="0.2"), ""),
        (Unavailable("enrol.copy_broken_off"), ""),
    ],
)
def test_what_stops_a_desk_from_joining_is_said_where_it_can_be_put_right(problem: Exception, field: str) -> None:
    wizard = joining()
    wizard.first_start.join_fails = [problem]
    wizard.presenter.next()
    assert wizard.screen.step is Step.HUB
    assert wizard.screen.problems[field].startswith(str(problem).partition("(")[0])
    assert wizard.screen.refused == field
    wizard.presenter.next()
    assert wizard.screen.step is Step.PRINTER


def test_a_hub_that_wants_to_see_a_certificate_of_this_computer_is_shown_it() -> None:
    wizard = joining()
    wizard.first_start.join_fails = [Unavailable("enrol.wants_certificate")]
    assert not wizard.screen.own_asked
    wizard.presenter.next()
    assert wizard.screen.own_asked
    assert wizard.screen.refused == "desk_certificate"
    wizard.presenter.put("desk_certificate", " /media/k1.pem ")
    wizard.presenter.put("desk_key", "/media/k1.key")
    wizard.presenter.next()
    assert [(asked.own_file, asked.own_key_file) for asked in wizard.first_start.asked] == [
        ("", ""),
        ("/media/k1.pem", "/media/k1.key"),
    ]
    assert wizard.screen.step is Step.PRINTER


def test_address_and_code_are_asked_for() -> None:
    wizard = joining(hub_address=" ", hub_code="")
    wizard.presenter.next()
    assert wizard.first_start.asked == []
    assert wizard.screen.problems["hub_address"].startswith("text.missing")
    assert wizard.screen.problems["hub_code"].startswith("text.missing")
    wizard.presenter.back()
    assert wizard.screen.step is Step.MALL
    assert wizard.presenter.steps == (*QUESTIONS, Step.TRIAL)


def test_back_keeps_what_was_typed(wizard: Wizard) -> None:
    wizard.fill()
    wizard.presenter.next()
    wizard.presenter.back()
    assert wizard.presenter.step is Step.MALL
    assert wizard.presenter.typed["mall_name"] == "星河汇购物中心"


def test_when_the_store_cannot_be_made_nothing_is_lost(wizard: Wizard) -> None:
    wizard.fill()
    wizard.first_start.refuse = Unavailable("store.disk_full")
    for _ in QUESTIONS:
        wizard.presenter.next()
    assert wizard.presenter.step is Step.CARDS
    assert wizard.screen.problems[""] == "store.disk_full"
    wizard.first_start.refuse = None
    wizard.presenter.next()
    assert len(wizard.first_start.created) == 1


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (PrintResult(PrintOutcome.CONFIRMED), ("setup.printed", True)),
        (PrintResult(PrintOutcome.UNCERTAIN), ("setup.look_at_slip", True)),
        (PrintResult(PrintOutcome.FAILED, "printer.paper_end"), ("printer.paper_end", False)),
    ],
)
def test_the_test_print_says_how_it_went(wizard: Wizard, result: PrintResult, shown: tuple[str, bool]) -> None:
    wizard.fill()
    wizard.first_start.print_result = result
    wizard.presenter.try_printer()
    assert wizard.screen.trials["printer"] == shown


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (CardSeen("9900010000000019"), ("setup.card_read", True)),
        (BankCardSeen(), ("setup.reader_works_bank_card", True)),
        (None, ("setup.no_card", False)),
    ],
)
def test_the_test_swipe_says_what_was_seen(
    wizard: Wizard, seen: CardSeen | BankCardSeen | None, shown: tuple[str, bool]
) -> None:
    wizard.fill()
    wizard.first_start.seen = seen
    wizard.presenter.try_reader()
    assert wizard.screen.trials["reader"] == shown


def test_without_a_port_there_is_nothing_to_try(wizard: Wizard) -> None:
    wizard.fill(printer_url="", reader_url="")
    wizard.presenter.try_printer()
    wizard.presenter.try_reader()
    assert wizard.screen.trials == {}


def test_the_wizard_is_done_with_the_keyboard_alone(qtbot: QtBot) -> None:
    first_start, finished = FakeFirstStart(), list[bool]()
    view = SetupView(
        lambda screen: SetupPresenter(
            screen,
            first_start,
            JobsAtOnce(),
            sentence=sentence,
            language=lambda: "zh_CN",
            finished=lambda: finished.append(True),
            bug=lambda problem: None,
        )
    )
    qtbot.addWidget(view)
    view.show()
    view.open()
    for name, value in (
        ("mall_name", "Galaxy Mall"),
        ("desk_name", "Desk 1"),
        ("administrator_name", "Li Ming"),
        ("pin", "820417"),
        ("pin_again", "820417"),
    ):
        widget = view.field(name)
        assert isinstance(widget, TextField)
        qtbot.keyClicks(widget.edit, value)
    for question in QUESTIONS:
        assert view.presenter.step is question
        first = view.field(FIELDS[question][0])
        qtbot.keyClick(first.edit if isinstance(first, TextField) else view, Qt.Key.Key_Return)
    assert view.presenter.step is Step.TRIAL
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert finished == [True]
    assert first_start.created[0].mall_name == "Galaxy Mall"
    set_language("en")
    view.retranslate()


def test_a_refused_answer_stands_under_its_field(qtbot: QtBot) -> None:
    view = SetupView(
        lambda screen: SetupPresenter(
            screen,
            FakeFirstStart(),
            JobsAtOnce(),
            sentence=lambda code, facts: Refused(code, **facts).code,
            language=lambda: "zh_CN",
            finished=lambda: None,
            bug=lambda problem: None,
        )
    )
    qtbot.addWidget(view)
    view.show()
    view.open()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    field = view.field("mall_name")
    assert isinstance(field, TextField)
    assert field.problem == "text.missing"


def a_wizard_in_front(qtbot: QtBot, jobs: Jobs) -> SetupView:
    view = SetupView(
        lambda screen: SetupPresenter(
            screen,
            FakeFirstStart(),
            jobs,
            sentence=lambda code, facts: code,
            language=lambda: "zh_CN",
            finished=lambda: None,
            bug=lambda problem: None,
        )
    )
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
        view.activateWindow()
    view.open()
    return view


def test_a_refused_answer_has_the_focus_at_once(qtbot: QtBot) -> None:
    view = a_wizard_in_front(qtbot, JobsAtOnce())
    for name, value in (GOOD | {"pin": "111111", "pin_again": "111111"}).items():
        view.presenter.put(name, value)
    while view.presenter.step is not Step.ADMINISTRATOR:
        view.presenter.next()
    view.presenter.next()
    weak = view.field("pin")
    assert isinstance(weak, TextField)
    assert weak.problem
    assert weak.edit.hasFocus()


def test_trying_a_machine_keeps_the_focus_where_it_was(qtbot: QtBot) -> None:
    jobs = JobsLater()
    view = a_wizard_in_front(qtbot, jobs)
    view.presenter.put("printer_url", "/dev/ttyUSB0")
    view.show_step(Step.PRINTER)
    button = next(each for each in view.findChildren(Button) if each.isVisible() and each.text() == "打印测试小票")
    button.setFocus()
    button.click()
    assert not button.isEnabled()
    jobs.answer_all()
    assert button.hasFocus()
