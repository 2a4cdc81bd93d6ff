"""Somebody takes a task over, or hands it to a colleague: one name stands behind what is not looked after yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Len

from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class TaskAssigned(Result):
    owner: str


@dataclass(frozen=True, kw_only=True)
class AssignTask(Operation):
    """`about` is the operation that the task is about, `code` what came of it, `owner` a staff number."""

    about: UUID
    code: Annotated[str, Len(1, 40)]
    owner: Annotated[str, Len(1, 20)]

    verb = "assign_task"
    needs = Right.LOOK_UP
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> TaskAssigned:
        work.staff.get(self.owner).must(Right.LOOK_UP)
        work.log.assign_task(self.about, self.code, self.owner)
        return TaskAssigned(self.owner)
