"""What a desk keeps that follows a hub; empty where there is none"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def _mall() -> sa.Column[str]:
    return sa.Column("mall_id", sa.String(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "sync_state",
        _mall(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "name", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "operation_result",
        _mall(),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("pulled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_operation_result")),
    )
    op.create_table(
        "floor_use",
        _mall(),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_floor_use")),
    )
    op.create_index("ix_floor_use_member", "floor_use", ["mall_id", "member"])
    op.create_table(
        "member_thin",
        _mall(),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("usable", sa.BigInteger(), nullable=False),
        sa.Column("phone", db.types.Bytes(), nullable=True),
        sa.Column("phone_tail", db.types.Bytes(), nullable=True),
        sa.PrimaryKeyConstraint("mall_id", "member", name=op.f("pk_member_thin")),
    )
    op.create_index("ix_member_thin_phone", "member_thin", ["mall_id", "phone"])
    op.create_table(
        "card_thin",
        _mall(),
        sa.Column("hash", db.types.Bytes(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "hash", name=op.f("pk_card_thin")),
    )
    op.create_index("ix_card_thin_member", "card_thin", ["mall_id", "member"])
    op.create_table(
        "central_image",
        _mall(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "kind", "key", name=op.f("pk_central_image")),
    )


def downgrade() -> None:
    for table in (
        "central_image",
        "card_thin",
        "member_thin",
        "floor_use",
        "operation_result",
        "sync_state",
    ):
        op.drop_table(table)
