"""Thaw points that were frozen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class HoldReleased(Result):
    points: int
    usable_after: int


@dataclass(frozen=True, kw_only=True)
class ReleaseHold(Operation):
    member: UUID
    hold: UUID

    verb = "release_hold"
    needs = Right.ADJUST
    offline = Offline.NEVER

    def apply(self, work: Work) -> HoldReleased:
        work.points.lock(self.member)
        member, points = work.holds.resolve(self.hold)
        if member != self.member:
            raise Refused("hold.not_this_member")
        return HoldReleased(points, work.points.lock(self.member).usable(work.act.business_day))
