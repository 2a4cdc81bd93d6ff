"""A desk is given up for good; its unused card numbers are never given out (RELIABILITY.md 4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class DeskRetired(Result):
    desk: str


@dataclass(frozen=True, kw_only=True)
class RetireDesk(Operation):
    """Only where all that it did has arrived: nothing of it is taken any more afterwards. To come back it enrols."""

    desk: Annotated[str, Len(1, 20)]

    verb = "retire_desk"
    needs = Right.DESKS
    offline = Offline.NEVER  # only the hub knows what it has not sent
    asks_own_pin = True
    stops = "desk"

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.desk_retired")

    def apply(self, work: Work) -> DeskRetired:
        work.desks.retire(self.desk)
        return DeskRetired(self.desk)
