"""Qt's clock behind the presenters' protocol."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class QtTimers(QObject):
    def after(self, delay_ms: int, call: Callable[[], None]) -> Callable[[], None]:
        timer = QTimer(self)
        timer.setSingleShot(True)
        waiting = True

        def end() -> None:
            """Once only: afterwards the timer is Qt's to delete, and must not be touched."""
            nonlocal waiting
            if waiting:
                waiting = False
                timer.stop()
                timer.deleteLater()

        def fire() -> None:
            end()
            call()

        timer.timeout.connect(fire)
        timer.start(delay_ms)
        return end
