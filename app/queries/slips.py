"""What stands on paper: one frozen row per kind of slip. Names and card numbers are masked, times are UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from app.domain.self_test import Check
from app.domain.slip_look import LOOK_AT_FIRST, SlipLook
from app.queries.reports import DailyReport
from app.queries.rows import ExpiringPoints


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What every slip says of its operation. `look` is what the mall wants this document to be, read when it prints."""

    operation: UUID
    code: str  # what the QR code holds: signed, so that nobody else can make it (`app.domain.signed_code`)
    mall_name: str
    desk_name: str
    staff: str  # number and name
    approver: str | None
    at: datetime
    zone: str
    look: SlipLook = LOOK_AT_FIRST
    copy: int = 0  # 0 the first print, then 1, 2, …
    reversed: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberSlip(Slip):
    """A slip about a member; all four are empty where it turns out to be about nobody (a receipt taken back)."""

    member_name: str  # masked
    member_no: str
    card: str  # masked; the one in use when it prints
    tier: str


@dataclass(frozen=True)
class SlipLine:
    gift_name: str
    quantity: int
    points: int  # of the whole line


@dataclass(frozen=True, kw_only=True)
class RedemptionSlip(MemberSlip):
    lines: tuple[SlipLine, ...]
    points: int
    usable_before: int
    usable_after: int
    expiring: ExpiringPoints | None
    handed_out: bool


@dataclass(frozen=True, kw_only=True)
class GuestRedemptionSlip(Slip):
    """A member of another mall of the group took this along; `home_name` keeps their points."""

    home_name: str
    member_no: str  # there
    lines: tuple[SlipLine, ...]
    points: int


@dataclass(frozen=True, kw_only=True)
class CreditSlip(MemberSlip):
    shop_name: str
    slip_number: str
    sold_at: datetime
    amount_fen: int
    points: int
    usable_after: int
    expires_on: date  # of the points that were credited
    tier_before: str
    tier_after: str


@dataclass(frozen=True)
class GiftLine:
    gift: str  # its code
    gift_name: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class HandOutSlip(MemberSlip):
    redemption: UUID
    lines: tuple[GiftLine, ...]
    by_proxy: bool  # somebody else collects for the member; who it was stays sealed in the log


@dataclass(frozen=True, kw_only=True)
class CardSlip(MemberSlip):
    """A card was issued, or took the place of `old_card`. `qr` is the number of a virtual card: the paper is all the
    member holds of it until they have it on their phone."""

    new_card: str  # masked
    old_card: str | None  # masked
    kind: str  # physical | virtual
    qr: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class ReversalSlip(MemberSlip):
    reverses: UUID
    verb: str  # what was undone
    reversed_at: datetime  # when that had been done
    reason: str  # a code of `app.operations.reverse`
    points: int  # what the member's balance changed by
    usable_after: int | None
    owed_after: int
    goods_back: bool


@dataclass(frozen=True, kw_only=True)
class AdjustmentSlip(MemberSlip):
    change: int
    reason: str  # a code of `app.operations.adjust_points`
    usable_before: int
    usable_after: int


@dataclass(frozen=True)
class StockLine:
    gift: str
    gift_name: str
    quantity: int
    value_fen: int  # of one piece, as the catalogue has it when the slip prints


@dataclass(frozen=True, kw_only=True)
class StockReceiptSlip(Slip):
    lines: tuple[StockLine, ...]
    delivery_note: str

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def value_fen(self) -> int:
        return sum(line.quantity * line.value_fen for line in self.lines)


@dataclass(frozen=True)
class Movement:
    """One change of the balance; `balance` is what it was afterwards."""

    at: datetime
    verb: str
    label: str  # shop, gifts, or the code of a reason
    points: int
    balance: int


@dataclass(frozen=True, kw_only=True)
class StatementSlip(MemberSlip):
    """The balance at the moment `at`, and why it is that: `brought_forward` + the movements = `posted`; the lots minus
    `owed` = `posted`; `posted` - `held` - `lapsed` = `usable`, never shown below zero."""

    joined_on: date
    posted: int
    held: int
    owed: int
    lapsed: int  # past their last day, not cleared yet
    usable: int
    lots: tuple[ExpiringPoints, ...]  # by month, soonest first; the day is the first one of that month
    brought_forward: int
    movements: tuple[Movement, ...]  # the oldest first
    earlier: int  # movements that are not listed


@dataclass(frozen=True, kw_only=True)
class ConsentSlip(MemberSlip):
    """What a new member agreed to, to be signed."""

    phone: str  # masked
    purposes: tuple[tuple[str, str], ...]  # (purpose, version of its text)


@dataclass(frozen=True)
class CouponLine:
    """One coupon, as it was when it was given; `code` is signed. No shops named: it counts in all."""

    number: str
    code: str
    name: str
    worth_fen: int
    valid_from: date
    until: date  # the last day
    shops: str
    terms: str


@dataclass(frozen=True, kw_only=True)
class CouponsSlip(MemberSlip):
    """The coupons of one redemption, each a paper of its own."""

    coupons: tuple[CouponLine, ...]


@dataclass(frozen=True, kw_only=True)
class DailyReportSlip(Slip):
    report: DailyReport


@dataclass(frozen=True, kw_only=True)
class SelfTestSlip(Slip):
    """What the desk was like at the start of a shift."""

    checks: tuple[Check, ...]
    took_ms: int


AnySlip = (
    RedemptionSlip
    | CreditSlip
    | GuestRedemptionSlip
    | HandOutSlip
    | CardSlip
    | ReversalSlip
    | AdjustmentSlip
    | StockReceiptSlip
    | StatementSlip
    | ConsentSlip
    | CouponsSlip
    | DailyReportSlip
    | SelfTestSlip
)


@dataclass(frozen=True)
class QueuedSlip:
    """One row of this desk's print queue. `state` is a value of `app.ports.paper.PrintState`."""

    job: UUID
    operation: UUID
    document: str
    copy: int
    state: str
    cause: str | None
    queued_at: datetime
    staff: str  # who did what it is about
    member_name: str  # masked, or ""
    member_no: str


class SlipQueries(Protocol):
    """Blocks (database): call from a job or the spool's thread."""

    def slip(self, operation: UUID, document: str) -> AnySlip:
        """Raises Refused("operation.unknown") where the operation is not there or has no such document."""

    def queue(self, limit: int = 100) -> tuple[QueuedSlip, ...]:
        """This desk's slips, the newest first."""

    def look(self) -> SlipLook:
        """What the mall has decided about its slips."""
