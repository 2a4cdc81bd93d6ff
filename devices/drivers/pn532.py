"""PN532 over HSU as a reader of contactless cards (DEVICES.md 2.5; NXP UM0701-02)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.asking import Questions
from devices.drivers.presence import CardsInField, Confirmed, is_random

WAKE = b"\x55\x55" + bytes(15)
ACK = bytes.fromhex("00 00 FF 00 FF 00")
NACK = bytes.fromhex("00 00 FF FF 00 00")
ERROR = bytes.fromhex("00 00 FF 01 FF 7F 81 00")

FROM_HOST = 0xD4
FROM_CHIP = 0xD5
GET_FIRMWARE = 0x02
SAM_CONFIGURATION = 0x14
IN_DATA_EXCHANGE = 0x40
IN_LIST_PASSIVE_TARGET = 0x4A

NORMAL_MODE = bytes.fromhex("01 14 01")  # no SAM, 1 s time-out, IRQ pin used
ONE_TYPE_A = bytes.fromhex("01 00")  # one target, 106 kbit/s type A

ANSWER_S = 0.5
LIST_FOR_S = 1.0  # how long a card may be waited for before the question is asked anew: this finds a dead chip
REST_S = 0.1
IDLE_GAP_S = 0.1
ASK_AGAIN_AT_MOST = 2

_START = b"\x00\x00\xff"  # preamble and start code
_SAK_UID_NOT_COMPLETE = 0x04
_UID_BYTES = {0x00: 4, 0x40: 7, 0x80: 10}  # by the two size bits of SENS_RES


@dataclass(frozen=True)
class Acknowledged:
    pass


@dataclass(frozen=True)
class NotAcknowledged:
    pass


@dataclass(frozen=True)
class ApplicationError:
    """The chip did not understand the command itself."""


@dataclass(frozen=True)
class Broken:
    """A frame with a wrong checksum, or one that broke off."""


@dataclass(frozen=True)
class Data:
    """`command` is the code as sent; in an answer the chip sends it plus one. `payload` may hold an identity."""

    command: int
    payload: bytes = field(repr=False)


Frame = Acknowledged | NotAcknowledged | ApplicationError | Broken | Data


def framed(direction: int, command: int, payload: bytes = b"") -> bytes:
    """A normal information frame; `direction` is FROM_HOST or FROM_CHIP."""
    body = bytes((direction, command)) + payload
    length = len(body)
    return (
        bytes((0x00, 0x00, 0xFF, length, -length & 0xFF)) + body + bytes((-sum(body) & 0xFF, 0x00))  # LCS … DCS
    )


def asked(command: int, payload: bytes = b"") -> bytes:
    return framed(FROM_HOST, command, payload)


class PN532Frames:
    """Cuts a byte stream into frames and finds the next start after anything broken. `noise` counts dropped bytes."""

    def __init__(self, direction: int = FROM_CHIP, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._direction = direction
        self._clock = clock
        self._buffer = bytearray()
        self._last_byte_at_s = 0.0
        self._strays = 0
        self.noise = 0

    @property
    def pending(self) -> bool:
        return len(self._buffer) > 2

    @property
    def is_clean(self) -> bool:
        """Has nothing come since `clear` but whole frames, byte for byte?"""
        return not self._strays and not self._buffer

    def feed(self, data: bytes) -> list[Frame]:
        self._buffer += data
        if data:
            self._last_byte_at_s = self._clock()
        frames: list[Frame] = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def tick(self) -> list[Frame]:
        """To be called when nothing came: a frame that broke off is given up."""
        if not self._buffer or self._clock() - self._last_byte_at_s < IDLE_GAP_S:
            return []
        began = self._buffer.startswith(_START)
        self._drop(len(_START) if began else len(self._buffer))
        return [Broken(), *self.feed(b"")] if began else []

    def clear(self) -> None:
        self._buffer.clear()
        self._strays = 0

    def _drop(self, count: int) -> None:
        self._strays += count
        self.noise += sum(byte != 0 for byte in self._buffer[:count])  # zeros are preamble and padding
        del self._buffer[:count]

    def _next(self) -> Frame | None:
        buffer = self._buffer
        start = buffer.find(_START)
        if start < 0:
            kept = 2 if buffer.endswith(_START[:2]) else 1 if buffer.endswith(_START[:1]) else 0
            self._drop(len(buffer) - kept)
            return None
        self._drop(start)
        if len(buffer) < 6:
            return None
        length, check = buffer[3], buffer[4]
        if (length, check) in ((0x00, 0xFF), (0xFF, 0x00)):
            del buffer[:6]
            return Acknowledged() if length == 0 else NotAcknowledged()
        if (length + check) & 0xFF or length == 0:
            self._drop(len(_START))
            return Broken()
        whole = len(_START) + 2 + length + 2
        if len(buffer) < whole:
            return None
        body, postamble = bytes(buffer[5 : whole - 1]), buffer[whole - 1]
        if sum(body) & 0xFF or postamble != 0:
            self._drop(len(_START))
            return Broken()
        del buffer[:whole]
        if length == 1 and body[0] == 0x7F:
            return ApplicationError()
        if length < 2 or body[0] != self._direction:
            return Broken()
        return Data(body[1] - (1 if self._direction == FROM_CHIP else 0), body[2:-1])


class PN532Reader:
    """Asks for one card again and again; a card that lies there is one tap until it was away for a second.

    What it says about a card counts when it says it again: its checksum is one byte, and a lost zero may pass it.
    """

    def __init__(self, reader: str = "reader", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._frames = PN532Frames(clock=clock)
        self._questions = Questions(clock=clock)
        self._cards = CardsInField(clock=clock)
        self._confirmed = Confirmed()
        self._does = "wakes"  # wakes | lists | rests
        self._command = b""
        self._asked_again = 0
        self._acknowledged = False
        self._wake()

    @property
    def noise(self) -> int:
        return self._frames.noise

    @property
    def pending(self) -> bool:
        """Is an answer due soon, so that `tick` should come soon?"""
        return self._frames.pending or self._does != "lists" or not self._acknowledged

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
            self._overdue()
        return events

    def clear(self) -> None:
        """The port was opened anew; the chip may be asleep."""
        self._frames.clear()
        self._questions.clear()
        self._wake()

    def _wake(self) -> None:
        self._does = "wakes"
        self._confirmed.forget()
        self._ask(asked(SAM_CONFIGURATION, NORMAL_MODE), before=WAKE)

    def _list(self, before: bytes = b"") -> None:
        self._does = "lists"
        self._ask(asked(IN_LIST_PASSIVE_TARGET, ONE_TYPE_A), before=before)

    def _rest(self) -> None:
        self._does = "rests"
        self._questions.wait(REST_S)

    def _ask(self, command: bytes, before: bytes = b"") -> None:
        self._command = command
        self._asked_again = 0
        self._acknowledged = False
        self._send(before + command)

    def _send(self, data: bytes) -> None:
        """What was said before the question is no part of the answer: half a frame and a new one could make a third."""
        self._frames.clear()
        self._questions.ask(data, ANSWER_S)

    def _overdue(self) -> None:
        if self._does == "rests":
            self._questions.answered()
            self._list()
        elif self._does == "lists" and self._acknowledged:
            # No card: the chip waits on. An ACK ends that, and the next acknowledgement proves that it lives.
            self._questions.answered()
            self._confirmed.forget()
            self._list(before=ACK)
        else:
            self._questions.unanswered()
            self._wake()

    def _take(self, frames: list[Frame]) -> list[CardSeen | UnreadableSeen]:
        events: list[CardSeen | UnreadableSeen] = []
        for frame in frames:
            match frame:
                case Acknowledged():
                    self._on_acknowledged()
                case NotAcknowledged():
                    self._again(self._command)
                case ApplicationError():
                    self._on_error()
                case Broken():
                    self._again(NACK if self._acknowledged else self._command)
                case Data(command, payload):
                    events += self._on_data(command, payload)
        return events

    def _on_acknowledged(self) -> None:
        if self._does == "rests" or self._acknowledged:
            return
        self._acknowledged = True
        self._questions.answered()
        self._questions.wait(LIST_FOR_S if self._does == "lists" else ANSWER_S)

    def _on_error(self) -> None:
        self._questions.answered()
        if self._does == "wakes":
            self._questions.wait(ANSWER_S)  # then it is woken again; at once would be for ever
            self._acknowledged = False
        else:
            self._rest()

    def _again(self, what: bytes) -> None:
        """Once more, but not for ever: a line that garbles everything is left to the time-out."""
        if self._does == "rests" or self._asked_again >= ASK_AGAIN_AT_MOST:
            return
        self._asked_again += 1
        self._send(what)

    def _on_data(self, command: int, payload: bytes) -> list[CardSeen | UnreadableSeen]:
        if command == SAM_CONFIGURATION and self._does == "wakes":
            self._questions.answered()
            self._list()
        elif command == IN_LIST_PASSIVE_TARGET and self._does == "lists" and self._acknowledged:
            self._questions.answered()
            return self._listed(payload)
        return []  # the answer to an earlier question

    def _listed(self, payload: bytes) -> list[CardSeen | UnreadableSeen]:
        identity = identity_listed(payload)
        card = None if identity is None else identity.hex().upper()
        confirmed = self._confirmed.is_sure(card, clean=self._frames.is_clean)
        if identity is None or card is None:
            self._rest()
            return []
        if is_random(identity):
            self._rest()
            new = self._cards.is_new("random")
            return [UnreadableSeen("random_identity", reader=self._reader)] if new else []
        if not confirmed:
            self._list()
            return []
        self._rest()
        return [CardSeen(card, entry="tap", reader=self._reader)] if self._cards.is_new(card) else []


def identity_listed(payload: bytes) -> bytes | None:
    """The identity (4, 7 or 10 bytes) in the answer to InListPassiveTarget for one type A card; None if it names
    no card, or contradicts itself."""
    if len(payload) < 6 or payload[0] != 1 or payload[1] != 1:
        return None
    sens_low, sel_res, length = payload[3], payload[4], payload[5]
    if sel_res & _SAK_UID_NOT_COMPLETE or _UID_BYTES.get(sens_low & 0xC0) != length:
        return None
    identity, rest = payload[6 : 6 + length], payload[6 + length :]
    if len(identity) != length or (rest and rest[0] != len(rest)):  # the rest is an ATS, which says its own length
        return None
    return identity
