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
    member: UUID
    number: str

    verb = "report_card_lost"
    needs = Right.CARDS
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> CardLost:
        card = work.cards.get(self.number)
        if card.member != self.member:
            raise Refused("card.not_this_member")
        if card.state != "issued":
            raise Refused("card.not_active", state=card.state)
        work.cards.set_state(self.number, "lost")
        return CardLost(masked_card(self.number))
