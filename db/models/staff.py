"""People who work here, and their sessions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from db.models.base import mall_key, metadata
from db.types import Bytes, Id, Instant

staff = Table(
    "staff",
    metadata,
    mall_key(),
    Column("staff", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("verifier", String, nullable=False),
    Column("own_membership", Id),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("disabled", Boolean, nullable=False),
    Column("disabled_at", Instant),
    Column("disabled_by", Id),  # the operation
    Column("closed_at", Instant),  # since when their account is closed: then they are disabled since then, and by that
)

# What a supervisor's approval card opens. The operation that gave it names it; earlier ones stay, so that what they had
# approved can be proved.
approval_card = Table(
    "approval_card",
    metadata,
    mall_key(),
    Column("card", Id, primary_key=True),
    Column("staff", String, nullable=False),
    Column("public_key", Bytes, nullable=False),
    Column("sealed_key", Bytes, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
Index("ix_approval_card_staff", approval_card.c.mall_id, approval_card.c.staff)

session = Table(
    "session",
    metadata,
    mall_key(),
    Column("session", Id, primary_key=True),
    Column("staff", String, nullable=False),
    Column("desk", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
)
