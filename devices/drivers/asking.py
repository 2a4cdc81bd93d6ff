"""Readers that speak only when asked: one question at a time, and how long its answer may take."""

from __future__ import annotations

import time
from collections.abc import Callable


class Questions:
    """What still has to go out, and since when an answer is awaited. The wait begins when the last byte is out.

    `silences` counts the questions in a row that nobody answered; from `SILENT_AFTER` on a machine counts as silent.
    """

    SILENT_AFTER = 3

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._outgoing = b""
        self._wait_s: float | None = None
        self._sent_at_s = 0.0
        self.silences = 0

    @property
    def is_silent(self) -> bool:
        return self.silences >= self.SILENT_AFTER

    @property
    def outgoing(self) -> bytes:
        return self._outgoing

    @property
    def is_waiting(self) -> bool:
        return bool(self._outgoing) or self._wait_s is not None

    @property
    def is_overdue(self) -> bool:
        """Was everything sent, and has the time for the answer passed?"""
        if self._outgoing or self._wait_s is None:
            return False
        return self._clock() - self._sent_at_s >= self._wait_s

    def ask(self, question: bytes, wait_s: float | None) -> None:
        """Send `question` after what is still going out; `wait_s` from then on it is overdue (None: never)."""
        self._outgoing += question
        self._wait_s = wait_s
        self._sent_at_s = self._clock()

    def accepted(self, count: int) -> None:
        """The line took that many bytes."""
        if count:
            self._outgoing = self._outgoing[count:]
            self._sent_at_s = self._clock()

    def wait(self, wait_s: float | None) -> None:
        """Nothing to send; let `wait_s` pass from now."""
        self._wait_s = wait_s
        self._sent_at_s = self._clock()

    def answered(self) -> None:
        self._wait_s = None
        self.silences = 0

    def unanswered(self) -> None:
        self._wait_s = None
        self.silences += 1

    def clear(self) -> None:
        self._outgoing = b""
        self._wait_s = None
