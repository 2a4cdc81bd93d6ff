"""The member shows the code on their phone and agrees by that to what is submitted together with it.

It counts once and for about a minute (DEVICES.md 3). An operation of its own, so that the log says what was shown, and
`verify` can ask again whether it was true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen

from app.domain.errors import Refused
from app.domain.masking import masked_card
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class MemberCodePresented(Result):
    card: str  # masked


@dataclass(frozen=True, kw_only=True)
class PresentMemberCode(Operation):
    member: UUID
    code: Annotated[str, MaxLen(60)]

    verb = "present_member_code"
    needs = Right.LOOK_UP
    offline = Offline.WITHIN_LIMITS

    def apply(self, work: Work) -> MemberCodePresented:
        card = work.cards.use_member_code(self.code)
        if card.member != self.member:
            raise Refused("card.not_this_member")
        if card.state != "issued":
            raise Refused("card.not_active", state=card.state)
        return MemberCodePresented(masked_card(card.number))
