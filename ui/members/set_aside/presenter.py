"""Set points of a member aside for this desk, so that it may give gifts for them while the hub cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.ids import new_id
from app.domain.staff import Right
from app.operations.lease_points import LeasePoints
from app.operations.return_lease import ReturnLease
from app.ports.authority import Answer
from app.queries.rows import LeaseRow, MemberPage
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Summary, SummaryLine, Task
from ui.locale import mark

HOURS = (4, 12, 24, 72)


@dataclass(frozen=True)
class SetAsideResult:
    """`returned`: they went back to everybody."""

    points: int
    returned: bool
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class SetAsideState:
    """`number` is what was typed as points, None while it cannot be read."""

    allowed: bool = True
    usable: int = 0
    points: str = ""
    number: int | None = None
    hours: int = 24
    leases: tuple[LeaseRow, ...] = ()
    sending: SendingState = AT_REST
    result: SetAsideResult | None = None


class SetAsideScreen(Protocol):
    def show_set_aside(self, state: SetAsideState) -> None: ...


class SetAsidePresenter(Task):
    name = "set_aside"

    def __init__(self, screen: SetAsideScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._points = ""
        self._hours = 24
        self._operation = new_id()
        self._leases: tuple[LeaseRow, ...] = ()
        self._returning: LeaseRow | None = None
        self._front = False
        self._turn = 0
        self._result: SetAsideResult | None = None

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
        self._points, self._leases, self._result = "", (), None
        super().member_left()

    def type_points(self, text: str) -> None:
        if self.sending.state.editable:
            self._points = text
            self._edited()

    def choose_hours(self, hours: int) -> None:
        if self.sending.state.editable and hours in HOURS:
            self._hours = hours
            self._edited()

    def set_aside(self) -> None:
        page, number = self.page, self._number()
        if self.done:
            self.finish()
            return
        if page is None or self.sending.state.step is not Step.FORM:
            return
        if number is None or number < 1:
            self.fail("hold.points_unreadable")
        elif number > page.usable:
            self.fail("points.not_enough", usable=page.usable, missing=number - page.usable)
        else:
            self._returning = None
            wish = LeasePoints(id=self._operation, member=page.member, points=number, hours=self._hours)
            self.sending.start((wish,))

    def give_back(self, lease: UUID) -> None:
        page = self.page
        row = next((one for one in self._leases if one.lease == lease), None)
        if page is None or row is None or self.sending.state.step is not Step.FORM:
            return
        self._operation = new_id()
        self._returning = row
        self.sending.start((ReturnLease(id=self._operation, member=page.member, lease=lease),))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts = answers[0].facts
        if self._returning is not None:
            self._result = SetAsideResult(int(facts["points"]), returned=True)
        else:
            before, after = int(facts["usable_before"]), int(facts["usable_after"])
            self._result = SetAsideResult(int(facts["points"]), False, before, after)
        self._points = ""
        self._operation = new_id()
        self._load()

    def mint(self) -> None:
        self._operation = new_id()

    def summary(self) -> Summary:
        page, row = self.page, self._returning
        usable = page.usable if page else 0
        points = row.remaining if row is not None else -(self._number() or 0)
        title = mark("Return points that were set aside") if row is not None else mark("Set points aside")
        lines = (SummaryLine(mark("Points"), f"{points:+,}"),)
        return Summary(title, page.name if page else "", lines, usable, max(0, usable + points))

    def render(self) -> None:
        self.screen.show_set_aside(
            SetAsideState(
                self.services.may(Right.APPROVE), self.page.usable if self.page else 0, self._points, self._number(),
                self._hours, self._leases, self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip

    def _load(self) -> None:
        page = self.page
        if page is None:
            return
        self._turn += 1
        turn = self._turn

        def told(leases: tuple[LeaseRow, ...]) -> None:
            if turn == self._turn:
                self._leases = leases
                self.render()

        def failed(failure: Exception) -> None:
            problem: Problem = self.services.problem(failure)
            if turn == self._turn:
                self.sending.fail(problem)

        self.services.jobs.run(lambda: self.services.queries.leases(page.member), told, failed)

    def _number(self) -> int | None:
        digits = self._points.strip().replace(",", "")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 8 else None

    def _edited(self) -> None:
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()
