"""Let somebody try their PIN again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class LockoutLifted(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class LiftLockout(Operation):
    staff: str = ""
    member: UUID | None = None

    verb = "lift_lockout"
    needs = Right.APPROVE
    offline = Offline.NEVER

    def apply(self, work: Work) -> LockoutLifted:
        if self.member is not None:
            work.members.get(self.member)
            work.staff.clear_member_failures(self.member)
        else:
            person = work.staff.get(self.staff)
            if person.staff == work.act.actor.staff:
                raise Refused("staff.own_lockout")
            if person.closed:
                raise Refused("staff.closed", name=person.name)
            work.staff.clear_failures(self.staff)
        return LockoutLifted()
