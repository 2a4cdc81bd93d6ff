from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ports.devices import DeviceKind
from app.ports.jobs import JobsAtOnce
from app.ports.preferences import AUTO_LOCK_MINUTES, SLIP_WIDTH_MM, PreferencesInMemory
from tests.gui.foundation.fakes import FakeCounter
from ui.devices.demo_panel import DemoCard, DemoPanel, PhoneCode
from ui.locale import set_language
from ui.settings.view import SettingsView
from ui.widgets import ListRow


@pytest.fixture
def counter() -> FakeCounter:
    return FakeCounter()


def a_png() -> bytes:
    out = BytesIO()
    Image.new("L", (264, 264), 0).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def panel(qtbot: QtBot, counter: FakeCounter) -> DemoPanel:
    panel = DemoPanel(counter, JobsAtOnce(), [DemoCard("9900010000000019", "王小明", "gold")])
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_the_demo_swipes_scans_and_breaks_machines(qtbot: QtBot, panel: DemoPanel, counter: FakeCounter) -> None:
    (row,) = panel.findChildren(ListRow)
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    panel._code.set_value("R123")
    panel._scan.click()
    panel._paper.changed.emit("out")
    panel._cover.click()
    panel._cards.changed.emit("empty")
    panel._cards.changed.emit("full")
    panel._jam.click()
    panel._plugs[DeviceKind.READER].click()
    assert counter.done == [
        ("swipe", "9900010000000019"),
        ("scan", "R123"),
        ("paper", "out"),
        ("cover", True),
        ("empty", None),
        ("fill", 50),
        ("jam", True),
        ("plug", (DeviceKind.READER, False)),
    ]


def test_the_demo_shows_a_members_phone_to_the_scanner(qtbot: QtBot, counter: FakeCounter) -> None:
    made: list[str] = []

    def phone(number: str) -> PhoneCode:
        made.append(number)
        return PhoneCode(f"M1.{number}", a_png())

    cards = [DemoCard("9900010000000019", "王小明", "gold"), DemoCard("6222020200112230", "银行卡", note="bank card")]
    panel = DemoPanel(counter, JobsAtOnce(), cards, phone)
    qtbot.addWidget(panel)
    panel.show()
    panel._how.set_value("phone")
    panel._how.changed.emit("phone")
    member, bank_card = panel.findChildren(ListRow)
    assert not bank_card.isVisible()
    qtbot.mouseClick(member, Qt.MouseButton.LeftButton)
    assert counter.done == [("scan", "M1.9900010000000019")]
    assert panel._shown.width() > 0
    panel._put_away.timeout.emit()
    assert panel._shown.width() == 0


def test_a_demo_card_says_whose_it_is_in_the_language_in_force(panel: DemoPanel) -> None:
    (row,) = panel.findChildren(ListRow)
    assert row.accessibleName() == "王小明 黄金"
    set_language("en")
    panel.retranslate()
    assert row.accessibleName() == "王小明 Gold"


class FakeNetwork:
    def __init__(self) -> None:
        self.now = "fair"
        self.spent_by: list[str] = []

    def turn(self, weather: str) -> None:
        self.now = weather

    def weather(self) -> str:
        return self.now

    def spend_elsewhere(self, number: str) -> int:
        self.spent_by.append(number)
        return 2_926


def test_the_demo_cuts_the_network_says_what_to_look_for_and_spends_points_elsewhere(
    qtbot: QtBot, counter: FakeCounter
) -> None:
    network = FakeNetwork()
    cards = [
        DemoCard("A1.2001.MFRGGZDFMZTWQ2LKNNWG23TPOB", "李静", note="approval card", is_code=True),
        DemoCard("9900010000000019", "王小明", "gold"),
    ]
    panel = DemoPanel(counter, JobsAtOnce(), cards, line=network)
    qtbot.addWidget(panel)
    panel.show()
    assert not panel._elsewhere.isEnabled()
    panel._line.set_value("cut")
    panel._line.changed.emit("cut")
    assert network.now == "cut"
    assert "批准卡" in panel._line_hint.text()
    supervisor, member = panel.findChildren(ListRow)
    qtbot.mouseClick(supervisor, Qt.MouseButton.LeftButton)
    assert not panel._elsewhere.isEnabled()
    qtbot.mouseClick(member, Qt.MouseButton.LeftButton)
    assert counter.done == [("scan", cards[0].number), ("swipe", cards[1].number)]
    panel._elsewhere.click()
    assert network.spent_by == [cards[1].number]
    assert "2,926" in panel._line_hint.text()
    network.now = "fair"  # somebody else mended it
    panel.follow()
    assert panel._line.value == "fair"


def test_a_desk_without_a_hub_has_no_network_to_cut(panel: DemoPanel) -> None:
    assert not panel._line.isVisible()
    assert not panel._elsewhere.isVisible()


def test_settings_are_kept_and_told(qtbot: QtBot) -> None:
    kept, told = PreferencesInMemory(), list[object]()
    view = SettingsView(kept)
    qtbot.addWidget(view)
    view.changed.connect(told.append)
    view.language_chosen.connect(told.append)
    view.theme_chosen.connect(told.append)
    view.scale_chosen.connect(told.append)
    view.show()
    qtbot.keyClick(view.auto_lock, Qt.Key.Key_Right)
    qtbot.keyClick(view.slip_width, Qt.Key.Key_Left)
    qtbot.keyClick(view.language, Qt.Key.Key_Right)
    qtbot.keyClick(view.theme, Qt.Key.Key_Right)
    qtbot.keyClick(view.scale, Qt.Key.Key_Right)
    assert kept.values == {AUTO_LOCK_MINUTES: "5", SLIP_WIDTH_MM: "58"}
    assert told == [AUTO_LOCK_MINUTES, SLIP_WIDTH_MM, "en", "dark", 1.15]
