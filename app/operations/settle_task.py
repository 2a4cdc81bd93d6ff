"""What the hub could not honour has been looked after: the member was called, or nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Len

from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

Outcome = Literal["called", "put_right", "nothing_to_do"]


@dataclass(frozen=True)
class TaskSettled(Result):
    code: str


@dataclass(frozen=True, kw_only=True)
class SettleTask(Operation):
    """`settles` is the operation that the task is about, `code` what came of it."""

    settles: UUID
    code: Annotated[str, Len(1, 40)]
    outcome: Outcome

    verb = "settle_task"
    needs = Right.LOOK_UP
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> TaskSettled:
        work.log.settle_task(self.settles, self.code)
        return TaskSettled(self.code)
