"""The hub says yes before a desk does it: what it needs is held until it is done, given up, or the time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le

from app.domain.errors import Refused
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

GRANT_LIVES = timedelta(minutes=15)


@dataclass(frozen=True)
class RequestGranted(Result):
    usable_before: int | None
    until: str  # ISO 8601, UTC


@dataclass(frozen=True, kw_only=True)
class GrantRequest(Operation):
    """`asked` is the id that the desk's operation will have, `verb` what it will be; `points` are held for it."""

    asked: UUID
    desk: str
    asked_verb: str
    member: UUID | None = None
    points: Annotated[int, Ge(0), Le(1_000_000_000)] = 0

    verb = "grant_request"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> RequestGranted:
        usable = None
        if self.member is not None:
            usable = work.points.lock(self.member).usable(work.act.business_day)
            if self.points > usable:
                raise Refused("points.not_enough", usable=usable, missing=self.points - usable)
        until = work.act.at + GRANT_LIVES
        work.requests.grant(self.asked, self.desk, self.asked_verb, self.member, self.points, until)
        return RequestGranted(usable, until.isoformat())
