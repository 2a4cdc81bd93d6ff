"""How long nobody has touched keyboard, mouse or screen."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QWindow

import ui.overrides  # noqa: F401 - before the first QObject is defined here

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
    }
)


class IdleWatch(QObject):
    """Calls `idle` once when `after_s` have passed without a touch; 0 never does.

    It filters the window's native handle, which sees each touch once; a filter on the whole application would carry
    every event of every widget into Python. It goes with its `parent`: nobody is called about a window that is gone."""

    def __init__(
        self,
        idle: Callable[[], None],
        *,
        seconds: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._idle = idle
        self._seconds = seconds
        self._after_s = 0.0
        self._touched = seconds()
        self._said = False
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.look)

    def watch(self, window: QWindow) -> None:
        window.installEventFilter(self)
        self._timer.start()

    def set_after(self, seconds: float) -> None:
        self._after_s = seconds
        self.touch()

    def touch(self) -> None:
        self._touched = self._seconds()
        self._said = False

    def look(self) -> None:
        if self._after_s > 0 and not self._said and self._seconds() - self._touched >= self._after_s:
            self._said = True
            self._idle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self.touch()
        return False
