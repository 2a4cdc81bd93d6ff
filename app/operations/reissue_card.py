"""The same number on a new stripe: the card code changes, and whatever was written before no longer counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.domain.errors import Refused
from app.domain.masking import masked_card
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardReissued(Result):
    card: str  # masked
    issue: int


@dataclass(frozen=True, kw_only=True)
class ReissueCard(Operation):
    """`made`: "written" once the new stripe is there, "spoilt" where it may hold anything and must not count either.
    `issue` is the one that was written, so that two attempts cannot be taken for each other."""

    member: UUID
    number: str
    issue: int
    made: Literal["written", "spoilt"] = "written"

    verb = "reissue_card"
    needs = Right.CARDS
    offline = Offline.NEVER

    def apply(self, work: Work) -> CardReissued:
        work.members.active(self.member)
        card = work.cards.get(self.number)
        if card.member != self.member:
            raise Refused("card.not_this_member")
        if card.state != "issued":
            raise Refused("card.not_active", state=card.state)
        if card.issue + 1 != self.issue:
            raise Refused("card.issue_changed")
        return CardReissued(masked_card(self.number), work.cards.issue_again(self.number))
