"""What is left of points that were set aside for this desk goes back to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class LeaseReturned(Result):
    points: int


@dataclass(frozen=True, kw_only=True)
class ReturnLease(Operation):
    member: UUID
    lease: UUID

    verb = "return_lease"
    needs = Right.LOOK_UP
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> LeaseReturned:
        work.points.lock(self.member)
        lease = work.leases.get(self.lease)
        if lease.member != self.member or lease.desk != work.act.desk:
            raise Refused("lease.other_desk", desk=lease.desk)
        return LeaseReturned(work.leases.end(self.lease))
