"""The baselines: what the bare drivers do with the same rows, the same encryption and the same disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from db.connection import Row
from db.engines import connector
from db.models import metadata
from db.store import Store

_KEY = bytes(32)
_ROWS = 10_000  # an `executemany`


class BareCommits:
    """Two statements and a durable commit, again and again, on an encrypted file of its own."""

    def __init__(self, folder: Path) -> None:
        self._raw = connector(f"sqlite:///{folder / 'bare.db'}", _KEY)()
        self._cursor = self._raw.cursor()
        self._cursor.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, posted INTEGER NOT NULL)")
        self._cursor.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, account INTEGER, amount INTEGER)")
        self._cursor.executemany("INSERT INTO account VALUES (?, 1000000)", [(number,) for number in range(1000)])

    def run(self, commits: int) -> None:
        execute = self._cursor.execute
        for number in range(commits):
            execute("BEGIN IMMEDIATE")
            execute("UPDATE account SET posted = posted - 1 WHERE id = ?", (number % 1000,))
            execute("INSERT INTO entry (account, amount) VALUES (?, -1)", (number % 1000,))
            execute("COMMIT")

    def close(self) -> None:
        self._raw.close()


def copy_seconds(source: Store, folder: Path) -> float:
    """How long `executemany` takes for every row of `source`, table after table in one transaction, into an encrypted
    file of the same schema with its indexes, keys and triggers. Reading `source` is not counted."""
    url = f"sqlite:///{folder / 'copy.db'}"
    Store.open(url, _KEY, create=True).close()
    taken = 0.0
    with source.snapshot() as rows_of, closing(connector(url, _KEY)()) as raw:
        raw.execute("BEGIN IMMEDIATE")
        for table, columns in _tables():
            marks = ", ".join("?" * len(columns))
            named = ", ".join(columns)
            for rows in _by(_ROWS, rows_of.stream(f"SELECT {named} FROM {table}")):  # noqa: S608 - own names
                started = time.perf_counter()
                raw.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)  # noqa: S608
                taken += time.perf_counter() - started
        started = time.perf_counter()
        raw.execute("COMMIT")
        taken += time.perf_counter() - started
    return taken


def _tables() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Those that others refer to first; `operation` last, because it closes the journal."""
    tables = [table for table in metadata.sorted_tables if table.name != "operation"]
    for table in (*tables, metadata.tables["operation"]):
        yield table.name, tuple(f'"{column.name}"' for column in table.columns)
    yield "name_index", ("characters", "mall_id", "member")


def _by(size: int, rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, size)):
        yield some
