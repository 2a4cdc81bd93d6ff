"""Freeze points of a member while something is looked into, and thaw them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.staff import Right
from app.operations.hold_points import HoldPoints
from app.operations.release_hold import ReleaseHold
from app.ports.authority import Answer
from app.queries.rows import HoldRow
from ui.counter.sending import AT_REST, SendingState
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine
from ui.locale import mark
from ui.members.kept_back import KeepsBack


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
    sending: SendingState = AT_REST
    result: HoldResult | None = None


class HoldsScreen(Protocol):
    def show_holds(self, state: HoldsState) -> None: ...


class HoldsPresenter(KeepsBack[HoldRow]):
    name = "holds"

    def __init__(self, screen: HoldsScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._note = ""
        self._result: HoldResult | None = None

    def may_ask(self) -> bool:
        return self.services.may(Right.ADJUST)

    def ask(self, member: UUID) -> tuple[HoldRow, ...]:
        return self.services.queries.holds(member)

    def key(self, row: HoldRow) -> UUID:
        return row.hold

    def keeping(self, member: UUID, points: int) -> HoldPoints:
        return HoldPoints(id=self.operation, member=member, points=points, note=self._note).normalised()

    def ending(self, member: UUID, row: HoldRow) -> ReleaseHold:
        return ReleaseHold(id=self.operation, member=member, hold=row.hold)

    def forget(self) -> None:
        super().forget()
        self._note = ""

    def type_note(self, text: str) -> None:
        if self.sending.state.editable:
            self._note = text
            self.edited()

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts = answers[0].facts
        if self.giving_back is not None:
            points, after = int(facts["points"]), int(facts["usable_after"])
            self._result = HoldResult(points, after - points, after, released=True)
        else:
            before, after = int(facts["usable_before"]), int(facts["usable_after"])
            self._result = HoldResult(before - after, before, after, released=False)
        self.settled()

    def summary(self) -> Summary:
        row = self.giving_back
        if row is not None:
            return self.summary_of(mark("Release points"), row.points, SummaryLine(mark("Note"), row.note))
        note = SummaryLine(mark("Note"), self._note.strip())
        return self.summary_of(mark("Freeze points"), -(self.number or 0), note)

    def render(self) -> None:
        self.screen.show_holds(
            HoldsState(
                self.may_ask(), self.page.usable if self.page else 0, self.points, self.number, self._note, self.rows,
                self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip
