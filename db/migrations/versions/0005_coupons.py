"""Coupons that redemptions gave, as they were when they were given"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coupon",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("gift", sa.String(), nullable=False),
        sa.Column("worth_fen", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", db.types.Day(), nullable=False),
        sa.Column("until", db.types.Day(), nullable=False),
        sa.Column("shops", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["redemption.mall_id", "redemption.operation_id"],
            name=op.f("fk_coupon_mall_id_operation_id"),
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "line", "piece", name=op.f("pk_coupon")),
    )


def downgrade() -> None:
    op.drop_table("coupon")
