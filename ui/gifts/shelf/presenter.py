"""What stands on this desk's shelf, and the form for what arrives."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from app.domain.ids import new_id
from app.domain.staff import Right
from app.operations.receive_stock import ReceiveStock, StockLine
from app.ports.authority import Answer
from app.queries.rows import GiftRow
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Summary, SummaryLine, Task, Undo
from ui.gifts.matching import matching
from ui.locale import mark

LOW_STOCK = 5
_PIECES = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True)
class Arriving:
    gift: GiftRow
    quantity: int


@dataclass(frozen=True)
class ReceiveResult:
    operation: UUID
    pieces: int
    lines: tuple[Arriving, ...]


@dataclass(frozen=True)
class ShelfState:
    """`picked` is the gift whose pieces are typed next."""

    gifts: tuple[GiftRow, ...] = ()
    loading: bool = False
    load_problem: Problem | None = None
    filter: str = ""
    allowed: bool = True
    picked: GiftRow | None = None
    quantity: str = ""
    lines: tuple[Arriving, ...] = ()
    delivery_note: str = ""
    sending: SendingState = AT_REST
    result: ReceiveResult | None = None

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)


class ShelfScreen(Protocol):
    def show_shelf(self, state: ShelfState) -> None: ...


class ShelfPresenter(Task):
    name = "shelf"

    def __init__(self, screen: ShelfScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._gifts: tuple[GiftRow, ...] = ()
        self._loading = False
        self._load_problem: Problem | None = None
        self._filter = ""
        self._picked: str | None = None
        self._quantity = ""
        self._lines: tuple[tuple[str, int], ...] = ()
        self._note = ""
        self._operation = new_id()
        self._sent: tuple[Arriving, ...] = ()
        self._result: ReceiveResult | None = None

    @property
    def quantity(self) -> str:
        return self._quantity

    @property
    def unfinished(self) -> bool:
        return not self.done and bool(self._lines)

    def opened(self) -> None:
        self.load()
        super().opened()

    def load(self) -> None:
        if not self._loading:
            self._loading = True
            self.services.jobs.run(self.services.queries.gifts, self._loaded, self._not_loaded)

    def type_filter(self, text: str) -> None:
        self._filter = text
        self.render()

    def pick(self, gift: str) -> None:
        """This gift has arrived; how many pieces comes next."""
        if self.sending.state.editable and any(one.gift == gift for one in self._gifts):
            self._picked, self._quantity = gift, ""
            self._edited()

    def type_quantity(self, text: str) -> None:
        if self.sending.state.editable:
            self._quantity = text
            self._edited()

    def add(self) -> None:
        """The typed pieces of the picked gift onto the delivery."""
        typed = self._quantity.strip()
        if not self.sending.state.editable:
            return
        if self._picked is None:
            self.fail("stock.no_gift")
        elif not _PIECES.fullmatch(typed):
            self.fail("stock.pieces_unreadable")
        else:
            kept = dict(self._lines)
            kept[self._picked] = kept.get(self._picked, 0) + int(typed)
            self._lines, self._picked, self._quantity = tuple(kept.items()), None, ""
            self._edited()

    def remove(self, gift: str) -> None:
        if self.sending.state.editable:
            self._lines = tuple(line for line in self._lines if line[0] != gift)
            self._edited()

    def type_note(self, text: str) -> None:
        if self.sending.state.editable:
            self._note = text
            self.sending.clear_problem()

    def receive(self) -> None:
        if self.done:
            self.finish()
            return
        if self.sending.state.step is not Step.FORM:
            return
        if self._picked is not None and self._quantity.strip():
            self.add()
            if self.sending.state.problem is not None:
                return
        if not self._lines:
            self.fail("stock.nothing_arrived")
            return
        self._sent = self._arriving()
        lines = tuple(StockLine(gift, quantity) for gift, quantity in self._lines)
        self.sending.start((ReceiveStock(id=self._operation, lines=lines, delivery_note=self._note),))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        self._result = ReceiveResult(answers[0].operation_id, int(answers[0].facts["pieces"]), self._sent)
        self._lines, self._note, self._picked, self._quantity = (), "", None, ""
        self._operation = new_id()
        self.load()

    def finish(self) -> None:
        if self.done:
            self._result = None
        super().finish()

    def undo(self) -> None:
        result = self._result
        if result is not None and self.host is not None:
            names = "、".join(f"{line.gift.name} × {line.quantity}" for line in result.lines)
            self.host.undo(Undo(result.operation, "received", names, 0))

    def mint(self) -> None:
        self._operation = new_id()

    def summary(self) -> Summary:
        lines = tuple(SummaryLine(line.gift.name, f"+{line.quantity:,}") for line in self._arriving())
        return Summary(mark("Receive stock"), "", lines)

    def render(self) -> None:
        picked = next((gift for gift in self._gifts if gift.gift == self._picked), None)
        self.screen.show_shelf(
            ShelfState(
                matching(self._filter, self._gifts), self._loading and not self._gifts, self._load_problem,
                self._filter, self.services.may(Right.RECEIVE_STOCK), picked, self._quantity, self._arriving(),
                self._note, self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip

    def _arriving(self) -> tuple[Arriving, ...]:
        by_code = {gift.gift: gift for gift in self._gifts}
        return tuple(Arriving(by_code[gift], quantity) for gift, quantity in self._lines if gift in by_code)

    def _loaded(self, gifts: tuple[GiftRow, ...]) -> None:
        self._gifts, self._loading, self._load_problem = gifts, False, None
        self.render()

    def _not_loaded(self, failure: Exception) -> None:
        self._loading = False
        self._load_problem = replace(self.services.problem(failure), again=True)
        self.render()

    def _edited(self) -> None:
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()
