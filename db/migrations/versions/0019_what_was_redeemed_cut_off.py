"""What each desk redeemed while it was cut off, so that the hub sees who goes beyond a licence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0019"
down_revision: str | None = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What came before counts for nobody: a desk may have read its results long ago.
    op.create_table(
        "limits_spend",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("of_member", sa.BigInteger(), nullable=False),
        sa.Column("of_desk", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "desk", "n", name=op.f("pk_limits_spend")),
    )
    op.create_index("ix_limits_spend_member", "limits_spend", ["mall_id", "desk", "member", "n"])


def downgrade() -> None:
    op.drop_index("ix_limits_spend_member", "limits_spend")
    op.drop_table("limits_spend")
