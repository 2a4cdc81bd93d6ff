"""The right PIN was typed after wrong ones: only failures in a row count towards a lockout."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class WrongPinsForgotten(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class ForgetWrongPins(Operation):
    """Whose PIN it was: a member of staff, or a member."""

    staff: str = ""
    member: UUID | None = None

    verb = "forget_wrong_pins"
    needs = None
    offline = Offline.ALWAYS
    by_system_only = True

    def apply(self, work: Work) -> WrongPinsForgotten:
        if self.member is not None:
            work.staff.clear_member_failures(self.member)
        else:
            work.staff.clear_failures(self.staff)
        return WrongPinsForgotten()
