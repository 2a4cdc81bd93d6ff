"""The devices screen in the real window, over simulated machines: who may change what, the first self-test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.composition.desk import Desk, set_up
from app.composition.machines import with_simulated
from app.composition.window import Running
from app.domain.staff import Role
from app.operations.set_up import AddStaff
from app.ports.devices import DeviceKind
from app.ports.first_start import FirstStartAnswers
from app.ports.preferences import PreferencesInMemory
from app.settings import Home
from devices.simulators.counter import SimulatedCounterMachines
from tests.support.mall import CHEAP_PINS
from ui.devices.view import DevicesView

PINS = {"9001": "924680", "1001": "914680"}
CARD = "9900010000000019"


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[SimulatedCounterMachines]:
    (tmp_path / "lines").mkdir()
    made = SimulatedCounterMachines(tmp_path / "lines")
    yield made
    made.stop()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    answers = FirstStartAnswers("海棠广场", "1 号服务台", 1, "9001", "周敏", PINS["9001"])
    made = set_up(Home(tmp_path / "home"), answers, keys_kind="file", pins=CHEAP_PINS)
    clerk = AddStaff(staff="1001", name="张丽", role=Role.CLERK, pin_verifier=CHEAP_PINS.hash(PINS["1001"]))
    made.authority.submit_as_system(clerk)
    yield made
    made.close()


class Hands:
    """On the keyboard of the real window."""

    def __init__(self, running: Running, qtbot: QtBot) -> None:
        self.running, self.qtbot, self.window = running, qtbot, running.window

    def settle(self) -> None:
        QApplication.processEvents()
        self.qtbot.waitUntil(lambda: self.running.jobs.is_idle, timeout=60_000)
        QApplication.processEvents()

    def sign_in(self, staff: str) -> None:
        if self.window.session is not None:
            self.window.sign_out()
            self.settle()
        self.window.sign_in.presenter.choose_number(staff)
        self.window.sign_in.presenter.enter(PINS[staff])
        self.settle()

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key, held)
        QApplication.processEvents()

    def until(self, come: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(come, timeout=60_000)

    @property
    def screen(self) -> DevicesView:
        screen = self.window.current
        assert isinstance(screen, DevicesView)
        return screen


@pytest.fixture
def hands(qtbot: QtBot, desk: Desk, machines: SimulatedCounterMachines) -> Iterator[Hands]:
    running = Running(desk, with_simulated(desk.settings, machines), PreferencesInMemory(), simulated=machines)
    qtbot.addWidget(running.window)
    running.start()
    running.window.show()
    running.window.activateWindow()
    made = Hands(running, qtbot)
    made.settle()
    yield made
    running.stop()
    assert running.messages.bugs == []


def verbs(desk: Desk) -> list[str]:
    return [row.verb for row in desk.queries.recent_operations(20)]


def test_the_administrator_switches_a_machine_off_and_the_log_knows(hands: Hands, desk: Desk) -> None:
    hands.sign_in("9001")
    hands.key(Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    view = hands.screen
    hands.settle()
    assert len(view.presenter.state.machines) == 5
    view.presenter.choose("display")
    view.page.switch.setFocus()
    hands.key(Qt.Key.Key_Space)
    hands.until(lambda: view.presenter.state.busy == "" and view.presenter.state.told is not None)
    told = view.presenter.state.told
    assert told is not None
    assert told.code == "device.connected_anew"
    assert verbs(desk)[0] == "change_machines"
    assert hands.running.machines.devices.display is None
    view.told.action.setFocus()
    hands.key(Qt.Key.Key_Space)
    hands.until(lambda: hands.running.machines.devices.display is not None)
    hands.settle()
    assert verbs(desk)[:2] == ["change_machines", "change_machines"]


def test_a_clerk_makes_the_first_self_test_of_the_day_by_keys_and_it_can_be_looked_up(
    hands: Hands, desk: Desk, machines: SimulatedCounterMachines
) -> None:
    hands.sign_in("1001")
    hands.settle()
    assert not hands.window.status.self_test.isHidden()
    hands.window.status.self_test_wanted.emit()
    hands.settle()
    view = hands.screen
    panel = view.self_test
    assert panel is not None
    assert not view.page.change.isVisible()  # a clerk changes no machine
    machines.set_plugged(DeviceKind.DISPENSER, False)
    hands.until(lambda: view.presenter.state.health["dispenser"].cause is not None)
    hands.key(Qt.Key.Key_Space)  # the start button has the keyboard
    hands.until(panel.skip.isVisible)
    machines.swipe(CARD)
    hands.until(lambda: not panel.presenter.state.running)
    hands.settle()
    found = {check.name or check.what: check for check in panel.presenter.state.checks}
    assert found["reader"].code == "self_test.card_read"
    assert found["printer"].code == "setup.printed"
    assert found["dispenser"].outcome == "bad"
    assert verbs(desk)[0] == "record_self_test"
    assert panel.history.box.count() == 1
    assert hands.window.status.self_test.isHidden()
    assert hands.window.current is view  # the card brought up nobody
