"""How statements reach the two engines: several of them, in order, each with its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias

Row: TypeAlias = tuple[Any, ...]

NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Statement(NamedTuple):
    sql: str  # with `:named` parameters
    values: dict[str, Any]
    expect: int | None = None  # how many rows must be touched; None where that is nobody's business


class Answer(NamedTuple):
    touched: int
    rows: list[Row]


class Wire(Protocol):
    def send(self, statements: Sequence[Statement]) -> list[Answer]:
        """Run them in order. The first that fails raises the driver's error, and those after it are not run."""


class SqliteWire:
    """One after the other: SQLite is in this process, so there is no way to save."""

    def __init__(self, raw: Any) -> None:
        self._cursor = raw.cursor()

    def send(self, statements: Sequence[Statement]) -> list[Answer]:
        cursor = self._cursor
        answers = []
        for sql, values, _ in statements:
            cursor.execute(sql, values)
            rows = cursor.fetchall() if cursor.description else []
            answers.append(Answer(cursor.rowcount, rows))
        return answers


@cache
def for_psycopg(sql: str) -> str:
    """Named parameters as psycopg's own cursors want them."""
    return NAMED.sub(r"%(\1)s", sql.replace("%", "%%"))
