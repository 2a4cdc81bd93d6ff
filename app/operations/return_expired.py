"""Points that the hub let expire come back: a desk that was cut off for long had given a gift for them while they
were good (RELIABILITY.md 4.9). Only what that redemption needs, and only for it: their last day is over for everybody
else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from annotated_types import Ge

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class ExpiredReturned(Result):
    points: int


@dataclass(frozen=True, kw_only=True)
class ReturnExpired(Operation):
    """`redemption` spent `points` on the business day `on`."""

    member: UUID
    redemption: UUID
    points: Annotated[int, Ge(1)]
    on: date

    verb = "return_expired"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> ExpiredReturned:
        missing = self.points - work.points.lock(self.member).usable(self.on)
        return ExpiredReturned(work.points.unexpire(self.member, max(0, missing), on=self.on))
