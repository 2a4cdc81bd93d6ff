"""A desk has asked the hub who somebody is: who asked, and for whom, stands in the log; what was typed does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class LookupRecorded(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class RecordLookup(Operation):
    """`shown`: the member whose data the desk was given in full; else `rows` were listed, masked."""

    desk: str
    staff: str
    by: Literal["member", "card", "phone", "name"]
    rows: Annotated[int, Ge(0)] = 0
    shown: UUID | None = None

    verb = "record_lookup"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> LookupRecorded:
        return LookupRecorded()
