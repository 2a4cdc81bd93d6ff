"""A member chooses a new PIN: the old one is forgotten, or there was none."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class MemberPinSet(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class SetMemberPin(Operation):
    """`pin_verifier` is made by the authority from the PIN that the member typed; it never comes from outside."""

    member: UUID
    pin_verifier: str | None = None

    verb = "set_member_pin"
    needs = Right.ENROL
    offline = Offline.NEVER
    sealed = ("pin_verifier",)

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.member_pin")

    def apply(self, work: Work) -> MemberPinSet:
        if self.pin_verifier is None:
            raise Refused("pin.required")
        work.members.active(self.member)
        work.members.set_pin(self.member, self.pin_verifier)
        work.staff.clear_member_failures(self.member)
        return MemberPinSet()
