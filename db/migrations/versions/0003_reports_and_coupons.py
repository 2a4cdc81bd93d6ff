"""The operations of a day are found by their time; gifts that are coupons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_operation_at", "operation", ["mall_id", "at"])
    # One by one: making the table anew, as Alembic would on SQLite, would lose its guards.
    op.add_column("gift", sa.Column("coupon_days", sa.Integer(), nullable=True))
    op.add_column("gift", sa.Column("coupon_shops", sa.String(), nullable=False, server_default=""))
    op.add_column("gift", sa.Column("coupon_terms", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_index("ix_operation_at", "operation")
    for column in ("coupon_terms", "coupon_shops", "coupon_days"):
        op.execute(f"ALTER TABLE gift DROP COLUMN {column}")
