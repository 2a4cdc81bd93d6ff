"""The hub has said what time it is, and this computer's clock agrees: what was in doubt about it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from app.domain.calendar import CLOCK_JUMP_MS
from app.domain.errors import Refused
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class ClockConfirmed(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class ConfirmClock(Operation):
    """`server_ms`: Unix time, as the hub has signed it."""

    server_ms: Annotated[int, Ge(0), Le(2**53)]

    verb = "confirm_clock"
    needs = None
    offline = Offline.ALWAYS
    by_system_only = True

    def apply(self, work: Work) -> ClockConfirmed:
        if abs(work.act.wall_ms - self.server_ms) > CLOCK_JUMP_MS:
            raise Refused("clock.suspect")
        return ClockConfirmed()
