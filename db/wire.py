"""How statements reach the two engines: several of them, in order, each with its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

Row: TypeAlias = tuple[Any, ...]

NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Statement(NamedTuple):
    sql: str  # with `:named` parameters
    values: dict[str, Any]
    expect: int | None = None  # how many rows must be touched; None where that is nobody's business
    then: Callable[[list[Row]], None] | None = None  # told what it returned, when it has been sent


def array_of(ids: Iterable[UUID | int]) -> str:
    """Ids or figures as PostgreSQL reads an array of them: as many as there are, it is one statement."""
    return f"{{{','.join(map(str, ids))}}}"


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
        for sql, values, *_ in statements:
            cursor.execute(sql, values)
            rows = cursor.fetchall() if cursor.description else []
            answers.append(Answer(cursor.rowcount, rows))
        return answers


@cache
def for_psycopg(sql: str) -> str:
    """Named parameters as psycopg's own cursors want them."""
    return NAMED.sub(r"%(\1)s", sql.replace("%", "%%"))


_WRITES = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")
_NO_TABLE = ("SELECT ", "BEGIN", "COMMIT", "SAVEPOINT ", "RELEASE ", "ROLLBACK", "SET ")
_READS = re.compile(r"(?:FROM|JOIN)\s+(\w+)")


@cache
def written(sql: str) -> str | None:
    """The table that a statement changes; "*" where it may be any."""
    if sql.startswith(_NO_TABLE):
        return None
    found = _WRITES.match(sql)
    return found[1] if found is not None else "*"


@cache
def read_by(sql: str) -> frozenset[str]:
    """The tables that a question looks at."""
    return frozenset(_READS.findall(sql))
