"""On SQLite, the tables that every operation writes are kept in their primary keys; telephone numbers by code point"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

# With a hidden row number, a row is in two trees: its own and its key's. A redemption writes all of these.
IN_THEIR_KEYS = (
    "account",
    "journal",
    "lot_use",
    "print_job",
    "redemption",
    "redemption_line",
    "stock",
    "stock_move",
)
_OPTION = " WITHOUT ROWID"


def upgrade() -> None:
    # The deferred key asks for the reversals of each operation that closes: without it, by reading all of them.
    op.create_index("ix_reversal_operation_id", "reversal", ["mall_id", "operation_id"])
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(lambda sql: sql + _OPTION)
    else:
        op.execute('ALTER TABLE person ALTER COLUMN phone TYPE VARCHAR COLLATE "C"')


def downgrade() -> None:
    op.drop_index("ix_reversal_operation_id", "reversal")
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(lambda sql: sql.removesuffix(_OPTION))
    else:
        op.execute('ALTER TABLE person ALTER COLUMN phone TYPE VARCHAR COLLATE "default"')


def _make_anew(changed: Callable[[str], str]) -> None:
    """As SQLite's manual describes it (ALTER TABLE, 7), by the tables' own words, so that types, keys and guards stay
    as they are. Alembic's batches would lose the guards and the declared types."""
    bind = op.get_bind()
    # Guards of one table may look into another; they are not read again while that one is away.
    bind.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    for table in IN_THEIR_KEYS:
        (made,) = bind.scalars(
            sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), {"table": table}
        )
        hung_on = bind.scalars(
            sa.text("SELECT sql FROM sqlite_master WHERE type <> 'table' AND tbl_name = :table AND sql IS NOT NULL"),
            {"table": table},
        ).all()
        body = made[made.index("(") :]
        op.execute(f"CREATE TABLE {table}_anew {changed(body)}")
        # As they were written, which is nearly the order of their keys; sorted, millions would stand in memory.
        op.execute(f"INSERT INTO {table}_anew SELECT * FROM {table}")
        op.execute(f"DROP TABLE {table}")
        op.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")
        for sql in hung_on:
            op.execute(sql)
    bind.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
