"""Frozen rows, each made for one screen, slip or report. Names and numbers are masked unless a field says not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from app.domain.card import is_keyed
from app.domain.card_code import PresentedCard
from app.domain.errors import Refused
from app.domain.slip_look import Logo


@dataclass(frozen=True)
class StaffTile:
    staff: str
    name: str
    role: str
    may_approve: bool
    has_card: bool = False  # an approval card that counts


@dataclass(frozen=True)
class StaffRow:
    """One person who works here, for the staff screen. Names are whole: they stand on every slip anyway."""

    staff: str
    name: str
    role: str
    failures: int  # wrong PINs in a row
    locked_until: datetime | None
    locked_for_good: bool  # until somebody lifts it, or opens their account again
    has_card: bool = False  # an approval card that counts
    closed: bool = False  # works here no more


@dataclass(frozen=True)
class FoundMember:
    """One row of the result list. `matched`: card, phone, phone_tail, name, surname, pinyin, initials or number."""

    member: UUID
    member_no: str
    name: str  # masked
    phone: str  # masked
    tier: str
    state: str
    points: int
    matched: str


class Searched(Enum):
    """Where somebody was looked for: a desk of a hub holds only those whom it serves."""

    EVERYWHERE = "everywhere"
    HERE = "here"  # cut off: whoever is not here may be a member all the same
    HERE_FIRST = "here_first"  # the hub has not been asked yet


@dataclass(frozen=True)
class Guest:
    """A member of another mall of the group, masked as their own mall shows them (docs/adr/0015). `unposted`: points
    for which they took something here and of which their home has not heard yet; it holds them."""

    home: str
    home_name: str
    member: UUID
    member_no: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    tier: str
    state: str
    usable: int
    unposted: int = 0

    def not_ours(self) -> Refused:
        """For whoever asked for a member of this mall; the ids are what a redemption by a guest names."""
        return Refused(
            "member.of_other_mall",
            mall=self.home_name,
            name=self.name,
            usable=self.usable,
            home=self.home,
            guest=str(self.member),
        )


@dataclass(frozen=True)
class Found:
    """At most 20 rows; `more` when there are others; `hint` is a sentence code when the query is too short. `guest`:
    nobody of this mall, but somebody of another one of the group."""

    rows: tuple[FoundMember, ...]
    more: bool = False
    hint: str | None = None
    searched: Searched = Searched.EVERYWHERE
    guest: Guest | None = None


@dataclass(frozen=True)
class CardRow:
    number: str  # masked
    card: str  # the whole number, never shown: for operations on this card
    kind: str  # physical | virtual
    state: str
    since: datetime

    @property
    def in_short(self) -> bool:
        """This desk knows no more of it than its keyed hash: `kind` and `since` are guesses."""
        return is_keyed(self.card)


@dataclass(frozen=True)
class CardHolder:
    """Whose card it is; where a receipt or coupon was scanned, `card` is None and `slip` the operation it belongs to.
    `doubt`: "" where nothing speaks against the card, "code_wrong" or "two_counters" (`elsewhere` names the other
    desk)."""

    member: UUID
    card: PresentedCard | None
    doubt: str = ""
    elsewhere: str = ""
    slip: UUID | None = None


@dataclass(frozen=True)
class CardBatchRow:
    """A run of card numbers, and what became of them."""

    first_serial: int
    count: int
    label: str
    kind: str  # physical | virtual | any
    desk_name: str
    made_at: datetime | None
    first_number: str
    in_stock: int
    issued: int
    lost: int
    replaced: int
    void: int


@dataclass(frozen=True)
class ExportedCard:
    """One number in the file for a card factory; `track_2` (without sentinels) holds its card code."""

    serial: int
    number: str = field(repr=False)
    card_code: str = field(repr=False)
    track_2: str = field(repr=False)


@dataclass(frozen=True)
class CardFace:
    """What is printed on a member's card."""

    mall_name: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    tier: str
    logo: Logo | None = None  # the one that stands on slips


@dataclass(frozen=True)
class ExpiringPoints:
    expires_on: date  # the last day they can be used
    points: int


@dataclass(frozen=True)
class OwedGift:
    """Redeemed and not handed out yet."""

    redemption: UUID  # the operation
    line: int
    gift: str
    gift_name: str
    quantity: int
    desk: str
    since: datetime


@dataclass(frozen=True)
class TimelineEntry:
    """What happened, newest first. `kind`: credited, redeemed, handed_out, reversed, adjusted, expired, enrolled,
    card_issued, card_lost, card_replaced, revealed. `label` is a shop, gift or reason; `points` may be 0."""

    operation: UUID
    line: int
    kind: str
    at: datetime
    label: str
    points: int
    amount_fen: int | None = None
    staff: str = ""
    desk: str = ""
    reversible: bool = False  # nothing has reversed it, and the domain has an undo for it
    reversed: bool = False


@dataclass(frozen=True)
class MemberPage:
    """Everything the counter shows of one member."""

    member: UUID
    member_no: str
    name: str  # masked
    phone: str  # masked
    surname: str
    gender: str  # "f", "m" or ""
    tier: str  # bronze | silver | gold | platinum
    state: str  # pending | active | frozen | closed
    joined_on: date
    birthday_month: int | None
    birthday_today: bool
    usable: int
    held: int
    owed: int  # receivable: taken back after they were spent
    spend_12_months_fen: int
    next_tier: str | None
    to_next_tier_fen: int
    has_pin: bool
    expiring: tuple[ExpiringPoints, ...]  # by month, soonest first
    cards: tuple[CardRow, ...]
    gifts_owed: tuple[OwedGift, ...]
    timeline: tuple[TimelineEntry, ...]
    warnings: tuple[str, ...]  # sentence codes: card.lost, member.frozen, card.keyed …
    as_of: datetime


@dataclass(frozen=True)
class GiftRow:
    """One gift as this desk can give it. `elsewhere` is the stock of the other desks as (desk name, free pieces)."""

    gift: str
    name: str
    pinyin: str
    points: int
    value_fen: int
    on_hand: int
    reserved: int
    elsewhere: tuple[tuple[str, int], ...] = ()
    is_coupon: bool = False

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True)
class CatalogueGift:
    """One gift as the programme manager keeps it, on offer or not."""

    gift: str
    name: str
    pinyin: str
    points: int
    value_fen: int
    on_offer: bool
    coupon_days: int | None = None  # None: goods
    coupon_shops: str = ""
    coupon_terms: str = ""


@dataclass(frozen=True)
class LeaseRow:
    """Points of a member that are set aside for this desk."""

    lease: UUID
    points: int
    remaining: int
    until: datetime


@dataclass(frozen=True)
class HoldRow:
    """Points that are frozen now; `hold` is the operation that froze them."""

    hold: UUID
    points: int
    at: datetime
    staff: str
    note: str


@dataclass(frozen=True)
class ShopRow:
    shop: str
    name: str
    pinyin: str
    category: str


@dataclass(frozen=True)
class OperationRow:
    """One operation of this desk, for the reverse screen, the approvals screen and the audit trail."""

    operation: UUID
    verb: str
    at: datetime
    staff: str
    approver: str | None
    desk: str
    member: UUID | None
    member_name: str  # masked
    summary: str  # language-neutral: gift names, shop, points
    points: int
    reversible: bool
    reversed: bool


@dataclass(frozen=True)
class DeskStatus:
    mall: str
    mall_name: str
    desk: str
    desk_name: str
    slips_waiting: int
    operations: int
    unsent: int = 0
