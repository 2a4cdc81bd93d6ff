"""Give points for gifts. Points are posted and stock is reserved; `hand out` takes it from the shelf."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le, Len

from app.domain.conflicts import Conflict
from app.domain.errors import Refused
from app.domain.points import Account, LotUse, spending_order, taken
from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result, honoured_member
from app.ports.storage import CouponTerms, GiftState, IssuedCoupon, RedeemedLine, Work


@dataclass(frozen=True)
class RedemptionLine:
    """`points_each` is the price that was shown: if the gift costs something else by now, the line is refused."""

    gift: str
    quantity: Annotated[int, Ge(1), Le(99)]
    points_each: Annotated[int, Ge(0), Le(10_000_000)]

    @property
    def points(self) -> int:
        return self.quantity * self.points_each


@dataclass(frozen=True)
class Redeemed(Result):
    points: int
    usable_before: int
    usable_after: int


@dataclass(frozen=True, kw_only=True)
class Redeem(Operation):
    member: UUID
    lines: Annotated[tuple[RedemptionLine, ...], Len(1, 30)]

    verb = "redeem"
    needs = Right.REDEEM
    offline = Offline.WITHIN_LIMITS

    @property
    def points(self) -> int:
        return sum(line.points for line in self.lines)

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        if self.points > work.policy.redeem_approval_points:
            return ApprovalRequirement("approval.many_points", work.policy.redeem_approval_points)
        dearest = max(work.stock.gift(line.gift).value_fen for line in self.lines)
        if dearest > work.policy.redeem_approval_gift_fen:
            return ApprovalRequirement("approval.dear_gift", work.policy.redeem_approval_gift_fen)
        agreed = work.act.member_proof is not None  # without a PIN, by the code on their phone
        has_no_pin = work.members.get(self.member).pin_verifier is None
        if self.points > work.policy.member_pin_points and has_no_pin and not agreed:
            return ApprovalRequirement("approval.no_member_pin", work.policy.member_pin_points)
        return None

    def member_pin_needed(self, work: Work) -> bool:
        if self.points <= work.policy.member_pin_points:
            return False
        return work.members.get(self.member).pin_verifier is not None

    def apply(self, work: Work) -> Redeemed:
        honoured_member(work, self.member)
        lease = work.act.lease
        set_aside = lease is not None and work.leases.spend(lease, self.member, self.points)
        if lease is not None and not set_aside and not work.act.is_fact:
            raise Refused("lease.unknown")
        account = work.points.lock(self.member)
        usable = account.usable(work.act.business_day)
        uses, owing = self._spent(work, account, usable)
        coupons: list[IssuedCoupon] = []
        for number, line in enumerate(self.lines):
            gift = work.stock.gift(line.gift)
            if work.act.is_fact:
                self._taken_all_the_same(work, gift, line)
            else:
                if not gift.on_offer:
                    raise Refused("gift.not_on_offer", gift=gift.name)
                if gift.points != line.points_each:
                    raise Refused("gift.price_changed", gift=gift.name, points=gift.points)
                work.stock.reserve(line.gift, line.quantity)
            if gift.coupon is not None:
                coupons += _issued(number, line.quantity, gift, gift.coupon, work.act.business_day)
        work.points.debit(account, uses, kind="redeem", house="redeemed", owing=owing)
        work.redemptions.add(
            self.member,
            [
                RedeemedLine(number, line.gift, line.quantity, line.points, handed_out=False)
                for number, line in enumerate(self.lines)
            ],
        )
        work.print_slip("redemption")
        if coupons:
            work.redemptions.issue(coupons)
            work.print_slip("coupon")
        return Redeemed(self.points, usable, usable - self.points)

    def _spent(self, work: Work, account: Account, usable: int) -> tuple[tuple[LotUse, ...], int]:
        """From which lots, and how much below zero: what was handed out is posted in full (RELIABILITY.md 4.9)."""
        if not work.act.is_fact or self.points <= usable:
            return account.spend(self.points, on=work.act.business_day), 0
        live = [lot for lot in account.lots if lot.usable_on(work.act.business_day)]
        uses = taken(spending_order(live), self.points)
        work.conflict(Conflict.OVERDRAWN, missing=self.points - usable)
        return uses, self.points - sum(use.quantity for use in uses)

    @staticmethod
    def _taken_all_the_same(work: Work, gift: GiftState, line: RedemptionLine) -> None:
        if not gift.on_offer or gift.points != line.points_each:
            work.conflict(Conflict.POLICY_STALE, gift=gift.name, points=gift.points)
        missing = work.stock.reserve_uncounted(line.gift, line.quantity)
        if missing:
            work.conflict(Conflict.STOCK_SHORT, gift=gift.name, missing=missing)


def _issued(line: int, quantity: int, gift: GiftState, terms: CouponTerms, today: date) -> list[IssuedCoupon]:
    until = today + timedelta(days=terms.days - 1)
    return [
        IssuedCoupon(line, piece, gift.gift, gift.value_fen, today, until, terms.shops, terms.terms)
        for piece in range(quantity)
    ]
