"""Cuts what a reader or scanner sends into lines (DEVICES.md 2.3): CR, LF or Tab, or a pause where none is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST_LINE_BYTES = 1024
IDLE_GAP_S = 0.1

_ENDS = frozenset(b"\r\n\t")


@dataclass(frozen=True)
class Line:
    """One line without its terminator. `data` may hold a card number, so it is kept out of `repr`."""

    data: bytes = field(repr=False)
    too_long: bool = False


class LineFrames:
    """Splits a byte stream into lines; empty lines are dropped, a line over the limit is reported once and skipped.

    `tick` is to be called when the port has nothing to read: only then can a pause be told from a busy computer.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        longest_bytes: int = LONGEST_LINE_BYTES,
        idle_gap_s: float = IDLE_GAP_S,
    ) -> None:
        self._clock = clock
        self._longest_bytes = longest_bytes
        self._idle_gap_s = idle_gap_s
        self._buffer = bytearray()
        self._skipping = False
        self._last_byte_at_s = 0.0

    @property
    def pending(self) -> bool:
        """Is a line begun and not ended?"""
        return bool(self._buffer) or self._skipping

    def feed(self, data: bytes) -> list[Line]:
        lines: list[Line] = []
        for byte in data:
            if byte in _ENDS:
                lines += self._close()
            elif self._skipping:
                pass
            elif len(self._buffer) == self._longest_bytes:
                self._buffer.clear()
                self._skipping = True
            else:
                self._buffer.append(byte)
        if data:
            self._last_byte_at_s = self._clock()
        return lines

    def tick(self) -> list[Line]:
        if self.pending and self._clock() - self._last_byte_at_s >= self._idle_gap_s:
            return self._close()
        return []

    def clear(self) -> None:
        self._buffer.clear()
        self._skipping = False

    def _close(self) -> list[Line]:
        if self._skipping:
            self._skipping = False
            return [Line(b"", too_long=True)]
        if not self._buffer:
            return []
        line = Line(bytes(self._buffer))
        self._buffer.clear()
        return [line]
