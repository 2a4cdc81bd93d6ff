"""What members owe is asked every ten seconds by every screen of desks: not by going through all accounts."""

from __future__ import annotations

from db.connection import Connection
from db.hub.desks import OWED
from tests.support.mall import Mall


def plan(connection: Connection, mall: str) -> str:
    if connection.engine == "sqlite":
        return str(connection.rows(f"EXPLAIN QUERY PLAN {OWED}", mall=mall))
    connection.run("SET enable_seqscan = off")  # of three accounts it reads all, whatever there is
    try:
        return str(connection.rows(f"EXPLAIN {OWED}", mall=mall))
    finally:
        connection.run("RESET enable_seqscan")


def test_who_owes_is_found_by_an_index_of_those_who_do(mall: Mall) -> None:
    mall.member(100)
    assert "ix_account_owes" in mall.store.read(lambda connection: plan(connection, mall.name))
