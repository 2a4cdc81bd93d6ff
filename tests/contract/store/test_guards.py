"""What was written once stays: the database itself refuses, whoever asks (ARCHITECTURE.md 4.1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
import sqlcipher3.dbapi2 as sqlcipher

from app.domain.ids import house_account
from app.operations.adjust_points import AdjustPoints
from app.operations.hold_points import HoldPoints
from app.operations.raise_card_alert import RaiseCardAlert
from app.operations.reveal import Reveal
from app.operations.reverse import Reverse
from app.operations.void_card_number import VoidCardNumber
from db.connection import Connection
from db.store import Store
from tests.contract.store.test_verify import bring_history
from tests.support.mall import CLERK, OTHER_SUPERVISOR, PINS, SUPERVISOR, Mall

REFUSED = (sqlcipher.IntegrityError, psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)
APPEND_ONLY = (
    *("operation", "journal", "lot_use", "reversal", "stock_move", "reveal", "adjustment", "import_batch"),
    *("card_void", "card_alert"),
)
NEVER_DELETED = ("account", "lot", "hold", "sale", "redemption", "redemption_line", "member", "card", "stock")


@pytest.fixture
def lived_in(mall: Mall) -> Mall:
    """Something in every append-only table."""
    bring_history(mall, 1)
    member = mall.member(1_000)
    redeem = mall.redemption(member)
    mall.do(redeem)
    mall.do(Reverse(reverses=redeem.id, reason="mistake", member=member))
    mall.do(Reveal(member=member, field="name", reason="complaint"), pin=PINS[CLERK])
    mall.do(HoldPoints(member=member, points=5, note="争议"), by=SUPERVISOR)
    mall.do(VoidCardNumber(number=mall.new_card(), reason="missing"))
    number = mall.one("SELECT max(number) FROM card WHERE mall_id = :mall AND member = :member", member=member)[0]
    mall.do(RaiseCardAlert(member=member, number=number, kind="code_wrong"))
    thanks = AdjustPoints(member=member, change=5, reason="goodwill", note="致歉")
    mall.do(thanks, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)
    return mall


def refuses(mall: Mall, verb: str, table: str) -> None:
    before = mall.count(table)
    assert before > 0, table
    with pytest.raises(REFUSED):
        mall.store.write(lambda c: c.run(verb.format(table) + " WHERE mall_id = :mall", mall=mall.name))
    assert mall.count(table) == before


@pytest.mark.parametrize("verb", ["UPDATE {} SET mall_id = mall_id", "DELETE FROM {}"])
def test_history_is_neither_changed_nor_deleted(lived_in: Mall, verb: str) -> None:
    for table in APPEND_ONLY:
        refuses(lived_in, verb, table)


def test_rows_with_a_history_are_never_deleted(lived_in: Mall) -> None:
    for table in NEVER_DELETED:
        refuses(lived_in, "DELETE FROM {}", table)


def test_nor_are_whole_tables_emptied(postgres_store: Store) -> None:
    for table in (*APPEND_ONLY, *NEVER_DELETED):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            postgres_store.write(lambda c, table=table: c.run(f"TRUNCATE {table} CASCADE"))  # type: ignore[misc]


def entry(connection: Connection, mall: Mall, operation: object, line: int, account: object, amount: int) -> None:
    connection.run(
        "INSERT INTO journal (mall_id, operation_id, line, account, amount, kind, at) "
        "VALUES (:mall, :operation, :line, :account, :amount, 'earn', :at)",
        mall=mall.name,
        operation=operation,
        line=line,
        account=account,
        amount=amount,
        at=mall.clock.now,
    )


def operation_row(connection: Connection, mall: Mall, operation: object) -> None:
    connection.run(
        "INSERT INTO operation (mall_id, operation_id, desk, epoch, sequence, verb, at, actor, encoded, hash, "
        "signature, result) "
        "VALUES (:mall, :operation, 'D1', 1, 900000, 'redeem', :at, '1001', :bytes, :bytes, :bytes, :bytes)",
        mall=mall.name,
        operation=operation,
        at=mall.clock.now,
        bytes=b"",
    )


def test_a_journal_that_does_not_sum_to_zero_is_refused_whole(mall: Mall) -> None:
    member, operation = mall.member(100), uuid4()

    def unbalanced(connection: Connection) -> None:
        entry(connection, mall, operation, 0, member, 500)
        operation_row(connection, mall, operation)

    before = mall.count("journal")
    with pytest.raises(REFUSED):
        mall.store.write(unbalanced)
    assert mall.count("journal") == before


def test_an_operation_that_is_closed_takes_no_further_entry(mall: Mall) -> None:
    member = mall.member()
    sale = mall.earn(member, 100)
    house = house_account("issued", "D1")

    def late(connection: Connection) -> None:
        entry(connection, mall, sale.id, 7, member, 500)
        entry(connection, mall, sale.id, 8, house, -500)

    with pytest.raises(REFUSED):
        mall.store.write(late)
    assert mall.points(member).posted == 100


def test_entries_of_no_operation_do_not_stay(mall: Mall) -> None:
    member = mall.member(100)

    def orphan(connection: Connection) -> None:
        operation = uuid4()
        entry(connection, mall, operation, 0, member, 500)
        entry(connection, mall, operation, 1, house_account("issued", "D1"), -500)

    with pytest.raises((sqlcipher.IntegrityError, psycopg.errors.ForeignKeyViolation)):
        mall.store.write(orphan)
    assert mall.points(member).posted == 100


def test_what_a_slip_earned_cannot_be_credited_to_another_day(mall: Mall) -> None:
    """The primary key of a sale is shop, day and number; the clock moving on does not free it."""
    sale = mall.slip(mall.member(), 5_000)
    mall.do(sale)
    mall.clock.advance(timedelta(days=1))
    assert mall.count("sale") == 1
