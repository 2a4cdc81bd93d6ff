"""Points set aside for one desk"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("lease", db.types.Id(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("until", db.types.Instant(), nullable=False),
        sa.Column("ended_by", db.types.Id(), nullable=True),
        sa.CheckConstraint("remaining >= 0 AND remaining <= points", name=op.f("ck_lease_remaining")),
        sa.PrimaryKeyConstraint("mall_id", "lease", name=op.f("pk_lease")),
    )
    op.create_index("ix_lease_member", "lease", ["mall_id", "member"], unique=False)
    op.create_table(
        "lease_move",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("lease", db.types.Id(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_lease_move_mall_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "lease", name=op.f("pk_lease_move")),
    )
    op.create_index("ix_lease_move_member", "lease_move", ["mall_id", "member"], unique=False)
    _guards()


def downgrade() -> None:
    op.drop_table("lease_move")
    op.drop_table("lease")


def _guards() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER lease_move_no_{event.lower()} BEFORE {event} ON lease_move "
                "BEGIN SELECT RAISE(ABORT, 'lease_move is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER lease_move_no_change BEFORE UPDATE OR DELETE ON lease_move "
        "FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
    op.execute(
        "CREATE TRIGGER lease_move_no_truncate BEFORE TRUNCATE ON lease_move "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
