"""Correct a balance by a stated difference; somebody else approves it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Protocol, get_args
from uuid import UUID

from app.domain.errors import Refused
from app.domain.ids import new_id
from app.domain.staff import Right
from app.operations.adjust_points import AdjustPoints, Reason
from app.ports.authority import Answer
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine, Task, Undo
from ui.locale import mark

REASONS: tuple[Reason, ...] = get_args(Reason)
_CHANGE = re.compile(r"[+-]?[0-9]{1,8}")


@dataclass(frozen=True)
class AdjustDraft:
    operation: UUID
    change: str = ""
    reason: Reason | None = None
    note: str = ""


@dataclass(frozen=True)
class AdjustResult:
    operation: UUID
    change: int
    before: int
    after: int


@dataclass(frozen=True)
class AdjustState:
    """`change` is what was typed as a number, None while it cannot be read."""

    draft: AdjustDraft
    allowed: bool = True
    usable: int = 0
    change: int | None = None
    sending: SendingState = AT_REST
    result: AdjustResult | None = None


class AdjustScreen(Protocol):
    def show_adjust(self, state: AdjustState) -> None: ...


class AdjustPresenter(Task):
    name = "adjust"

    def __init__(self, screen: AdjustScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._draft = AdjustDraft(new_id())
        self._result: AdjustResult | None = None

    def member_left(self) -> None:
        self._draft, self._result = AdjustDraft(new_id()), None
        super().member_left()

    def type_change(self, text: str) -> None:
        self._edit(replace(self._draft, change=text))

    def set_reason(self, reason: Reason) -> None:
        self._edit(replace(self._draft, reason=reason))

    def type_note(self, text: str) -> None:
        self._edit(replace(self._draft, note=text))

    def adjust(self) -> None:
        page, draft, change = self.page, self._draft, self._change()
        if self.done:
            self.finish()
            return
        if page is None or self.sending.state.step is not Step.FORM:
            return
        if change is None:
            self.fail("points.change_unreadable")
        elif draft.reason is None:
            self.fail("adjust.no_reason")
        else:
            try:
                operation = AdjustPoints(
                    id=draft.operation, member=page.member, change=change, reason=draft.reason, note=draft.note
                ).normalised()
            except Refused as no:
                self.fail(no.code, **no.facts)
                return
            self.sending.start((operation,))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts = answers[0].facts
        before, after = int(facts["usable_before"]), int(facts["usable_after"])
        self._result = AdjustResult(answers[0].operation_id, self._change() or 0, before, after)
        self._draft = AdjustDraft(new_id())

    def undo(self) -> None:
        result = self._result
        if result is not None and self.host is not None:
            self.host.undo(Undo(result.operation, "adjusted", "", result.change))

    def mint(self) -> None:
        self._draft = replace(self._draft, operation=new_id())

    def summary(self) -> Summary:
        page, draft, change = self.page, self._draft, self._change() or 0
        lines = (
            SummaryLine(mark("Change"), f"{change:+,}"),
            SummaryLine(mark("Reason"), draft.reason or ""),
            SummaryLine(mark("Note"), draft.note.strip()),
        )
        usable = page.usable if page else 0
        return Summary(mark("Adjust points"), page.name if page else "", lines, usable, max(0, usable + change))

    def render(self) -> None:
        self.screen.show_adjust(
            AdjustState(
                self._draft, self.services.may(Right.ADJUST), self.page.usable if self.page else 0, self._change(),
                self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip

    def _change(self) -> int | None:
        typed = self._draft.change.strip().replace(",", "").replace("−", "-")
        return int(typed) if _CHANGE.fullmatch(typed) else None

    def _edit(self, draft: AdjustDraft) -> None:
        if not self.sending.state.editable:
            return
        self._draft = draft
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()
