"""What went over a line, written down: who said which bytes when, for people to read and for tests to play again.

    # memberdesk transcript
    # /dev/ttyUSB0 9600
        0.000 > 1B 65                     .e
        0.012 < 1B 79                     .y

`>` went to the machine, `<` came from it; times in seconds since the beginning, bytes in hex, and what of them is text.
`**` stands for a byte that was masked: when played again any byte will do for it, and it is sent as a zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

from app.domain.errors import Refused

HEADER = "# memberdesk transcript"
_BYTES_A_LINE = 16
_STEP = re.compile(r"\s*(\d+\.\d{3}) ([<>]) ((?:[0-9A-Fa-f]{2}|\*\*)(?: (?:[0-9A-Fa-f]{2}|\*\*))*)(?:  .*)?$")

# What identifies or opens a card, or a person: numbers as text, tags as hex text, the tracks of an encoder (raw ones
# are bits), and with a PN532 and an ER302 the identity that they found and the keys that they were given. A chunk ends
# where the line fell silent, so that a number is rarely torn in two.
_SECRETS = (
    re.compile(rb"\d{4,}"),
    re.compile(rb"[0-9A-Fa-f]{8,}"),
    re.compile(rb"(?<=\x1bs\x1b).*?(?=\?\x1c|\Z)", re.DOTALL),
    re.compile(rb"(?<=\xd5\x4b\x01\x01).*", re.DOTALL),
    re.compile(rb"(?<=\xd4\x40\x01[\x60\x61]).*", re.DOTALL),
    re.compile(rb"(?<=[\x02\x12]\x02\x00).*", re.DOTALL),
    re.compile(rb"(?<=\x00\x07\x02).*", re.DOTALL),
)


class Way(Enum):
    TO_MACHINE = ">"
    FROM_MACHINE = "<"


@dataclass(frozen=True)
class Step:
    """Bytes one way. None in `data` is a byte that was masked."""

    at_s: float
    way: Way
    data: tuple[int | None, ...]

    def agrees(self, got: bytes) -> bool:
        """Are `got` the first bytes of this step?"""
        return len(got) <= len(self.data) and all(b is None or a == b for a, b in zip(got, self.data, strict=False))

    def to_send(self) -> bytes:
        return bytes(ord("0") if byte is None else byte for byte in self.data)


def masked(data: bytes) -> tuple[int | None, ...]:
    """`data` without what identifies a card or a person."""
    hidden: set[int] = set()
    for secret in _SECRETS:
        for found in secret.finditer(data):
            hidden.update(range(found.start(), found.end()))
    return tuple(None if at in hidden else byte for at, byte in enumerate(data))


def lines_of(step: Step) -> Iterator[str]:
    """The step as text; long ones take several lines of the same time."""
    for first in range(0, len(step.data), _BYTES_A_LINE):
        part = step.data[first : first + _BYTES_A_LINE]
        hexed = " ".join("**" if byte is None else f"{byte:02X}" for byte in part)
        text = "".join("*" if byte is None else chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        yield f"{step.at_s:9.3f} {step.way.value} {hexed:<{_BYTES_A_LINE * 3}} {text}"


def write_header(out: TextIO, port: str, baudrate: int) -> None:
    out.write(f"{HEADER}\n# {port} {baudrate}\n")


def read_transcript(lines: Iterable[str]) -> list[Step]:
    """The steps; those of one way and time are one. Raises Refused("transcript.unreadable") with the line's number."""
    steps: list[Step] = []
    for number, line in enumerate(lines, 1):
        if number == 1 and line.rstrip() != HEADER:
            raise Refused("transcript.unreadable", line=1)
        if not line.strip() or line.startswith("#"):
            continue
        found = _STEP.match(line.rstrip("\n"))
        if found is None:
            raise Refused("transcript.unreadable", line=number)
        at_s, way = float(found[1]), Way(found[2])
        data = tuple(None if byte == "**" else int(byte, 16) for byte in found[3].split())
        if steps and (steps[-1].at_s, steps[-1].way) == (at_s, way):
            steps[-1] = Step(at_s, way, steps[-1].data + data)
        else:
            steps.append(Step(at_s, way, data))
    return steps
