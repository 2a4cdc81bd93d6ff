"""One connection, and SQL that reads the same on both engines.

Statements are plain SQL with `:named` parameters and go straight to the driver (docs/adr/0003 has the figures).
SQLAlchemy keeps what it is best at: the table definitions, the connections, the migrations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, Literal, TypeAlias

Engine: TypeAlias = Literal["sqlite", "postgresql"]
Row: TypeAlias = tuple[Any, ...]

_CURSORS = count(1)  # names of PostgreSQL's cursors
_STREAMED_ROWS = 5_000  # fetched at a time

_NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


@cache
def _for_postgres(sql: str) -> str:
    return _NAMED.sub(r"%(\1)s", sql.replace("%", "%%"))


class MissedRow(Exception):
    """A guarded statement did not find the row in the state that was locked before: a bug, never a refusal."""


class Connection:
    """`rows`, `row` and `run` go out at once; `later` collects writes whose result nobody waits for, and `flush` sends
    them together: one round trip on PostgreSQL instead of one each."""

    def __init__(self, raw: Any, engine: Engine) -> None:
        self._raw = raw
        self.engine = engine
        self._cursor = raw.cursor()
        self._waiting: list[tuple[str, dict[str, Any], int | None]] = []

    def _text(self, sql: str) -> str:
        return sql if self.engine == "sqlite" else _for_postgres(sql)

    def rows(self, sql: str, **values: Any) -> list[Row]:
        if self._waiting:
            self.flush()
        self._cursor.execute(self._text(sql), values)
        found: list[Row] = self._cursor.fetchall()
        return found

    def row(self, sql: str, **values: Any) -> Row | None:
        found = self.rows(sql, **values)
        return found[0] if found else None

    def stream(self, sql: str, **values: Any) -> Iterator[Row]:
        """Rows a few thousand at a time, however many there are; within a transaction, several at once."""
        if self._waiting:
            self.flush()
        if self.engine == "sqlite":
            cursor = self._raw.cursor()
        else:
            cursor = self._raw.cursor(f"stream_{next(_CURSORS)}")
            cursor.itersize = _STREAMED_ROWS
        try:
            cursor.execute(self._text(sql), values)
            yield from cursor
        finally:
            cursor.close()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside takes effect as a whole or not at all, within the transaction that is open."""
        self.flush()
        self._cursor.execute("SAVEPOINT inner_work")
        try:
            yield
            self.flush()
        except BaseException:
            self._waiting.clear()
            self._cursor.execute("ROLLBACK TO SAVEPOINT inner_work")
            self._cursor.execute("RELEASE SAVEPOINT inner_work")
            raise
        self._cursor.execute("RELEASE SAVEPOINT inner_work")

    def run(self, sql: str, **values: Any) -> int:
        """Returns how many rows were touched."""
        if self._waiting:
            self.flush()
        self._cursor.execute(self._text(sql), values)
        touched: int = self._cursor.rowcount
        return touched

    def insert_many(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        """Bulk rows the fastest way the engine has: prepared inserts on SQLite, COPY on PostgreSQL."""
        if self._waiting:
            self.flush()
        if self.engine == "sqlite":
            marks = ", ".join("?" * len(rows[0]))
            self._cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
            return
        with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def many_raw(self, sql: str, rows: Sequence[Row]) -> None:
        """One statement with positional marks of the engine, for many rows."""
        if self._waiting:
            self.flush()
        self._cursor.executemany(sql, rows)

    def later(self, sql: str, *, expect: int | None = None, **values: Any) -> None:
        """A write for the next `flush`; with `expect`, that many rows must be touched."""
        self._waiting.append((self._text(sql), values, expect))

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if self.engine == "sqlite":
            for sql, values, expect in waiting:
                self._cursor.execute(sql, values)
                if expect is not None and self._cursor.rowcount != expect:
                    raise MissedRow(sql)
            return
        cursors = []
        with self._raw.pipeline():
            for sql, values, _ in waiting:
                cursor = self._raw.cursor()
                cursor.execute(sql, values)
                cursors.append(cursor)
        for cursor, (sql, _, expect) in zip(cursors, waiting, strict=True):
            if expect is not None and cursor.rowcount != expect:
                raise MissedRow(sql)

    def begin(self) -> None:
        self._cursor.execute("BEGIN IMMEDIATE" if self.engine == "sqlite" else "BEGIN")

    def commit(self) -> None:
        self.flush()
        self._cursor.execute("COMMIT")

    def rollback(self) -> None:
        """Also right after the engine has rolled back by itself (disk full, lost connection)."""
        self._waiting.clear()
        if self.engine == "sqlite":
            if self._raw.in_transaction:
                self._cursor.execute("ROLLBACK")
        elif not self._raw.closed and self._raw.info.transaction_status:
            self._cursor.execute("ROLLBACK")
