"""Card stock: kinds of batches, issues of a card, numbers that were voided, cards that look copied"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

import db.types
from app.domain.card import card_serial
from app.domain.errors import Refused

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("card_void", "card_alert")


def upgrade() -> None:
    # Columns are added one by one: making the table anew, as Alembic would on SQLite, would lose its guards.
    op.add_column("card", sa.Column("serial", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("card", sa.Column("issue", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("card", sa.Column("qr_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_card_serial", "card", ["mall_id", "serial"])
    op.add_column("card_batch", sa.Column("kind", sa.String(), nullable=False, server_default="any"))
    op.add_column("card_batch", sa.Column("label", sa.String(), nullable=False, server_default=""))
    op.add_column("card_batch", sa.Column("made_at", db.types.Instant(), nullable=True))
    op.create_table(
        "card_void",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("last_serial", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_card_void")),
    )
    op.create_index("ix_card_void_serial", "card_void", ["mall_id", "first_serial"])
    op.create_table(
        "card_alert",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_card_alert")),
    )
    op.create_index("ix_card_alert_member", "card_alert", ["mall_id", "member", "at"])
    _serials_of_known_cards()
    _days_of_known_batches()
    _guards()


def downgrade() -> None:
    op.drop_table("card_alert")  # their guards go with them
    op.drop_table("card_void")
    op.drop_index("ix_card_serial", "card")
    for table, columns in (("card_batch", ("made_at", "label", "kind")), ("card", ("qr_step", "issue", "serial"))):
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


_CARD = sa.table(
    "card", sa.column("mall_id", sa.String), sa.column("number", sa.String), sa.column("serial", sa.BigInteger)
)
_BATCH = sa.table(
    "card_batch",
    sa.column("mall_id", sa.String),
    sa.column("first_serial", sa.BigInteger),
    sa.column("made_at", db.types.Instant),
)
_OPERATION = sa.table(
    "operation",
    sa.column("mall_id", sa.String),
    sa.column("verb", sa.String),
    sa.column("at", db.types.Instant),
    sa.column("encoded", db.types.Bytes),
)


def _serials_of_known_cards() -> None:
    bind = op.get_bind()
    secrets = bind.execute(
        sa.text(
            "SELECT m.mall_id, m.card_prefix, s.value FROM mall m JOIN secret s ON s.mall_id = m.mall_id "
            "AND s.name = 'card_numbers'"
        )
    ).all()
    for mall, prefix, key in secrets:
        found = []
        for (number,) in bind.execute(sa.select(_CARD.c.number).where(_CARD.c.mall_id == mall)):
            try:
                found.append({"n": number, "s": card_serial(number, prefix, bytes(key)), "m": mall})
            except Refused:
                continue  # no number of this mall's: `verify` names it
        if found:
            bind.execute(sa.text("UPDATE card SET serial = :s WHERE mall_id = :m AND number = :n"), found)


def _days_of_known_batches() -> None:
    bind = op.get_bind()
    made = bind.execute(
        sa.select(_OPERATION.c.mall_id, _OPERATION.c.at, _OPERATION.c.encoded).where(
            _OPERATION.c.verb == "add_card_batch"
        )
    ).all()
    for mall, at, encoded in made:
        first = json.loads(encoded)["body"]["first_serial"]
        bind.execute(
            sa.update(_BATCH).where(_BATCH.c.mall_id == mall, _BATCH.c.first_serial == first).values(made_at=at)
        )


def _guards() -> None:
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
