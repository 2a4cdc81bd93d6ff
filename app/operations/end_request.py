"""What was granted is not going to be done: what was held for it is free again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class RequestEnded(Result):
    ended: bool  # False: it was done, or had ended before


@dataclass(frozen=True, kw_only=True)
class EndRequest(Operation):
    asked: UUID
    why: Literal["void", "lapsed"]

    verb = "end_request"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> RequestEnded:
        return RequestEnded(work.requests.end(self.asked))
