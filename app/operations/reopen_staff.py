"""Somebody is back, or was closed by mistake: they work as before, with the PIN that they had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class StaffReopened(Result):
    staff: str


@dataclass(frozen=True, kw_only=True)
class ReopenStaff(Operation):
    """An approval card has to be given anew."""

    staff: Annotated[str, Len(1, 20)]

    verb = "reopen_staff"
    needs = Right.STAFF
    offline = Offline.NEVER

    def apply(self, work: Work) -> StaffReopened:
        """Raises Refused("staff.unknown" | "staff.not_closed")."""
        if not work.staff.get(self.staff).closed:
            raise Refused("staff.not_closed", staff=self.staff)
        work.staff.reopen(self.staff)
        return StaffReopened(self.staff)
