"""Points of a member are set aside for this desk: it may give gifts for them also while it is cut off, and nobody else
can spend them meanwhile (RELIABILITY.md 4.7). Nothing can be overspent that way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result, honoured_member
from app.ports.storage import Work


@dataclass(frozen=True)
class PointsLeased(Result):
    points: int
    until: str  # ISO 8601, UTC
    usable_before: int
    usable_after: int


@dataclass(frozen=True, kw_only=True)
class LeasePoints(Operation):
    """The lease has this operation's id. What is left of it comes back by `return_lease`, or when it has ended by this
    desk's own clock."""

    member: UUID
    points: Annotated[int, Ge(1), Le(10_000_000)]
    hours: Annotated[int, Ge(1), Le(168)] = 24

    verb = "lease_points"
    needs = Right.APPROVE
    offline = Offline.NEVER

    def apply(self, work: Work) -> PointsLeased:
        honoured_member(work, self.member)
        usable = work.points.lock(self.member).usable(work.act.business_day)
        # Granted, and sent when the grant had lapsed: what is still there.
        points = min(self.points, usable) if work.act.is_fact else self.points
        if points > usable or points == 0:
            raise Refused("points.not_enough", usable=usable, missing=self.points - usable)
        until = work.act.at + timedelta(hours=self.hours)
        work.leases.open(self.member, points, until)
        return PointsLeased(points, until.isoformat(), usable, usable - points)
