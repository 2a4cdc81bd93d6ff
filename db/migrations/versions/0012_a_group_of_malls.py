"""Malls of a group: partners, the directory, what was given to each other's members"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("public_key", db.types.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "partner", name=op.f("pk_partner")),
    )
    op.create_table(
        "directory",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("hash", db.types.Bytes(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "hash", name=op.f("pk_directory")),
    )
    op.create_table(
        "guest_redemption",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_guest_redemption")),
    )
    op.create_table(
        "guest_call",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", db.types.Instant(), nullable=False),
        sa.Column("feed", db.types.Id(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'posted', 'voided')", name=op.f("ck_guest_call_state")),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_guest_call")),
    )
    op.create_index(
        "ix_guest_call_open",
        "guest_call",
        ["mall_id", "asked_at"],
        unique=False,
        postgresql_where=sa.text("state = 'asked'"),
        sqlite_where=sa.text("state = 'asked'"),
    )
    _guards()


def downgrade() -> None:
    for table in ("guest_call", "guest_redemption", "directory", "partner"):
        op.drop_table(table)


def _guards() -> None:
    """What was given stays on record."""
    table = "guest_redemption"
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
