"""A document is data: what stands on the paper, and nothing about how a printer, a PDF or a screen shows it.

Elements are frozen values. `printing.layout` breaks a document into rows of a paper's width once, and each renderer
only draws those rows: so slip, PDF and preview break at the same places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.domain.slip_look import Logo


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
class TableColumn:
    """`width` is in paper columns; 0 takes what the others leave."""

    heading: str
    width: int = 0
    align: Align = Align.LEFT


@dataclass(frozen=True)
class Table:
    """Rows under headings, which stand again on each sheet that the table goes on to; `total` is its last line. Exactly
    one column has width 0."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if sum(column.width == 0 for column in self.columns) != 1:
            raise ValueError("exactly one column takes what the others leave")
        if any(len(row) != len(self.columns) for row in (*self.rows, *((self.total,) if self.total else ()))):
            raise ValueError("a row has a cell for each column")


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Chart:
    """Bars over an axis with its unit. One series is black; of two, the second is white with a black edge, so that they
    are told apart on any paper. The figures themselves belong in a table beside it."""

    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= 2 or not self.labels:
            raise ValueError("a chart has labels and one or two series")
        if any(len(series.values) != len(self.labels) for series in self.series):
            raise ValueError("a series has a value for each label")


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
class Picture:
    """Black and white dots in the middle of the paper. A picture wider than its paper is drawn smaller."""

    dots: Logo


@dataclass(frozen=True)
class Space:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True)
class Cut:
    """The end of a slip."""


@dataclass(frozen=True)
class Fitted:
    """What stands on a roll, and what on sheets, where these are not the same."""

    roll: tuple[Element, ...] = ()
    sheets: tuple[Element, ...] = ()


Element = (
    Title
    | Heading
    | Notice
    | Text
    | Pair
    | Columns
    | Table
    | Chart
    | Signature
    | Rule
    | Code
    | Picture
    | Space
    | Cut
    | Fitted
)
Document = tuple[Element, ...]
