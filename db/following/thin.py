"""Everybody in short: what a desk holds of members whom it has not served, a million rows of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from app.sync.protocol import ThinMembers
from db.connection import Connection

_MEMBERS = ("mall_id", "member", "tier", "state", "usable", "phone")
_CARDS = ("mall_id", "hash", "member", "state")


def write_thin(connection: Connection, mall: str, some: ThinMembers) -> None:
    """What stands so already is not written again: a million rows cost most in the indexes of hashes."""
    plain = connection.engine == "sqlite"
    _write(connection, "member_thin", _MEMBERS, ((mall, _id(row[0], plain), *row[1:]) for row in some.rows()))
    _write(
        connection,
        "card_thin",
        _CARDS,
        ((mall, digest, _id(member, plain), state) for digest, member, state in some.card_rows()),
    )


def _id(member: bytes, plain: bool) -> Any:
    return member if plain else UUID(bytes=member)


def _write(connection: Connection, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    mark = "?" if connection.engine == "sqlite" else "%s"
    others = columns[2:]
    connection.many_raw(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))}) "
        f"ON CONFLICT ({', '.join(columns[:2])}) DO UPDATE SET "
        f"{', '.join(f'{name} = excluded.{name}' for name in others)} "
        f"WHERE {' OR '.join(f'{table}.{name} IS DISTINCT FROM excluded.{name}' for name in others)}",
        list(rows),
    )


@contextmanager
def indexed_afterwards(connection: Connection) -> Iterator[None]:
    """On SQLite: hashes come in no order, and an index that grows by them touches a page of it for each row. Made when
    all are there, it is sorted once, and its pages are full. Within one transaction: nobody sees it missing."""
    if connection.engine != "sqlite":
        yield
        return
    indexes = connection.rows(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('member_thin', 'card_thin') "
        "AND sql IS NOT NULL"
    )
    for name, _ in indexes:
        connection.run(f"DROP INDEX {name}")
    yield
    for _, sql in indexes:
        connection.run(sql)
