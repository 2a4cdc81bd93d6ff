"""What was approved at this desk, and letting a colleague try their PIN again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.domain.ids import new_id
from app.domain.staff import Right
from app.operations.lift_lockout import LiftLockout
from app.ports.authority import Answer
from app.queries.rows import OperationRow, StaffTile
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Summary, SummaryLine, Task
from ui.locale import mark

LOOK_BACK = 500  # operations of this desk


@dataclass(frozen=True)
class ApprovalsState:
    rows: tuple[OperationRow, ...] = ()
    selected: int = -1
    loading: bool = False
    load_problem: Problem | None = None
    may_lift: bool = False
    colleagues: tuple[StaffTile, ...] = ()
    lifting: str = ""
    sending: SendingState = AT_REST
    lifted: str = ""  # the name of who may try again

    @property
    def row(self) -> OperationRow | None:
        return self.rows[self.selected] if 0 <= self.selected < len(self.rows) else None


class ApprovalsScreen(Protocol):
    def show_approvals(self, state: ApprovalsState) -> None: ...


class ApprovalsPresenter(Task):
    name = "approvals"

    def __init__(self, screen: ApprovalsScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._rows: tuple[OperationRow, ...] = ()
        self._selected = -1
        self._loading = False
        self._load_problem: Problem | None = None
        self._colleagues: tuple[StaffTile, ...] = ()
        self._lifting = ""
        self._operation = new_id()

    @property
    def rows(self) -> tuple[OperationRow, ...]:
        return self._rows

    def opened(self) -> None:
        if self.done:
            self.sending.cancel()
        self.load()
        super().opened()

    def load(self) -> None:
        if self._loading:
            return
        self._loading = True

        def ask() -> tuple[tuple[OperationRow, ...], tuple[StaffTile, ...]]:
            queries = self.services.queries
            return queries.recent_operations(LOOK_BACK), queries.staff()

        self.services.jobs.run(ask, self._loaded, self._not_loaded)

    def select(self, place: int) -> None:
        if 0 <= place < len(self._rows):
            self._selected = place
            self.render()

    def move(self, step: int) -> None:
        if self._rows:
            self.select((max(self._selected, 0 if step < 0 else -1) + step) % len(self._rows))

    def choose(self, staff: str) -> None:
        """Whose lockout is lifted."""
        if self.done:
            self.sending.cancel()
        if self.sending.state.editable and staff in {one.staff for one in self._colleagues}:
            self._lifting, self._operation = staff, new_id()
            self.sending.cancel()

    def lift(self) -> None:
        if self.sending.state.step is not Step.FORM:
            return
        if not self._lifting:
            self.fail("lockout.nobody_chosen")
            return
        self.sending.start((LiftLockout(id=self._operation, staff=self._lifting),))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        self._operation = new_id()

    def mint(self) -> None:
        self._operation = new_id()

    def summary(self) -> Summary:
        return Summary(mark("Lift a lockout"), "", (SummaryLine(mark("Colleague"), self._name()),))

    def render(self) -> None:
        self.screen.show_approvals(
            ApprovalsState(
                self._rows, self._selected, self._loading and not self._rows, self._load_problem,
                self.services.may(Right.APPROVE), self._colleagues, self._lifting, self.sending.state,
                self._name() if self.done else "",
            )
        )  # fmt: skip

    def _name(self) -> str:
        return next((one.name for one in self._colleagues if one.staff == self._lifting), "")

    def _loaded(self, found: tuple[tuple[OperationRow, ...], tuple[StaffTile, ...]]) -> None:
        operations, staff = found
        person = self.services.who()
        self._loading, self._load_problem = False, None
        self._rows = tuple(row for row in operations if row.approver is not None)
        self._colleagues = tuple(one for one in staff if person is None or one.staff != person.staff)
        if self._selected >= len(self._rows) or self._selected < 0:
            self._selected = 0 if self._rows else -1
        self.render()

    def _not_loaded(self, failure: Exception) -> None:
        self._loading, self._load_problem = False, self.services.problem(failure)
        self.render()
