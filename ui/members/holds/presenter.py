"""Freeze points of a member while something is looked into, and thaw them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.errors import Refused
from app.domain.ids import new_id
from app.domain.staff import Right
from app.operations.hold_points import HoldPoints
from app.operations.release_hold import ReleaseHold
from app.ports.authority import Answer
from app.queries.rows import HoldRow, MemberPage
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Summary, SummaryLine, Task
from ui.locale import mark


@dataclass(frozen=True)
class HoldResult:
    """`released`: points were thawed, not frozen."""

    points: int
    before: int
    after: int
    released: bool


@dataclass(frozen=True)
class HoldsState:
    """`number` is what was typed as points, None while it cannot be read."""

    allowed: bool = True
    usable: int = 0
    points: str = ""
    number: int | None = None
    note: str = ""
    holds: tuple[HoldRow, ...] = ()
    load_problem: Problem | None = None
    sending: SendingState = AT_REST
    result: HoldResult | None = None


class HoldsScreen(Protocol):
    def show_holds(self, state: HoldsState) -> None: ...


class HoldsPresenter(Task):
    name = "holds"

    def __init__(self, screen: HoldsScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._points = ""
        self._note = ""
        self._operation = new_id()
        self._holds: tuple[HoldRow, ...] = ()
        self._load_problem: Problem | None = None
        self._releasing: HoldRow | None = None
        self._front = False
        self._turn = 0
        self._result: HoldResult | None = None

    def opened(self) -> None:
        self._front = True
        self._load()
        super().opened()

    def show_member(self, page: MemberPage | None) -> None:
        super().show_member(page)
        if self._front:
            self._load()

    def member_left(self) -> None:
        self._front = False
        self._turn += 1
        self._points, self._note, self._holds, self._result = "", "", (), None
        super().member_left()

    def type_points(self, text: str) -> None:
        self._edit(text, self._note)

    def type_note(self, text: str) -> None:
        self._edit(self._points, text)

    def hold(self) -> None:
        page, number = self.page, self._number()
        if self.done:
            self.finish()
            return
        if page is None or self.sending.state.step is not Step.FORM:
            return
        if number is None or number < 1:
            self.fail("hold.points_unreadable")
            return
        if number > page.usable:
            self.fail("points.not_enough", usable=page.usable, missing=number - page.usable)
            return
        try:
            operation = HoldPoints(id=self._operation, member=page.member, points=number, note=self._note).normalised()
        except Refused as no:
            self.fail(no.code, **no.facts)
            return
        self._releasing = None
        self.sending.start((operation,))

    def release(self, hold: UUID) -> None:
        page = self.page
        row = next((one for one in self._holds if one.hold == hold), None)
        if page is None or row is None or self.sending.state.step is not Step.FORM:
            return
        if self._releasing != row:
            self._operation = new_id()
        self._releasing = row
        self.sending.start((ReleaseHold(id=self._operation, member=page.member, hold=hold),))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts = answers[0].facts
        if self._releasing is not None:
            points, after = int(facts["points"]), int(facts["usable_after"])
            self._result = HoldResult(points, after - points, after, released=True)
        else:
            before, after = int(facts["usable_before"]), int(facts["usable_after"])
            self._result = HoldResult(before - after, before, after, released=False)
        self._points = self._note = ""
        self._operation = new_id()
        self._load()

    def mint(self) -> None:
        self._operation = new_id()

    def summary(self) -> Summary:
        page, row = self.page, self._releasing
        usable = page.usable if page else 0
        points = row.points if row is not None else -(self._number() or 0)
        note = row.note if row is not None else self._note.strip()
        lines = (SummaryLine(mark("Points"), f"{points:+,}"), SummaryLine(mark("Note"), note))
        title = mark("Release points") if row is not None else mark("Freeze points")
        return Summary(title, page.name if page else "", lines, usable, max(0, usable + points))

    def render(self) -> None:
        self.screen.show_holds(
            HoldsState(
                self.services.may(Right.ADJUST), self.page.usable if self.page else 0, self._points, self._number(),
                self._note, self._holds, self._load_problem, self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip

    def _load(self) -> None:
        page = self.page
        if page is None or not self.services.may(Right.ADJUST):
            return
        self._turn += 1
        turn = self._turn

        def told(holds: tuple[HoldRow, ...]) -> None:
            if turn == self._turn:
                self._holds, self._load_problem = holds, None
                self.render()

        def failed(failure: Exception) -> None:
            problem = self.services.problem(failure)
            if turn == self._turn:
                self._load_problem = problem
                self.render()

        self.services.jobs.run(lambda: self.services.queries.holds(page.member), told, failed)

    def _number(self) -> int | None:
        digits = self._points.strip().replace(",", "")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 8 else None

    def _edit(self, points: str, note: str) -> None:
        if not self.sending.state.editable:
            return
        self._points, self._note = points, note
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()
