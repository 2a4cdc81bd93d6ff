"""Double-entry journal, lots and holds (RELIABILITY.md 6). `journal`, `lot_use` and `reversal` are append-only: the
database itself refuses anything else (see the migrations)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    text,
)

from db.models.base import mall_key, metadata
from db.types import Day, Id, Instant


def _of_operation(column: str = "operation_id") -> ForeignKeyConstraint:
    """Deferred: the operation's own row is written last, and closes it."""
    return ForeignKeyConstraint(
        ["mall_id", column], ["operation.mall_id", "operation.operation_id"], deferrable=True, initially="DEFERRED"
    )


account = Table(
    "account",
    metadata,
    mall_key(),
    Column("account", Id, primary_key=True),
    Column("kind", String, nullable=False),
    Column("posted", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("owed", BigInteger, nullable=False),
    CheckConstraint("held >= 0", name="held"),
    CheckConstraint("owed >= 0", name="owed"),
    sqlite_with_rowid=False,
)
# Hardly anybody does; the screen of desks asks every ten seconds.
_OWES = text("owed > 0")
Index("ix_account_owes", account.c.mall_id, account.c.owed, postgresql_where=_OWES, sqlite_where=_OWES)

journal = Table(
    "journal",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("account", Id, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("amount <> 0", name="amount"),
    ForeignKeyConstraint(["mall_id", "account"], ["account.mall_id", "account.account"]),
    _of_operation(),
    sqlite_with_rowid=False,
)
Index("ix_journal_account", journal.c.mall_id, journal.c.account, journal.c.at)

lot = Table(
    "lot",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("account", Id, nullable=False),
    Column("earned_on", Day, nullable=False),
    Column("expires_on", Day, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("remaining BETWEEN 0 AND quantity", name="remaining"),
    ForeignKeyConstraint(["mall_id", "account"], ["account.mall_id", "account.account"]),
    _of_operation(),
)
_LEFT = text("remaining > 0")
Index(
    "ix_lot_pick",
    lot.c.mall_id,
    lot.c.account,
    lot.c.expires_on,
    postgresql_where=_LEFT,
    sqlite_where=_LEFT,
)

lot_use = Table(
    "lot_use",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("source_id", Id, primary_key=True),
    Column("source_line", Integer, primary_key=True),
    Column("quantity", BigInteger, nullable=False),  # negative: given back by a reversal
    CheckConstraint("quantity <> 0", name="quantity"),
    ForeignKeyConstraint(["mall_id", "source_id", "source_line"], ["lot.mall_id", "lot.operation_id", "lot.line"]),
    _of_operation(),
    sqlite_with_rowid=False,
)

hold = Table(
    "hold",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("account", Id, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("resolved_by", Id),
    CheckConstraint("points > 0", name="points"),
    ForeignKeyConstraint(["mall_id", "account"], ["account.mall_id", "account.account"]),
    _of_operation(),
)

Index("ix_hold_account", hold.c.mall_id, hold.c.account)

# Points of a member that one desk alone may spend, also cut off; held in the account until they are.
lease = Table(
    "lease",
    metadata,
    mall_key(),
    Column("lease", Id, primary_key=True),  # the operation that set them aside
    Column("desk", String, nullable=False),
    Column("member", Id, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
    Column("ended_by", Id),
    CheckConstraint("remaining >= 0 AND remaining <= points", name="remaining"),
)
Index("ix_lease_member", lease.c.mall_id, lease.c.member)

lease_move = Table(
    "lease_move",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("lease", Id, primary_key=True),
    Column("member", Id, nullable=False),
    Column("points", BigInteger, nullable=False),
    _of_operation(),
)
Index("ix_lease_move_member", lease_move.c.mall_id, lease_move.c.member)

reversal = Table(
    "reversal",
    metadata,
    mall_key(),
    Column("reverses", Id, primary_key=True),
    Column("operation_id", Id, nullable=False),
    _of_operation("reverses"),
    _of_operation(),
)
Index("ix_reversal_operation_id", reversal.c.mall_id, reversal.c.operation_id)

adjustment = Table(
    "adjustment",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("actor", String, nullable=False),
    Column("on_day", Day, nullable=False),
    Column("change", BigInteger, nullable=False),
    _of_operation(),
)
Index("ix_adjustment_actor", adjustment.c.mall_id, adjustment.c.actor, adjustment.c.on_day)
