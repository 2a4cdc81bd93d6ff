"""Whom each desk was given in full by the hub, a day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0021"
down_revision: str | None = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_shown",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("on_day", db.types.Day(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "desk", "on_day", "member", name=op.f("pk_desk_shown")),
    )


def downgrade() -> None:
    op.drop_table("desk_shown")
