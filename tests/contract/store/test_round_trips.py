"""What travels together to PostgreSQL changes nothing of what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from db.connection import Connection, MissedRow, Statement
from db.store import Store

MALL = "M77"
GIFTS = Statement("SELECT name FROM gift WHERE mall_id = :mall ORDER BY gift", {"mall": MALL})
_ADD = (
    "INSERT INTO gift (mall_id, gift, name, points, value_fen, on_offer, coupon_shops, coupon_terms) "
    "VALUES (:mall, :gift, :gift, 1, 1, :yes, '', '')"
)


@pytest.fixture
def store(fresh_postgres: str) -> Iterator[Store]:
    opened = Store.open(fresh_postgres, None)
    yield opened
    opened.close()


def add(connection: Connection, gift: str, **more: Any) -> None:
    connection.later(_ADD, mall=MALL, gift=gift, yes=True, **more)


class Counting:
    """Of a connection's wire: how often something travelled."""

    def __init__(self, connection: Connection) -> None:
        self._send = connection._wire.send
        self.times = 0
        connection._wire.send = self.send  # type: ignore[method-assign]
        self._connection = connection

    def send(self, statements: Any) -> Any:
        self.times += 1
        return self._send(statements)

    def off(self) -> None:
        self._connection._wire.send = self._send  # type: ignore[method-assign]


def test_what_was_foreseen_does_not_travel_again_until_its_table_is_written_to(store: Store) -> None:
    def work(connection: Connection) -> list[Any]:
        add(connection, "CUP")
        connection.foresee(GIFTS)
        connection.rows("SELECT 1 FROM mall WHERE mall_id = :mall", mall=MALL)
        counting = Counting(connection)
        first = connection.ask(GIFTS)[0]
        connection.later("UPDATE shop SET name = name WHERE mall_id = :mall", mall=MALL)
        again = connection.rows(GIFTS.sql, **GIFTS.values)
        travelled = counting.times
        add(connection, "FAN")
        after = connection.ask(GIFTS)[0]
        counting.off()
        return [first, again, travelled, after, counting.times]

    assert store.write(work) == [[("CUP",)], [("CUP",)], 0, [("CUP",), ("FAN",)], 1]


def test_nothing_that_was_foreseen_outlives_its_transaction(store: Store) -> None:
    def foresees(connection: Connection) -> None:
        connection.foresee(GIFTS)
        connection.rows("SELECT 1 FROM mall WHERE mall_id = :mall", mall=MALL)

    store.write(foresees)
    store.write(lambda connection: add(connection, "CUP"))
    assert store.write(lambda connection: connection.ask(GIFTS)[0]) == [("CUP",)]


def test_a_savepoint_takes_back_what_was_sent_and_what_was_not(store: Store) -> None:
    class Stop(Exception):
        pass

    def work(connection: Connection) -> None:
        add(connection, "CUP")
        for is_sent in (False, True):
            with pytest.raises(Stop), connection.savepoint():
                add(connection, "FAN")
                if is_sent:
                    connection.flush()
                raise Stop
        add(connection, "TEA")

    store.write(work)
    assert store.write(lambda connection: connection.ask(GIFTS)[0]) == [("CUP",), ("TEA",)]


def test_a_statement_that_fails_before_the_savepoint_is_told_as_itself(store: Store) -> None:
    def work(connection: Connection) -> None:
        connection.later("INSERT INTO gift (mall_id, gift) VALUES (:mall, 'CUP')", mall=MALL)  # it wants a name
        with connection.savepoint():
            add(connection, "FAN")

    with pytest.raises(Exception, match="name"):
        store.write(work)
    assert store.write(lambda connection: connection.ask(GIFTS)[0]) == []


def test_a_row_that_is_missed_at_the_very_end_undoes_all(store: Store) -> None:
    def work(connection: Connection) -> None:
        add(connection, "CUP")
        connection.later("UPDATE gift SET points = 2 WHERE mall_id = :mall AND gift = 'FAN'", expect=1, mall=MALL)

    with pytest.raises(MissedRow):
        store.write(work)
    assert store.write(lambda connection: connection.ask(GIFTS)[0]) == []


def test_what_a_waiting_statement_returns_is_told_when_it_has_travelled(store: Store) -> None:
    told: list[Any] = []

    def work(connection: Connection) -> int:
        add(connection, "CUP")
        connection.later(
            "UPDATE gift SET points = points + 41 WHERE mall_id = :mall RETURNING points", then=told.extend, mall=MALL
        )
        return len(told)

    assert store.write(work) == 0
    assert told == [(42,)]
