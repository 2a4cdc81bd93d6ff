"""What members owe, which the screen of desks asks every ten seconds, without going through all accounts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owes = sa.text("owed > 0")
    op.create_index("ix_account_owes", "account", ["mall_id", "owed"], postgresql_where=owes, sqlite_where=owes)


def downgrade() -> None:
    op.drop_index("ix_account_owes", "account")
