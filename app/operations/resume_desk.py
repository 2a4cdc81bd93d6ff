"""A suspended desk works again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class DeskResumed(Result):
    desk: str


@dataclass(frozen=True, kw_only=True)
class ResumeDesk(Operation):
    """Not one whose store was found to be a copy: that one enrols anew, so that its chain begins an epoch."""

    desk: Annotated[str, Len(1, 20)]

    verb = "resume_desk"
    needs = Right.DESKS
    offline = Offline.NEVER  # only the hub knows why it was suspended
    asks_own_pin = True
    stops = "desk"

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.desk_resumed")

    def apply(self, work: Work) -> DeskResumed:
        work.desks.resume(self.desk)
        return DeskResumed(self.desk)
