"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("account", db.types.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("held >= 0", name=op.f("ck_account_held")),
        sa.CheckConstraint("owed >= 0", name=op.f("ck_account_owed")),
        sa.PrimaryKeyConstraint("mall_id", "account", name=op.f("pk_account")),
    )
    op.create_table(
        "card_batch",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("next_serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "first_serial", name=op.f("pk_card_batch")),
    )
    op.create_table(
        "desk",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", db.types.Bytes(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("head", db.types.Bytes(), nullable=False),
        sa.Column("hlc", sa.String(), nullable=False),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("since_boot_ms", sa.BigInteger(), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("members_enrolled", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "desk", name=op.f("pk_desk")),
        sa.UniqueConstraint("mall_id", "number", name=op.f("uq_desk_mall_id_number")),
    )
    op.create_table(
        "gift",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("gift", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("on_offer", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "gift", name=op.f("pk_gift")),
    )
    op.create_table(
        "mall",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("card_prefix", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", name=op.f("pk_mall")),
    )
    op.create_table(
        "member",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("member_no", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("joined_on", db.types.Day(), nullable=False),
        sa.Column("adult_confirmed", sa.Boolean(), nullable=False),
        sa.Column("first_tier", sa.String(), nullable=True),
        sa.Column("first_card", sa.String(), nullable=True),
        sa.Column("person_digest", db.types.Bytes(), nullable=True),
        sa.Column("pin_verifier", sa.String(), nullable=True),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("pin_locked_until", db.types.Instant(), nullable=True),
        sa.Column("pin_disabled", sa.Boolean(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "member", name=op.f("pk_member")),
        sa.UniqueConstraint("mall_id", "member_no", name=op.f("uq_member_mall_id_member_no")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index("ix_member_operation", ["mall_id", "operation_id", "line"], unique=False)

    op.create_table(
        "operation",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("approver", sa.String(), nullable=True),
        sa.Column("member", db.types.Id(), nullable=True),
        sa.Column("encoded", db.types.Bytes(), nullable=False),
        sa.Column("hash", db.types.Bytes(), nullable=False),
        sa.Column("signature", db.types.Bytes(), nullable=False),
        sa.Column("result", db.types.Bytes(), nullable=False),
        sa.CheckConstraint("approver IS NULL OR approver <> actor", name=op.f("ck_operation_four_eyes")),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_operation")),
        sa.UniqueConstraint(
            "mall_id", "desk", "epoch", "sequence", name=op.f("uq_operation_mall_id_desk_epoch_sequence")
        ),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index("ix_operation_member", ["mall_id", "member", "at"], unique=False)

    op.create_table(
        "print_job",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("job", db.types.Id(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("queued_at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "job", name=op.f("pk_print_job")),
    )
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.create_index("ix_print_job_desk", ["mall_id", "desk", "state"], unique=False)

    op.create_table(
        "redemption",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_redemption")),
    )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.create_index("ix_redemption_member", ["mall_id", "member"], unique=False)

    op.create_table(
        "reveal",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("on_day", db.types.Day(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_reveal")),
    )
    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.create_index("ix_reveal_staff", ["mall_id", "staff", "on_day"], unique=False)

    op.create_table(
        "secret",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", db.types.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "name", name=op.f("pk_secret")),
    )
    op.create_table(
        "session",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("session", db.types.Id(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("opened_at", db.types.Instant(), nullable=False),
        sa.Column("closed_at", db.types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("mall_id", "session", name=op.f("pk_session")),
    )
    op.create_table(
        "setting",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "name", name=op.f("pk_setting")),
    )
    op.create_table(
        "shop",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "shop", name=op.f("pk_shop")),
    )
    op.create_table(
        "staff",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("own_membership", db.types.Id(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", db.types.Instant(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "staff", name=op.f("pk_staff")),
    )
    op.create_table(
        "subject_key",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("subject", db.types.Id(), nullable=False),
        sa.Column("key", db.types.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "subject", name=op.f("pk_subject_key")),
    )
    op.create_table(
        "adjustment",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_day", db.types.Day(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_adjustment_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_adjustment")),
    )
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.create_index("ix_adjustment_actor", ["mall_id", "actor", "on_day"], unique=False)

    op.create_table(
        "card",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", db.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "member"], ["member.mall_id", "member.member"], name=op.f("fk_card_mall_id_member")
        ),
        sa.PrimaryKeyConstraint("mall_id", "number", name=op.f("pk_card")),
    )
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.create_index("ix_card_member", ["mall_id", "member"], unique=False)
        batch_op.create_index(
            "uq_card_active",
            ["mall_id", "member", "kind"],
            unique=True,
            postgresql_where=sa.text("state = 'issued'"),
            sqlite_where=sa.text("state = 'issued'"),
        )

    op.create_table(
        "consent",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "member"], ["member.mall_id", "member.member"], name=op.f("fk_consent_mall_id_member")
        ),
        sa.PrimaryKeyConstraint("mall_id", "member", "purpose", name=op.f("pk_consent")),
    )
    op.create_table(
        "hold",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("account", db.types.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("resolved_by", db.types.Id(), nullable=True),
        sa.CheckConstraint("points > 0", name=op.f("ck_hold_points")),
        sa.ForeignKeyConstraint(
            ["mall_id", "account"], ["account.mall_id", "account.account"], name=op.f("fk_hold_mall_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_hold_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_hold")),
    )
    op.create_table(
        "import_batch",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_import_batch_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "journal",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account", db.types.Id(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_journal_amount")),
        sa.ForeignKeyConstraint(
            ["mall_id", "account"], ["account.mall_id", "account.account"], name=op.f("fk_journal_mall_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_journal_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "line", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_account", ["mall_id", "account", "at"], unique=False)

    op.create_table(
        "lot",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account", db.types.Id(), nullable=False),
        sa.Column("earned_on", db.types.Day(), nullable=False),
        sa.Column("expires_on", db.types.Day(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_lot_quantity")),
        sa.CheckConstraint("remaining BETWEEN 0 AND quantity", name=op.f("ck_lot_remaining")),
        sa.ForeignKeyConstraint(
            ["mall_id", "account"], ["account.mall_id", "account.account"], name=op.f("fk_lot_mall_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_lot_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "line", name=op.f("pk_lot")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lot_pick",
            ["mall_id", "account", "expires_on"],
            unique=False,
            postgresql_where=sa.text("remaining > 0"),
            sqlite_where=sa.text("remaining > 0"),
        )

    op.create_table(
        "person",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("phone_reversed", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("birthday", db.types.Day(), nullable=True),
        sa.Column("gender", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "member"], ["member.mall_id", "member.member"], name=op.f("fk_person_mall_id_member")
        ),
        sa.PrimaryKeyConstraint("mall_id", "member", name=op.f("pk_person")),
        sa.UniqueConstraint("mall_id", "phone", name=op.f("uq_person_mall_id_phone")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_name", ["mall_id", "name"], unique=False)
        batch_op.create_index("ix_person_phone_reversed", ["mall_id", "phone_reversed"], unique=False)

    op.create_table(
        "redemption_line",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("gift", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("handed_out_by", db.types.Id(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["redemption.mall_id", "redemption.operation_id"],
            name=op.f("fk_redemption_line_mall_id_operation_id"),
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "line", name=op.f("pk_redemption_line")),
    )
    with op.batch_alter_table("redemption_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_redemption_line_handed_out",
            ["mall_id", "handed_out_by"],
            unique=False,
            postgresql_where=sa.text("handed_out_by IS NOT NULL"),
            sqlite_where=sa.text("handed_out_by IS NOT NULL"),
        )

    op.create_table(
        "reversal",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("reverses", db.types.Id(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_reversal_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["mall_id", "reverses"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_reversal_mall_id_reverses"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "reverses", name=op.f("pk_reversal")),
    )
    op.create_table(
        "sale",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("sold_on", db.types.Day(), nullable=False),
        sa.Column("slip_number", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.Column("sold_at", db.types.Instant(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_sale_amount")),
        sa.ForeignKeyConstraint(["mall_id", "shop"], ["shop.mall_id", "shop.shop"], name=op.f("fk_sale_mall_id_shop")),
        sa.PrimaryKeyConstraint("mall_id", "shop", "sold_on", "slip_number", name=op.f("pk_sale")),
    )
    with op.batch_alter_table("sale", schema=None) as batch_op:
        batch_op.create_index("ix_sale_member", ["mall_id", "member", "sold_on"], unique=False)
        batch_op.create_index("ix_sale_operation", ["mall_id", "operation_id", "line"], unique=False)

    op.create_table(
        "search_key",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("member", db.types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "member"], ["member.mall_id", "member.member"], name=op.f("fk_search_key_mall_id_member")
        ),
        sa.PrimaryKeyConstraint("mall_id", "kind", "key", "member", name=op.f("pk_search_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stock",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("gift", sa.String(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("on_hand >= reserved", name=op.f("ck_stock_on_hand")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_reserved")),
        sa.ForeignKeyConstraint(["mall_id", "gift"], ["gift.mall_id", "gift.gift"], name=op.f("fk_stock_mall_id_gift")),
        sa.PrimaryKeyConstraint("mall_id", "desk", "gift", name=op.f("pk_stock")),
    )
    op.create_table(
        "stock_move",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("gift", sa.String(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_stock_move_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "line", name=op.f("pk_stock_move")),
    )
    op.create_table(
        "lot_use",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("source_id", db.types.Id(), nullable=False),
        sa.Column("source_line", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_lot_use_quantity")),
        sa.ForeignKeyConstraint(
            ["mall_id", "operation_id"],
            ["operation.mall_id", "operation.operation_id"],
            name=op.f("fk_lot_use_mall_id_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["mall_id", "source_id", "source_line"],
            ["lot.mall_id", "lot.operation_id", "lot.line"],
            name=op.f("fk_lot_use_mall_id_source_id_source_line"),
        ),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "source_id", "source_line", name=op.f("pk_lot_use")),
    )
    _guards()
    _name_search()


def downgrade() -> None:
    _drop_guards_and_search()
    op.drop_table("lot_use")
    op.drop_table("stock_move")
    op.drop_table("stock")
    op.drop_table("search_key")
    with op.batch_alter_table("sale", schema=None) as batch_op:
        batch_op.drop_index("ix_sale_operation")
        batch_op.drop_index("ix_sale_member")

    op.drop_table("sale")
    op.drop_table("reversal")
    with op.batch_alter_table("redemption_line", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_redemption_line_handed_out",
            postgresql_where=sa.text("handed_out_by IS NOT NULL"),
            sqlite_where=sa.text("handed_out_by IS NOT NULL"),
        )

    op.drop_table("redemption_line")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_phone_reversed")
        batch_op.drop_index("ix_person_name")

    op.drop_table("person")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_lot_pick", postgresql_where=sa.text("remaining > 0"), sqlite_where=sa.text("remaining > 0")
        )

    op.drop_table("lot")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_account")

    op.drop_table("journal")
    op.drop_table("import_batch")
    op.drop_table("hold")
    op.drop_table("consent")
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_card_active", postgresql_where=sa.text("state = 'issued'"), sqlite_where=sa.text("state = 'issued'")
        )
        batch_op.drop_index("ix_card_member")

    op.drop_table("card")
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.drop_index("ix_adjustment_actor")

    op.drop_table("adjustment")
    op.drop_table("subject_key")
    op.drop_table("staff")
    op.drop_table("shop")
    op.drop_table("setting")
    op.drop_table("session")
    op.drop_table("secret")
    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.drop_index("ix_reveal_staff")

    op.drop_table("reveal")
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_index("ix_redemption_member")

    op.drop_table("redemption")
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.drop_index("ix_print_job_desk")

    op.drop_table("print_job")
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_index("ix_operation_member")

    op.drop_table("operation")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index("ix_member_operation")

    op.drop_table("member")
    op.drop_table("mall")
    op.drop_table("gift")
    op.drop_table("desk")
    op.drop_table("card_batch")
    op.drop_table("account")


# What was written once stays as it was written: the database itself refuses anything else.
APPEND_ONLY = ("operation", "journal", "lot_use", "reversal", "stock_move", "reveal", "adjustment", "import_batch")
# Rows whose cached figures change, but which never go away.
NEVER_DELETED = ("account", "lot", "hold", "sale", "redemption", "redemption_line", "member", "card", "stock")


def _guards() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _guards_on_sqlite()
    else:
        _guards_on_postgres()


def _guards_on_sqlite() -> None:
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table in NEVER_DELETED:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows are never deleted'); END"
        )
    # The operation's row is the last of its transaction: it closes the journal of that operation, which sums to zero.
    op.execute(
        "CREATE TRIGGER operation_balances AFTER INSERT ON operation BEGIN "
        "SELECT RAISE(ABORT, 'the journal of this operation does not sum to zero') WHERE coalesce("
        "(SELECT sum(amount) FROM journal WHERE mall_id = NEW.mall_id AND operation_id = NEW.operation_id), 0) <> 0; "
        "END"
    )
    op.execute(
        "CREATE TRIGGER journal_is_closed BEFORE INSERT ON journal BEGIN "
        "SELECT RAISE(ABORT, 'this operation is closed') WHERE EXISTS "
        "(SELECT 1 FROM operation WHERE mall_id = NEW.mall_id AND operation_id = NEW.operation_id); END"
    )


def _guards_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
    for table in NEVER_DELETED:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
    for table in (*APPEND_ONLY, *NEVER_DELETED):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
    op.execute(
        "CREATE FUNCTION operation_balances() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF coalesce((SELECT sum(amount) FROM journal WHERE mall_id = NEW.mall_id "
        "AND operation_id = NEW.operation_id), 0) <> 0 THEN "
        "RAISE EXCEPTION 'the journal of this operation does not sum to zero' USING ERRCODE = '23514'; END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER operation_balances AFTER INSERT ON operation FOR EACH ROW EXECUTE FUNCTION operation_balances()"
    )
    op.execute(
        "CREATE FUNCTION journal_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM operation o JOIN added a "
        "ON o.mall_id = a.mall_id AND o.operation_id = a.operation_id) "
        "THEN RAISE EXCEPTION 'this operation is closed' USING ERRCODE = '42501'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_is_closed AFTER INSERT ON journal REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_closed()"
    )


def _name_search() -> None:
    """Two or more Hanzi anywhere in a name (RELIABILITY.md 5.1): trigrams find nothing in two-character terms."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE name_index USING fts5(characters, mall_id UNINDEXED, member UNINDEXED, "
            "tokenize = 'unicode61')"
        )
    else:
        op.execute("CREATE INDEX ix_person_characters ON person USING gin (string_to_array(name, NULL))")


def _drop_guards_and_search() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE name_index")
        for name in op.get_bind().scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP INDEX ix_person_characters")
        for function in ("append_only", "operation_balances", "journal_is_closed"):
            op.execute(f"DROP FUNCTION {function}() CASCADE")
