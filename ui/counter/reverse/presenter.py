"""Undo what was done: pick it, say why, say whether the goods are back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, get_args
from uuid import UUID

from app.domain.ids import new_id
from app.operations.reverse import Reason, Reverse
from app.ports.authority import Answer
from ui.counter.sending import AT_REST, SendingState
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine, Task, Undo
from ui.locale import mark
from ui.members.presenter import reversible

REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True)
class ReverseResult:
    operation: UUID
    undone: Undo
    points: int
    usable_after: int | None
    owed_after: int


@dataclass(frozen=True)
class ReverseState:
    """`chosen` is None while the person still picks one of `choices`."""

    choices: tuple[Undo, ...] = ()
    selected: int = 0
    chosen: Undo | None = None
    reason: Reason | None = None
    goods_back: bool = False
    note: str = ""
    usable: int | None = None
    sending: SendingState = AT_REST
    result: ReverseResult | None = None

    @property
    def after(self) -> int | None:
        if self.usable is None or self.chosen is None:
            return None
        return max(0, self.usable - self.chosen.points)


class ReverseScreen(Protocol):
    def show_reverse(self, state: ReverseState) -> None: ...


class ReversePresenter(Task):
    """`of_stock`: what is undone belongs to no member (goods that were received)."""

    name = "reverse"

    def __init__(self, screen: ReverseScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self.of_stock = False
        self._selected = 0
        self._chosen: Undo | None = None
        self._reason: Reason | None = None
        self._goods_back = False
        self._note = ""
        self._operation = new_id()
        self._result: ReverseResult | None = None

    @property
    def chosen(self) -> Undo | None:
        return self._chosen

    def mark(self, place: int) -> None:
        if self._chosen is None and 0 <= place < len(self._choices()):
            self._selected = place
            self.render()

    def member_left(self) -> None:
        self._restart()
        super().member_left()

    def choose(self, what: Undo | None = None) -> None:
        """Name what is undone: the marked entry, or one that came from elsewhere (a result, the timeline)."""
        if self.busy:
            return
        if self.done:
            self.sending.cancel()
        choices = self._choices()
        if what is None and choices:
            what = choices[min(self._selected, len(choices) - 1)]
        if what is not None:
            self._restart()
            self._chosen = what
            self.sending.cancel()

    def take_slip(self, slip: UUID) -> bool:
        what = next((choice for choice in self._choices() if choice.operation == slip), None)
        if what is None or self._chosen is not None:
            return False
        self.choose(what)
        return True

    def back(self) -> None:
        """Another entry instead."""
        if self.sending.state.editable:
            self._restart()
            self.sending.cancel()

    def move(self, step: int) -> None:
        count = len(self._choices())
        if count and self._chosen is None:
            self._selected = (self._selected + step) % count
            self.render()

    def set_reason(self, reason: Reason) -> None:
        if self.sending.state.editable:
            self._reason = reason
            self._edited()

    def set_goods_back(self, back: bool) -> None:
        if self.sending.state.editable:
            self._goods_back = back
            self._edited()

    def set_note(self, note: str) -> None:
        if self.sending.state.editable:
            self._note = note
            self.sending.clear_problem()

    def reverse(self) -> None:
        if self.done:
            self.finish()
            return
        if self._chosen is None:
            self.choose()
            return
        if self._reason is None:
            self.fail("reverse.no_reason")
            return
        if self._chosen.goods_out and not self._goods_back:
            self.fail("reverse.goods_not_back")
            return
        member = None if self.of_stock or self.page is None else self.page.member
        self.sending.start(
            (
                Reverse(
                    id=self._operation, reverses=self._chosen.operation, reason=self._reason, member=member,
                    note=self._note, goods_back=self._goods_back,
                ),
            )
        )  # fmt: skip

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts, chosen = answers[0].facts, self._chosen
        assert chosen is not None
        after = facts["usable_after"]
        self._result = ReverseResult(
            answers[0].operation_id, chosen, int(facts["points"]), None if after is None else int(after),
            int(facts["owed_after"]),
        )  # fmt: skip
        self._restart(keep_result=True)

    def finish(self) -> None:
        if self.done:
            self._result = None
        super().finish()

    def mint(self) -> None:
        self._operation = new_id()

    def summary(self) -> Summary:
        page, chosen = self.page, self._chosen
        if chosen is None:
            return Summary(mark("Reverse"))
        lines = [SummaryLine(mark("What is undone"), chosen.label), SummaryLine(mark("Reason"), self._reason or "")]
        if chosen.goods_out:
            lines.append(
                SummaryLine(mark("Goods back on the counter"), mark("Yes") if self._goods_back else mark("No"))
            )
        if self._note.strip():
            lines.append(SummaryLine(mark("Note"), self._note.strip()))
        if self.of_stock or page is None:
            return Summary(mark("Reverse"), "", tuple(lines))
        return Summary(mark("Reverse"), page.name, tuple(lines), page.usable, max(0, page.usable - chosen.points))

    def render(self) -> None:
        usable = None if self.of_stock or self.page is None else self.page.usable
        self.screen.show_reverse(
            ReverseState(
                self._choices(), self._selected, self._chosen, self._reason, self._goods_back, self._note, usable,
                self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip

    def _choices(self) -> tuple[Undo, ...]:
        return reversible(self.page) if self.page is not None else ()

    def _restart(self, *, keep_result: bool = False) -> None:
        self._chosen, self._reason, self._goods_back, self._note, self._selected = None, None, False, "", 0
        self._operation = new_id()
        if not keep_result:
            self._result = None

    def _edited(self) -> None:
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()
