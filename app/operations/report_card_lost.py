"""A lost card stops working at once, and its number never works again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Refused
from app.domain.masking import masked_card
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardLost(Result):
    card: str  # masked


@dataclass(frozen=True, kw_only=True)
class ReportCardLost(Operation):
    """`number`: or what stands for it at a desk that knows the card only by its keyed hash
    (`app.domain.card.keyed_number`): who has lost a card cannot show it."""

    member: UUID
    number: str

    verb = "report_card_lost"
    version = 2
    needs = Right.CARDS
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> CardLost:
        card = work.cards.of_member(self.member, self.number)
        if card.state == "lost" and work.act.is_fact:  # two desks were told of it: lost once is lost
            return CardLost(masked_card(card.number))
        if card.state != "issued":
            raise Refused("card.not_active", state=card.state)
        work.cards.set_state(card.number, "lost")
        return CardLost(masked_card(card.number))
