"""Shops and sales, gifts and stock, redemptions."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    text,
)

from db.models.base import mall_key, metadata
from db.types import Day, Id, Instant

shop = Table(
    "shop",
    metadata,
    mall_key(),
    Column("shop", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("category", String, nullable=False),
)

sale = Table(
    "sale",
    metadata,
    mall_key(),
    Column("shop", String, primary_key=True),
    Column("sold_on", Day, primary_key=True),
    Column("slip_number", String, primary_key=True),
    Column("member", Id, nullable=False),
    Column("sold_at", Instant, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("taken_back", Boolean, nullable=False),
    Column("operation_id", Id, nullable=False),
    Column("line", Integer, nullable=False),
    CheckConstraint("amount_fen > 0", name="amount"),
    ForeignKeyConstraint(["mall_id", "shop"], ["shop.mall_id", "shop.shop"]),
)
Index("ix_sale_member", sale.c.mall_id, sale.c.member, sale.c.sold_on)
Index("ix_sale_operation", sale.c.mall_id, sale.c.operation_id, sale.c.line)

gift = Table(
    "gift",
    metadata,
    mall_key(),
    Column("gift", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("value_fen", BigInteger, nullable=False),
    Column("on_offer", Boolean, nullable=False),
    Column("coupon_days", Integer),  # how long a coupon counts; None: no coupon but goods
    Column("coupon_shops", String, nullable=False, server_default=""),
    Column("coupon_terms", String, nullable=False, server_default=""),
)

stock = Table(
    "stock",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("gift", String, primary_key=True),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    CheckConstraint("reserved >= 0", name="reserved"),
    CheckConstraint("on_hand >= reserved", name="on_hand"),
    ForeignKeyConstraint(["mall_id", "gift"], ["gift.mall_id", "gift.gift"]),
    sqlite_with_rowid=False,
)

stock_move = Table(
    "stock_move",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("desk", String, nullable=False),
    Column("gift", String, nullable=False),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["mall_id", "operation_id"],
        ["operation.mall_id", "operation.operation_id"],
        deferrable=True,
        initially="DEFERRED",
    ),
    sqlite_with_rowid=False,
)

redemption = Table(
    "redemption",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("member", Id, nullable=False),
    Column("desk", String, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_redemption_member", redemption.c.mall_id, redemption.c.member)

redemption_line = Table(
    "redemption_line",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("gift", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("handed_out_by", Id),
    Column("taken_by", String),
    ForeignKeyConstraint(["mall_id", "operation_id"], ["redemption.mall_id", "redemption.operation_id"]),
    sqlite_with_rowid=False,
)
_HANDED_OUT = text("handed_out_by IS NOT NULL")
Index(
    "ix_redemption_line_handed_out",
    redemption_line.c.mall_id,
    redemption_line.c.handed_out_by,
    postgresql_where=_HANDED_OUT,
    sqlite_where=_HANDED_OUT,
)

coupon = Table(
    "coupon",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),  # the redemption that gave it
    Column("line", Integer, primary_key=True),
    Column("piece", Integer, primary_key=True),
    Column("gift", String, nullable=False),
    Column("worth_fen", BigInteger, nullable=False),
    Column("valid_from", Day, nullable=False),
    Column("until", Day, nullable=False),
    Column("shops", String, nullable=False),
    Column("terms", String, nullable=False),
    ForeignKeyConstraint(["mall_id", "operation_id"], ["redemption.mall_id", "redemption.operation_id"]),
)
