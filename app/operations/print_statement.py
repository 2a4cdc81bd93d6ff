"""Give a member a statement of their points: what they have, until when, and why it is that much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class StatementMade(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class PrintStatement(Operation):
    """A statement tells of the moment of this operation; `onto` a file, the screen asks for its PDF afterwards."""

    member: UUID
    onto: Literal["paper", "file"] = "paper"

    verb = "print_statement"
    needs = Right.LOOK_UP
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> StatementMade:
        work.members.get(self.member)
        if self.onto == "paper":
            work.print_slip("statement")
        return StatementMade()
