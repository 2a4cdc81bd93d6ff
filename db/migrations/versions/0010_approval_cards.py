"""Approval cards; who closed a task, when and how; requests of a desk that are not done yet"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_card",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("card", db.types.Id(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("public_key", db.types.Bytes(), nullable=False),
        sa.Column("sealed_key", db.types.Bytes(), nullable=False),
        sa.Column("given_at", db.types.Instant(), nullable=False),
        sa.Column("ended_at", db.types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("mall_id", "card", name=op.f("pk_approval_card")),
    )
    op.create_index("ix_approval_card_staff", "approval_card", ["mall_id", "staff"], unique=False)
    op.create_table(
        "asked_of_hub",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("session", db.types.Id(), nullable=False),
        sa.Column("given_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_asked_of_hub")),
    )
    op.add_column("exception_task", sa.Column("closed_at", db.types.Instant(), nullable=True))
    op.add_column("exception_task", sa.Column("outcome", sa.String(), nullable=True))
    _approval_cards_stay()


def downgrade() -> None:
    op.drop_column("exception_task", "outcome")
    op.drop_column("exception_task", "closed_at")
    op.drop_table("asked_of_hub")
    op.drop_table("approval_card")


def _approval_cards_stay() -> None:
    """What a card has approved is proved by its row."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER approval_card_no_delete BEFORE DELETE ON approval_card "
            "BEGIN SELECT RAISE(ABORT, 'approval_card rows are never deleted'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER approval_card_no_delete BEFORE DELETE ON approval_card "
        "FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
    op.execute(
        "CREATE TRIGGER approval_card_no_truncate BEFORE TRUNCATE ON approval_card "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
