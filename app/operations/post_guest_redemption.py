"""Another mall of the group gave something to a member of ours: their points go, in the name of that mall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le, Len

from app.domain.conflicts import Conflict
from app.domain.points import spending_order, taken
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class GuestRedemptionPosted(Result):
    points: int
    owed: int  # of them, what the member did not have


@dataclass(frozen=True, kw_only=True)
class PostGuestRedemption(Operation):
    """`asked` is the id of that mall's own operation. The gift has left its shelf: this is never refused, and what is
    not there is owed, as for a desk that was cut off."""

    asked: UUID
    guest: Annotated[str, Len(1, 20)]  # the mall
    member: UUID
    points: Annotated[int, Ge(1), Le(1_000_000_000)]

    verb = "post_guest_redemption"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> GuestRedemptionPosted:
        """Raises Refused("member.unknown")."""
        work.requests.fulfil_for(self.asked, f"@{self.guest}")
        account = work.points.lock(self.member)
        live = [lot for lot in account.lots if lot.usable_on(work.act.business_day)]
        uses = taken(spending_order(live), self.points)
        owed = self.points - sum(use.quantity for use in uses)
        work.points.debit(account, uses, kind="redeem", house=f"mall {self.guest}", owing=owed)
        if owed:
            work.log.note_task(Conflict.OVERDRAWN, {"missing": owed}, self.verb, self.member)
        return GuestRedemptionPosted(self.points, owed)
