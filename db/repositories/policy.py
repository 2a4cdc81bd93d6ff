"""The figures that are in force."""

from __future__ import annotations

from app.domain.policy import Policy
from db.connection import Connection


def policy_in_force(connection: Connection, mall: str) -> Policy:
    """Read anew: for work that is done once in a while (see `db.work.PolicyCache`)."""
    rows = connection.rows("SELECT name, value FROM setting WHERE mall_id = :mall", mall=mall)
    return Policy().with_settings({name: value for name, value in rows})  # noqa: C416 - its types
