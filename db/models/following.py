"""What a desk keeps that follows a hub; empty everywhere else. None of it is determined by operations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table

from db.models.base import mall_key, metadata
from db.types import Bytes, Day, Id, Instant

sync_state = Table(
    "sync_state",
    metadata,
    mall_key(),
    Column("name", String, primary_key=True),  # the names are in db.following.state
    Column("value", String, nullable=False),
)

# An operation of this desk is pending until `pulled`: a reply to a push can be lost, what the feed says cannot.
operation_result = Table(
    "operation_result",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("code", String),
    Column("n", BigInteger),
    Column("pulled", Boolean, nullable=False),
)

# What the hub was asked for and this desk has not done yet: given up, it is told so that nothing stays held.
asked_of_hub = Table(
    "asked_of_hub",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("session", Id, nullable=False),
    Column("given_up", Boolean, nullable=False),
)

floor_use = Table(
    "floor_use",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("member", Id, nullable=False),
    Column("points", BigInteger, nullable=False),
)
Index("ix_floor_use_member", floor_use.c.mall_id, floor_use.c.member)

member_thin = Table(
    "member_thin",
    metadata,
    mall_key(),
    Column("member", Id, primary_key=True),
    Column("tier", String, nullable=False),
    Column("state", String, nullable=False),
    Column("usable", BigInteger, nullable=False),
    Column("phone", Bytes),
    sqlite_with_rowid=False,
)
Index("ix_member_thin_phone", member_thin.c.mall_id, member_thin.c.phone)

card_thin = Table(
    "card_thin",
    metadata,
    mall_key(),
    Column("hash", Bytes, primary_key=True),
    Column("member", Id, nullable=False),
    Column("state", String, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_card_thin_member", card_thin.c.mall_id, card_thin.c.member)

# Reports of the whole mall, as the hub told them and this desk printed them: a copy says what the first one said.
told_report = Table(
    "told_report",
    metadata,
    mall_key(),
    Column("day", Day, primary_key=True),
    Column("told_at", Instant, primary_key=True),
    Column("report", Bytes, nullable=False),
)

# The hub's last word on what this desk holds in full: with the pending operations it makes the rows that screens read.
central_image = Table(
    "central_image",
    metadata,
    mall_key(),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("state", String, nullable=False),
)
