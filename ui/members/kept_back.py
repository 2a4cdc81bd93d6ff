"""What freezing points and setting them aside share: a number of points, and a list of what is kept back already."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar
from uuid import UUID

from app.domain.errors import Refused
from app.domain.ids import new_id
from app.operations.base import Operation
from app.queries.rows import MemberPage
from ui.counter.sending import Step
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine, Task
from ui.locale import mark

Row = TypeVar("Row")


class KeepsBack(Task, Generic[Row]):
    """The list is asked when the task comes to the front, for another member, and after each answer; `giving_back` is
    the row that is being ended, None while points are kept back anew."""

    def __init__(self, services: CounterServices) -> None:
        super().__init__(services)
        self.points = ""
        self.rows: tuple[Row, ...] = ()
        self.giving_back: Row | None = None
        self.operation = new_id()
        self._front = False
        self._turn = 0

    @abstractmethod
    def may_ask(self) -> bool:
        """Whether whoever is signed in may see the list."""

    @abstractmethod
    def ask(self, member: UUID) -> tuple[Row, ...]:
        """The list; slow."""

    @abstractmethod
    def key(self, row: Row) -> UUID: ...

    @abstractmethod
    def keeping(self, member: UUID, points: int) -> Operation:
        """Keeps so many points back. Raises Refused."""

    @abstractmethod
    def ending(self, member: UUID, row: Row) -> Operation: ...

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
        self.rows = ()
        self.forget()
        super().member_left()

    def forget(self) -> None:
        """What was typed."""
        self.points = ""

    def mint(self) -> None:
        self.operation = new_id()

    def type_points(self, text: str) -> None:
        if self.sending.state.editable:
            self.points = text
            self.edited()

    def edited(self) -> None:
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()

    @property
    def number(self) -> int | None:
        """What was typed as points; None while it cannot be read."""
        digits = self.points.strip().replace(",", "")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 8 else None

    def keep(self) -> None:
        page, number = self.page, self.number
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
        if self.giving_back is not None:  # what was asked for a row is another request
            self.mint()
        try:
            operation = self.keeping(page.member, number)
        except Refused as no:
            self.fail(no.code, **no.facts)
            return
        self.giving_back = None
        self.sending.start((operation,))

    def give_back(self, key: UUID) -> None:
        page = self.page
        row = next((one for one in self.rows if self.key(one) == key), None)
        if page is None or row is None or self.sending.state.step is not Step.FORM:
            return
        if self.giving_back != row:  # asked again for the same one it stays one request
            self.mint()
        self.giving_back = row
        self.sending.start((self.ending(page.member, row),))

    def settled(self) -> None:
        """It took effect: a new form, and the list as it is now."""
        self.forget()
        self.mint()
        self._load()

    def summary_of(self, title: str, points: int, *more: SummaryLine) -> Summary:
        """`title`: a message id; `points` are the member's gain."""
        page = self.page
        usable = page.usable if page else 0
        lines = (SummaryLine(mark("Points"), f"{points:+,}"), *more)
        return Summary(title, page.name if page else "", lines, usable, max(0, usable + points))

    def _load(self) -> None:
        page = self.page
        if page is None or not self.may_ask():
            return
        self._turn += 1
        turn = self._turn

        def told(rows: tuple[Row, ...]) -> None:
            if turn == self._turn:
                self.rows = rows
                self.render()

        def failed(failure: Exception) -> None:
            problem = self.services.problem(failure)
            if turn == self._turn:
                self.sending.fail(problem)

        self.services.jobs.run(lambda: self.ask(page.member), told, failed)
