"""A document broken into rows of a paper's width. Knows columns, not bytes and not pixels.

Widths are in columns of one ASCII character; a Hanzi takes two (DEVICES.md 1.3). All renderers draw these rows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never

from app.domain.slip_look import Logo
from app.domain.text import printable
from printing.document import (
    Align,
    Chart,
    Code,
    Column,
    Columns,
    Cut,
    Document,
    Element,
    Fitted,
    Heading,
    Notice,
    Pair,
    Picture,
    Rule,
    Signature,
    Space,
    Table,
    Text,
    Title,
)
from printing.typeface import legible

# What every printer's Chinese font lacks or draws differently, by what it has.
_SAME_ON_PAPER = str.maketrans({"¥": "￥", "•": "*", "\u2028": " ", "\u2029": " "})
# They choose between drawings of one character, of which the shipped font has one.
_SAME_ON_PAPER.update(dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
# Kinsoku (JIS X 4051; the Chinese rules of CLREQ 3.1.2 agree): these never begin, or never end, a line.
_NEVER_FIRST = frozenset("，。、；：？！）》〉」』】〕”’…—·,.;:?!)]}%％℃")
_SHEET_COLUMNS = 72  # from here on it is a sheet, no roll
_SIGNATURE_COLUMNS = 36
_NARROWEST_TEXT = 16
_NEVER_LAST = frozenset("（《〈「『【〔“‘￥([{")


@dataclass(frozen=True)
class Cell:
    """Text that fits into `limit` columns from column `start` on."""

    text: str
    start: int
    limit: int
    align: Align = Align.LEFT

    @property
    def indent(self) -> int:
        """Columns from `start` to the first character."""
        room = self.limit - columns_of(self.text)
        return {Align.LEFT: 0, Align.CENTRE: room // 2, Align.RIGHT: room}[self.align]


@dataclass(frozen=True)
class TextRow:
    """Cells from left to right. In a `wide` row each column is twice as wide, so half as many fit. `under` are the rows
    that stand above it again where it is the first on a sheet: the headings of its table."""

    cells: tuple[Cell, ...]
    bold: bool = False
    wide: bool = False
    high: bool = False
    under: tuple[Row, ...] = ()


@dataclass(frozen=True)
class RuleRow:
    """`under`, as of a text row, of the line above the total of a table; first on a sheet it is left out."""

    under: tuple[Row, ...] = ()


@dataclass(frozen=True)
class ChartRow:
    chart: Chart


@dataclass(frozen=True)
class CodeRow:
    content: str


@dataclass(frozen=True)
class PictureRow:
    dots: Logo


@dataclass(frozen=True)
class BlankRow:
    pass


@dataclass(frozen=True)
class CutRow:
    pass


Row = TextRow | RuleRow | ChartRow | CodeRow | PictureRow | BlankRow | CutRow


def on_paper(text: str) -> str:
    """`text` as it may stand on paper: NFC, no control characters, nothing that has no glyph in the shipped font."""
    if text.isascii() and text.isprintable():
        return text
    kept = printable(text).translate(_SAME_ON_PAPER)
    # A no-break space and its kin would make a raster line of a line that needs none.
    return legible("".join(" " if unicodedata.category(character) == "Zs" else character for character in kept))


def columns_of(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(_columns_of_character(character) for character in text)


def _columns_of_character(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me"}:  # a mark stands on the character before it
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F", "A"} else 1


def wrapped(text: str, limit: int) -> list[str]:
    """Lines of at most `limit` (two or more) columns; words stay whole where they can, Hanzi always do. Never empty."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and columns_of(line) + columns_of(piece) > limit:
            lines.append(line.rstrip(" "))
            line = ""
        if not line:
            piece = piece.lstrip(" ")  # noqa: PLW2901  a line does not begin with the space it was broken at
        while columns_of(piece) > limit:
            head = _head(piece, limit)
            lines.append(head)
            piece = piece[len(head) :]  # noqa: PLW2901
        line += piece
    if line.rstrip(" ") or not lines:
        lines.append(line.rstrip(" "))
    return lines


def _pieces(text: str) -> Iterator[str]:
    """What stays together: words, single Hanzi with their punctuation, marks with what they stand on."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if _columns_of_character(after) == 0 or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    if after == " ":
        return before != " "
    if before == " ":
        return True
    return _columns_of_character(before) == 2 or _columns_of_character(after) == 2


def _head(piece: str, limit: int) -> str:
    """The longest beginning that fits; at least one character, with its marks."""
    used = 0
    for place, character in enumerate(piece):
        used += _columns_of_character(character)
        if used > limit and place:
            return piece[:place]
    return piece


def laid_out(document: Document, columns: int) -> tuple[Row, ...]:
    fitted = tuple(_fitted(document, sheets=columns >= _SHEET_COLUMNS))
    if columns < _SHEET_COLUMNS:
        return tuple(row for element in fitted for row in _rows(element, columns))
    rows: list[Row] = []
    for are_pairs, run in groupby(fitted, lambda element: isinstance(element, Pair)):
        if are_pairs:
            rows += _side_by_side([pair for pair in run if isinstance(pair, Pair)], columns)
        else:
            rows += [row for element in run for row in _rows(element, columns)]
    return tuple(rows)


def _fitted(elements: Iterable[Element], *, sheets: bool) -> Iterator[Element]:
    for element in elements:
        if isinstance(element, Fitted):
            yield from _fitted(element.sheets if sheets else element.roll, sheets=sheets)
        else:
            yield element


def _side_by_side(pairs: Sequence[Pair], columns: int) -> Iterator[TextRow]:
    """Two pairs to a row of a sheet, each value beside its label: across a whole sheet no eye finds it again."""
    half = columns // 2
    label = min(half // 2, max(columns_of(on_paper(pair.label)) for pair in pairs) + 3)
    at = 0
    while at < len(pairs):
        # One row has one weight, so a bold pair and a plain one do not share it.
        together = 2 if len(pairs) > at + 1 and pairs[at].bold == pairs[at + 1].bold else 1
        cells: list[tuple[int, int, list[str]]] = []
        for place, pair in enumerate(pairs[at : at + together]):
            room = (half if together == 2 else columns) - label - 1
            cells.append((place * half, label - 1, wrapped(on_paper(pair.label), label - 1)))
            cells.append((place * half + label, room, wrapped(on_paper(pair.value), room)))
        for number in range(max(len(lines) for _, _, lines in cells)):
            yield TextRow(
                tuple(
                    Cell(lines[number], start, limit)
                    for start, limit, lines in cells
                    if number < len(lines) and lines[number]
                ),
                bold=pairs[at].bold,
            )
        at += together


def _signature(label: str, columns: int) -> Iterator[Row]:
    """The line is at least half of a roll, and on a sheet no longer than a hand writes."""
    yield from (BlankRow(), BlankRow(), BlankRow())
    start = columns_of(label) + 2
    if start > columns // 2:
        yield from _block(label, columns, Align.LEFT, bold=False)
        yield from (BlankRow(), BlankRow(), BlankRow())
        start = 0
        label = ""
    line = min(columns - start, _SIGNATURE_COLUMNS)
    cells = (Cell(label, 0, start),) if label else ()
    yield TextRow((*cells, Cell("_" * line, start, line)))


def _rows(element: Element, columns: int) -> Iterator[Row]:
    match element:
        case Title(text):
            # A long name in letters of double width breaks badly: it keeps the height and gives up the width.
            wide = columns_of(on_paper(text)) <= columns // 2
            width = columns // 2 if wide else columns
            yield from _block(text, width, Align.CENTRE, bold=True, wide=wide, high=True)
        case Heading(text):
            yield from _block(text, columns, Align.CENTRE, bold=True)
        case Notice(text):
            for line in wrapped(on_paper(text), columns - 8):
                yield TextRow((Cell(f"*** {line} ***", 0, columns, Align.CENTRE),), bold=True)
        case Text(text, align, bold):
            yield from _block(text, columns, align, bold=bold)
        case Pair():
            yield from _pair(element, columns)
        case Columns(cells, bold):
            yield from _table_line(cells, columns, bold=bold)
        case Table():
            yield from _table(element, columns)
        case Chart():
            yield ChartRow(element)
        case Fitted(roll, sheets):
            yield from (row for each in (sheets if columns >= _SHEET_COLUMNS else roll) for row in _rows(each, columns))
        case Signature(label):
            yield from _signature(on_paper(label), columns)
        case Rule():
            yield RuleRow()
        case Code(content):
            yield CodeRow(content)
        case Picture(dots):
            yield PictureRow(dots)
        case Space(lines):
            yield from (BlankRow() for _ in range(lines))
        case Cut():
            yield CutRow()
        case _:
            assert_never(element)


def _block(
    text: str, width: int, align: Align, *, bold: bool, wide: bool = False, high: bool = False
) -> Iterator[TextRow]:
    for line in wrapped(on_paper(text), width):
        yield TextRow((Cell(line, 0, width, align),), bold=bold, wide=wide, high=high)


def _pair(pair: Pair, columns: int) -> Iterator[TextRow]:
    label, value = on_paper(pair.label), on_paper(pair.value)
    room = columns - columns_of(label) - 1
    breaks_off = room < columns_of(value) <= columns
    if room < columns // 3 or breaks_off:  # the value gets lines of its own, on one of which it may be whole
        yield from _block(label, columns, Align.LEFT, bold=pair.bold)
        yield from _block(value, columns, Align.RIGHT, bold=pair.bold)
        return
    for number, line in enumerate(wrapped(value, room)):
        shown = "" if number else label
        # What is left between them is shared: a proportional typeface may need a little more than its columns.
        spare = (columns - columns_of(shown) - columns_of(line) - 1) // 2
        right = columns_of(line) + spare
        cells = (Cell(shown, 0, columns_of(shown) + spare),) if shown else ()
        yield TextRow((*cells, Cell(line, columns - right, right, Align.RIGHT)), bold=pair.bold)


def _table(table: Table, columns: int) -> Iterator[Row]:
    """Each row as `_table_line` breaks it; nearly all fit on one line, and then nothing has to be broken."""
    widths = tuple(column.width for column in table.columns)
    rest = max(4, columns - sum(widths))
    places: list[tuple[int, int, Align]] = []
    start = 0
    for column in table.columns:
        width = column.width or rest
        places.append((start, _limit(start, width, columns, column.align), column.align))
        start += width

    def lines(texts: tuple[str, ...], *, bold: bool = False, under: tuple[Row, ...] = ()) -> Iterator[TextRow]:
        shown = [on_paper(text) for text in texts]
        if all(columns_of(text) <= place[1] for text, place in zip(shown, places, strict=True)):
            cells = tuple(Cell(text, *place) for text, place in zip(shown, places, strict=True) if text)
            yield TextRow(cells, bold, under=under)
            return
        named = zip(texts, table.columns, strict=True)
        broken = tuple(Column(text, column.width, column.align) for text, column in named)
        for row in _table_line(broken, columns, bold=bold):
            yield TextRow(row.cells, row.bold, under=under)

    head: tuple[Row, ...] = (*lines(tuple(column.heading for column in table.columns), bold=True), RuleRow())
    yield from head
    for texts in table.rows:
        yield from lines(texts, under=head)
    if table.total:
        yield RuleRow(under=head)
        yield from lines(table.total, bold=True, under=head)


def _limit(start: int, width: int, columns: int, align: Align) -> int:
    """A column that is not the last keeps one column of air, so that texts never touch."""
    return max(2, width - 1) if start + width < columns and align is Align.LEFT else width


def _table_line(cells: tuple[Column, ...], columns: int, *, bold: bool) -> Iterator[TextRow]:
    rest = max(4, columns - sum(cell.width for cell in cells))
    loose = next(place for place, cell in enumerate(cells) if cell.width == 0)
    text = columns_of(on_paper(cells[loose].text))
    if rest < _NARROWEST_TEXT and loose < len(cells) - 1 and text > rest - 1:
        # A word or two to a line cannot be read: what it is first, across the paper, and its figures below.
        yield from _table_line(cells[: loose + 1], columns, bold=bold)
        yield from _table_line((Column(""), *cells[loose + 1 :]), columns, bold=bold)
        return
    placed: list[tuple[int, int, Align, list[str]]] = []
    start = 0
    for cell in cells:
        width = cell.width or rest
        limit = _limit(start, width, columns, cell.align)
        placed.append((start, limit, cell.align, wrapped(on_paper(cell.text), limit)))
        start += width
    for number in range(max(len(lines) for *_, lines in placed)):
        yield TextRow(
            tuple(
                Cell(lines[number], start, limit, align)
                for start, limit, align, lines in placed
                if number < len(lines) and lines[number]
            ),
            bold=bold,
        )
