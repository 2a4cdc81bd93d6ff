"""Grow GM65 and GM861 scanners: commands beside the lines of what they scan (DEVICES.md 2.3)."""

from __future__ import annotations

import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass

from devices.drivers.asking import Questions
from devices.drivers.reader import CounterReader, ReaderEvent

WRITE = 0x08
READ = 0x07
NO_CRC = b"\xab\xcd"  # instead of a checksum: the scanner does not check
TRIGGER_ZONE = 0x0002
MODE_ZONE = 0x0000

ANSWER_S = 0.5
ASK_EVERY_S = 10.0
IDLE_GAP_S = 0.1

_COMMAND = b"\x7e\x00"
_REPLY = b"\x02\x00"


@dataclass(frozen=True)
class Reply:
    """`data` is what was read, or one 00 for a write that succeeded."""

    data: bytes


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM: polynomial 1021, initial value 0."""
    return binascii.crc_hqx(data, 0)


def write_zone(address: int, data: bytes) -> bytes:
    return _command(WRITE, len(data), address, data)


def read_zone(address: int, count: int = 1) -> bytes:
    return _command(READ, 1, address, bytes((count,)))


def trigger() -> bytes:
    """Look for a code now (in command mode)."""
    return write_zone(TRIGGER_ZONE, b"\x01")


def _command(kind: int, length: int, address: int, data: bytes) -> bytes:
    body = bytes((kind, length)) + address.to_bytes(2, "big") + data
    return _COMMAND + body + crc16(body).to_bytes(2, "big")


def replied(data: bytes) -> bytes:
    """What the scanner answers, as our simulator sends it."""
    body = bytes((0x00, len(data))) + data
    return _REPLY + body + crc16(body).to_bytes(2, "big")


class GM65Replies:
    """Takes answers (`02 00 00 length data CRC`) out of a stream of scanned lines.

    Only to be asked while an answer is due: a scanned text could not hold these bytes, but noise could.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buffer = bytearray()
        self._last_byte_at_s = 0.0

    @property
    def pending(self) -> bool:
        return bool(self._buffer)

    def feed(self, data: bytes) -> tuple[list[Reply], bytes]:
        """Answers found, and the bytes that belong to none."""
        replies: list[Reply] = []
        others = bytearray()
        self._buffer += data
        if data:
            self._last_byte_at_s = self._clock()
        while self._buffer:
            start = self._buffer.find(_REPLY[:1])
            if start != 0:
                end = len(self._buffer) if start < 0 else start
                others += self._buffer[:end]
                del self._buffer[:end]
                continue
            head = bytes(self._buffer[:4])
            if not (_REPLY + b"\x00").startswith(head[:3]):
                others.append(self._buffer.pop(0))
                continue
            if len(head) < 4 or len(self._buffer) < 4 + head[3] + 2:
                break
            frame = bytes(self._buffer[: 4 + head[3] + 2])
            if crc16(frame[2:-2]).to_bytes(2, "big") != frame[-2:]:
                others.append(self._buffer.pop(0))
                continue
            del self._buffer[: len(frame)]
            replies.append(Reply(frame[4:-2]))
        return replies, bytes(others)

    def tick(self) -> bytes:
        """Bytes of an answer that broke off."""
        if self._buffer and self._clock() - self._last_byte_at_s >= IDLE_GAP_S:
            others = bytes(self._buffer)
            self._buffer.clear()
            return others
        return b""

    def clear(self) -> None:
        self._buffer.clear()


class GM65Reader:
    """A line scanner that can be asked whether it is there: it reads a zone every ten seconds."""

    def __init__(self, lines: CounterReader, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lines = lines
        self._replies = GM65Replies(clock=clock)
        self._questions = Questions(clock=clock)
        self._is_asked = False
        self.noise = 0
        self._ask()

    @property
    def pending(self) -> bool:
        return self._lines.pending or self._replies.pending or self._is_asked

    @property
    def is_silent(self) -> bool:
        return self._questions.is_silent

    def outgoing(self) -> bytes:
        return self._questions.outgoing

    def accepted(self, count: int) -> None:
        self._questions.accepted(count)

    def feed(self, data: bytes) -> list[ReaderEvent]:
        replies, others = self._replies.feed(data) if self._is_asked else ([], data)
        if replies:
            self._rest()
        return self._lines.feed(others) if others else []

    def tick(self) -> list[ReaderEvent]:
        events: list[ReaderEvent] = []
        others = self._replies.tick()
        self.noise += len(others)
        if self._questions.is_overdue:
            if self._is_asked:
                self._questions.unanswered()
            self._ask()
        return events + self._lines.tick()

    def clear(self) -> None:
        self._lines.clear()
        self._replies.clear()
        self._questions.clear()
        self._ask()

    def _ask(self) -> None:
        self._is_asked = True
        self._questions.ask(read_zone(MODE_ZONE), ANSWER_S)

    def _rest(self) -> None:
        self._is_asked = False
        self._questions.answered()
        self._questions.wait(ASK_EVERY_S)
