"""What the hub could not honour has been looked after: the member was called, or nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Len

from app.domain.conflicts import ASKS_SUPERVISOR, Conflict
from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

Outcome = Literal["called", "put_right", "nothing_to_do", "confirmed"]


@dataclass(frozen=True)
class TaskSettled(Result):
    code: str


@dataclass(frozen=True, kw_only=True)
class SettleTask(Operation):
    """`settles` is the operation that the task is about, `code` what came of it. What somebody did who might not is
    confirmed by another person, a supervisor."""

    settles: UUID
    code: Annotated[str, Len(1, 40)]
    outcome: Outcome

    verb = "settle_task"
    needs = Right.LOOK_UP
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> TaskSettled:
        if self.code in ASKS_SUPERVISOR:
            work.act.actor.must(Right.APPROVE)
            if work.act.actor.staff in self._who_did_it(work):
                raise Refused("task.own")
        work.log.settle_task(self.settles, self.code, self.outcome)
        if self.code == Conflict.PENDING_REVIEW.value:  # looked at, the points may be spent; or the credit was reversed
            work.holds.let_go(self.settles)
        return TaskSettled(self.code)

    def _who_did_it(self, work: Work) -> tuple[str | None, ...]:
        try:
            past = work.log.past(self.settles)
        except Refused:  # of before this desk was enrolled anew: only the hub has it still
            return ()
        return past.actor, past.approver
