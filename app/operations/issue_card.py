"""Give a member a card from this mall's stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.domain.errors import Refused
from app.domain.masking import masked_card
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result, honoured_member
from app.ports.storage import Work

CardKind = Literal["physical", "virtual"]


@dataclass(frozen=True)
class CardIssued(Result):
    card: str  # masked


@dataclass(frozen=True, kw_only=True)
class IssueCard(Operation):
    member: UUID
    number: str
    kind: CardKind = "physical"

    verb = "issue_card"
    needs = Right.CARDS
    offline = Offline.WITHIN_LIMITS

    def apply(self, work: Work) -> CardIssued:
        honoured_member(work, self.member)
        work.cards.check_is_ours_and_new(self.number, self.kind)
        if work.cards.active_of(self.member, self.kind) is not None:
            raise Refused("card.has_active")
        work.cards.issue(self.number, self.member, self.kind)
        if self.kind == "virtual":
            work.print_slip("card")  # with its code: the paper is all the member holds of it
        return CardIssued(masked_card(self.number))
