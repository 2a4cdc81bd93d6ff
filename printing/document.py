"""A document is data: what stands on the paper, and nothing about how a printer, a PDF or a screen shows it.

Elements are frozen values. `printing.layout` breaks a document into rows of a paper's width once, and each renderer
only draws those rows: so slip, PDF and preview break at the same places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Align(Enum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True)
class Title:
    """Who speaks, on top: twice as wide and high, bold, centred."""

    text: str


@dataclass(frozen=True)
class Heading:
    """What this paper is, or its sum: bold and centred."""

    text: str


@dataclass(frozen=True)
class Notice:
    """What nobody may overlook (a copy, a reversal): bold, centred, between stars."""

    text: str


@dataclass(frozen=True)
class Text:
    text: str
    align: Align = Align.LEFT
    bold: bool = False


@dataclass(frozen=True)
class Pair:
    """A label at the left edge, its value at the right edge; a long value goes on below, still at the right."""

    label: str
    value: str
    bold: bool = False


@dataclass(frozen=True)
class Column:
    """One cell of a line. `width` is in paper columns (a Hanzi takes two); 0 takes what the others leave."""

    text: str
    width: int = 0
    align: Align = Align.LEFT


@dataclass(frozen=True)
class Columns:
    """One line of a table; exactly one column has width 0. Long text goes on below, inside its own column."""

    cells: tuple[Column, ...]
    bold: bool = False

    def __post_init__(self) -> None:
        if sum(cell.width == 0 for cell in self.cells) != 1:
            raise ValueError("exactly one column takes what the others leave")


@dataclass(frozen=True)
class Signature:
    """A label, and a line to write on with room above it."""

    label: str


@dataclass(frozen=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True)
class Code:
    """A QR code. `content` is ours, never a member's: 1 to 120 printable ASCII characters."""

    content: str

    def __post_init__(self) -> None:
        if not (0 < len(self.content) <= 120 and self.content.isascii() and self.content.isprintable()):
            raise ValueError("a code holds 1 to 120 printable ASCII characters")


@dataclass(frozen=True)
class Space:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True)
class Cut:
    """The end of a slip."""


Element = Title | Heading | Notice | Text | Pair | Columns | Signature | Rule | Code | Space | Cut
Document = tuple[Element, ...]
