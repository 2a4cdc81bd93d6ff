"""Mall, desks and the operation log: the truth from which every other table can be made again."""

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
    UniqueConstraint,
)

from db.models.base import mall_key, metadata
from db.types import Bytes, Id, Instant

mall = Table(
    "mall",
    metadata,
    mall_key(),
    Column("name", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("card_prefix", String, nullable=False),
    Column("policy_version", Integer, nullable=False),
)

desk = Table(
    "desk",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("public_key", Bytes, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("head", Bytes, nullable=False),
    Column("hlc", String, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    Column("boot", String, nullable=False),
    Column("since_boot_ms", BigInteger, nullable=False),
    Column("clock_suspect", Boolean, nullable=False),
    Column("members_enrolled", BigInteger, nullable=False),
    UniqueConstraint("mall_id", "number"),
)

operation = Table(
    "operation",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("desk", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("verb", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("approver", String),
    Column("member", Id),
    Column("encoded", Bytes, nullable=False),
    Column("hash", Bytes, nullable=False),
    Column("signature", Bytes, nullable=False),
    Column("result", Bytes, nullable=False),
    UniqueConstraint("mall_id", "desk", "epoch", "sequence"),
    CheckConstraint("approver IS NULL OR approver <> actor", name="four_eyes"),
)
Index("ix_operation_member", operation.c.mall_id, operation.c.member, operation.c.at)
Index("ix_operation_at", operation.c.mall_id, operation.c.at)

subject_key = Table(
    "subject_key",
    metadata,
    mall_key(),
    Column("subject", Id, primary_key=True),
    Column("key", Bytes, nullable=False),
)

secret = Table(
    "secret",
    metadata,
    mall_key(),
    Column("name", String, primary_key=True),
    Column("value", Bytes, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    mall_key(),
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

import_batch = Table(
    "import_batch",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("kind", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    ForeignKeyConstraint(
        ["mall_id", "operation_id"],
        ["operation.mall_id", "operation.operation_id"],
        deferrable=True,
        initially="DEFERRED",
    ),
)
