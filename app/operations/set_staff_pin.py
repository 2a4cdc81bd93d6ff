"""A new PIN for somebody who works here: their own, or, by the administrator, that of a person who forgot it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class StaffPinSet(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class SetStaffPin(Operation):
    """`pin_verifier` is made by the authority from the PIN that was typed; it never comes from outside."""

    staff: str
    pin_verifier: str | None = None

    verb = "set_staff_pin"
    needs = None
    offline = Offline.NEVER
    asks_own_pin = True

    def apply(self, work: Work) -> StaffPinSet:
        if self.staff != work.act.actor.staff:
            work.act.actor.must(Right.STAFF)
        if self.pin_verifier is None:
            raise Refused("pin.required")
        person = work.staff.get(self.staff)
        if person.closed:
            raise Refused("staff.closed", name=person.name)
        work.staff.set_pin(self.staff, self.pin_verifier)
        return StaffPinSet()
