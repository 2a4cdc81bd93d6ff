"""Points whose last day has passed cease to exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le, Len

from app.domain.errors import Refused
from app.domain.points import LotUse
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class PointsExpired(Result):
    members: int
    points: int
    more: bool  # ask again: there are other members


@dataclass(frozen=True, kw_only=True)
class ExpirePoints(Operation):
    """Lots whose last day is `through` or before, of at most `limit` members, so that no transaction grows long; of
    `members`, where the hub names those whose points stand behind no desk's share (docs/adr/0012)."""

    through: date
    limit: Annotated[int, Ge(1), Le(5_000)] = 500
    members: Annotated[tuple[UUID, ...], Len(1, 5_000)] | None = None

    verb = "expire_points"
    needs = Right.EXPIRE
    offline = Offline.NEVER

    def apply(self, work: Work) -> PointsExpired:
        if self.through >= work.act.business_day:
            raise Refused("points.not_expired_yet")
        found = work.points.expired(self.through, self.limit, self.members)
        total = 0
        for member, lots in found:
            account = work.points.lock(member)
            uses = tuple(LotUse(lot.lot, lot.remaining) for lot in lots)
            work.points.debit(account, uses, kind="expire", house="expired")
            total += sum(use.quantity for use in uses)
        return PointsExpired(len(found), total, more=len(found) == self.limit)
