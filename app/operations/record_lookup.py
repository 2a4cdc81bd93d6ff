"""A desk has asked the hub who somebody is: who asked, and for whom, stands in the log; what was typed does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge

from app.domain.conflicts import Conflict
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class LookupRecorded(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class RecordLookup(Operation):
    """`shown`: the member whose data the desk was given in full; else `rows` were listed, masked. `refused`: the desk
    had been given as many in full that day as it may; said once a day, and a supervisor looks into it."""

    desk: str
    staff: str
    by: Literal["member", "card", "phone", "name"]
    rows: Annotated[int, Ge(0)] = 0
    shown: UUID | None = None
    refused: bool = False

    verb = "record_lookup"
    version = 2
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> LookupRecorded:
        if self.refused:
            work.conflict(Conflict.LOOKED_UP_MUCH, desk=self.desk, quota=work.policy.lookups_per_day)
        return LookupRecorded()
