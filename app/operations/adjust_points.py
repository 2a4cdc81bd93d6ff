"""Correct a balance by a stated difference, with a reason and a second person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self
from uuid import UUID

from annotated_types import Ge, Le

from app.domain.calendar import add_months
from app.domain.errors import Refused
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work

Reason = Literal["goodwill", "missing_points", "wrong_points", "campaign", "other"]


@dataclass(frozen=True)
class PointsAdjusted(Result):
    usable_before: int
    usable_after: int


@dataclass(frozen=True, kw_only=True)
class AdjustPoints(Operation):
    member: UUID
    change: Annotated[int, Ge(-10_000_000), Le(10_000_000)]
    reason: Reason
    note: str

    verb = "adjust_points"
    needs = Right.ADJUST
    offline = Offline.NEVER
    sealed = ("note",)  # free text about a person may name them

    def normalised(self) -> Self:
        if self.change == 0:
            raise Refused("points.no_change")
        return replace(self, note=clean(self.note, field="note", longest=200, shortest=2))

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.adjustment")

    def apply(self, work: Work) -> PointsAdjusted:
        work.members.active(self.member)
        cap = work.policy.adjust_cap_points
        if abs(self.change) > cap or work.points.adjusted_today(work.act.actor.staff) + self.change > cap:
            raise Refused("points.adjust_cap", cap=cap)
        account = work.points.lock(self.member)
        before = account.usable(work.act.business_day)
        if self.change > 0:
            expires_on = add_months(work.act.business_day, work.policy.points_live_months)
            work.points.credit(self.member, self.change, kind="adjust", expires_on=expires_on, house="adjusted")
        else:
            uses = account.spend(-self.change, on=work.act.business_day)
            work.points.debit(account, uses, kind="adjust", house="adjusted")
        return PointsAdjusted(before, work.points.lock(self.member).usable(work.act.business_day))
