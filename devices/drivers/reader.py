"""The reader at the counter: swiped cards, scanned codes and tapped tags on one serial line, told apart."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from stdnum import ean, luhn

from app.ports.devices import BankCardSeen, CardSeen, UnreadableSeen
from devices.drivers.em4100 import STX, EM4100Frames
from devices.drivers.lines import Line, LineFrames
from devices.drivers.tracks import BadStripe, Stripe, is_swipe, read_stripe

ReaderEvent = CardSeen | BankCardSeen | UnreadableSeen

SAME_CODE_S = 0.8
TORN_SWIPE_S = 0.5

# What EM4100 readers type in line mode: the number printed on the tag, or its Wiegand form.
TYPED_TAG = r"0\d{9}|\d{3},\d{5}"

_AIM_ID = re.compile(r"\][A-Za-z][0-9A-Fa-f]")
_EAN_13 = "]E0"
_EAN_8 = "]E4"
_GS1_SEPARATOR = "\x1d"


@dataclass(frozen=True)
class MemberCardRule:
    """How this mall's card numbers look: a prefix no bank uses, a length, and a Luhn check digit at the end."""

    prefix: str = "99"
    digits: int = 16

    def claims(self, number: str) -> bool:
        """Is it meant to be one of ours? Whether it is correct is another question."""
        return len(number) == self.digits and _is_digits(number) and number.startswith(self.prefix)


class Reader(Protocol):
    """A reader's protocol, without port or thread: `feed` what came, `tick` when nothing did, send `outgoing`."""

    @property
    def pending(self) -> bool:
        """Should `tick` come soon?"""

    @property
    def is_silent(self) -> bool:
        """Was it asked several times and never answered?"""

    @property
    def noise(self) -> int:
        """Bytes that belonged to nothing."""

    def outgoing(self) -> bytes: ...
    def accepted(self, count: int) -> None: ...
    def feed(self, data: bytes) -> Sequence[ReaderEvent]: ...
    def tick(self) -> Sequence[ReaderEvent]: ...
    def clear(self) -> None:
        """The port was opened anew."""


class Listening:
    """What a reader is that only speaks and is never spoken to."""

    is_silent = False
    noise = 0

    def outgoing(self) -> bytes:
        return b""

    def accepted(self, count: int) -> None:
        """Nothing is ever sent."""


class CounterReader(Listening):
    """A serial line reader: `feed` what came, `tick` when nothing did; each reading comes out once.

    A payment card comes out as `BankCardSeen`, which holds no number; anything broken as `UnreadableSeen`. No bytes
    whatever raise.
    """

    def __init__(
        self,
        reader: str = "reader",
        *,
        rule: MemberCardRule | None = None,
        prefix: bytes = b"",
        suffix: bytes = b"",
        tag_pattern: str | None = TYPED_TAG,
        has_tags: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._rule = rule or MemberCardRule()
        self._prefix = prefix
        self._suffix = suffix
        self._tag = re.compile(tag_pattern) if tag_pattern else None
        self._clock = clock
        self._has_tags = has_tags
        self._lines = LineFrames(clock=clock)
        self._tags = EM4100Frames(reader, clock=clock)
        self._last: ReaderEvent | None = None
        self._last_at_s = 0.0
        self._good_swipe_at_s = float("-inf")
        self._torn_swipe_at_s = float("-inf")
        self._broken_track: UnreadableSeen | None = None
        self._broken_track_at_s = 0.0

    @property
    def pending(self) -> bool:
        """Is anything half read, so that `tick` should come soon?"""
        return self._lines.pending or self._tags.inside or self._broken_track is not None

    def feed(self, data: bytes) -> list[ReaderEvent]:
        events: list[ReaderEvent] = []
        text = bytearray()
        for byte in data:
            if (byte == STX and self._has_tags) or self._tags.inside:
                events += self._take_lines(self._lines.feed(bytes(text)))
                text.clear()
                event, is_tag = self._tags.push(byte)
                if event is not None:
                    events.append(event)
                if is_tag:
                    self._lines.clear()
                    continue
            text.append(byte)
        return events + self._take_lines(self._lines.feed(bytes(text)))

    def tick(self) -> list[ReaderEvent]:
        events: list[ReaderEvent] = list(self._tags.tick())
        events += self._take_lines(self._lines.tick())
        if self._broken_track is not None and self._clock() - self._broken_track_at_s >= 0.1:
            events.append(self._broken_track)
            self._broken_track = None
        return events

    def clear(self) -> None:
        """The port was opened anew: halves of frames from before are gone."""
        self._lines.clear()
        self._tags.clear()
        self._broken_track = None

    def _take_lines(self, lines: list[Line]) -> list[ReaderEvent]:
        events: list[ReaderEvent] = []
        for line in lines:
            event = self._read(line)
            if event is not None and not self._is_repeated(event):
                events.append(event)
        return events

    def _read(self, line: Line) -> ReaderEvent | None:
        if line.too_long:
            return self._unreadable("too_long")
        text = line.data.decode("latin-1")
        if is_swipe(text):
            return self._swiped(text)
        if self._clock() - self._torn_swipe_at_s < TORN_SWIPE_S:
            return None  # the rest of a swipe that broke off: perhaps digits of a bank card
        return self._scanned(line.data)

    def _swiped(self, text: str) -> ReaderEvent | None:
        now_s = self._clock()
        event = judged(read_stripe(text), self._rule, self._reader)
        if isinstance(event, UnreadableSeen):
            if event.reason == "torn":
                self._torn_swipe_at_s = now_s
            # Readers send each track as its own line, and one good track is enough: wait a moment for the others.
            if now_s - self._good_swipe_at_s >= SAME_CODE_S and self._broken_track is None:
                self._broken_track, self._broken_track_at_s = event, now_s
            return None
        self._broken_track = None
        self._good_swipe_at_s = now_s
        return event

    def _scanned(self, data: bytes) -> ReaderEvent | None:
        if self._prefix and not data.startswith(self._prefix):
            return self._unreadable("wrong_prefix")
        data = data.removeprefix(self._prefix)
        if self._suffix:
            data = data.removesuffix(self._suffix)
        text = _decoded(data)
        if text is None or any((ord(c) < 0x20 and c != _GS1_SEPARATOR) or c == "\x7f" for c in text):
            return self._unreadable("not_text")
        symbology = ""
        if _AIM_ID.match(text):
            symbology, text = text[:3], text[3:]
        text = text.strip(" ")
        if not text:
            return None
        is_ean = len(text) == 13 and _is_digits(text) and ean.is_valid(text)
        if symbology == _EAN_13 and not is_ean:
            return self._unreadable("check_digit")
        if symbology == _EAN_8 and not (len(text) == 8 and _is_digits(text) and ean.is_valid(text)):
            return self._unreadable("check_digit")
        if self._rule.claims(text):
            return self._card(text) if luhn.is_valid(text) else self._unreadable("check_digit")
        is_goods = is_ean and (symbology == _EAN_13 or text.startswith("69"))
        if not is_goods and _is_bank_card(text.replace(" ", "").replace("-", "")):
            return BankCardSeen(self._reader)
        if self._tag is not None and self._tag.fullmatch(text):
            return CardSeen(text, entry="tap", reader=self._reader)
        return self._card(text)

    def _card(self, text: str) -> CardSeen:
        return CardSeen(text, entry="scan", reader=self._reader)

    def _is_repeated(self, event: ReaderEvent) -> bool:
        """A card's second track, or a scanner that reads on and on: the same thing seen again at once."""
        now_s = self._clock()
        repeated = _same(event, self._last) and now_s - self._last_at_s < SAME_CODE_S
        self._last, self._last_at_s = event, now_s
        return repeated

    def _unreadable(self, reason: str) -> UnreadableSeen:
        return UnreadableSeen(reason, reader=self._reader)


def judged(stripe: Stripe | BadStripe, rule: MemberCardRule, reader: str) -> ReaderEvent:
    """Whose card was swiped: ours, a payment card, or nobody's."""
    if isinstance(stripe, BadStripe):
        return UnreadableSeen(stripe.reason, reader=reader)
    if rule.claims(stripe.number):
        if luhn.is_valid(stripe.number):
            return CardSeen(stripe.number, card_code=stripe.card_code, reader=reader)
        return UnreadableSeen("check_digit", reader=reader)
    if _is_bank_card(stripe.number):
        return BankCardSeen(reader)
    # Possibly a payment card misread by one digit: not even then does its number go on.
    return UnreadableSeen("foreign_card", reader=reader)


def described(event: ReaderEvent) -> str:
    """A line for the diagnostics page: says what was seen, never enough to use it."""
    if isinstance(event, BankCardSeen):
        return "bank card, refused"
    if isinstance(event, UnreadableSeen):
        return f"unreadable: {event.reason}"
    if event.entry == "scan" and not _is_digits(event.number):
        return f"scan {event.number[:3]}… ({len(event.number)} characters)"
    return f"{event.entry} ****{event.number[-4:]}" if len(event.number) > 8 else f"{event.entry} ****"


def _same(event: ReaderEvent, earlier: ReaderEvent | None) -> bool:
    if isinstance(event, CardSeen) and isinstance(earlier, CardSeen):
        return (event.number, event.entry) == (earlier.number, earlier.entry)
    return event == earlier


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_bank_card(number: str) -> bool:
    """DEVICES.md 3: 13 to 19 digits, Luhn, first digit 3 to 6."""
    return 13 <= len(number) <= 19 and _is_digits(number) and number[0] in "3456" and luhn.is_valid(number)
