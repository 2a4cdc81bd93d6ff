"""Why and since when a desk stands as it does, what it told last; who was disabled by what"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None

OF_DESKS = (
    ("state_why", sa.String()),
    ("state_since", db.types.Instant()),
    ("clock_skew_ms", sa.BigInteger()),
    ("licence_until", db.types.Instant()),
    ("floor_used", sa.BigInteger()),
)


def upgrade() -> None:
    # One by one: making the table anew, as Alembic would on SQLite, would lose its guards.
    for name, kind in OF_DESKS:
        op.add_column("hub_desk", sa.Column(name, kind, nullable=True))
    op.add_column("staff", sa.Column("disabled_by", db.types.Id(), nullable=True))


def downgrade() -> None:
    for name, _ in OF_DESKS:
        op.execute(f"ALTER TABLE hub_desk DROP COLUMN {name}")
    op.execute("ALTER TABLE staff DROP COLUMN disabled_by")
