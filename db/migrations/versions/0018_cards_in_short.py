"""A desk finds the cards of a member whom it knows only in short, without their numbers: to report one lost"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision: str | None = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_card_thin_member", "card_thin", ["mall_id", "member"])


def downgrade() -> None:
    op.drop_index("ix_card_thin_member", "card_thin")
