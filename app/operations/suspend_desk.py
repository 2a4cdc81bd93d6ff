"""A desk works no longer until somebody resumes it; what it has done already is still taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class DeskSuspended(Result):
    desk: str


@dataclass(frozen=True, kw_only=True)
class SuspendDesk(Operation):
    """One person alone may stop a desk: nothing is freed by it, and whoever sees that something is wrong should not
    have to look for a second one first."""

    desk: Annotated[str, Len(1, 20)]

    verb = "suspend_desk"
    needs = Right.DESKS
    offline = Offline.NEVER  # it is the hub that gives no more licences
    asks_own_pin = True
    stops = "desk"

    def apply(self, work: Work) -> DeskSuspended:
        work.desks.suspend(self.desk)
        return DeskSuspended(self.desk)
