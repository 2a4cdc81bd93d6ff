"""What is left of a batch of card numbers shall never become cards: boxes that were lost, a delivery that was wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self

from annotated_types import Ge, Le

from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardBatchVoided(Result):
    numbers: int


@dataclass(frozen=True, kw_only=True)
class VoidCardBatch(Operation):
    """`first_serial` names the batch. Cards of it that were issued stay what they are."""

    first_serial: Annotated[int, Ge(1), Le(10**11 - 1)]
    reason: str

    verb = "void_card_batch"
    needs = Right.CARD_STOCK
    offline = Offline.NEVER
    asks_own_pin = True

    def normalised(self) -> Self:
        return replace(self, reason=clean(self.reason, field="reason", longest=200, shortest=2))

    def apply(self, work: Work) -> CardBatchVoided:
        return CardBatchVoided(work.cards.void_rest(self.first_serial, self.reason))
