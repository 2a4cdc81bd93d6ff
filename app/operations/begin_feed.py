"""The hub's store was put back to an earlier time: its feed begins a new epoch, and desks hand in again what it lacks.

Two people decide it, because for what happened in between the hub no longer knows what it had granted: it takes the
desks' word, which they have signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work

HUB = "HUB"  # the name of the hub's own chain: no desk may decide this, not even with two people before it


@dataclass(frozen=True)
class FeedBegun(Result):
    feed: str
    since: str  # ISO 8601, UTC
    until: str


@dataclass(frozen=True, kw_only=True)
class BeginFeed(Operation):
    """`feed` is the new epoch. `since`: up to when the store that was put back is complete; from then until now
    operations that only the hub decides count as granted."""

    feed: UUID
    since: datetime

    verb = "begin_feed"
    needs = Right.DESKS
    offline = Offline.NEVER
    asks_own_pin = True

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.feed")

    def apply(self, work: Work) -> FeedBegun:
        """Raises Refused("feed.only_at_hub" | "feed.since_to_come")."""
        if work.act.is_fact or work.act.desk != HUB:
            raise Refused("feed.only_at_hub")
        if self.since >= work.act.at:
            raise Refused("feed.since_to_come")
        work.house.begin_feed(self.feed, self.since)
        return FeedBegun(str(self.feed), self.since.isoformat(), work.act.at.isoformat())
