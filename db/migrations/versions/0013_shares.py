"""Strict: what desks may spend while they are cut off, and what the hub knows of that; what each has credited a day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0013"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hub_desk", sa.Column("acked_n", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("hub_desk", sa.Column("acked_feed", db.types.Id(), nullable=True))
    op.add_column("licence_epoch", sa.Column("feed_epoch", db.types.Id(), nullable=True))
    op.create_table(
        "licence_span",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("mall_id", "desk", "since", name=op.f("pk_licence_span")),
    )
    op.create_table(
        "member_share",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.Column("licence", sa.BigInteger(), nullable=False),
        sa.Column("shared_on", db.types.Day(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "member", "n", name=op.f("pk_member_share")),
    )
    op.create_table(
        "share_spend",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "member", "n", name=op.f("pk_share_spend")),
    )

    op.create_table(
        "desk_credit",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("on_day", db.types.Day(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "desk", "on_day", name=op.f("pk_desk_credit")),
    )


def downgrade() -> None:
    for table in ("desk_credit", "share_spend", "member_share", "licence_span"):
        op.drop_table(table)
    op.drop_column("licence_epoch", "feed_epoch")
    op.drop_column("hub_desk", "acked_feed")
    op.drop_column("hub_desk", "acked_n")
