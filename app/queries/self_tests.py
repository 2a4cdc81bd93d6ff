"""Self-tests of this desk, as they were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.self_test import Check


@dataclass(frozen=True)
class SelfTestRow:
    operation: UUID
    at: datetime
    staff: str  # number and name
    checks: tuple[Check, ...]
    took_ms: int


class SelfTestQueries(Protocol):
    def recent(self, limit: int = 50) -> tuple[SelfTestRow, ...]:
        """The newest first. Blocks (database)."""
