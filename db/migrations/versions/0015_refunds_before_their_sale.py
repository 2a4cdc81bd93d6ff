"""A refund that is told before its sale is kept until that comes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"
branch_labels = None
depends_on = None

_EARLY = sa.text("refund_of IS NOT NULL AND operation_id IS NULL")


def upgrade() -> None:
    op.add_column("till_sale", sa.Column("refund_of", sa.String(), nullable=True))
    op.add_column("till_sale", sa.Column("amount_fen", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        "ix_till_sale_refund_of", "till_sale", ["mall_id", "refund_of"], postgresql_where=_EARLY, sqlite_where=_EARLY
    )


def downgrade() -> None:
    op.drop_index("ix_till_sale_refund_of", "till_sale")
    op.drop_column("till_sale", "amount_fen")
    op.drop_column("till_sale", "refund_of")
