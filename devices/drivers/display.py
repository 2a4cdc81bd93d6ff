"""Customer displays: two lines of text, or one number with lamps (DEVICES.md 2.8).

The command strings are common practice and no maker's promise; they stand in the profile.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from app.ports.devices import DeviceState

STALLED_AFTER_S = 5.0

_CR = b"\r"
_LAMPS = {"off": b"0", "price": b"1", "total": b"2", "received": b"3", "change": b"4"}
_WORDS = {
    "price": ("单价", "PRICE"),
    "total": ("合计", "TOTAL"),
    "received": ("实收", "RECEIVED"),
    "change": ("找零", "CHANGE"),
}


@dataclass(frozen=True)
class DisplayProfile:
    """`columns` of ASCII characters; a Chinese one takes two. `chinese`: it has a GB18030 font (two-byte codes only).

    `numbers_only`: an LED8 display shows a number and lights a lamp. `before` and `after` go around each message where
    the display hangs behind a printer, on a port of its own or on the printer's.
    """

    name: str
    columns: int = 20
    chinese: bool = False
    numbers_only: bool = False
    initialise: bytes = b"\x1b@"
    clear: bytes = b"\x0c"
    upper: bytes = b"\x1bQA"
    lower: bytes = b"\x1bQB"
    lamp: bytes = b"\x1bs"
    baudrate: int = 9600
    before: bytes = b""
    after: bytes = b""

    @property
    def is_behind_printer(self) -> bool:
        return bool(self.before)


_BEHIND_PRINTER = (b"\x1b=\x02", b"\x1b=\x01")

DISPLAYS: dict[str, DisplayProfile] = {
    profile.name: profile
    for profile in (
        DisplayProfile("cd5220"),
        DisplayProfile("cd5220-gb18030", chinese=True),
        DisplayProfile("cd5220-2400", baudrate=2400),
        DisplayProfile("cd5220-behind-printer", before=_BEHIND_PRINTER[0], after=_BEHIND_PRINTER[1]),
        DisplayProfile(
            "cd5220-gb18030-behind-printer", chinese=True, before=_BEHIND_PRINTER[0], after=_BEHIND_PRINTER[1]
        ),
        DisplayProfile("led8", columns=8, numbers_only=True),
        DisplayProfile("led8-2400", columns=8, numbers_only=True, baudrate=2400),
    )
}


@dataclass(frozen=True)
class _Shown:
    """What the member should see. It may name them: never logged."""

    upper: str = field(default="", repr=False)
    lower: str = field(default="", repr=False)
    latin: tuple[str, str] | None = field(default=None, repr=False)
    fen: int | None = None
    kind: str = ""


class DisplayTalk:
    """Sends the newest text; one that a newer has overtaken is never sent. A message that has begun is ended first."""

    def __init__(self, profile: DisplayProfile, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.needs_reopening = False
        self._profile = profile
        self._clock = clock
        self._open = False
        self._cause: str | None = None
        self._wanted = _Shown()
        self._is_new = False
        self._out = b""
        self._moved_at_s = 0.0
        self._noise = 0
        self._log: list[str] = []

    def show(self, upper: str, lower: str = "", latin: tuple[str, str] | None = None) -> None:
        self._want(_Shown(upper, lower, latin))

    def show_amount(self, fen: int, kind: str = "total") -> None:
        """Raises KeyError for a kind that no display has."""
        chinese, latin = _WORDS[kind]
        amount = f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
        self._want(
            _Shown(
                _spread(chinese, amount, self._profile.columns),
                latin=(_spread(latin, amount, self._profile.columns), ""),
                fen=fen,
                kind=kind,
            )
        )

    def clear(self) -> None:
        self._want(_Shown())

    # Talk

    @property
    def state(self) -> tuple[DeviceState, str | None]:
        if not self._open:
            return DeviceState.OFFLINE, self._cause
        if self._out and self._clock() - self._moved_at_s >= STALLED_AFTER_S:
            return DeviceState.DEGRADED, "display.stalled"
        return DeviceState.ONLINE, None

    @property
    def is_busy(self) -> bool:
        return False

    @property
    def noise(self) -> int:
        return self._noise

    def opened(self) -> None:
        self._open = True
        self._out = self._wrapped(self._profile.initialise)
        self._moved_at_s = self._clock()
        self._is_new = True

    def closed(self, cause: str) -> None:
        self._open, self._cause = False, cause

    def outgoing(self) -> bytes:
        if self._open and not self._out and self._is_new:
            self._is_new = False
            self._out = self._wrapped(self._message(self._wanted))
            self._moved_at_s = self._clock()
            self._log.append(f"> {len(self._out)} bytes")
        return self._out

    def accepted(self, count: int, *, exact: bool = True) -> None:
        if count:
            self._moved_at_s = self._clock()
        self._out = self._out[count:]
        if not exact:  # it may stand in the middle of a command: from the beginning
            self.opened()

    def in_flight(self, count: int) -> None:
        """Nothing waits for the last byte."""

    def received(self, data: bytes) -> None:
        self._noise += len(data)

    def tick(self) -> None:
        """Nothing is waited for."""

    def take_calls(self) -> list[Callable[[], None]]:
        return []

    def take_log(self) -> list[str]:
        log, self._log = self._log, []
        return log

    # What goes out

    def _want(self, shown: _Shown) -> None:
        self._wanted = shown
        self._is_new = True

    def _wrapped(self, message: bytes) -> bytes:
        return self._profile.before + message + self._profile.after

    def _message(self, shown: _Shown) -> bytes:
        profile = self._profile
        if profile.numbers_only:
            return self._number(shown)
        lines = (shown.upper, shown.lower)
        if not profile.chinese and shown.latin is not None:
            lines = shown.latin
        if not any(lines):
            return profile.clear
        upper, lower = (_encoded(line, profile) for line in lines)
        return profile.upper + upper + _CR + profile.lower + lower + _CR

    def _number(self, shown: _Shown) -> bytes:
        profile = self._profile
        if shown.fen is None:
            return profile.clear + profile.lamp + _LAMPS["off"]
        amount = f"{'-' if shown.fen < 0 else ''}{abs(shown.fen) // 100}.{abs(shown.fen) % 100:02d}"
        if len(amount) - 1 > profile.columns:  # the point has no place of its own
            return profile.clear + profile.lamp + _LAMPS["off"]
        return profile.upper + amount.encode("ascii") + _CR + profile.lamp + _LAMPS[shown.kind]


def _encoded(line: str, profile: DisplayProfile) -> bytes:
    """Exactly `columns` bytes. Never anything that could be a command: no byte below 0x20 is left."""
    sent = b""
    for character in unicodedata.normalize("NFKC" if not profile.chinese else "NFC", line):
        code = _code(character, profile)
        if len(sent) + len(code) > profile.columns:
            break
        sent += code
    return sent.ljust(profile.columns)


def _code(character: str, profile: DisplayProfile) -> bytes:
    if " " <= character <= "~":
        return character.encode("ascii")
    if not profile.chinese:
        return {"¥": b"Y", "￥": b"Y", "→": b">", "…": b"."}.get(character, b"")
    try:  # GBK is GB18030's two-byte part: the fonts of displays have no more
        code = ("￥" if character == "¥" else character).encode("gbk")
    except UnicodeEncodeError:
        return b""
    return code if len(code) == 2 else b""


def _spread(word: str, amount: str, columns: int) -> str:
    wide = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in word)
    return word + " " * max(1, columns - wide - len(amount)) + amount
