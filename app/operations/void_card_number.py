"""One number of the stock shall never become a card: it was spoilt while it was written, or the plastic is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.masking import masked_card
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardNumberVoided(Result):
    card: str  # masked


@dataclass(frozen=True, kw_only=True)
class VoidCardNumber(Operation):
    number: str
    reason: Literal["spoilt", "damaged", "missing"]

    verb = "void_card_number"
    needs = Right.CARDS
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> CardNumberVoided:
        work.cards.void_number(self.number, self.reason)
        return CardNumberVoided(masked_card(self.number))
