from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.domain.policy import Policy
from app.operations.lift_lockout import LiftLockout
from app.queries.rows import StaffRow
from printing.slip_design import SlipDesign
from tests.gui.admin.conftest import spoken
from tests.gui.admin.test_keeping import ADMINISTRATOR, MANAGER, SUPERVISOR
from tests.unit.presenters.fakes import FACTS, Desk
from tests.unit.presenters.test_spool_queue import FakeSlips
from ui.catalogue.view import CatalogueScreen
from ui.locale import set_language
from ui.settings.rules.view import RulesScreen
from ui.shell.keyboard import KeyboardPlace
from ui.staff.view import StaffScreen
from ui.theme import theme

LONG = "Maria Fernanda García-Rodríguez"


@pytest.fixture
def staff(qtbot: QtBot, desk: Desk) -> StaffScreen:
    FACTS.setdefault("add_staff", lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    desk.person = ADMINISTRATOR
    screen: StaffScreen = shown(qtbot, StaffScreen(spoken(desk.services)))
    return screen


def shown(qtbot: QtBot, screen: Any, width: int = 1196, height: int = 700) -> Any:
    qtbot.addWidget(screen)
    screen.resize(width, height)
    screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.entered()
    QApplication.processEvents()
    return screen


def keys(screen: QWidget, text: str = "", key: Qt.Key | None = None) -> None:
    target = screen.window().focusWidget() or screen
    if text:
        QTest.keyClicks(target, text)
    if key is not None:
        QTest.keyClick(target, key)
    QApplication.processEvents()


def test_a_person_is_added_by_keys_alone(staff: StaffScreen, desk: Desk) -> None:
    staff.view.start_new()
    keys(staff, "1009", Qt.Key.Key_Tab)
    keys(staff, "Wang Fang", Qt.Key.Key_Tab)
    keys(staff, "135790", Qt.Key.Key_Tab)
    keys(staff, "135790", Qt.Key.Key_Return)
    (operation,) = desk.authority.operations
    assert operation.verb == "add_staff"
    assert staff.view.saved.isVisible()
    assert staff.view.saved.text.text() == "Wang Fang 已添加。"
    assert staff.window().focusWidget() is staff.view.filter


def test_a_refusal_is_said_at_its_field_and_takes_the_keyboard_there(staff: StaffScreen, desk: Desk) -> None:
    desk.authority.failures = [Refused("staff.exists", staff="1009")]
    staff.view.start_new()
    for name, value in (("staff", "1009"), ("name", LONG), ("pin", "135790"), ("pin_again", "135790")):
        staff.view.presenter.put(name, value)
    keys(staff, key=Qt.Key.Key_Return)
    field: Any = staff.view.fields["staff"]
    assert "1009" in field.problem
    assert field.edit.hasFocus()


def test_a_list_is_walked_with_the_arrows_from_the_search(staff: StaffScreen) -> None:
    keys(staff, key=Qt.Key.Key_Down)
    keys(staff, key=Qt.Key.Key_Down)
    keys(staff, key=Qt.Key.Key_Return)
    form = staff.view.presenter.state.form
    assert form is not None
    assert form.whose().staff == "1002"
    keys(staff, key=Qt.Key.Key_Escape)
    assert staff.view.presenter.state.form is None
    assert staff.view.filter.hasFocus()


def test_a_supervisor_sees_who_is_locked_and_lets_them_try_again(qtbot: QtBot, desk: Desk) -> None:
    desk.person = SUPERVISOR
    screen = shown(qtbot, StaffScreen(spoken(desk.services)))
    assert not screen.view.new.isVisible()
    QTest.keyClicks(screen.view.filter, "1002")
    keys(screen, key=Qt.Key.Key_Return)
    assert screen.view.save.text() == "解除锁定"
    keys(screen, key=Qt.Key.Key_Return)
    assert [type(one) for one in desk.authority.operations] == [LiftLockout]


def test_an_empty_list_says_what_to_do_first(qtbot: QtBot, desk: Desk) -> None:
    desk.person = MANAGER
    desk.queries.all_gifts = ()  # type: ignore[attr-defined] # of the admin's rolls
    screen = shown(qtbot, CatalogueScreen(spoken(desk.services)))
    assert screen.gifts.nothing.isVisible()
    assert screen.gifts.nothing.title.text() == "还没有礼品"
    assert screen.gifts.new.hasFocus()


def test_in_a_small_window_list_and_form_take_turns(staff: StaffScreen) -> None:
    staff.resize(620, 500)
    QApplication.processEvents()
    assert staff.view.table.isVisible()
    staff.view.start_new()
    assert not staff.view.table.isVisible()
    assert staff.view.fields["staff"].isVisible()
    keys(staff, key=Qt.Key.Key_Escape)
    assert staff.view.table.isVisible()


def test_who_is_typing_goes_on_typing_when_the_language_changes(staff: StaffScreen) -> None:
    staff.view.start_new()
    keys(staff, "1009", Qt.Key.Key_Tab)
    keys(staff, "Wang F")
    place = KeyboardPlace(staff)
    set_language("en")
    staff.retranslate()
    place.restore()
    QApplication.processEvents()
    keys(staff, "ang")
    form = staff.view.presenter.state.form
    assert form is not None
    assert (form.value("staff"), form.value("name")) == ("1009", "Wang Fang")
    assert staff.view.save.text() == "Add the person"


def test_a_rule_is_changed_with_its_unit_before_and_after(qtbot: QtBot, desk: Desk) -> None:
    FACTS.setdefault("change_setting", lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    desk.person = MANAGER
    desk.queries.policy = lambda: Policy()  # type: ignore[attr-defined,method-assign,unused-ignore] # noqa: PLW0108
    screen = shown(qtbot, RulesScreen(spoken(desk.services), FakeSlips(), SlipDesign(), lambda _text: None))
    told: list[bool] = []
    screen.rule_changed.connect(lambda: told.append(True))
    QTest.keyClicks(screen.view.filter, "PIN")
    keys(screen, key=Qt.Key.Key_Return)
    keys(screen, "1500")
    assert screen.view._figures.text() == "1,000 积分 → 1,500 积分"
    keys(screen, key=Qt.Key.Key_Return)
    assert [operation.verb for operation in desk.authority.operations] == ["change_setting"]
    assert told == [True]


@pytest.mark.parametrize("speech", ["zh_CN", "en"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_two_hundred_rows_and_long_names_fit_the_smallest_window(
    qtbot: QtBot, desk: Desk, larger: None, speech: str, scale: float
) -> None:
    set_language(speech)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme().apply(app, "dark" if scale > 1 else "light", scale=scale)
    desk.person = ADMINISTRATOR
    desk.queries.people = tuple(  # type: ignore[attr-defined] # of the admin's rolls
        StaffRow(f"{n:05}", LONG if n % 2 else "阿依古丽·买买提江", "supervisor", 0, None, locked_for_good=n % 9 == 0)
        for n in range(200)
    )
    screen = shown(qtbot, StaffScreen(spoken(desk.services)), 1024 - theme().px(84), 768 - theme().px(112))
    assert screen.width() == 1024 - theme().px(84)
    assert screen.view.table.horizontalScrollBar().maximum() == 0
    for kind in ("list", "new"):
        if kind == "new":
            screen.view.start_new()
            QApplication.processEvents()
        for control in (*screen.findChildren(QAbstractButton), *screen.findChildren(QLineEdit)):
            if control.isVisible():
                assert control.accessibleName()
                right = control.mapTo(screen, control.rect().topRight()).x()
                assert right <= screen.width(), control.accessibleName()


@pytest.fixture
def larger() -> Iterator[None]:
    yield
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme().apply(app, "light")


def test_nothing_of_a_pin_is_left_when_the_desk_is_locked(staff: StaffScreen) -> None:
    staff.view.start_new()
    staff.view.presenter.put("pin", "135790")
    staff.blank()
    assert all(field.text() != "135790" for field in staff.findChildren(QLineEdit))
    assert staff.view.presenter.state.form is None
