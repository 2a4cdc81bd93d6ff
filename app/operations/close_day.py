"""A business day's report is closed: what comes to the hub from now on, and happened then, is late.

The same operation is the feed's checkpoint: the hub signs how the feed stood, and the closed report prints it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le, Len

from app.domain.errors import Refused
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class DayClosed(Result):
    day: str  # ISO 8601
    feed: str  # the feed's epoch
    n: int
    h: str  # hexadecimal


@dataclass(frozen=True, kw_only=True)
class CloseDay(Operation):
    """Closes `day` and every day before it that is still open. Its own place in the feed is where the day ends: what
    has an earlier one is in the report, whatever comes later is not.

    `n` and `h`: some row of the feed before it, and what the feed hashed to there."""

    day: date
    feed: UUID
    n: Annotated[int, Ge(0), Le(2**53)]
    h: Annotated[str, Len(64, 64)]

    verb = "close_day"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> DayClosed:
        """Raises Refused("report.day_to_come" | "report.day_closed")."""
        if self.day >= work.act.business_day:
            raise Refused("report.day_to_come")
        work.log.close_day(self.day)
        return DayClosed(self.day.isoformat(), str(self.feed), self.n, self.h)
