"""Qt's clock behind the presenters' protocol."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class QtTimers(QObject):
    def after(self, delay_ms: int, call: Callable[[], None]) -> Callable[[], None]:
        timer = QTimer(self)
        timer.setSingleShot(True)

        def fire() -> None:
            timer.deleteLater()
            call()

        def stop() -> None:
            if timer.isActive():
                timer.stop()
                timer.deleteLater()

        timer.timeout.connect(fire)
        timer.start(delay_ms)
        return stop
