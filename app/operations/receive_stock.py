"""Gifts arrive at this desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self

from annotated_types import Ge, Le, Len

from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class StockLine:
    gift: str
    quantity: Annotated[int, Ge(1), Le(100_000)]


@dataclass(frozen=True)
class StockReceived(Result):
    pieces: int


@dataclass(frozen=True, kw_only=True)
class ReceiveStock(Operation):
    lines: Annotated[tuple[StockLine, ...], Len(1, 200)]
    delivery_note: str = ""

    verb = "receive_stock"
    needs = Right.RECEIVE_STOCK
    offline = Offline.ALWAYS

    def normalised(self) -> Self:
        return replace(self, delivery_note=clean(self.delivery_note, field="delivery_note", longest=60))

    def apply(self, work: Work) -> StockReceived:
        for line in self.lines:
            work.stock.gift(line.gift)
            work.stock.receive(line.gift, line.quantity)
        return StockReceived(sum(line.quantity for line in self.lines))
