"""People who work here, and their sessions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table

from db.models.base import mall_key, metadata
from db.types import Id, Instant

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
)

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
