"""The hub gives a desk the next card numbers before it runs out of them, so that it can issue cards while it is cut
off. Nobody has to ask: what a desk has used the hub learns from its operations, and the block comes with the feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardBlockGranted(Result):
    numbers: int


@dataclass(frozen=True, kw_only=True)
class GrantCardBlock(Operation):
    """`first_serial` follows on what the desk has, so that the same block is never given twice: whoever comes second
    meets the first."""

    desk: str
    first_serial: Annotated[int, Ge(1), Le(10**11 - 1)]
    count: Annotated[int, Ge(1), Le(10_000)]

    verb = "grant_card_block"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> CardBlockGranted:
        work.cards.add_batch(self.first_serial, self.count, "any", "", self.desk)
        return CardBlockGranted(self.count)
