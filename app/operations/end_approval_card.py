"""An approval card no longer counts: lost, or its holder approves no more. Works without the hub, so that it counts
here at once and everywhere as soon as they hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class ApprovalCardEnded(Result):
    staff: str


@dataclass(frozen=True, kw_only=True)
class EndApprovalCard(Operation):
    """One's own, or, by the administrator or anybody who may approve, a colleague's."""

    staff: Annotated[str, Len(1, 20)]
    reason: Literal["lost", "no_longer_needed"]

    verb = "end_approval_card"
    needs = None
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> ApprovalCardEnded:
        actor = work.act.actor
        if actor.staff != self.staff and Right.APPROVE not in actor.rights:
            actor.must(Right.STAFF)
        work.staff.get(self.staff)
        if not work.staff.end_approval_card(self.staff) and not work.act.is_fact:
            raise Refused("approval_card.none", staff=self.staff)
        return ApprovalCardEnded(self.staff)
