"""Strict: the hub tells the desks what each may spend of a member while it is cut off, or asks for all of it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Len

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

MOST_MEMBERS = 200


@dataclass(frozen=True)
class SharesTold(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class TellShares(Operation):
    """The shares themselves stand in the row of the feed that this makes (docs/adr/0012). With `recall` they are 0:
    what had been shared is free again when the desks have acknowledged that."""

    members: Annotated[tuple[UUID, ...], Len(1, MOST_MEMBERS)]
    recall: bool = False

    verb = "tell_shares"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> SharesTold:
        for member in sorted(self.members):
            work.points.show(member)
        return SharesTold()
