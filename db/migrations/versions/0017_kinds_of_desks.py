"""What a desk is for: counter, kiosk or till; how much a kiosk gives at once while it is cut off"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None

_FOR_KIOSKS = "offline_kiosk_per_redemption"


def upgrade() -> None:
    op.add_column("enrol_code", sa.Column("kind", sa.String(), server_default="counter", nullable=False))
    op.add_column("hub_desk", sa.Column("kind", sa.String(), server_default="counter", nullable=False))
    # Who set the figures before did not say this one. What they set reads as 200 from now on (`app.sync.earlier`), so
    # that applying the log again comes to these rows. A desk's copy says what its hub says.
    op.execute(
        f"INSERT INTO setting (mall_id, name, value) SELECT s.mall_id, '{_FOR_KIOSKS}', '200' FROM setting s "
        "WHERE s.name = 'offline_policy' AND NOT EXISTS (SELECT 1 FROM sync_state k WHERE k.mall_id = s.mall_id)"
    )


def downgrade() -> None:
    op.execute(f"DELETE FROM setting WHERE name = '{_FOR_KIOSKS}'")
    op.drop_column("hub_desk", "kind")
    op.drop_column("enrol_code", "kind")
