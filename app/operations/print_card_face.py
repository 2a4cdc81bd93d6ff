"""Print a member's card: name and number leave the program whole, so it stands in the log who asked for that."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Refused
from app.domain.masking import masked_card
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardFacePrinted(Result):
    card: str  # masked


@dataclass(frozen=True, kw_only=True)
class PrintCardFace(Operation):
    """The file is asked for afterwards, by this operation's id."""

    member: UUID
    number: str

    verb = "print_card_face"
    needs = Right.CARDS
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> CardFacePrinted:
        card = work.cards.get(self.number)
        if card.member != self.member:
            raise Refused("card.not_this_member")
        if card.state != "issued":
            raise Refused("card.not_active", state=card.state)
        return CardFacePrinted(masked_card(self.number))
