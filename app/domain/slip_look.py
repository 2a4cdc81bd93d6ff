"""What the mall decides about its slips: its own lines, its logo, and which lines stand on them at all."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

OptionalLine = Literal[
    "mall_name", "tier", "card", "points_before", "expiring", "capitals", "desk", "staff", "approver", "code"
]
"""What may be left out of slips. Whom a slip is about, what was done, when, its reference and what it leaves behind
always stand there: without them it proves nothing."""

OPTIONAL_LINES: Final[tuple[OptionalLine, ...]] = get_args(OptionalLine)
LEFT_OUT_AT_FIRST: Final[tuple[OptionalLine, ...]] = ("capitals",)
MOST_LINES = 4
LONGEST_LINE = 60
LOGO_WIDEST_DOTS = 384  # the narrowest roll: one logo suits every paper
LOGO_HIGHEST_DOTS = 160  # 20 mm
LOGO_LONGEST_TEXT = 4 * (LOGO_WIDEST_DOTS // 8 * LOGO_HIGHEST_DOTS // 3)


@dataclass(frozen=True)
class Logo:
    """A picture of black and white dots. `base64`: packed bits, 1 is black, the most significant one left, as receipt
    printers take them (DEVICES.md 1.1); as text, because operations and answers are JSON.

    Raises ValueError where that is no picture."""

    width_dots: int
    base64: str

    def __post_init__(self) -> None:
        if not (0 < self.width_dots <= LOGO_WIDEST_DOTS and self.width_dots % 8 == 0):
            raise ValueError("a logo is as wide as whole bytes of dots, and as the narrowest roll at most")
        rows = b64decode(self.base64, validate=True)
        if not rows or len(rows) % (self.width_dots // 8) or self.height_dots > LOGO_HIGHEST_DOTS:
            raise ValueError("a logo has whole rows, and is 160 dots high at most")

    @classmethod
    def of_rows(cls, width_dots: int, rows: bytes) -> Logo:
        return cls(width_dots, b64encode(rows).decode())

    @property
    def rows(self) -> bytes:
        return b64decode(self.base64)

    @property
    def height_dots(self) -> int:
        return len(self.rows) * 8 // self.width_dots


@dataclass(frozen=True)
class SlipLook:
    """`left_out` has each line once, in the order of `OPTIONAL_LINES`: equal looks are equal values."""

    heading: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    logo: Logo | None = None
    left_out: tuple[OptionalLine, ...] = LEFT_OUT_AT_FIRST

    def shows(self, line: OptionalLine) -> bool:
        return line not in self.left_out

    def showing(self, line: OptionalLine, shown: bool) -> SlipLook:
        """The same look with or without `line`."""
        others = {each for each in self.left_out if each != line}
        return replace(self, left_out=in_order(others if shown else others | {line}))


def in_order(lines: Iterable[str]) -> tuple[OptionalLine, ...]:
    """Each known line once, as `SlipLook.left_out` has them."""
    named = set(lines)
    return tuple(line for line in OPTIONAL_LINES if line in named)


LOOK_AT_FIRST: Final = SlipLook()
