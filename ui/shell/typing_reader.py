"""Scanners and swipe readers that type: their keys are taken before any field gets them (DEVICES.md 5.3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QWindow
from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid

import ui.overrides  # noqa: F401 - before the first QObject is defined here
from app.ports.devices import KeyboardReader, WedgeVerdict
from ui.widgets import PinField

LOOK_EVERY_MS = 20
LATE_LOOK_S = 0.1
"""A look that comes that late found the program busy: keys that were typed meanwhile still wait to be delivered."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NEVER_ALONE = (Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_Control, Qt.Key.Key_Alt,
                Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_unknown)  # fmt: skip
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


@dataclass(frozen=True)
class _Press:
    """A key press that is held: all that is needed to make it again."""

    key: int
    modifiers: Qt.KeyboardModifier
    text: str


class TypingReader(QObject):
    """Asks the desk's keyboard reader about each key press in `window`, holds what may be a scan, and gives it to the
    widget that had the keyboard if it was none.

    It filters the window's native handle, as `ui.shell.idle` does: each key comes by once, and no event of any widget.
    Fields for passwords and PINs are never listened to.
    """

    def __init__(
        self,
        window: QWidget,
        reader: Callable[[], KeyboardReader | None],
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._reader = reader
        self._seconds = seconds
        self._held: list[_Press] = []
        self._typed_into: QWidget | None = None
        self._last_at_s = 0.0  # by the event's clock
        self._last_seen_s = 0.0  # by ours
        self._looked_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def watch(self, handle: QWindow) -> None:
        handle.installEventFilter(self)

    def took(self, key: str) -> bool:
        """A command's key was pressed, which no widget sees: was it the key that announces a scan?"""
        reader = self._reader()
        field = self._window.focusWidget()
        if reader is None or _is_secret(field):
            return False
        self._typed_into = field
        at_s, self._last_seen_s = self._last_at_s + self._seconds() - self._last_seen_s, self._seconds()
        self._last_at_s = at_s
        verdict = reader.pressed(key, at_s)
        # If it was none after all, the command's moment has passed: nobody misses half a second late what did not come.
        self._follow(reader, verdict, _Press(Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, ""))
        return verdict.swallow

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        reader = self._reader()
        return self._pressed(reader, event) if reader is not None else False

    def _pressed(self, reader: KeyboardReader, event: QKeyEvent) -> bool:
        if event.key() in _NEVER_ALONE:
            return False
        field = self._window.focusWidget()
        if self._held and field is not self._typed_into:
            self._follow(reader, reader.give_up())
        if event.isAutoRepeat() or event.modifiers() & _COMMANDS or _is_secret(field):
            self._follow(reader, reader.give_up())
            return False
        self._typed_into = field
        self._last_seen_s = self._looked_s = self._seconds()
        self._last_at_s = event.timestamp() / 1000 or self._last_seen_s
        verdict = reader.pressed(_name(event), self._last_at_s)
        self._follow(reader, verdict, _Press(event.key(), event.modifiers(), event.text()))
        return verdict.swallow

    def _look(self) -> None:
        reader = self._reader()
        now_s, since_s = self._seconds(), self._looked_s
        self._looked_s = now_s
        if reader is None:
            self._held.clear()
            self._timer.stop()
        elif now_s - since_s < LATE_LOOK_S:
            self._follow(reader, reader.waited(self._last_at_s + now_s - self._last_seen_s))

    def _follow(self, reader: KeyboardReader, verdict: WedgeVerdict, now: _Press | None = None) -> None:
        back, self._held = self._held[: verdict.give_back], self._held[verdict.give_back :]
        if verdict.torn or verdict.scan is not None:
            self._held.clear()
        if now is not None and verdict.swallow and verdict.scan is None:
            self._held.append(now)
        field = self._typed_into
        for press in back:
            if field is None or not isValid(field):
                break
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QCoreApplication.sendEvent(field, QKeyEvent(kind, press.key, press.modifiers, press.text))
        if reader.is_waiting and not self._timer.isActive():
            self._looked_s = self._seconds()
            self._timer.start()
        elif not reader.is_waiting and self._timer.isActive():
            self._timer.stop()


def _is_secret(field: QWidget | None) -> bool:
    if isinstance(field, QLineEdit):
        return field.echoMode() != QLineEdit.EchoMode.Normal
    return isinstance(field, PinField)


def _name(event: QKeyEvent) -> str:
    """What `KeyboardReader.pressed` takes."""
    if event.key() in _ENTER:
        return "\r"
    if event.key() == Qt.Key.Key_Tab:
        return "\t"
    text = event.text()
    if len(text) == 1 and text.isprintable():
        return text
    return QKeySequence(event.key()).toString()
