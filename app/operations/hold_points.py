"""Freeze points: they stay the member's, but cannot be spent until the hold is released."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self
from uuid import UUID

from annotated_types import Ge, Le

from app.domain.errors import Refused
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class PointsHeld(Result):
    hold: UUID
    usable_before: int
    usable_after: int


@dataclass(frozen=True, kw_only=True)
class HoldPoints(Operation):
    """The hold lasts until it is released; its id is this operation's id."""

    member: UUID
    points: Annotated[int, Ge(1), Le(10_000_000)]
    note: str

    verb = "hold_points"
    needs = Right.ADJUST
    offline = Offline.NEVER
    sealed = ("note",)  # free text about a person may name them

    def normalised(self) -> Self:
        return replace(self, note=clean(self.note, field="note", longest=200, shortest=2))

    def apply(self, work: Work) -> PointsHeld:
        account = work.points.lock(self.member)
        usable = account.usable(work.act.business_day)
        if self.points > usable:
            raise Refused("points.not_enough", usable=usable, missing=self.points - usable)
        work.holds.open(self.member, self.points)
        return PointsHeld(self.id, usable, usable - self.points)
