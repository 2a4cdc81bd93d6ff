"""A supervisor gets the card with which they approve where the hub cannot be asked. The administrator gives it, the
supervisor types their own PIN: nobody makes one for somebody else, nor for themselves alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class ApprovalCardGiven(Result):
    staff: str


@dataclass(frozen=True, kw_only=True)
class GiveApprovalCard(Operation):
    """The keys are made by the authority from the PIN that was typed and the card's secret, which is stored nowhere.
    An earlier card of the same person ends with it."""

    staff: Annotated[str, Len(1, 20)]
    public_key: str | None = None  # Ed25519, hexadecimal
    sealed_key: str | None = None  # hexadecimal

    verb = "give_approval_card"
    needs = Right.STAFF
    offline = Offline.NEVER
    asks_own_pin = True

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.card_holder")

    def apply(self, work: Work) -> ApprovalCardGiven:
        holder = work.staff.get(self.staff)
        if Right.APPROVE not in holder.rights:
            raise Refused("approval.no_right", staff=holder.staff)
        if work.act.approver is None or work.act.approver.staff != holder.staff:
            raise Refused("approval.card_holder")
        if self.public_key is None or self.sealed_key is None:
            raise Refused("pin.required")
        work.staff.give_approval_card(holder.staff, bytes.fromhex(self.public_key), bytes.fromhex(self.sealed_key))
        return ApprovalCardGiven(holder.staff)
