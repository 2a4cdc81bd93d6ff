"""When an account of somebody who works here was closed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0016"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("closed_at", db.types.Instant(), nullable=True))


def downgrade() -> None:
    op.execute("ALTER TABLE staff DROP COLUMN closed_at")
