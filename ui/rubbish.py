"""Python's collector of cycles runs on the GUI thread only.

By default it runs on whichever thread makes the next object. When that is a device's or a job's thread and a forgotten
cycle holds a widget with a running timer, Qt destroys the widget there, cannot stop its timer from that thread, and
later calls the timer of an object that is gone: a segmentation fault (seen in the tests, with a native backtrace)."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000
# As CPython's own: so many new objects since the last look at the young, so many of those since the middle-aged, …
YOUNG, MIDDLE, OLD = 2_000, 10, 50


class CollectOnGuiThread(QObject):
    """Make it on the GUI thread once the program has been loaded; what is there by then is never looked at again, so
    that no collection takes long."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        young, middle, old = gc.get_count()
        if young < YOUNG and middle < MIDDLE:
            return
        gc.collect(2 if old >= OLD else 1 if middle >= MIDDLE else 0)
