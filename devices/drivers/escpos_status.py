"""What an ESC/POS printer says back, taken apart (DEVICES.md 1.2).

Answers to real-time questions, automatic status, answers to queued questions and blocks share one line and come in
any split; automatic status may arrive between a question and its answer.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

AUTO_STATUS_WAIT_S = 0.2

_BLOCK_STARTS = frozenset((0x35, 0x37, 0x3B, 0x3D, 0x5F))
_EXTENDED_STATUS = 0x39
_EXTENDED_STATUS_BYTES = _AUTO_STATUS_BYTES = 4
_LONGEST_BLOCK_BYTES = 256
_XON, _XOFF = 0x11, 0x13


@dataclass(frozen=True)
class PrinterStatus:
    """How the printer is. `offline` alone, without a reason, is a printer that is busy with itself (feed button)."""

    offline: bool = False
    cover_open: bool = False
    paper_end: bool = False
    paper_near_end: bool = False
    cutter_error: bool = False
    unrecoverable: bool = False
    passing_error: bool = False  # a hot head: it recovers by itself
    error: bool = False  # an error whose kind is not known yet

    @property
    def holding_cause(self) -> str | None:
        """Why it does not print now, as a sentence code; the cause a clerk can mend stands first."""
        if self.unrecoverable:
            return "printer.error"
        if self.cover_open:
            return "printer.cover_open"
        if self.paper_end:
            return "printer.paper_end"
        if self.cutter_error:
            return "printer.cutter"
        if self.passing_error or self.error:
            return "printer.passing_error"
        return "printer.offline" if self.offline else None

    @property
    def cause(self) -> str | None:
        return self.holding_cause or ("printer.paper_near_end" if self.paper_near_end else None)

    def answered(self, question: int, status: int) -> PrinterStatus:
        """With the answer to `DLE EOT question` taken in."""
        if question == 1:
            if not status & 0x08:  # online: whatever held it back is over
                return PrinterStatus(paper_near_end=self.paper_near_end)
            return replace(self, offline=True)
        if question == 2:
            error = bool(status & 0x40)
            kept = self if error else replace(self, cutter_error=False, unrecoverable=False, passing_error=False)
            known = kept.cutter_error or kept.unrecoverable or kept.passing_error
            return replace(
                kept,
                cover_open=bool(status & 0x04),
                paper_end=bool(status & 0x20) or (self.paper_end and self.offline),
                error=error and not known,
            )
        if question == 3:
            return replace(
                self,
                cutter_error=bool(status & 0x08),
                unrecoverable=bool(status & 0x20),
                passing_error=bool(status & 0x40),
                error=False,
            )
        if question == 4:
            return replace(self, paper_near_end=bool(status & 0x0C), paper_end=bool(status & 0x60))
        return self


@dataclass(frozen=True)
class Answer:
    """The answer to `DLE EOT question`."""

    question: int
    status: int


@dataclass(frozen=True, slots=True)
class AutoStatus:
    data: bytes

    @property
    def status(self) -> PrinterStatus:
        first, second, third, _ = self.data
        return PrinterStatus(
            offline=bool(first & 0x08),
            cover_open=bool(first & 0x20),
            paper_end=bool(third & 0x0C),
            paper_near_end=bool(third & 0x03),
            cutter_error=bool(second & 0x08),
            unrecoverable=bool(second & 0x20),
            passing_error=bool(second & 0x40),
            error=bool(second & 0x04),
        )


@dataclass(frozen=True)
class Block:
    """`header … 00`, for example `37 22 <job number> 00`; `payload` is what stands between."""

    header: int
    payload: bytes


@dataclass(frozen=True)
class QueuedAnswer:
    """One byte in answer to `GS r` or `GS I`."""

    status: int


@dataclass(frozen=True)
class FlowControl:
    may_send: bool


StatusFrame = Answer | AutoStatus | Block | QueuedAnswer | FlowControl


class StatusStream:
    """Demultiplexer: tell it what was asked, feed it what came; `noise` counts bytes that were nobody's answer."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buffer = bytearray()
        self._asked: deque[int] = deque()
        self._queued_questions = 0
        self._last_byte_at_s = 0.0
        self.noise = 0

    def asked(self, question: int) -> None:
        """`DLE EOT question` was sent."""
        self._asked.append(question)

    @property
    def unanswered(self) -> int:
        """How many `DLE EOT` questions have had no answer yet."""
        return len(self._asked)

    def asked_queued(self) -> None:
        """`GS r` or a one-byte `GS I` was sent."""
        self._queued_questions += 1

    def forget_asked(self) -> None:
        """No answer to `DLE EOT` is expected any more: what comes late is noise."""
        self._asked.clear()

    def forget_queued(self) -> None:
        self._queued_questions = 0

    def clear(self) -> None:
        """The line was opened anew."""
        self._buffer.clear()
        self.forget_asked()
        self.forget_queued()

    def feed(self, data: bytes) -> list[StatusFrame]:
        self._buffer += data
        if data:
            self._last_byte_at_s = self._clock()
        return self._parse()

    def tick(self) -> list[StatusFrame]:
        """To be called when nothing came: an automatic status that stays incomplete loses its first byte."""
        if self._buffer and self._clock() - self._last_byte_at_s >= AUTO_STATUS_WAIT_S:
            del self._buffer[0]
            self.noise += 1
            return self._parse()
        return []

    def _parse(self) -> list[StatusFrame]:
        frames: list[StatusFrame] = []
        data, at = bytes(self._buffer), 0
        length = len(data)
        while at < length:
            first, left, taken = data[at], length - at, 1
            if first & 0x93 == 0x10 and left >= _AUTO_STATUS_BYTES:  # by far the most there is
                if (data[at + 1] | data[at + 2] | data[at + 3]) & 0x90:
                    self.noise += 1
                else:
                    taken = _AUTO_STATUS_BYTES
                    frames.append(AutoStatus(data[at : at + taken]))
            elif first & 0x93 == 0x10:
                if not any(byte & 0x90 for byte in data[at + 1 :]):
                    break
                self.noise += 1
            elif first in _BLOCK_STARTS:
                end = data.find(0, at)
                if end < 0 and left < _LONGEST_BLOCK_BYTES:
                    break
                if end < 0:
                    self.noise += 1
                else:
                    taken = end + 1 - at
                    frames.append(Block(first, data[at + 1 : end]))
            elif first == _EXTENDED_STATUS:
                if left < _EXTENDED_STATUS_BYTES:
                    break
                taken = _EXTENDED_STATUS_BYTES
                frames.append(Block(first, data[at + 1 : at + taken]))
            elif first & 0x93 == 0x12 and self._asked:
                frames.append(Answer(self._asked.popleft(), first))
            elif first & 0x90 == 0 and self._queued_questions:
                self._queued_questions -= 1
                frames.append(QueuedAnswer(first))
            elif first in (_XON, _XOFF):
                frames.append(FlowControl(first == _XON))
            else:
                self.noise += 1
            at += taken
        del self._buffer[:at]
        return frames
