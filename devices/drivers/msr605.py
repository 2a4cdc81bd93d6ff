"""MSR605, MSR606, MSR206 (DEVICES.md 2.2; MSR605 Programmer's Manual rev. B): commands, answers, and reading cards."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from app.ports.devices import UnreadableSeen
from devices.drivers.asking import Questions
from devices.drivers.reader import MemberCardRule, ReaderEvent, judged
from devices.drivers.tracks import BadStripe, read_stripe

ESC = 0x1B
RESET = b"\x1ba"
COMMUNICATION_TEST = b"\x1be"
READ_ISO = b"\x1br"
READ_RAW = b"\x1bm"
ALIVE = ord("y")
STATUS_OK = 0x30

ANSWER_S = 1.0
SWIPE_WITHIN_S = 20.0  # the device itself waits without limit
IDLE_GAP_S = 0.5

_BLOCK = 0x73
_TEXT = re.compile(rb"[\x20-\x5f]+")
_FS = 0x1C
_END = ord("?")
_EMPTY = 0x2B
_LONGEST_TRACK_BYTES = 255


def write_iso(track_1: str = "", track_2: str = "", track_3: str = "") -> bytes:
    """The command that writes three tracks, given without sentinels; an empty one is left out. Raises ValueError for
    a character that no ISO track holds: an ESC inside would be a command."""
    for track, first in ((track_1, 0x20), (track_2, 0x30), (track_3, 0x30)):
        if any(not first <= ord(character) <= (0x5F if first == 0x20 else 0x3F) for character in track):
            raise ValueError("a character that the track cannot hold")
    tracks = (track_1, track_2, track_3)
    return b"\x1bw\x1bs" + b"".join(_marked(at, track.encode()) for at, track in enumerate(tracks, 1)) + b"?\x1c"


def write_raw(track_1: bytes = b"", track_2: bytes = b"", track_3: bytes = b"") -> bytes:
    """The command that writes packed bits as `devices.drivers.stripe_bits.packed` makes them."""
    tracks = (track_1, track_2, track_3)
    blocks = (_marked(at, bytes((len(track),)) + track) for at, track in enumerate(tracks, 1))
    return b"\x1bn\x1bs" + b"".join(blocks) + b"?\x1c"


def erase(track_1: bool = True, track_2: bool = True, track_3: bool = True) -> bytes:
    """The command that erases tracks. Track 1 alone is 00, as the manual has it. Raises ValueError for none."""
    select = track_1 * 1 | track_2 * 2 | track_3 * 4
    if not select:
        raise ValueError("no track to erase")
    return b"\x1bc" + bytes((0 if select == 1 else select,))


def _marked(number: int, data: bytes) -> bytes:
    return bytes((ESC, number)) + data


@dataclass(frozen=True)
class Answer:
    """`1B code`: a status ("0" is ok), or what a question asked for."""

    code: int


@dataclass(frozen=True)
class Tracks:
    """What a card holds, `status` as the device gives it: ISO text with sentinels, or raw bits; empty if none."""

    tracks: tuple[bytes, bytes, bytes] = field(repr=False)
    status: int = STATUS_OK


@dataclass(frozen=True)
class Broken:
    """A block that does not hold to its form, or broke off."""


Frame = Answer | Tracks | Broken


class _At(Enum):
    START = auto()
    ESCAPE = auto()
    BLOCK = auto()
    MARK = auto()
    LENGTH = auto()
    RAW = auto()
    END = auto()
    STATUS = auto()


class MSR605Frames:
    """Takes answers apart by state: the separators may be data (in raw blocks), and empty tracks may be left out.

    `raw` says which kind of block was asked for.
    """

    def __init__(self, *, raw: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.raw = raw
        self.noise = 0
        self._clock = clock
        self._last_byte_at_s = 0.0
        self._at = _At.START
        self._tracks: list[bytearray] = []
        self._left = 0
        self._ended = False

    @property
    def in_block(self) -> bool:
        """Has a block of tracks begun and not ended?"""
        return self._at not in (_At.START, _At.ESCAPE)

    def feed(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        if data:
            self._last_byte_at_s = self._clock()
        at = 0
        while at < len(data):
            run = self._run_of_text(data, at)
            if run:
                self._tracks[-1] += run
                at += len(run)
                continue
            frame = self._push(data[at])
            at += 1
            if frame is not None:
                frames.append(frame)
        return frames

    def tick(self) -> list[Frame]:
        if self._at is _At.START or self._clock() - self._last_byte_at_s < IDLE_GAP_S:
            return []
        was_block, self._at = self.in_block, _At.START
        return [Broken()] if was_block else []

    def clear(self) -> None:
        self._at = _At.START

    def _run_of_text(self, data: bytes, at: int) -> bytes:
        """What goes into the present track as it stands: byte by byte would be slower and say no more."""
        if self._at is not _At.BLOCK or self.raw or not self._tracks or self._ended:
            return b""
        match = _TEXT.match(data, at, at + _LONGEST_TRACK_BYTES - len(self._tracks[-1]))
        return match[0] if match else b""

    def _push(self, byte: int) -> Frame | None:
        match self._at:
            case _At.START:
                self._at = _At.ESCAPE if byte == ESC else _At.START
                self.noise += byte != ESC
            case _At.ESCAPE:
                return self._escaped(byte)
            case _At.BLOCK:
                return self._in_block(byte)
            case _At.MARK:
                return self._marked(byte)
            case _At.LENGTH:
                self._left = byte
                self._at = _At.RAW if byte else _At.BLOCK
            case _At.RAW:
                self._tracks[-1].append(byte)
                self._left -= 1
                self._at = _At.RAW if self._left else _At.BLOCK
            case _At.END:
                if byte != ESC:
                    return self._broken(byte)
                self._at = _At.STATUS
            case _At.STATUS:
                self._at = _At.START
                return self._complete(byte)
        return None

    def _escaped(self, byte: int) -> Frame | None:
        if byte == ESC:
            return None
        if byte == _BLOCK:
            self._tracks = []
            self._at = _At.BLOCK
            self._ended = False
            return None
        self._at = _At.START
        return Answer(byte)

    def _in_block(self, byte: int) -> Frame | None:
        if byte == ESC and not self._ended:
            self._at = _At.MARK
        elif byte == _FS:
            if not self._take_end():
                return self._broken(byte)
            self._at = _At.END
        elif self.raw or not self._tracks:
            if byte != _END or self._ended:
                return self._broken(byte)
            self._ended = True
        elif 0x20 <= byte <= 0x5F and len(self._tracks[-1]) < _LONGEST_TRACK_BYTES:
            self._tracks[-1].append(byte)
        else:
            return self._broken(byte)
        return None

    def _take_end(self) -> bool:
        """The `?` before FS: in ISO blocks it went into the last track, which may end with one of its own."""
        if self._ended or not self._tracks:
            return self._ended
        last = self._tracks[-1]
        if self.raw or not last.endswith(b"?"):
            return False
        last.pop()
        if last and not last.endswith(b"?"):  # firmware that sends one for both
            last.append(_END)
        return True

    def _marked(self, byte: int) -> Frame | None:
        self._at = _At.BLOCK
        if byte == _EMPTY and self._tracks and not self._tracks[-1]:
            return None  # some firmware says so of an empty track
        if not len(self._tracks) < byte <= 3:
            return self._broken(byte)
        while len(self._tracks) < byte:
            self._tracks.append(bytearray())
        if self.raw:
            self._at = _At.LENGTH
        return None

    def _complete(self, status: int) -> Frame:
        first, second, third = (bytes(track) for track in (*self._tracks, b"", b"", b"")[:3])
        return Tracks((first, second, third), status)

    def _broken(self, byte: int) -> Frame:
        self._at = _At.ESCAPE if byte == ESC else _At.START
        return Broken()


class MSR605Reader:
    """Keeps the device reading: reset, test, read; after `SWIPE_WITHIN_S` without a swipe the same again, which also
    finds out whether it is still there. Track 3 identifies nobody here."""

    def __init__(
        self,
        reader: str = "reader",
        *,
        rule: MemberCardRule | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._rule = rule or MemberCardRule()
        self._frames = MSR605Frames(clock=clock)
        self._questions = Questions(clock=clock)
        self._reads = False
        self._start()

    @property
    def noise(self) -> int:
        return self._frames.noise

    @property
    def pending(self) -> bool:
        return self._frames.in_block or not self._reads

    @property
    def is_silent(self) -> bool:
        return self._questions.is_silent

    def outgoing(self) -> bytes:
        return self._questions.outgoing

    def accepted(self, count: int) -> None:
        self._questions.accepted(count)

    def feed(self, data: bytes) -> list[ReaderEvent]:
        return self._take(self._frames.feed(data))

    def tick(self) -> list[ReaderEvent]:
        events = self._take(self._frames.tick())
        if self._questions.is_overdue and not self._frames.in_block:
            if not self._reads:
                self._questions.unanswered()
            self._start()
        return events

    def clear(self) -> None:
        self._frames.clear()
        self._questions.clear()
        self._start()

    def _start(self) -> None:
        self._reads = False
        self._questions.ask(RESET + COMMUNICATION_TEST, ANSWER_S)

    def _read(self) -> None:
        self._reads = True
        self._questions.ask(READ_ISO, SWIPE_WITHIN_S)

    def _take(self, frames: list[Frame]) -> list[ReaderEvent]:
        events: list[ReaderEvent] = []
        for frame in frames:
            match frame:
                case Answer(code) if code == ALIVE and not self._reads:
                    self._questions.answered()
                    self._read()
                case Tracks() if self._reads:
                    events.append(self._swiped(frame))
                    self._read()
                case Broken() if self._reads:
                    events.append(UnreadableSeen("torn", reader=self._reader))
                    self._start()  # nobody knows whether it still waits for a swipe
                case _:
                    pass  # the answer to something earlier
        return events

    def _swiped(self, seen: Tracks) -> ReaderEvent:
        if seen.status != STATUS_OK:
            return UnreadableSeen("misread", reader=self._reader)
        first, second, third = (track.decode("ascii") for track in seen.tracks)
        if not first and not second:
            return UnreadableSeen("foreign_card" if third else "misread", reader=self._reader)
        if (first and first[0] != "%") or (second and second[0] != ";"):
            return UnreadableSeen("torn", reader=self._reader)
        stripe = read_stripe(first + second)
        if isinstance(stripe, BadStripe) and stripe.reason == "bad_lrc":
            return UnreadableSeen("torn", reader=self._reader)
        return judged(stripe, self._rule, self._reader)
