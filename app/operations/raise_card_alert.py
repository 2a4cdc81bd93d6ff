"""A card that came to the counter looks copied: supervisors are to know, and the member's page says so."""

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
class CardAlertRaised(Result):
    card: str  # masked


@dataclass(frozen=True, kw_only=True)
class RaiseCardAlert(Operation):
    """`kind`: "code_wrong", the stripe's code is not that of the card's newest issue; "two_counters", the member was
    served elsewhere less than a minute ago."""

    member: UUID
    number: str
    kind: Literal["code_wrong", "two_counters"]

    verb = "raise_card_alert"
    needs = Right.LOOK_UP
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> CardAlertRaised:
        card = work.cards.get(self.number)
        if card.member != self.member:
            raise Refused("card.not_this_member")
        work.cards.note_alert(self.number, self.member, self.kind)
        return CardAlertRaised(masked_card(self.number))
