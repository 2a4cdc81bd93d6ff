"""An MSR605 on its serial line: reads, writes and erases simulated stripes (DEVICES.md 2.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from devices.drivers.msr605 import ESC
from devices.drivers.stripe_bits import packed, reversed_bits, unpacked

OK = b"\x1b0"
READ_OR_WRITE_ERROR = b"\x1b1"
FORMAT_ERROR = b"\x1b2"
INVALID_COMMAND = b"\x1b4"
BAD_SWIPE = b"\x1b9"
FAILED = b"\x1bA"

_SENTINELS = ("%", ";", ";")
_ERASES = {0: (0,), 1: (0,), 2: (1,), 4: (2,), 3: (0, 1), 5: (0, 2), 6: (1, 2), 7: (0, 1, 2)}


@dataclass
class StripeCard:
    """The packed bits of three tracks. `hi_co` cards take only strong writing."""

    tracks: list[bytes] = field(default_factory=lambda: [b"", b"", b""])
    hi_co: bool = True

    @classmethod
    def of(cls, track_1: str = "", track_2: str = "", track_3: str = "") -> StripeCard:
        """Tracks given with their sentinels."""
        texts = (track_1, track_2, track_3)
        return cls([packed(text, at) if text else b"" for at, text in enumerate(texts, 1)])

    def text(self, number: int) -> str | None:
        """Track `number` (1 to 3) with its sentinels; None if empty or unreadable."""
        return unpacked(self.tracks[number - 1], number)


class _Waits(Enum):
    NOTHING = auto()
    READ_ISO = auto()
    READ_RAW = auto()
    WRITE = auto()
    ERASE = auto()
    SENSOR = auto()


class MSR605Model:
    """`feed` what the host sends, `swipe` cards; what it says comes from both (`replies` after a swipe).

    `write_fails_next`: the next swipe for writing is too slow. `next_write_says`: with which status the next writing
    ends, as ASCII ("1", "2", "4", "9", "A"); the card then holds half of it. `writes_wrong`: the writing is said to be
    well, but only reading back finds that it was not. `at_head`: the card that a machine's transport passes over the
    head as often as it is asked.
    """

    def __init__(self, *, empty_marker: bytes = b"") -> None:
        self.hi_co = True
        self.write_fails_next = False
        self.writes_wrong = False
        self.next_write_says = ""
        self.at_head: StripeCard | None = None
        self._empty_marker = empty_marker  # b"\x1b+": firmware that says so of an empty track
        self._said = b""
        self.power_cycle()

    def power_cycle(self) -> None:
        self.lights = "green"
        self.bits_per_inch = {1: 0xA1, 2: 0x4B, 3: 0xC1}
        self.bits_per_character = (7, 5, 5)
        self.leading_zeros = (0x3D, 0x16)
        self._command = bytearray()
        self._waits = _Waits.NOTHING
        self._to_write: dict[int, bytes] = {}
        self._to_erase: tuple[int, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Is a command waiting for a swipe?"""
        return self._waits is not _Waits.NOTHING

    def feed(self, data: bytes) -> bytes:
        for byte in data:
            self._command.append(byte)
            self._obey()
        return self.replies()

    def replies(self) -> bytes:
        said, self._said = self._said, b""
        return said

    def swipe(self, card: StripeCard) -> None:
        waits, self._waits = self._waits, _Waits.NOTHING
        match waits:
            case _Waits.READ_ISO:
                self._said += self._iso(card)
            case _Waits.READ_RAW:
                blocks = (bytes((ESC, at, len(track))) + reversed_bits(track) for at, track in _numbered(card.tracks))
                self._said += b"\x1bs" + b"".join(blocks) + b"?\x1c" + OK
            case _Waits.WRITE:
                self._said += self._write(card)
            case _Waits.ERASE:
                for at in self._to_erase:
                    card.tracks[at] = b""
                self._said += OK
            case _Waits.SENSOR:
                self._said += OK
            case _Waits.NOTHING:
                pass

    def _iso(self, card: StripeCard) -> bytes:
        said, status = b"\x1bs", OK
        for at, track in _numbered(card.tracks):
            text = unpacked(track, at) if track else ""
            if text is None:
                text, status = "", READ_OR_WRITE_ERROR
            said += bytes((ESC, at)) + (text.encode("ascii") or self._empty_marker)
        return said + b"?\x1c" + status

    def _write(self, card: StripeCard) -> bytes:
        if self.write_fails_next:
            self.write_fails_next = False
            return BAD_SWIPE
        if self.next_write_says:
            says, self.next_write_says = self.next_write_says, ""
            card.tracks = [track[: len(track) // 2] for track in card.tracks]
            return bytes((ESC, ord(says)))
        if card.hi_co and not self.hi_co:
            return OK  # too weak to change anything: only reading back finds that
        for at, track in self._to_write.items():
            card.tracks[at - 1] = track[:-2] + bytes(len(track[-2:])) if self.writes_wrong else track
        return OK

    def _obey(self) -> None:
        command = self._command
        if command[0] != ESC:
            command.clear()
            return
        if len(command) < 2:
            return
        if command[1] == ord("a") or self.is_waiting:
            if command[1] == ord("a"):  # while it waits for a swipe, only a reset is heard
                self._waits = _Waits.NOTHING
            command.clear()
            return
        does = self._commands().get(command[1])
        if does is None:
            self._say(INVALID_COMMAND)
            command.clear()
        elif does(bytes(command[2:])):
            command.clear()

    def _commands(self) -> dict[int, Callable[[bytes], bool]]:
        return {
            ord("e"): lambda _: self._say(b"\x1by"),
            ord("r"): lambda _: self._wait(_Waits.READ_ISO),
            ord("m"): lambda _: self._wait(_Waits.READ_RAW),
            ord("w"): self._take_iso,
            ord("n"): self._take_raw,
            ord("c"): self._erase,
            ord("x"): lambda _: self._set_coercivity(True),
            ord("y"): lambda _: self._set_coercivity(False),
            ord("d"): lambda _: self._say(b"\x1bH" if self.hi_co else b"\x1bL"),
            ord("b"): self._set_density,
            ord("o"): self._set_bits_per_character,
            ord("z"): self._set_leading_zeros,
            ord("l"): lambda _: self._say(bytes((ESC, *self.leading_zeros))),
            ord("t"): lambda _: self._say(b"\x1b3S"),
            ord("v"): lambda _: self._say(b"\x1bREV?X1.00"),
            0x81: lambda _: self._light("off"),
            0x82: lambda _: self._light("all"),
            0x83: lambda _: self._light("green"),
            0x84: lambda _: self._light("yellow"),
            0x85: lambda _: self._light("red"),
            0x86: lambda _: self._wait(_Waits.SENSOR),
            0x87: lambda _: self._say(OK),
        }

    def _say(self, data: bytes) -> bool:
        self._said += data
        return True

    def _wait(self, what: _Waits) -> bool:
        if what is _Waits.WRITE and self.next_write_says in ("2", "4"):  # before any card was asked for
            says, self.next_write_says = self.next_write_says, ""
            return self._say(bytes((ESC, ord(says))))
        self._waits = what
        if self.at_head is not None:
            self.swipe(self.at_head)
        return True

    def _light(self, which: str) -> bool:
        self.lights = which
        return True

    def _set_coercivity(self, hi_co: bool) -> bool:
        self.hi_co = hi_co
        return self._say(OK)

    def _erase(self, rest: bytes) -> bool:
        if not rest:
            return False
        if rest[0] not in _ERASES:
            return self._say(FAILED)
        self._to_erase = _ERASES[rest[0]]
        return self._wait(_Waits.ERASE)

    def _set_density(self, rest: bytes) -> bool:
        if not rest:
            return False
        track = {0xA0: 1, 0xA1: 1, 0xD2: 2, 0x4B: 2, 0xC0: 3, 0xC1: 3}.get(rest[0])
        if track is None:
            return self._say(FAILED)
        self.bits_per_inch[track] = rest[0]
        return self._say(OK)

    def _set_bits_per_character(self, rest: bytes) -> bool:
        if len(rest) < 3:
            return False
        if any(not 5 <= bits <= 8 for bits in rest):
            return self._say(FAILED)
        self.bits_per_character = (rest[0], rest[1], rest[2])
        return self._say(OK + rest)

    def _set_leading_zeros(self, rest: bytes) -> bool:
        if len(rest) < 2:
            return False
        self.leading_zeros = (rest[0], rest[1])
        return self._say(OK)

    def _take_iso(self, rest: bytes) -> bool:
        if not rest.endswith(b"?\x1c"):
            return len(rest) > 512 and self._say(FORMAT_ERROR)
        tracks = rest[:-2].split(b"\x1b")
        if tracks[:2] != [b"", b"s"]:
            return self._say(FORMAT_ERROR)
        self._to_write = {}
        for each in tracks[2:]:
            if not each or not 1 <= each[0] <= 3:
                return self._say(FORMAT_ERROR)
            if len(each) == 1:
                continue
            try:
                text = _SENTINELS[each[0] - 1] + each[1:].decode("ascii") + "?"
                self._to_write[each[0]] = packed(text, each[0])
            except ValueError:
                return self._say(FORMAT_ERROR)
        return self._wait(_Waits.WRITE)

    def _take_raw(self, rest: bytes) -> bool:
        """By lengths, never by separators: any byte may be data."""
        if len(rest) >= 2 and not rest.startswith(b"\x1bs"):
            return self._say(FORMAT_ERROR)
        at, found = 2, {}
        while len(rest) >= at + 3 and rest[at] == ESC:
            number, length = rest[at + 1], rest[at + 2]
            if not 1 <= number <= 3:
                return self._say(FORMAT_ERROR)
            if len(rest) < at + 3 + length:
                return False
            if length:
                found[number] = rest[at + 3 : at + 3 + length]
            at += 3 + length
        if len(rest) < at + 2 or (rest[at] == ESC and len(rest) < at + 3):
            return False
        if rest[at : at + 2] != b"?\x1c":
            return self._say(FORMAT_ERROR)
        self._to_write = found
        return self._wait(_Waits.WRITE)


def _numbered(tracks: list[bytes]) -> enumerate[bytes]:
    return enumerate(tracks, 1)
