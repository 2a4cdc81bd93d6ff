"""Begin to work at a desk. The PIN was checked by the authority; the session's id is this operation's id."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class SignedIn(Result):
    session: UUID
    staff: str
    name: str
    role: str
    rights: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SignIn(Operation):
    staff: str

    verb = "sign_in"
    needs = None
    offline = Offline.ALWAYS
    asks_own_pin = True

    def apply(self, work: Work) -> SignedIn:
        staff = work.staff.get(self.staff)
        work.staff.clear_failures(self.staff)
        work.staff.open_session(self.staff)
        return SignedIn(
            self.id, staff.staff, staff.name, staff.role.value, tuple(sorted(right.value for right in staff.rights))
        )
