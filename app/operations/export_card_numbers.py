"""Take the numbers of a batch out of the program, for a card factory. The file is asked for afterwards by this
operation's id: who took which numbers out, and why, stands in the log before it exists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self

from annotated_types import Ge, Le

from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardNumbersExported(Result):
    first_serial: int
    label: str


@dataclass(frozen=True, kw_only=True)
class ExportCardNumbers(Operation):
    """`first_serial` names the batch."""

    first_serial: Annotated[int, Ge(1), Le(10**11 - 1)]
    reason: str

    verb = "export_card_numbers"
    needs = Right.CARD_STOCK
    offline = Offline.NEVER
    asks_own_pin = True

    def normalised(self) -> Self:
        return replace(self, reason=clean(self.reason, field="reason", longest=200, shortest=2))

    def apply(self, work: Work) -> CardNumbersExported:
        return CardNumbersExported(self.first_serial, work.cards.batch_label(self.first_serial))
