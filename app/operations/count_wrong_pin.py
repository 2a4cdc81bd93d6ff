"""A wrong PIN is counted, durably: guessing goes on neither after a restart nor at another screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from app.domain.staff import lock_seconds
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class WrongPinCounted(Result):
    failures: int
    locked_seconds: int | None  # None: until a supervisor lifts it


@dataclass(frozen=True, kw_only=True)
class CountWrongPin(Operation):
    """Whose PIN was wrong: a member of staff, or a member."""

    purpose: Literal["sign_in", "unlock", "approval", "step_up", "member"]
    staff: str = ""
    member: UUID | None = None

    verb = "count_wrong_pin"
    needs = None
    offline = Offline.ALWAYS
    by_system_only = True

    def apply(self, work: Work) -> WrongPinCounted:
        if self.member is not None:
            failures = work.staff.count_member_failure(self.member)
        else:
            failures = work.staff.count_failure(self.staff)
        seconds = lock_seconds(failures)
        until = work.act.at + timedelta(seconds=seconds) if seconds else None
        if self.member is not None:
            work.staff.lock_member_pin(self.member, until, disabled=seconds is None)
        else:
            work.staff.lock(self.staff, until, disabled=seconds is None)
        return WrongPinCounted(failures, seconds)
