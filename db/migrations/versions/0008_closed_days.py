"""Closed days and their checkpoints; reports as the hub told them; hubs that were put back to an earlier time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("closed_day", "restoration")


def upgrade() -> None:
    op.create_table(
        "closed_day",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("day", db.types.Day(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "day", name=op.f("pk_closed_day")),
    )
    op.create_table(
        "restoration",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("since", db.types.Instant(), nullable=False),
        sa.Column("until", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_restoration")),
    )
    op.create_table(
        "told_report",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("day", db.types.Day(), nullable=False),
        sa.Column("told_at", db.types.Instant(), nullable=False),
        sa.Column("report", db.types.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "day", "told_at", name=op.f("pk_told_report")),
    )
    _guards()


def downgrade() -> None:
    for table in (*APPEND_ONLY, "told_report"):
        op.drop_table(table)


def _guards() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        if sqlite:
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            continue
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
