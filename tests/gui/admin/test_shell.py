"""What the window shows to whom, one's own PIN, machines connected anew."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.set_staff_pin import SetStaffPin
from app.ports.devices import CardSeen, DeviceKind
from app.ports.jobs import JobsAtOnce
from tests.gui.foundation.conftest import Desk as Window
from tests.gui.foundation.conftest import desk as window_desk
from tests.gui.foundation.fakes import FakeCounter
from tests.gui.foundation.test_window import FakeCounter as CounterScreen
from tests.gui.foundation.test_window import FakeScreen
from ui.devices.demo_panel import DemoPanel
from ui.shell.own_pin.view import OwnPinPanel
from ui.shell.rail import LEAST_PX, Rail
from ui.theme import theme

window = window_desk


@pytest.fixture
def clerk(qtbot: QtBot, window: Window) -> Window:
    """Signs in with the right to redeem, and no other."""
    window.window.add_screen(CounterScreen("counter", "Ctrl+1"), (Right.REDEEM,))
    window.window.add_screen(FakeScreen("staff", "Ctrl+7"), (Right.STAFF, Right.APPROVE))
    window.window.add_screen(FakeScreen("settings", "Ctrl+6"))
    window.window.show()
    window.window.open()
    window.settle()
    window.sign_in()
    return window


def test_the_rail_has_only_places_where_one_has_something_to_do(clerk: Window) -> None:
    assert clerk.window.rail.shown() == ("counter", "settings")
    clerk.window.go("staff")
    assert clerk.window.current is not None
    assert clerk.window.current.name == "counter"
    assert "go_staff" not in {command.name for command in clerk.window.commands()}


def test_somebody_without_the_counter_has_no_search_and_a_swipe_says_who_serves(window: Window) -> None:
    screen = CounterScreen("counter", "Ctrl+1")
    window.window.add_screen(screen, (Right.CREDIT,))
    window.window.add_screen(FakeScreen("settings", "Ctrl+6"))
    window.window.show()
    window.window.open()
    window.settle()
    window.sign_in()
    assert not window.window.search.isVisible()
    assert window.window.current is not None
    assert window.window.current.name == "settings"
    window.devices.say(CardSeen("9900010000000019"))
    window.settle()
    assert not any(heard.startswith("card") for heard in screen.heard)
    assert "card.served_by_clerks" in window.messages.shown[-1].text


def test_ones_own_pin_is_changed_over_the_screen_and_mistakes_are_said_in_place(clerk: Window) -> None:
    clerk.window.change_own_pin()
    (panel,) = clerk.window.findChildren(OwnPinPanel)
    for typed, field, code in (
        (("", "", ""), "own", "pin.required"),
        (("123456", "111111", "111111"), "new", "pin.too_simple"),
        (("135790", "135790", "135790"), "new", "pin.same_as_before"),
        (("123456", "135790", "135791"), "again", "pin.not_the_same"),
    ):
        for each, value in zip(panel.fields.values(), typed, strict=True):
            each.set_value(value)
        panel._on_confirmed()
        assert code in panel.fields[field].problem
    clerk.authority.refuse = Refused("pin.wrong", left=3)
    for each, value in zip(panel.fields.values(), ("123456", "135790", "135790"), strict=True):
        each.set_value(value)
    panel._on_confirmed()
    clerk.settle()
    assert "3" in panel.fields["own"].problem
    panel._on_confirmed()
    clerk.settle()
    assert not panel.is_open
    last = clerk.authority.submitted[-1]
    assert last.operations == (SetStaffPin(id=last.operations[0].id, staff="1001"),)
    assert (last.pin, last.new_pin) == ("123456", "135790")


def test_the_demo_shows_its_machines_as_they_are(qtbot: QtBot) -> None:
    counter = FakeCounter()
    panel = DemoPanel(counter, JobsAtOnce())
    qtbot.addWidget(panel)
    counter.paper_state, counter.cover_open, counter.plugged[DeviceKind.READER] = "out", True, False
    counter.hopper_empty = counter.jammed = True
    counter.shown = ("欧阳**", "12,800 -> 9,400")
    panel.follow()
    assert panel._paper.value == "out"
    assert panel._cover.isChecked()
    assert not panel._plugs[DeviceKind.READER].isChecked()
    assert panel._cards.value == "empty"
    assert panel._jam.isChecked()
    assert panel._display.accessibleDescription() == "欧阳** 12,800 -> 9,400"
    assert counter.done == []


@pytest.mark.parametrize(("scale", "high"), [(1.0, 768), (1.0, 614), (1.0, 512), (1.5, 768), (1.0, 330)])
def test_eleven_places_are_in_reach_however_low_the_window(qtbot: QtBot, scale: float, high: int) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme().apply(app, "light", scale=scale)
    rail = Rail()
    qtbot.addWidget(rail)
    names = [f"place {number}" for number in range(11)]
    for name in names:
        rail.add(name, "counter", name, "F1")
    rail.resize(rail.width(), high)
    rail.show()
    for name in (names[-1], names[0]):
        rail.set_current(name)
        item = rail._items[name]
        top = item.mapTo(rail, item.rect().topLeft()).y()
        assert top >= 0
        assert top + item.height() <= high
        assert item.height() >= theme().px(LEAST_PX)
