"""What came back from the hub to be looked after at this desk, and what has not been sent. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from app.domain.ids import new_id
from app.domain.staff import Right
from app.operations.settle_task import Outcome, SettleTask
from app.ports.authority import Answer, Submission
from app.ports.hub import HubLink, HubStatus, SyncTask
from ui.counter.services import CounterServices, Problem
from ui.sync.words import CALL


@dataclass(frozen=True)
class SyncState:
    status: HubStatus
    tasks: tuple[SyncTask, ...] = ()
    selected: int = -1
    loading: bool = False
    sending: bool = False
    problem: Problem | None = None
    settled: bool = False  # the last thing that was done here
    sees_exposure: bool = False

    @property
    def task(self) -> SyncTask | None:
        return self.tasks[self.selected] if 0 <= self.selected < len(self.tasks) else None

    @property
    def has_call(self) -> bool:
        return self.task is not None and self.task.code in CALL


class SyncScreen(Protocol):
    def show_sync(self, state: SyncState) -> None: ...


class SyncPresenter:
    def __init__(self, screen: SyncScreen, services: CounterServices, link: HubLink) -> None:
        self._screen = screen
        self._services = services
        self._link = link
        self._operation = new_id()
        self.state = SyncState(link.status())

    def opened(self) -> None:
        self._set(settled=False, problem=None)
        self.load()

    def status_changed(self, status: HubStatus) -> None:
        more = status.open_tasks != self.state.status.open_tasks
        self._set(status=status)
        if more:
            self.load()

    def load(self) -> None:
        if self.state.loading:
            return
        self._set(loading=True)
        self._services.jobs.run(self._link.tasks, self._loaded, self._not_loaded)

    def select(self, place: int) -> None:
        if 0 <= place < len(self.state.tasks) and place != self.state.selected:
            self._operation = new_id()
            self._set(selected=place, settled=False, problem=None)

    def settle(self, outcome: Outcome) -> None:
        """Once per task, however often the key is pressed: the id stays until there is an answer."""
        task, person = self.state.task, self._services.who()
        if task is None or person is None or self.state.sending:
            return
        operation = SettleTask(id=self._operation, settles=task.operation, code=task.code, outcome=outcome)
        self._set(sending=True, problem=None)
        authority = self._services.authority
        self._services.jobs.run(
            lambda: authority.submit(Submission((operation,), person.session)), self._settled, self._not_settled
        )

    def try_now(self) -> None:
        self._link.hurry()

    def lock(self) -> None:
        """Nobody is here: what was chosen is closed."""
        self._set(selected=-1, settled=False, problem=None)

    def member(self) -> UUID | None:
        return self.state.task.member if self.state.task is not None else None

    def render(self) -> None:
        self._screen.show_sync(self.state)

    def _loaded(self, tasks: tuple[SyncTask, ...]) -> None:
        chosen = self.state.task
        keys = [(task.operation, task.code) for task in tasks]
        place = keys.index((chosen.operation, chosen.code)) if chosen and (chosen.operation, chosen.code) in keys else 0
        self._set(tasks=tasks, selected=place if tasks else -1, loading=False)

    def _not_loaded(self, failure: Exception) -> None:
        self._set(loading=False, problem=self._services.problem(failure))

    def _settled(self, _answers: tuple[Answer, ...]) -> None:
        self._operation = new_id()
        self._set(sending=False, settled=True)
        self.load()

    def _not_settled(self, failure: Exception) -> None:
        self._set(sending=False, problem=self._services.problem(failure))

    def _set(self, **changes: object) -> None:
        sees = self._services.may(Right.APPROVE)
        self.state = replace(self.state, sees_exposure=sees, **changes)  # type: ignore[arg-type]
        self.render()
