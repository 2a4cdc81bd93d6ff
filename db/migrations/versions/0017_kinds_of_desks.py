"""What a desk is for: counter, kiosk or till; how much a kiosk gives at once while it is cut off"""

from __future__ import annotations

import json

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
    connection = op.get_bind()
    _kinds_again(connection)
    # A desk's copy says what its hub says.
    malls = connection.execute(
        sa.text(
            "SELECT s.mall_id FROM setting s WHERE s.name = 'offline_policy' "
            "AND NOT EXISTS (SELECT 1 FROM sync_state k WHERE k.mall_id = s.mall_id)"
        )
    )
    for (mall,) in malls.all():
        connection.execute(
            sa.text("INSERT INTO setting (mall_id, name, value) VALUES (:mall, :name, :value)"),
            {"mall": mall, "name": _FOR_KIOSKS, "value": _as_set(connection, mall)},
        )


def _kinds_again(connection: sa.Connection) -> None:
    """Where an older program worked in between: a kiosk must not come back as a counter, which gives more at once."""
    codes = connection.execute(
        sa.text(
            "SELECT c.mall_id, c.code_hash, c.desk, o.encoded, u.at FROM enrol_code c "
            "JOIN operation o ON o.mall_id = c.mall_id AND o.operation_id = c.operation_id "
            "LEFT JOIN operation u ON u.mall_id = c.mall_id AND u.operation_id = c.used_by ORDER BY u.at"
        )
    )
    for mall, code, desk, encoded, used_at in codes.all():
        kind = json.loads(bytes(encoded))["body"].get("kind", "counter")
        values = {"mall": mall, "code": code, "desk": desk, "kind": kind}
        connection.execute(
            sa.text("UPDATE enrol_code SET kind = :kind WHERE mall_id = :mall AND code_hash = :code"), values
        )
        if used_at is not None:  # the last one used counts
            connection.execute(
                sa.text("UPDATE hub_desk SET kind = :kind WHERE mall_id = :mall AND desk = :desk"), values
            )


def _as_set(connection: sa.Connection, mall: str) -> str:
    """By who set the figures last, so that applying the log again comes to this row. Who did before there were kiosks
    did not say this one: what they set reads as 200 (`app.sync.earlier`)."""
    found = connection.execute(
        sa.text(
            "SELECT encoded FROM operation WHERE mall_id = :mall AND verb = 'set_offline_rules' "
            "ORDER BY at DESC, epoch DESC, sequence DESC LIMIT 1"
        ),
        {"mall": mall},
    ).scalar()
    rules = json.loads(bytes(found))["body"]["rules"] if found is not None else {}
    return str(rules.get("kiosk_per_redemption", 200))


def downgrade() -> None:
    # What was set comes back from the log; a desk that follows a hub has none of the hub's, and keeps what it was told.
    op.execute(
        f"DELETE FROM setting WHERE name = '{_FOR_KIOSKS}' "
        "AND NOT EXISTS (SELECT 1 FROM sync_state k WHERE k.mall_id = setting.mall_id)"
    )
    op.drop_column("hub_desk", "kind")
    op.drop_column("enrol_code", "kind")
