"""A desk may enrol with the hub: whoever holds the code does, once, within ten minutes. Two people make it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Self

from annotated_types import Ge, Le, Len

from app.domain.desk_kind import DeskKind
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work

CODE_LIVES = timedelta(minutes=10)


@dataclass(frozen=True)
class EnrolmentOpened(Result):
    desk: str
    until: str  # ISO 8601, UTC


@dataclass(frozen=True, kw_only=True)
class OpenEnrolment(Operation):
    """For a new desk, or for one that is there: that begins a new epoch of its chain. `code_hash` is the SHA-256 of the
    code, which itself stands nowhere. `kind` counts for the epoch that it begins."""

    desk: Annotated[str, Len(1, 20)]
    name: str
    number: Annotated[int, Ge(1), Le(99)]
    code_hash: Annotated[str, Len(64, 64)]
    kind: DeskKind = DeskKind.COUNTER

    verb = "open_enrolment"
    version = 2
    needs = Right.DESKS
    offline = Offline.NEVER
    asks_own_pin = True

    def normalised(self) -> Self:
        return replace(self, name=clean(self.name, field="desk", longest=30, shortest=1))

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.enrolment")

    def apply(self, work: Work) -> EnrolmentOpened:
        until = work.act.at + CODE_LIVES
        work.house.open_enrolment(self.code_hash, self.desk, self.name, self.number, self.kind, until)
        return EnrolmentOpened(self.desk, until.isoformat())
