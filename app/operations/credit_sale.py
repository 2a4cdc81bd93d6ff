"""Credit a till slip: one slip (shop, number, business day) counts once, ever."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from annotated_types import Ge, Le

from app.domain.calendar import add_months, business_day
from app.domain.conflicts import Conflict
from app.domain.earning import points_for
from app.domain.errors import Refused
from app.domain.points import LotId, LotUse
from app.domain.staff import Right
from app.domain.text import clean
from app.domain.tier import higher, tier_for
from app.operations.base import ApprovalRequirement, Offline, Operation, Result, honoured_member
from app.ports.storage import Work

CLOCK_TOLERANCE = timedelta(minutes=10)  # tills and desks do not agree to the second


def slip_number_of(typed: str) -> str:
    """One slip counts once, however its number is typed: "ａ 12" from a Chinese keyboard is "A12"."""
    number = "".join(clean(typed, field="slip_number", longest=40, shortest=1).split())
    return unicodedata.normalize("NFKC", number).upper()


@dataclass(frozen=True)
class SaleCredited(Result):
    points: int
    steps: tuple[str, ...]
    usable_after: int
    expires_on: str
    tier_before: str
    tier_after: str


@dataclass(frozen=True, kw_only=True)
class CreditSale(Operation):
    member: UUID
    shop: str
    slip_number: str
    sold_at: datetime
    amount_fen: Annotated[int, Ge(1), Le(100_000_000)]

    verb = "credit_sale"
    needs = Right.CREDIT
    offline = Offline.ALWAYS

    def normalised(self) -> Self:
        if self.sold_at.tzinfo is None:
            raise Refused("sale.time_without_zone")
        if not 1 < self.sold_at.year < 9999:  # neither day of the calendar's ends can be moved to another zone
            raise Refused("sale.time_unreadable", typed=self.sold_at.isoformat())
        return replace(self, slip_number=slip_number_of(self.slip_number), sold_at=self.sold_at.astimezone(UTC))

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        age = work.act.business_day - business_day(self.sold_at, work.act.zone)
        if age.days > work.policy.credit_approval_days:
            return ApprovalRequirement("approval.old_slip", work.policy.credit_approval_days)
        if self.amount_fen > work.policy.credit_approval_fen:
            return ApprovalRequirement("approval.large_slip", work.policy.credit_approval_fen)
        return None

    def apply(self, work: Work) -> SaleCredited:
        work.points.lock(self.member)  # first: another desk may be raising the tier at this moment
        member = honoured_member(work, self.member)
        work.sales.shop_name(self.shop)
        if self.sold_at > work.act.at + CLOCK_TOLERANCE:
            if not work.act.is_fact:
                raise Refused("sale.in_the_future")
            work.conflict(Conflict.CLOCK)
        sold_on = business_day(self.sold_at, work.act.zone)
        counted = work.sales.credited(self.shop, self.slip_number, sold_on)
        if counted is not None and not work.act.is_fact:
            raise Refused("sale.slip_used", slip_number=self.slip_number)
        earned = points_for(self.amount_fen, member.tier, work.policy)
        expires_on = add_months(work.act.business_day, work.policy.points_live_months)
        if counted is not None:
            work.conflict(Conflict.DUP_RECEIPT, slip_number=self.slip_number, counted=str(counted))
            self._credit_and_take_back(work, earned.points, expires_on)
            usable = work.points.lock(self.member).usable(work.act.business_day)
            return SaleCredited(0, (), usable, expires_on.isoformat(), member.tier, member.tier)
        work.sales.add(self.member, self.shop, self.slip_number, self.sold_at, sold_on, self.amount_fen, earned.points)
        if earned.points:
            lot = work.points.credit(self.member, earned.points, kind="earn", expires_on=expires_on, house="issued")
            self._hold_for_review(work, earned.points, lot)
        spend = work.sales.spend_since(self.member, add_months(work.act.business_day, -12))
        tier_after = higher(member.tier, tier_for(spend, work.policy))
        if tier_after != member.tier:
            work.members.set_tier(self.member, tier_after)
        usable_after = work.points.lock(self.member).usable(work.act.business_day)
        return SaleCredited(earned.points, earned.steps, usable_after, expires_on.isoformat(), member.tier, tier_after)

    def _hold_for_review(self, work: Work, points: int, lot: LotId) -> None:
        """A desk or a till that credits more in a day than a counter does may have been forged: nobody spends that
        unseen (RELIABILITY.md P16)."""
        if not work.act.is_fact and work.act.till is None:
            return
        today, most = work.sales.note_credited(points)
        if today <= most:
            return
        told = {"till": work.act.till} if work.act.till is not None else {}
        work.conflict(Conflict.PENDING_REVIEW, points=points, today=today, limit=most, **told)
        left = sum(other.remaining for other in work.points.lock(self.member).lots if other.lot == lot)
        if left:  # what has repaid a debt is not there to be spent
            work.holds.open(self.member, left)

    def _credit_and_take_back(self, work: Work, points: int, expires_on: date) -> None:
        """Both stand in the books: the member was told of these points, and will be told that they do not count."""
        if points == 0:
            return
        lot = work.points.credit(self.member, points, kind="earn", expires_on=expires_on, house="issued")
        account = work.points.lock(self.member)
        left = sum(other.remaining for other in account.lots if other.lot == lot)
        # Where it repaid a debt, its use is noted already: then all of it is owed, and the lot stands against that.
        uses = (LotUse(lot, left),) if left == points else ()
        work.points.debit(account, uses, kind="take_back", house="issued", owing=0 if uses else points)
