"""The window that faces the member."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.errors import Refused
from app.ports.authority import Requirements
from tests.gui.counter.conftest import Counter, services_of
from ui.locale import set_language
from ui.member_side.presenter import MemberSidePresenter
from ui.member_side.view import MemberScreenSwitch, MemberWindow


@pytest.fixture
def switch(counter: Counter) -> Iterator[MemberScreenSwitch]:
    counter.desk.member_has_screen = True
    side = MemberSidePresenter(counter.view.presenter)
    kept: list[bool] = []
    switch = MemberScreenSwitch(side, lambda: MemberWindow(services_of(counter.desk), counter.view), kept.append)
    switch.set(True)
    yield switch
    switch.set(False)


def test_the_member_agrees_with_one_key(counter: Counter, switch: MemberScreenSwitch) -> None:
    window = switch.window
    assert window is not None
    counter.swipe()
    counter.type("bwb")
    counter.key(Qt.Key.Key_Return)
    counter.key(Qt.Key.Key_Return)
    assert window.answers.isVisible()
    QTest.keyClick(counter.view, Qt.Key.Key_Return)
    assert not counter.desk.authority.submitted, "the clerk's Enter agreed for the member"
    QTest.keyClick(window, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert counter.view.redeem.presenter.done
    assert not window.answers.isVisible()


def test_the_member_types_their_pin_there_and_a_wrong_one_is_said_there(
    counter: Counter, switch: MemberScreenSwitch
) -> None:
    window = switch.window
    assert window is not None
    counter.desk.authority.needs = Requirements(None, member_pin=True)
    counter.desk.authority.failures = [Refused("pin.wrong", whose="member", left=4)]
    counter.swipe()
    counter.type("bwb")
    counter.key(Qt.Key.Key_Return)
    counter.key(Qt.Key.Key_Return)
    QTest.keyClicks(window, "482913")
    QApplication.processEvents()
    assert window.pin.problem.text()
    assert window.pin.length == 0
    QTest.keyClicks(window, "482914")
    QApplication.processEvents()
    assert counter.view.redeem.presenter.done


def test_esc_is_no(counter: Counter, switch: MemberScreenSwitch) -> None:
    window = switch.window
    assert window is not None
    counter.swipe()
    counter.type("bwb")
    counter.key(Qt.Key.Key_Return)
    counter.key(Qt.Key.Key_Return)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not counter.desk.authority.submitted
    assert not window.answers.isVisible()
    assert counter.view.redeem.presenter.basket.lines


def test_closed_by_hand_it_stays_closed_and_the_counter_goes_on(counter: Counter, switch: MemberScreenSwitch) -> None:
    assert switch.window is not None
    switch.window.close()
    assert not switch.is_on
    counter.swipe()
    assert counter.view.presenter.task.page is not None


@pytest.mark.parametrize("speech", ["zh_CN", "en"])
def test_every_step_is_painted_at_any_size(counter: Counter, switch: MemberScreenSwitch, speech: str) -> None:
    window = switch.window
    assert window is not None
    set_language(speech)
    counter.swipe()
    counter.type("mqlj")
    counter.key(Qt.Key.Key_Return)
    for width, height in ((480, 480), (800, 600), (1920, 1080), (1080, 1920)):
        window.resize(width, height)
        assert not window.grab().isNull()
    assert window.page.accessibleName()
    assert switch.window is not None


def test_the_window_never_keeps_the_program_open(switch: MemberScreenSwitch) -> None:
    assert switch.window is not None
    assert not switch.window.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
