"""A member of another mall of the group is given something here, at once, for points that their own mall keeps.

The points are held there before, and posted there afterwards in the name of this mall (docs/adr/0015); here the gift
leaves the shelf, and what the other mall owes for it is booked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self
from uuid import UUID

from annotated_types import Len

from app.domain.conflicts import Conflict
from app.domain.errors import Refused
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.operations.redeem import RedemptionLine
from app.ports.storage import Work


@dataclass(frozen=True)
class RedeemedAsGuest(Result):
    points: int


@dataclass(frozen=True, kw_only=True)
class RedeemAsGuest(Operation):
    """`guest` is the member's id at `home`, the mall that keeps their points. What that mall is called and their number
    there stand on the slip."""

    home: Annotated[str, Len(1, 20)]
    guest: UUID
    lines: Annotated[tuple[RedemptionLine, ...], Len(1, 30)]
    home_name: str = ""
    member_no: str = ""

    verb = "redeem_as_guest"
    needs = Right.REDEEM
    offline = Offline.NEVER

    @property
    def points(self) -> int:
        return sum(line.points for line in self.lines)

    def normalised(self) -> Self:
        return replace(
            self,
            home_name=clean(self.home_name, field="mall", longest=60),
            member_no=clean(self.member_no, field="member_no", longest=20),
        )

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.guest")

    def apply(self, work: Work) -> RedeemedAsGuest:
        """Raises Refused("gift.unknown" | "gift.not_on_offer" | "gift.price_changed" | "gift.out_of_stock" |
        "gift.coupon_for_guest" | "group.no_points")."""
        if self.points == 0:
            raise Refused("group.no_points")
        for line in self.lines:
            gift = work.stock.gift(line.gift)
            if gift.coupon is not None:
                raise Refused("gift.coupon_for_guest", gift=gift.name)
            stale = not gift.on_offer or gift.points != line.points_each
            if work.act.is_fact:
                if stale:
                    work.conflict(Conflict.POLICY_STALE, gift=gift.name, points=gift.points)
                missing = work.stock.reserve_uncounted(line.gift, line.quantity)
                if missing:
                    work.conflict(Conflict.STOCK_SHORT, gift=gift.name, missing=missing)
            else:
                if not gift.on_offer:
                    raise Refused("gift.not_on_offer", gift=gift.name)
                if stale:
                    raise Refused("gift.price_changed", gift=gift.name, points=gift.points)
                work.stock.reserve(line.gift, line.quantity)
            work.stock.take(line.gift, line.quantity)
        work.points.owed_by_mall(self.home, self.points)
        work.requests.note_guest(self.home, self.guest, self.points)
        work.print_slip("guest_redemption")
        return RedeemedAsGuest(self.points)
