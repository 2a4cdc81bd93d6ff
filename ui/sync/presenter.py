"""What came back from the hub to be looked after at this desk, and what has not been sent. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from app.domain.conflicts import ASKS_SUPERVISOR
from app.domain.ids import new_id
from app.domain.staff import RIGHTS, Right, Role
from app.operations.assign_task import AssignTask
from app.operations.base import Operation
from app.operations.settle_task import Outcome, SettleTask
from app.ports.authority import Submission
from app.ports.hub import HubLink, HubStatus, SyncTask
from app.queries.rows import StaffTile
from ui.counter.services import CounterServices, Problem
from ui.sync.words import ACTIONS, CALL, Action

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SyncState:
    """`tasks` are those that are shown: the open ones, or with `shows_closed` those that were closed lately."""

    status: HubStatus
    tasks: tuple[SyncTask, ...] = ()
    open_count: int = 0
    old_count: int = 0  # open for more than a day
    shows_closed: bool = False
    colleagues: tuple[StaffTile, ...] = ()  # who may look after a task
    own: str = ""  # the staff number of who is signed in
    selected: int = -1
    loading: bool = False
    sending: bool = False
    problem: Problem | None = None
    settled: bool = False  # the last thing that was done here
    handed_to: str = ""
    sees_exposure: bool = False
    sees_tasks: bool = True  # whoever keeps desks and serves nobody sees how the desk stands, and no member
    may_give_up: bool = False

    @property
    def task(self) -> SyncTask | None:
        return self.tasks[self.selected] if 0 <= self.selected < len(self.tasks) else None

    @property
    def action(self) -> Action | None:
        """What the one key does; nothing for who may not, and for what is closed."""
        task = self.task
        return ACTIONS.get(task.code) if task is not None and task.is_open else None

    @property
    def may_settle(self) -> bool:
        """Some things are for a supervisor to look into."""
        task = self.task
        return task is not None and task.is_open and (self.sees_exposure or task.code not in ASKS_SUPERVISOR)

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
        self._tasks: tuple[SyncTask, ...] = ()
        self.state = SyncState(link.status())

    def opened(self) -> None:
        self._set(settled=False, handed_to="", problem=None)
        self.load()

    def status_changed(self, status: HubStatus) -> None:
        more = status.open_tasks != self.state.status.open_tasks
        self._set(status=status)
        if more:
            self.load()

    def load(self) -> None:
        if self.state.loading:
            return
        if not self._services.may(Right.LOOK_UP):
            self._tasks = ()
            self._arrange()
            return
        self._set(loading=True)
        queries, link = self._services.queries, self._link
        self._services.jobs.run(lambda: (link.tasks(), queries.staff()), self._loaded, self._not_loaded)

    def show_closed(self, closed: bool) -> None:
        if closed != self.state.shows_closed:
            self._set(shows_closed=closed, selected=-1, settled=False, handed_to="", problem=None)
            self._arrange()

    def select(self, place: int) -> None:
        if 0 <= place < len(self.state.tasks) and place != self.state.selected:
            self._operation = new_id()
            self._set(selected=place, settled=False, handed_to="", problem=None)

    def settle(self, outcome: Outcome) -> None:
        """Once per task, however often the key is pressed: the id stays until there is an answer."""
        task = self.state.task
        if task is not None and self.state.may_settle:
            self._send(SettleTask(id=self._operation, settles=task.operation, code=task.code, outcome=outcome), "")

    def take_over(self) -> None:
        person = self._services.who()
        if person is not None:
            self.hand_to(person.staff)

    def hand_to(self, staff: str) -> None:
        """The colleague whose name stands behind it from now on."""
        task = self.state.task
        name = next((one.name for one in self.state.colleagues if one.staff == staff), "")
        if task is not None and task.is_open and name and staff != task.owner:
            self._send(AssignTask(id=self._operation, about=task.operation, code=task.code, owner=staff), name)

    def _send(self, operation: Operation, handed_to: str) -> None:
        person = self._services.who()
        if person is None or self.state.sending:
            return
        self._set(sending=True, settled=False, handed_to="", problem=None)
        authority = self._services.authority
        self._services.jobs.run(
            lambda: authority.submit(Submission((operation,), person.session)),
            lambda _: self._sent(handed_to),
            self._not_settled,
        )

    def try_now(self) -> None:
        self._link.hurry()

    def lock(self) -> None:
        """Nobody is here: what was chosen is closed."""
        self._set(selected=-1, settled=False, handed_to="", problem=None)

    def member(self) -> UUID | None:
        return self.state.task.member if self.state.task is not None else None

    def render(self) -> None:
        self._screen.show_sync(self.state)

    def _loaded(self, found: tuple[tuple[SyncTask, ...], tuple[StaffTile, ...]]) -> None:
        self._tasks, staff = found
        looking = tuple(one for one in staff if Right.LOOK_UP in RIGHTS[Role(one.role)])
        self._set(colleagues=looking, loading=False)
        self._arrange()

    def _arrange(self) -> None:
        chosen = self.state.task
        is_open = [task for task in self._tasks if task.is_open]
        tasks = tuple(task for task in self._tasks if task.is_open is not self.state.shows_closed)
        keys = [(task.operation, task.code) for task in tasks]
        place = keys.index((chosen.operation, chosen.code)) if chosen and (chosen.operation, chosen.code) in keys else 0
        old = sum(self._services.now() - task.raised_at >= A_DAY for task in is_open)
        self._set(tasks=tasks, selected=place if tasks else -1, open_count=len(is_open), old_count=old)

    def _not_loaded(self, failure: Exception) -> None:
        self._set(loading=False, problem=self._services.problem(failure))

    def _sent(self, handed_to: str) -> None:
        self._operation = new_id()
        self._set(sending=False, settled=not handed_to, handed_to=handed_to)
        self.load()

    def _not_settled(self, failure: Exception) -> None:
        self._set(sending=False, problem=self._services.problem(failure))

    def _set(self, **changes: object) -> None:
        may, person = self._services.may, self._services.who()
        own = person.staff if person else ""
        rights = {
            "sees_exposure": may(Right.APPROVE),
            "sees_tasks": may(Right.LOOK_UP),
            "may_give_up": may(Right.DESKS),
        }
        self.state = replace(self.state, own=own, **rights, **changes)  # type: ignore[arg-type]
        self.render()
