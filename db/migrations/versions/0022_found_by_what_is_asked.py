"""What images of accounts ask for (holds of one account, and what was asked for where one is open) and what the spool
asks for, found without going through all that ever were"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision: str | None = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    to_print = sa.text("state IN ('queued', 'failed')")
    op.create_index("ix_hold_account", "hold", ["mall_id", "account"])
    op.create_index("ix_hub_request_granted_by", "hub_request", ["mall_id", "granted_by"])
    op.create_index(
        "ix_print_job_waiting",
        "print_job",
        ["mall_id", "desk", "queued_at", "copy"],
        postgresql_where=to_print,
        sqlite_where=to_print,
    )


def downgrade() -> None:
    op.drop_index("ix_print_job_waiting", "print_job")
    op.drop_index("ix_hub_request_granted_by", "hub_request")
    op.drop_index("ix_hold_account", "hold")
