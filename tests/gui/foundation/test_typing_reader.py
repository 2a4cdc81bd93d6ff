"""Readers that type, in a real window: a scan reaches no field, typing reaches its field as always (DEVICES.md 5.3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ports.devices import BankCardSeen, CardSeen, DeviceEvent
from devices.drivers.reader import CounterReader
from devices.drivers.wedge import KeyboardWedge
from tests.gui.foundation.conftest import Desk
from tests.gui.foundation.test_window import FakeCounter
from ui.shell.typing_reader import TypingReader
from ui.widgets import PinField

NUMBER = "9900010000000019"


class Counter(QWidget):
    """A window with a search field, a password, a PIN and a button; keys come at the times a test wants."""

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__()
        self.now_s = 50.0
        self.heard: list[DeviceEvent] = []
        self.pressed = 0
        clock = lambda: self.now_s  # noqa: E731 - the one clock of this counter
        reader = CounterReader("keyboard", clock=clock, has_tags=False)
        self.wedge: KeyboardWedge | None = KeyboardWedge(reader, self.heard.append, prefix=prefix, clock=clock)
        self.search, self.other, self.password, self.pin = QLineEdit(), QLineEdit(), QLineEdit(), PinField(longest=20)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.button = QPushButton()
        self.button.clicked.connect(self._count)
        column = QVBoxLayout(self)
        for widget in (self.search, self.other, self.password, self.pin, self.button):
            column.addWidget(widget)
        self.typing = TypingReader(self, lambda: self.wedge, seconds=clock)

    def _count(self) -> None:
        self.pressed += 1

    def open(self, qtbot: QtBot) -> None:
        qtbot.addWidget(self)
        self.show()
        self.activateWindow()
        qtbot.waitUntil(self.isActiveWindow)
        handle = self.windowHandle()
        assert handle is not None
        self.typing.watch(handle)
        self.search.setFocus()

    def type(self, keys: str, gap_s: float) -> None:
        for key in keys:
            self.press(key, gap_s)

    def press(self, key: str, gap_s: float, *, repeated: bool = False) -> None:
        self.wait(gap_s)
        named = {"\r": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab}.get(key) or Qt.Key(ord(key.upper()))
        event = QKeyEvent(QEvent.Type.KeyPress, named, Qt.KeyboardModifier.NoModifier, key, repeated)
        event.setTimestamp(round(self.now_s * 1000))
        handle = self.windowHandle()
        assert handle is not None
        QApplication.sendEvent(handle, event)

    def wait(self, seconds: float) -> None:
        """Time passes for the reader; its timer looks as often as it would."""
        until_s = self.now_s + seconds
        while self.now_s + 0.02 < until_s:
            self.now_s += 0.02
            self.typing._look()
        self.now_s = until_s
        self.typing._look()


@pytest.fixture
def counter(qtbot: QtBot) -> Iterator[Counter]:
    counter = Counter()
    counter.open(qtbot)
    yield counter
    counter.wedge = None


def test_thirteen_keys_at_5_ms_are_one_scan_and_the_field_is_untouched(counter: Counter) -> None:
    counter.type("6901234567892\r", 0.005)
    assert counter.heard == [CardSeen("6901234567892", entry="scan", reader="keyboard")]
    assert counter.search.text() == ""


def test_typing_at_90_ms_is_typed_as_usual(counter: Counter) -> None:
    entered: list[str] = []
    counter.search.returnPressed.connect(lambda: entered.append(counter.search.text()))
    counter.type("13800138000\r", 0.09)
    assert entered == ["13800138000"]
    assert counter.heard == []


def test_a_short_burst_stands_in_the_field_a_moment_later(counter: Counter) -> None:
    counter.type("wxm", 0.01)
    counter.wait(0.1)
    assert counter.search.text() == "wxm"


def test_a_fast_burst_with_enter_is_typed_in_order(counter: Counter) -> None:
    entered: list[str] = []
    counter.search.returnPressed.connect(lambda: entered.append(counter.search.text()))
    counter.type("1380\r", 0.01)
    assert entered == ["1380"]


def test_a_scan_neither_presses_the_button_nor_leaves_the_field(counter: Counter) -> None:
    counter.button.setFocus()
    counter.type(f"{NUMBER}\r", 0.005)
    counter.wait(1.0)
    counter.type("6901234567892\t", 0.005)
    assert counter.pressed == 0
    assert counter.focusWidget() is counter.button
    assert [event.number for event in counter.heard if isinstance(event, CardSeen)] == [NUMBER, "6901234567892"]


def test_a_bank_card_that_is_swiped_reaches_no_field(counter: Counter) -> None:
    counter.type(";6222021234567890128=30121010012345?\r", 0.004)
    assert counter.heard == [BankCardSeen("keyboard")]
    assert counter.search.text() == ""
    counter.type(";62220212345678", 0.004)
    counter.wait(0.5)
    assert counter.search.text() == ""


@pytest.mark.parametrize("field", ["password", "pin"])
def test_a_password_and_a_pin_are_never_held(counter: Counter, field: str) -> None:
    counter.search.setFocus()
    counter.type("1", 0.01)
    getattr(counter, field).setFocus()
    counter.type("12345678", 0.001)
    assert not counter.wedge.is_waiting  # type: ignore[union-attr]
    assert counter.heard == []
    assert counter.search.text() == "1"
    if field == "password":
        assert counter.password.text() == "12345678"


def test_what_is_held_goes_to_the_field_where_it_was_typed(counter: Counter) -> None:
    counter.type("12", 0.01)
    counter.other.setFocus()
    counter.press("3", 0.01)
    counter.wait(0.1)
    assert (counter.search.text(), counter.other.text()) == ("12", "3")


def test_a_key_that_is_held_down_repeats_as_always(counter: Counter) -> None:
    for _ in range(12):
        counter.press("0", 0.033, repeated=True)
    counter.press("\r", 0.033)
    assert counter.search.text() == "0" * 12
    assert counter.heard == []


def test_a_program_that_was_busy_takes_no_scan_apart(counter: Counter) -> None:
    counter.type("69012345", 0.005)
    counter.now_s += 0.4  # the keys wait in the queue; the timer comes first
    counter.typing._look()
    counter.now_s -= 0.4
    counter.type("67892\r", 0.005)
    assert counter.heard == [CardSeen("6901234567892", entry="scan", reader="keyboard")]


def test_a_field_that_is_gone_gets_nothing_back(counter: Counter) -> None:
    from shiboken6 import delete

    counter.type("12", 0.01)
    delete(counter.search)
    counter.wait(0.2)
    assert not counter.wedge.is_waiting  # type: ignore[union-attr]


def test_without_such_a_reader_keys_are_keys(counter: Counter) -> None:
    counter.wedge = None
    counter.type("6901234567892", 0.001)
    assert counter.search.text() == "6901234567892"


def test_a_prefix_announces_a_scan_and_fast_typing_is_typing(qtbot: QtBot) -> None:
    counter = Counter(prefix="~")
    counter.open(qtbot)
    counter.type("6901234567892", 0.001)
    assert counter.search.text() == "6901234567892"
    counter.type("~A1234\r", 0.1)
    assert counter.heard == [CardSeen("A1234", entry="scan", reader="keyboard")]
    counter.wedge = None


def test_a_prefix_that_is_a_commands_key_is_taken_first(qtbot: QtBot) -> None:
    counter = Counter(prefix="F12")
    counter.open(qtbot)
    ran: list[str] = []
    shortcut = QShortcut(QKeySequence("F12"), counter)
    shortcut.activated.connect(lambda: None if counter.typing.took("F12") else ran.append("F12"))
    counter.now_s += 1
    QTest.keyClick(counter, Qt.Key.Key_F12)
    counter.type("A1234\r", 0.1)
    assert counter.heard == [CardSeen("A1234", entry="scan", reader="keyboard")]
    assert ran == []
    counter.wedge = None


def test_a_scan_typed_into_the_window_brings_its_member_up(qtbot: QtBot, desk: Desk) -> None:
    wedge = KeyboardWedge(CounterReader("keyboard", has_tags=False), desk.devices.say)
    desk.keyboard.append(wedge)
    counter = FakeCounter("counter", "Ctrl+1")
    desk.window.add_screen(counter)
    desk.window.show()
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    desk.window.open()
    desk.settle()
    desk.sign_in()
    handle = desk.window.windowHandle()
    assert handle is not None
    for at_ms, key in enumerate(NUMBER + "\r"):
        code = Qt.Key.Key_Return if key == "\r" else Qt.Key(ord(key))
        event = QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, key)
        event.setTimestamp(1000 + 5 * at_ms)
        QApplication.sendEvent(handle, event)
    desk.settle()
    assert f"card {NUMBER}" in counter.heard
    assert desk.window.search.text() == ""
    desk.keyboard.clear()
