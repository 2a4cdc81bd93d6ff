"""Somebody works here no more: from now on nothing is done in their name, and their history keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.domain.errors import Refused
from app.domain.staff import Right, Role
from app.operations.base import EVERY_DESK, Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class StaffClosed(Result):
    staff: str


@dataclass(frozen=True, kw_only=True)
class CloseStaff(Operation):
    """They are signed out wherever they are signed in, and their approval card ends. `reopen_staff` takes it back.

    A desk that is cut off goes on until it hears of it: what it did in their name meanwhile is posted and looked into
    (`Conflict.ACTOR_INVALID`), and so is what they approved there (`Conflict.APPROVER_INVALID`)."""

    staff: Annotated[str, Len(1, 20)]

    verb = "close_staff"
    needs = Right.STAFF
    offline = Offline.NEVER  # it counts at all desks
    stops = EVERY_DESK  # nothing anywhere has read that they work here and is not yet done

    def apply(self, work: Work) -> StaffClosed:
        """Raises Refused("staff.unknown" | "staff.close_self" | "staff.closed" | "staff.last_administrator")."""
        person = work.staff.get(self.staff)
        if person.role is Role.SYSTEM:
            raise Refused("staff.unknown", staff=self.staff)
        if person.staff == work.act.actor.staff:
            raise Refused("staff.close_self")
        if person.closed:
            raise Refused("staff.closed", name=person.name)
        if person.role is Role.ADMINISTRATOR and not work.staff.has_other_administrator(person.staff):
            raise Refused("staff.last_administrator")  # two may close each other at two desks
        work.staff.close(person.staff)
        return StaffClosed(person.staff)
