"""ER302 and other YHY readers of contactless cards (DEVICES.md 2.6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.asking import Questions
from devices.drivers.presence import CardsInField, Confirmed, is_random

BEEP = 0x0106
LED = 0x0107
REQUEST = 0x0201
ANTICOLLISION = 0x0202
SELECT = 0x0203
AUTHENTICATE = 0x0207
READ = 0x0208
WRITE = 0x0209
LONG_IDENTITY = 0x0212  # cards with seven bytes of identity; answered by all seven

REQUEST_ALL = b"\x52"
BEEP_TENTHS = b"\x01"

ANSWER_S = 0.5
REST_S = 0.15
IDLE_GAP_S = 0.1

_HEADER = b"\xaa\xbb"
_CASCADE = 0x88  # "more follows": never the first byte of a whole identity
_LONGEST_BODY_BYTES = 250


@dataclass(frozen=True)
class Reply:
    """`status` 0 is ok; `data` may hold an identity."""

    command: int
    status: int
    data: bytes = field(repr=False)


def framed(command: int, data: bytes = b"", *, node: int = 0, stuffed: bool = False) -> bytes:
    """`AA BB | length lo hi | node 2 | command lo hi | data | XOR from node`; the length counts from node to XOR.

    `stuffed`: some firmware wants a 00 after each AA of the body; the length does not count it.
    """
    body = node.to_bytes(2, "little") + command.to_bytes(2, "little") + data
    body += bytes((reduce(xor, body, 0),))
    sent = body.replace(b"\xaa", b"\xaa\x00") if stuffed else body
    return _HEADER + len(body).to_bytes(2, "little") + sent


class ER302Frames:
    """Cuts a byte stream into bodies (node, command, data; without their XOR). `noise` counts dropped bytes."""

    def __init__(self, *, stuffed: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._stuffed = stuffed
        self._clock = clock
        self._buffer = bytearray()
        self._last_byte_at_s = 0.0
        self._strays = 0
        self.noise = 0

    @property
    def pending(self) -> bool:
        return bool(self._buffer)

    @property
    def is_clean(self) -> bool:
        """Has nothing come since `clear` but whole frames, byte for byte?"""
        return not self._strays and not self._buffer

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        if data:
            self._last_byte_at_s = self._clock()
        bodies: list[bytes] = []
        while self._find_header() and (body := self._body()) is not None:
            if body:
                bodies.append(body)
        return bodies

    def tick(self) -> list[bytes]:
        """To be called when nothing came: a frame that broke off is given up, what is behind its header looked at."""
        if not self._buffer or self._clock() - self._last_byte_at_s < IDLE_GAP_S:
            return []
        self._drop(1)
        return self.feed(b"")

    def clear(self) -> None:
        self._buffer.clear()
        self._strays = 0

    def _drop(self, count: int) -> None:
        self._strays += count
        self.noise += count
        del self._buffer[:count]

    def _find_header(self) -> bool:
        start = self._buffer.find(_HEADER)
        if start < 0:
            self._drop(len(self._buffer) - self._buffer.endswith(_HEADER[:1]))
            return False
        self._drop(start)
        return len(self._buffer) >= 4

    def _body(self) -> bytes | None:
        """The body, `b""` for a broken one whose header was dropped, None if more bytes are needed."""
        length = int.from_bytes(self._buffer[2:4], "little")
        if not 5 <= length <= _LONGEST_BODY_BYTES:
            self._drop(len(_HEADER))
            return b""
        body = bytearray()
        at = 4
        while len(body) < length:
            if at >= len(self._buffer):
                return None
            byte = self._buffer[at]
            at += 1
            body.append(byte)
            if self._stuffed and byte == _HEADER[0]:
                if at >= len(self._buffer):
                    return None
                if self._buffer[at] != 0:  # no stuffing: another frame begins here
                    self._drop(len(_HEADER))
                    return b""
                at += 1
        if reduce(xor, body):
            self._drop(len(_HEADER))
            return b""
        del self._buffer[:at]
        return bytes(body[:-1])


def reply_in(body: bytes) -> Reply | None:
    if len(body) < 5:
        return None
    return Reply(int.from_bytes(body[2:4], "little"), body[4], body[5:])


class ER302Reader:
    """Asks for a card again and again (request, anticollision) and beeps for a new one. A reading counts when it
    comes twice: the checksum is one byte."""

    def __init__(
        self, reader: str = "reader", *, stuffed: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader = reader
        self._stuffed = stuffed
        self._frames = ER302Frames(stuffed=stuffed, clock=clock)
        self._questions = Questions(clock=clock)
        self._cards = CardsInField(clock=clock)
        self._confirmed = Confirmed()
        self._command: int | None = None  # None: rests
        self._ask(REQUEST, REQUEST_ALL)

    @property
    def noise(self) -> int:
        return self._frames.noise

    @property
    def pending(self) -> bool:
        return True  # it is asked several times a second

    @property
    def is_silent(self) -> bool:
        return self._questions.is_silent

    def outgoing(self) -> bytes:
        return self._questions.outgoing

    def accepted(self, count: int) -> None:
        self._questions.accepted(count)

    def feed(self, data: bytes) -> list[CardSeen | UnreadableSeen]:
        return self._take(self._frames.feed(data))

    def tick(self) -> list[CardSeen | UnreadableSeen]:
        events = self._take(self._frames.tick())
        if self._questions.is_overdue:
            if self._command is not None:
                self._questions.unanswered()
                self._confirmed.forget()
            self._ask(REQUEST, REQUEST_ALL)
        return events

    def clear(self) -> None:
        self._frames.clear()
        self._questions.clear()
        self._confirmed.forget()
        self._ask(REQUEST, REQUEST_ALL)

    def _ask(self, command: int, data: bytes = b"") -> None:
        self._command = command
        self._frames.clear()  # what was said before the question is no part of the answer
        self._questions.ask(framed(command, data, stuffed=self._stuffed), ANSWER_S)

    def _rest(self) -> None:
        self._command = None
        self._questions.wait(REST_S)

    def _take(self, bodies: list[bytes]) -> list[CardSeen | UnreadableSeen]:
        events: list[CardSeen | UnreadableSeen] = []
        for body in bodies:
            reply = reply_in(body)
            if reply is not None and reply.command == self._command:  # else: the answer to an earlier question
                self._questions.answered()
                events += self._on_reply(reply)
        return events

    def _on_reply(self, reply: Reply) -> list[CardSeen | UnreadableSeen]:
        if reply.command == BEEP:
            self._rest()
        elif reply.status != 0:
            self._confirmed.forget()
            self._rest()
        elif reply.command == REQUEST:
            self._ask(ANTICOLLISION)
        elif reply.command == ANTICOLLISION and len(reply.data) == 4:
            if reply.data[0] == _CASCADE:
                self._ask(LONG_IDENTITY)
            else:
                return self._identified(reply.data)
        elif reply.command == LONG_IDENTITY and len(reply.data) == 7:
            return self._identified(reply.data)
        else:
            self._confirmed.forget()
            self._rest()
        return []

    def _identified(self, identity: bytes) -> list[CardSeen | UnreadableSeen]:
        card = identity.hex().upper()
        confirmed = self._confirmed.is_sure(card, clean=self._frames.is_clean)
        if is_random(identity):
            self._rest()
            new = self._cards.is_new("random")
            return [UnreadableSeen("random_identity", reader=self._reader)] if new else []
        if not confirmed:
            self._ask(REQUEST, REQUEST_ALL)
            return []
        if not self._cards.is_new(card):
            self._rest()
            return []
        self._ask(BEEP, BEEP_TENTHS)
        return [CardSeen(card, entry="tap", reader=self._reader)]
