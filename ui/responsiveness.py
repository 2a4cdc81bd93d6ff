"""How long the GUI thread was ever blocked: a background thread asks it to answer, and times the answer."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

PERIOD_S = 0.004
NOTICE_S = 0.050
"""From this length on the place is written down where the GUI thread stood."""


@dataclass(frozen=True)
class Block:
    """A stretch in which the GUI thread did not answer. `doing` is the mark in force; `where` its innermost frames."""

    duration_ms: float
    doing: str
    where: str


class GuiWatch(QObject):
    """Make it on the GUI thread, `start()`, later `stop()`. `mark("swipe")` names what is going on."""

    _asked = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gui_thread = threading.get_ident()
        self._asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)
        self._answered = threading.Event()
        self._answered.set()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._where = ""
        self._doing = ""
        self._doing_when_asked = ""
        self.longest_ms = 0.0
        self.answers = 0
        self.blocks: list[Block] = []
        """Every block of NOTICE_S or more, in the order in which they happened."""

    def mark(self, doing: str) -> None:
        self._doing = doing

    def start(self) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._ask_again_and_again, name="gui-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def reset(self) -> None:
        self.longest_ms = 0.0
        self.blocks.clear()

    def _ask_again_and_again(self) -> None:
        while not self._ended.wait(PERIOD_S):
            if self._answered.is_set():
                self._answered.clear()
                self._where = ""
                self._doing_when_asked = self._doing
                self._asked.emit(time.perf_counter())
            if not self._answered.wait(NOTICE_S) and not self._where:
                self._where = self._look()

    def _look(self) -> str:
        frame = sys._current_frames().get(self._gui_thread)
        return "".join(traceback.format_stack(frame, limit=6)[-4:]) if frame is not None else ""

    def _on_asked(self, asked_at: float) -> None:
        duration_ms = (time.perf_counter() - asked_at) * 1000
        self.answers += 1
        self.longest_ms = max(self.longest_ms, duration_ms)
        if duration_ms >= NOTICE_S * 1000:
            self.blocks.append(Block(duration_ms, self._doing_when_asked or self._doing, self._where))
        self._answered.set()
