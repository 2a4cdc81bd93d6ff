"""Undo an operation by its opposite: points go back to the lots they came from, stock to where it stood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Self
from uuid import UUID

from app.domain.calendar import add_months
from app.domain.conflicts import WITHOUT_EFFECT
from app.domain.errors import Refused
from app.domain.points import spending_order, taken
from app.domain.staff import Right
from app.domain.text import clean
from app.domain.tier import higher, tier_for
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import PastOperation, Work

Reason = Literal["mistake", "gift_faulty", "member_changed_mind", "sale_returned", "wrong_member", "other"]
REVERSIBLE = frozenset({"redeem", "credit_sale", "adjust_points", "hand_out", "receive_stock"})


@dataclass(frozen=True)
class Reversed(Result):
    verb: str  # what was undone
    points: int  # what the member's balance changed by
    usable_after: int | None
    owed_after: int


@dataclass(frozen=True, kw_only=True)
class Reverse(Operation):
    """`member` is whom the named operation was about (None for stock); `goods_back` says that a gift which had been
    handed out lies on the counter again."""

    reverses: UUID
    reason: Reason
    member: UUID | None = None
    note: str = ""
    goods_back: bool = False

    verb = "reverse"
    needs = Right.REVERSE
    offline = Offline.WITHIN_LIMITS
    sealed = ("note",)  # free text about a person may name them

    def normalised(self) -> Self:
        return replace(self, note=clean(self.note, field="note", longest=200))

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        past = work.log.past(self.reverses)
        own = past.actor == work.act.actor.staff
        if own and past.desk == work.act.desk and past.verb != "adjust_points":
            # Either way: a clock that was set back does not open yesterday's work again.
            if abs(work.act.at - past.at) <= timedelta(minutes=work.policy.undo_minutes):
                return None
        elif not own and Right.APPROVE in work.act.actor.rights:
            return None
        return ApprovalRequirement("approval.reversal", work.policy.undo_minutes)

    def apply(self, work: Work) -> Reversed:
        past = work.log.past(self.reverses)
        if past.verb not in REVERSIBLE:
            raise Refused("reverse.not_possible", verb=past.verb)
        if past.reversed or WITHOUT_EFFECT.intersection(past.facts.get("conflicts", ())):
            raise Refused("reverse.already")
        if past.member != self.member:
            raise Refused("reverse.other_member")
        work.log.note_reversal(self.reverses)  # first: whoever reverses the same at another desk waits here
        before = work.points.lock(self.member).posted if self.member else 0
        match past.verb:
            case "redeem":
                self._redemption(work)
            case "hand_out":
                self._hand_out(work)
            case "credit_sale":
                work.sales.take_back(self.reverses)
                work.holds.let_go(self.reverses)  # it was held until somebody looked
                self._take_points_back(work, past)
                self._take_tier_back(work, past)
            case "adjust_points":
                if work.points.uses_of(self.reverses):
                    self._give_points_back(work)
                else:
                    self._take_points_back(work, past)
            case "receive_stock":
                self._receipt(work)
        if self.member is None:
            return Reversed(past.verb, 0, None, 0)
        after = work.points.lock(self.member)
        return Reversed(past.verb, after.posted - before, after.usable(work.act.business_day), after.owed)

    def _redemption(self, work: Work) -> None:
        redemption = work.redemptions.get(self.reverses)
        handed_out = [line for line in redemption.lines if line.handed_out]
        if handed_out and not self.goods_back:
            raise Refused("reverse.goods_not_back")
        if handed_out and redemption.desk != work.act.desk:
            raise Refused("redemption.other_desk", desk=redemption.desk)
        for line in redemption.lines:
            if line.handed_out:
                work.stock.put_back(line.gift, line.quantity, reserved=False)
            else:
                work.stock.release(line.gift, line.quantity, redemption.desk)
        self._give_points_back(work)

    def _hand_out(self, work: Work) -> None:
        redemption, lines = work.redemptions.handed_out_by(self.reverses)
        if not self.goods_back:
            raise Refused("reverse.goods_not_back")
        if redemption.desk != work.act.desk:
            raise Refused("redemption.other_desk", desk=redemption.desk)
        if redemption.reversed:
            raise Refused("redemption.reversed")
        for line in lines:
            work.stock.put_back(line.gift, line.quantity, reserved=True)
        work.redemptions.take_back_hand_out(redemption.operation, [line.line for line in lines])

    def _give_points_back(self, work: Work) -> None:
        if self.member is not None:
            today = work.act.business_day
            work.points.give_back(
                self.member,
                self.reverses,
                not_before=today + timedelta(days=work.policy.returned_points_live_days),
                new_until=add_months(today, work.policy.points_live_months),
            )

    def _take_points_back(self, work: Work, past: PastOperation) -> None:
        """The points stored with the sale are taken, from its own lot first, then from the others, then below zero."""
        for member, own in work.points.made_by(self.reverses):
            account = work.points.lock(member)
            others = [lot for lot in spending_order(account.lots) if lot.lot != own.lot]
            still_there = [lot for lot in account.lots if lot.lot == own.lot]
            uses = taken([*still_there, *others], own.quantity)
            owing = own.quantity - sum(use.quantity for use in uses)
            house = "issued" if past.verb == "credit_sale" else "adjusted"
            work.points.debit(account, uses, kind="take_back", house=house, owing=owing)

    def _take_tier_back(self, work: Work, past: PastOperation) -> None:
        """A level that this sale alone had reached goes with it; one that other sales carry stays."""
        before, after = past.facts["tier_before"], past.facts["tier_after"]
        if self.member is None or before == after or work.members.get(self.member).tier != after:
            return
        spend_fen = work.sales.spend_since(self.member, add_months(work.act.business_day, -12))
        work.members.set_tier(self.member, higher(before, tier_for(spend_fen, work.policy)))

    def _receipt(self, work: Work) -> None:
        work.stock.undo_receipt(self.reverses)
