"""Find a gift or a shop by what is typed: code, name, pinyin or initials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from app.queries.rows import GiftRow, ShopRow

Row = TypeVar("Row", GiftRow, ShopRow)


def matching(typed: str, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Those that fit, best first: whole code, start of code, name or pinyin, then anywhere in them; all when nothing
    is typed. Equals keep their order."""
    wanted = "".join(typed.split()).casefold()
    if not wanted:
        return tuple(rows)
    ranked = [(rank, row) for row in rows if (rank := _rank(wanted, row)) is not None]
    return tuple(row for _rank_, row in sorted(ranked, key=lambda pair: pair[0]))


def _rank(wanted: str, row: GiftRow | ShopRow) -> int | None:
    code = (row.gift if isinstance(row, GiftRow) else row.shop).casefold()
    bare = code.split("-", 1)[-1]  # G-CUP is typed as cup
    name = row.name.casefold().replace(" ", "")
    spelled = row.pinyin.casefold().split()  # full pinyin and initials, of each reading
    if wanted in {code, bare}:
        return 0
    if name == wanted or wanted in spelled:
        return 1
    if any(part.startswith(wanted) for part in (code, bare, name, *spelled)):
        return 2
    return 3 if any(wanted in part for part in (code, name, *spelled)) else None
