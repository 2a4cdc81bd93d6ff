"""A desk was stolen or cannot be found: at its next contact it is told to destroy what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class DeskReportedLost(Result):
    desk: str


@dataclass(frozen=True, kw_only=True)
class ReportDeskLost(Operation):
    """What it still sends is kept aside for a person to look at. What the hub had set aside for it is free again."""

    desk: Annotated[str, Len(1, 20)]

    verb = "report_desk_lost"
    needs = Right.DESKS
    offline = Offline.NEVER  # it is the hub that gives the order
    asks_own_pin = True
    stops = "desk"

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.desk_lost")

    def apply(self, work: Work) -> DeskReportedLost:
        work.desks.report_lost(self.desk)
        return DeskReportedLost(self.desk)
