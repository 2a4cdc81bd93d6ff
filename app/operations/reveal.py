"""Show one field of personal data in full, for a recorded reason. The value itself is asked for afterwards, by this
operation's id, and only for a few seconds: it never stands in the operation or in its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class Revealed(Result):
    field: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Reveal(Operation):
    member: UUID
    field: Literal["name", "phone", "birthday"]
    reason: Literal["call_member", "verify_identity", "member_asked", "complaint", "other"]

    verb = "reveal"
    needs = Right.REVEAL
    offline = Offline.ALWAYS
    asks_own_pin = True

    def apply(self, work: Work) -> Revealed:
        work.members.get(self.member)
        if not work.act.is_fact and not work.members.is_told(self.member):
            raise Refused("reveal.not_here")  # there is nothing to see, and no look is used up
        if work.staff.reveals_today(work.act.actor.staff) >= work.policy.reveals_per_day:
            raise Refused("reveal.quota", quota=work.policy.reveals_per_day)
        work.staff.note_reveal(self.member, self.field, self.reason)
        return Revealed(self.field, work.policy.reveal_seconds)
