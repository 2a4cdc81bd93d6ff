"""125 kHz tags (DEVICES.md 2.4)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import reduce
from operator import xor

from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.presence import CardsInField

STX = 0x02
ETX = 0x03
IDLE_GAP_S = 0.1

_HEX = frozenset(b"0123456789ABCDEFabcdef")
_WHOLE = re.compile(rb"\x02([0-9A-Fa-f]{12})[\r\n]*\x03")
_HEX_RUN = re.compile(rb"[0-9A-Fa-f]+")
_DIGITS = 12  # version and identity (5 bytes) and their XOR, in hex


class EM4100Frames:
    """RDM6300 and ID-12LA: STX, 10 hex digits, 2 hex digits XOR, optional CR LF, ETX; sent again and again while the
    tag lies there, which counts as one reading until it has been away for a second."""

    def __init__(self, reader: str = "reader", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._clock = clock
        self._frame: bytearray | None = None
        self._last_byte_at_s = 0.0
        self._cards = CardsInField(clock=clock)

    @property
    def inside(self) -> bool:
        """Has a frame begun and not ended?"""
        return self._frame is not None

    def feed(self, data: bytes) -> list[CardSeen | UnreadableSeen]:
        events: list[CardSeen | UnreadableSeen] = []
        at = 0
        while at < len(data):
            whole = _WHOLE.match(data, at) if self._frame is None else None
            if whole is not None:  # nearly always: a frame at once is worth no step of its own for each byte
                self._frame, at = bytearray(whole[1]), whole.end()
                self._last_byte_at_s = self._clock()
                event = self._complete()
                if event is not None:
                    events.append(event)
                continue
            run = self._run_of_digits(data, at)
            if run:
                at += run
                continue
            event, _ = self.push(data[at])
            at += 1
            if event is not None:
                events.append(event)
        return events

    def _run_of_digits(self, data: bytes, at: int) -> int:
        """How many digits of the present frame were taken: byte by byte would be slower and say no more."""
        if self._frame is None:
            return 0
        match = _HEX_RUN.match(data, at, at + _DIGITS - len(self._frame))
        if match is None:
            return 0
        self._frame += match[0]
        self._last_byte_at_s = self._clock()
        return len(match[0])

    def push(self, byte: int) -> tuple[CardSeen | UnreadableSeen | None, bool]:
        """Take one byte: what it completes, and whether the byte belongs to a tag frame at all."""
        self._last_byte_at_s = self._clock()
        if byte == STX:
            torn = self._frame is not None
            self._frame = bytearray()
            return (self._unreadable("torn") if torn else None), True
        if self._frame is None:
            return None, False
        if byte == ETX:
            return self._complete(), True
        if byte in _HEX and len(self._frame) < _DIGITS:
            self._frame.append(byte)
            return None, True
        if byte in b"\r\n" and len(self._frame) == _DIGITS:
            return None, True
        self._frame = None
        return self._unreadable("torn"), False

    def tick(self) -> list[CardSeen | UnreadableSeen]:
        if self._frame is not None and self._clock() - self._last_byte_at_s >= IDLE_GAP_S:
            self._frame = None
            return [self._unreadable("torn")]
        return []

    def clear(self) -> None:
        self._frame = None

    def _complete(self) -> CardSeen | UnreadableSeen | None:
        frame, self._frame = self._frame or bytearray(), None
        if len(frame) != _DIGITS:
            return self._unreadable("torn")
        if reduce(xor, bytes.fromhex(frame.decode("ascii"))) != 0:
            return self._unreadable("bad_checksum")
        number = frame[:10].decode("ascii").upper()
        return CardSeen(number, entry="tap", reader=self._reader) if self._cards.is_new(number) else None

    def _unreadable(self, reason: str) -> UnreadableSeen:
        return UnreadableSeen(reason, reader=self._reader)
