"""The hub takes back what was set aside for a desk: never by its own clock (docs/adr/0012, rule 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class LeaseEnded(Result):
    points: int


@dataclass(frozen=True, kw_only=True)
class EndLease(Operation):
    """`lapsed`: the desk's own log has come past its end. `desk_gone`: a person has declared the desk lost, given it up
    or let it begin its chain anew, and nothing of what it held then is taken any more."""

    lease: UUID
    why: Literal["lapsed", "desk_gone"]

    verb = "end_lease"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> LeaseEnded:
        work.points.lock(work.leases.get(self.lease).member)
        return LeaseEnded(work.leases.end(self.lease))
