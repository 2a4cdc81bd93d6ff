"""A fresh store, as the wizard leaves it: nobody meets a dead end until a member has a gift in their hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.composition.desk import Desk, set_up
from app.composition.window import Running
from app.domain.slip_look import LOOK_AT_FIRST
from app.ports.first_start import FirstStartAnswers
from app.ports.preferences import PreferencesInMemory
from app.settings import Home
from tests.support.mall import CHEAP_PINS
from ui.catalogue.keeper_view import KeeperView

ADMINISTRATOR, MANAGER, CLERK, SUPERVISOR = "9001", "3001", "1001", "2001"
PINS = {ADMINISTRATOR: "924680", MANAGER: "935791", CLERK: "914680", SUPERVISOR: "913579"}


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Desk]:
    answers = FirstStartAnswers("海棠广场", "1 号服务台", 1, ADMINISTRATOR, "周敏", PINS[ADMINISTRATOR])
    desk = set_up(Home(tmp_path / "home"), answers, keys_kind="file", pins=CHEAP_PINS)
    yield desk
    desk.close()


class Person:
    """Hands on the keyboard of the real window."""

    def __init__(self, running: Running, settle: Callable[[], None]) -> None:
        self.running, self.settle = running, settle
        self.window = running.window

    def sign_in(self, staff: str) -> None:
        if self.window.session is not None:
            self.window.sign_out()
            self.settle()
        presenter = self.window.sign_in.presenter
        presenter.choose_number(staff)
        presenter.enter(PINS[staff])
        self.settle()
        assert self.window.session is not None
        assert self.window.session.staff == staff

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key, held)
        self.settle()

    def type(self, text: str) -> None:
        focused: Any = self.window.focusWidget()
        focused.insert(text)  # as an input method does; keyClicks cannot type Hanzi
        focused.textEdited.emit(focused.text())

    def new(self, view: KeeperView, **typed: str) -> None:
        """Ctrl+N, then field after field with Tab, then Enter."""
        self.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        for name, value in typed.items():
            widget: Any = view.fields[name]
            if name in ("role", "category"):
                widget.set_value(value)
                view.presenter.put(name, value)
            else:
                widget.setFocus()
                self.type(value)
        self.key(Qt.Key.Key_Return)
        state = view.presenter.state
        assert state.problem is None, state.problem
        assert state.saved == "added"

    @property
    def shown(self) -> tuple[str, ...]:
        return self.window.rail.shown()

    def view(self, name: str) -> KeeperView:
        screen: Any = self.window.current
        assert screen.name == name
        view: KeeperView = screen.view
        return view


@pytest.fixture
def person(qtbot: QtBot, fresh: Desk) -> Iterator[Person]:
    running = Running(fresh, fresh.settings, PreferencesInMemory())
    qtbot.addWidget(running.window)

    def settle() -> None:
        QApplication.processEvents()
        qtbot.waitUntil(lambda: running.jobs.is_idle, timeout=20_000)
        QApplication.processEvents()

    running.start()
    running.window.show()
    running.window.activateWindow()
    qtbot.waitUntil(running.window.isActiveWindow)
    settle()
    yield Person(running, settle)
    running.stop()
    assert running.messages.bugs == []


def test_from_first_start_to_a_gift_in_a_members_hand(person: Person, fresh: Desk) -> None:
    person.sign_in(ADMINISTRATOR)
    assert person.shown == ("staff", "card_stock", "reports", "devices", "settings")
    staff = person.view("staff")
    people = ((MANAGER, "阿依古丽·买买提江", "manager"), (CLERK, "张丽", "clerk"), (SUPERVISOR, "李强", "supervisor"))
    for number, name, role in people:
        person.new(staff, staff=number, name=name, role=role, pin=PINS[number], pin_again=PINS[number])
    assert [row.staff for row in fresh.queries.staff_roll()] == [CLERK, SUPERVISOR, MANAGER, ADMINISTRATOR]

    person.key(Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    reports: Any = person.window.current
    person.settle()
    assert {row.verb: row.count for row in reports.presenter.state.report.verbs}["add_staff"] == 4

    person.sign_in(MANAGER)
    assert person.shown == ("counter", "spool", "catalogue", "rules", "reports", "devices", "settings")
    person.key(Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    person.new(person.view("catalogue"), gift="G-CUP", name="保温杯", points="800", value="99")
    person.key(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    person.new(person.view("catalogue"), shop="S001", name="海棠书店", category="文化")
    person.key(Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    rules = person.view("rules")
    (rule,) = (row for row in rules.model.rows if row.name == "member_pin_points")
    rules.presenter.start("edit", rule)
    rules.presenter.put("value", "1500")
    person.key(Qt.Key.Key_Return)
    assert fresh.queries.policy().member_pin_points == 1_500
    person.settle()
    assert person.running.services.policy().member_pin_points == 1_500

    person.sign_in(CLERK)
    assert person.shown == ("counter", "gifts", "approvals", "spool", "devices", "settings")
    person.key(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    shelf: Any = person.window.current
    shelf.presenter.pick("G-CUP")
    shelf.presenter.type_quantity("12")
    shelf.presenter.add()
    shelf.presenter.receive()
    person.settle()
    (cup,) = fresh.queries.gifts()
    assert (cup.name, cup.points, cup.free) == ("保温杯", 800, 12)
    assert [shop.name for shop in fresh.queries.shops()] == ["海棠书店"]


def test_what_the_manager_decides_about_slips_is_seen_at_once_and_holds_for_the_store(
    person: Person, fresh: Desk, qtbot: QtBot
) -> None:
    person.sign_in(ADMINISTRATOR)
    staff = person.view("staff")
    person.new(
        staff, staff=MANAGER, name="吴芳", role="manager", pin=PINS[MANAGER], pin_again=PINS[MANAGER]
    )  # fmt: skip
    person.sign_in(MANAGER)
    palette = {command.name: command for command in person.window.commands()}
    palette["slip_look"].run()
    person.settle()
    rules: Any = person.window.current
    assert rules.name == "rules"
    presenter = rules.slips.presenter
    qtbot.waitUntil(lambda: presenter.state.picture is not None, timeout=20_000)
    before = presenter.state.picture
    person.type("上海市星河路 88 号")
    qtbot.waitUntil(lambda: presenter.state.picture != before, timeout=20_000)
    assert fresh.slips.look() == LOOK_AT_FIRST
    rules.slips.ticks["tier"].click()
    person.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert fresh.slips.look().heading == ("上海市星河路 88 号",)
    assert not fresh.slips.look().shows("tier")
    assert person.running.messages.shown[-1].text == "单据样式已保存，各柜台即时生效。"
    assert not presenter.state.is_changed


def test_somebody_who_forgot_their_pin_gets_a_new_one_and_changes_it(person: Person, qtbot: QtBot) -> None:
    person.sign_in(ADMINISTRATOR)
    staff = person.view("staff")
    person.new(staff, staff=CLERK, name="张丽", role="clerk", pin="908172", pin_again="908172")
    staff.presenter.start("pin", staff.model.row(0))
    for name, typed in (("pin", "908173"), ("pin_again", "908173"), ("own_pin", PINS[ADMINISTRATOR])):
        staff.presenter.put(name, typed)
    staff.presenter.save()
    person.settle()
    assert staff.presenter.state.saved == "pin"
    PINS_NOW = PINS | {CLERK: "908173"}
    person.window.sign_out()
    person.settle()
    person.window.sign_in.presenter.choose_number(CLERK)
    person.window.sign_in.presenter.enter(PINS_NOW[CLERK])
    person.settle()
    assert person.window.session is not None
    person.window.change_own_pin()
    for typed in ("908173", PINS[CLERK], PINS[CLERK]):
        person.type(typed)
        person.key(Qt.Key.Key_Return)
    assert person.running.messages.shown[-1].text == "您的 PIN 已修改。"
    person.window.sign_out()
    person.settle()
    person.sign_in(CLERK)
