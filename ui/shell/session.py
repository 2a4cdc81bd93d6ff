"""Who works at this desk now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.ports.authority import Answer


@dataclass(frozen=True)
class Session:
    session: UUID
    staff: str
    name: str
    role: str
    rights: frozenset[str]
    since: datetime

    @classmethod
    def of(cls, answer: Answer, since: datetime) -> Session:
        """From the answer to a `SignIn`."""
        facts = answer.facts
        return cls(
            UUID(str(facts.get("session") or answer.operation_id)),
            str(facts["staff"]),
            str(facts["name"]),
            str(facts["role"]),
            frozenset(str(right) for right in facts.get("rights", ())),
            since,
        )
