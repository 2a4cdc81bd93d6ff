"""Set points of a member aside for this desk, so that it may give gifts for them while the hub cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.staff import Right
from app.operations.lease_points import LeasePoints
from app.operations.return_lease import ReturnLease
from app.ports.authority import Answer
from app.queries.rows import LeaseRow
from ui.counter.sending import AT_REST, SendingState
from ui.counter.services import CounterServices
from ui.counter.task import Summary
from ui.locale import mark
from ui.members.kept_back import KeepsBack

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


class SetAsidePresenter(KeepsBack[LeaseRow]):
    name = "set_aside"

    def __init__(self, screen: SetAsideScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._hours = 24
        self._result: SetAsideResult | None = None

    def may_ask(self) -> bool:
        return True  # anybody may return what is set aside here

    def ask(self, member: UUID) -> tuple[LeaseRow, ...]:
        return self.services.queries.leases(member)

    def key(self, row: LeaseRow) -> UUID:
        return row.lease

    def keeping(self, member: UUID, points: int) -> LeasePoints:
        return LeasePoints(id=self.operation, member=member, points=points, hours=self._hours)

    def ending(self, member: UUID, row: LeaseRow) -> ReturnLease:
        return ReturnLease(id=self.operation, member=member, lease=row.lease)

    def choose_hours(self, hours: int) -> None:
        if self.sending.state.editable and hours in HOURS:
            self._hours = hours
            self.edited()

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts = answers[0].facts
        if self.giving_back is not None:
            self._result = SetAsideResult(int(facts["points"]), returned=True)
        else:
            before, after = int(facts["usable_before"]), int(facts["usable_after"])
            self._result = SetAsideResult(int(facts["points"]), False, before, after)
        self.settled()

    def summary(self) -> Summary:
        row = self.giving_back
        if row is not None:
            return self.summary_of(mark("Return points that were set aside"), row.remaining)
        return self.summary_of(mark("Set points aside"), -(self.number or 0))

    def render(self) -> None:
        self.screen.show_set_aside(
            SetAsideState(
                self.services.may(Right.APPROVE), self.page.usable if self.page else 0, self.points, self.number,
                self._hours, self.rows, self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip
