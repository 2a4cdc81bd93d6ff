"""Boxes that turn Wiegand into lines of text (DEVICES.md 2.4): bits with parity, decimal, or hex."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.lines import Line, LineFrames
from devices.drivers.presence import CardsInField
from devices.drivers.reader import Listening

FORMS = ("bits", "decimal", "hex")

_BITS = re.compile(r"[01]{26}|[01]{34}")
_FACILITY = re.compile(r"(?P<facility>\d{1,3}),(?P<number>\d{5})")
_DECIMAL = re.compile(r"\d{10}")
_FACILITY_AND_NUMBER = re.compile(r"(?P<facility>\d{3})(?P<number>\d{5})")
_HEX = re.compile(r"[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}")
_HEX_WITH_PARITY = re.compile(r"[0-9A-Fa-f]{7}|[0-9A-Fa-f]{9}")


def printed(value: int) -> str:
    """The number as it is printed on the tag: ten digits."""
    return f"{value:010d}"


def bits_of(value: int, length: int) -> str:
    """A Wiegand frame of 26 or 34 bits around 24 or 32 bits of data: even parity of the first half in front, odd
    parity of the second behind."""
    data = f"{value:0{length - 2}b}"
    half = len(data) // 2
    return f"{data[:half].count('1') % 2}{data}{(data[half:].count('1') + 1) % 2}"


def value_of(bits: str) -> int | None:
    """The data of a frame of 26 or 34 bits; None if a parity bit is wrong."""
    value = int(bits[1:-1], 2)
    return value if bits_of(value, len(bits)) == bits else None


class WiegandLines(Listening):
    """One line, one tag, as the number printed on it. `form` is one of `FORMS`: eight digits are decimal or hex, and
    only who set the box up knows which."""

    def __init__(self, reader: str = "reader", *, form: str, clock: Callable[[], float] = time.monotonic) -> None:
        if form not in FORMS:
            raise ValueError(form)
        self._reader = reader
        self._form = form
        self._lines = LineFrames(clock=clock)
        self._cards = CardsInField(clock=clock)

    @property
    def pending(self) -> bool:
        return self._lines.pending

    def feed(self, data: bytes) -> list[CardSeen | UnreadableSeen]:
        return self._take(self._lines.feed(data))

    def tick(self) -> list[CardSeen | UnreadableSeen]:
        return self._take(self._lines.tick())

    def clear(self) -> None:
        self._lines.clear()

    def _take(self, lines: list[Line]) -> list[CardSeen | UnreadableSeen]:
        events: list[CardSeen | UnreadableSeen] = []
        for line in lines:
            value = None if line.too_long else self._value(line.data.decode("latin-1").strip(" "))
            if isinstance(value, str):
                events.append(UnreadableSeen(value, reader=self._reader))
            elif value is None:
                events.append(UnreadableSeen("too_long" if line.too_long else "torn", reader=self._reader))
            elif self._cards.is_new(number := printed(value)):
                events.append(CardSeen(number, entry="tap", reader=self._reader))
        return events

    def _value(self, text: str) -> int | str | None:
        """The tag's value; None if the line has another form; a reason if its check failed."""
        if not text.isascii():
            return None
        if self._form == "bits" and _BITS.fullmatch(text):
            value = value_of(text)
            return "bad_checksum" if value is None else value
        if self._form == "decimal":
            if _DECIMAL.fullmatch(text):
                return int(text) if int(text) < 1 << 32 else None
            match = _FACILITY.fullmatch(text) or _FACILITY_AND_NUMBER.fullmatch(text)
            if match is None:
                return None
            facility, number = int(match["facility"]), int(match["number"])
            return facility << 16 | number if facility < 1 << 8 and number < 1 << 16 else None
        if self._form == "hex":
            if _HEX.fullmatch(text):
                return int(text, 16)
            if _HEX_WITH_PARITY.fullmatch(text):
                length = 26 if len(text) == 7 else 34
                bits = f"{int(text, 16):0{length}b}"
                value = value_of(bits) if len(bits) == length else None
                return "bad_checksum" if value is None else value
        return None
