"""Rows on sheets of A4: as many as fit, and no heading left alone at the foot of a page."""

from __future__ import annotations

from collections.abc import Sequence

from printing.layout import BlankRow, CutRow, Row, RuleRow, TextRow
from printing.renderers.drawing import height_dots
from printing.renderers.paper_profile import SHEET_HEIGHT_MM, SHEET_MARGIN_MM, PaperProfile


def paged(rows: Sequence[Row], profile: PaperProfile) -> tuple[tuple[Row, ...], ...]:
    """At least one page. What belongs to the next row (a bold line, an empty one, a rule) goes with it."""
    room = int((SHEET_HEIGHT_MM - 2 * SHEET_MARGIN_MM) / profile.dot_mm)
    pages: list[tuple[Row, ...]] = []
    page: list[Row] = []
    height = 0
    for row in rows:
        own = height_dots(row, profile)
        if page and height + own > room and not isinstance(row, CutRow):
            keeps = len(page)
            while keeps > 1 and _leads(page[keeps - 1]):
                keeps -= 1
            if keeps == 1:
                keeps = len(page)
            pages.append(tuple(page[:keeps]))
            page = _goes_on([*page[keeps:], row])
            height = _height(page, profile)
        else:
            page.append(row)
            height += own
    return (*pages, tuple(page))


def _goes_on(rows: list[Row]) -> list[Row]:
    """The beginning of a sheet: within a table, its headings first."""
    first = rows[0]
    if isinstance(first, (TextRow, RuleRow)) and first.under:
        return [*first.under, *(rows[1:] if isinstance(first, RuleRow) else rows)]
    return rows


def _leads(row: Row) -> bool:
    return isinstance(row, (RuleRow, BlankRow)) or (isinstance(row, TextRow) and row.bold and not row.under)


def _height(rows: Sequence[Row], profile: PaperProfile) -> int:
    return sum(height_dots(row, profile) for row in rows)
