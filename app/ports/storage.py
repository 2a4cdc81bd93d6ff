"""The unit of work: what an operation may touch while it takes effect, in one transaction.

Every write is deterministic: given the same operations in the same order, every table but the print spool ends the
same (that is how `verify` works). So no write may look at the clock, at chance or at anything outside the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from app.domain.card_code import PresentedCard
from app.domain.conflicts import Conflict
from app.domain.desk_kind import DeskKind
from app.domain.errors import Fact
from app.domain.points import Account, Lot, LotId, LotUse
from app.domain.policy import Policy
from app.domain.staff import Role, Staff


@dataclass(frozen=True)
class Act:
    """Who does what, where and when: the envelope as an operation sees it while it takes effect."""

    operation: UUID
    mall: str
    desk: str
    epoch: int
    sequence: int
    wall_ms: int  # Unix time of the desk's wall clock
    at: datetime  # the same, UTC
    business_day: date
    zone: str
    actor: Staff
    approver: Staff | None = None
    session: UUID | None = None
    member_proof: str | None = None  # "pin" when the member typed theirs, "qr" when they showed their code
    lease: UUID | None = None  # points set aside for this desk, from which it is spent
    is_fact: bool = False  # it happened while a desk was cut off: recorded, never refused
    kind: DeskKind = DeskKind.COUNTER  # of a fact: what its desk was in that epoch
    till: str | None = None  # of the hub's own operation: the till that told it


@dataclass(frozen=True)
class Person:
    """Personal data of a member. Everything but name and phone is optional."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    birthday: date | None = field(default=None, repr=False)
    gender: str = ""


@dataclass(frozen=True)
class MemberState:
    member: UUID
    member_no: str
    state: str
    tier: str
    joined_on: date
    pin_verifier: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CardState:
    number: str
    member: UUID
    kind: str
    state: str
    issue: int = 1  # how often it was written anew; each has its own card code


@dataclass(frozen=True)
class CouponTerms:
    """What makes a gift a coupon: how many days it counts, its first day among them, in which shops, and what else
    stands on it."""

    days: int
    shops: str = ""
    terms: str = ""


@dataclass(frozen=True)
class GiftState:
    gift: str
    name: str
    points: int
    value_fen: int
    on_offer: bool
    coupon: CouponTerms | None = None  # None: goods


@dataclass(frozen=True)
class IssuedCoupon:
    """One of the coupons that a redemption gives, as it is printed now and ever after."""

    line: int
    piece: int
    gift: str
    worth_fen: int
    valid_from: date
    until: date
    shops: str
    terms: str


@dataclass(frozen=True)
class StockState:
    on_hand: int
    reserved: int


@dataclass(frozen=True)
class RedeemedLine:
    line: int
    gift: str
    quantity: int
    points: int  # of the whole line
    handed_out: bool


@dataclass(frozen=True)
class RedemptionState:
    operation: UUID
    member: UUID
    desk: str
    points: int
    reversed: bool
    lines: tuple[RedeemedLine, ...]


@dataclass(frozen=True)
class PastOperation:
    """What a reversal needs to know of the operation it names."""

    operation: UUID
    verb: str
    desk: str
    actor: str
    approver: str | None
    at: datetime
    member: UUID | None
    reversed: bool
    facts: Mapping[str, Any]  # what it answered


@dataclass(frozen=True)
class JournalLine:
    line: int
    account: UUID
    amount: int


@dataclass(frozen=True)
class Credential:
    """A person's PIN verifier and how often in a row it was got wrong."""

    verifier: str = field(repr=False)
    failures: int = 0
    locked_until: datetime | None = None
    disabled: bool = False
    closed: bool = False


class Members(Protocol):
    def add(
        self, member: UUID, person: Person, *, pin_verifier: str | None, adult_confirmed: bool, twin: bool = False
    ) -> MemberState:
        """`twin`: somebody with this telephone number is there already."""

    def get(self, member: UUID) -> MemberState:
        """Raises Refused("member.unknown")."""

    def active(self, member: UUID) -> MemberState:
        """Raises Refused("member.unknown" | "member.frozen" | "member.closed" | "staff.own_account")."""

    def is_told(self, member: UUID) -> bool:
        """Is it known here who they are? A desk that follows a hub knows of most members only how they stand."""

    def with_phone(self, phone: str) -> UUID | None: ...
    def set_tier(self, member: UUID, tier: str) -> None: ...
    def set_pin(self, member: UUID, verifier: str) -> None: ...
    def note_consents(self, member: UUID, consents: Iterable[tuple[str, str]]) -> None:
        """(purpose, version of the text that was shown)."""


class Cards(Protocol):
    def get(self, number: str) -> CardState:
        """Raises Refused("card.unknown")."""

    def of_member(self, member: UUID, number: str) -> CardState:
        """`number` may be a keyed one (`app.domain.card.keyed_number`).

        Raises Refused("card.unknown" | "card.not_this_member")."""

    def check_is_ours_and_new(self, number: str, kind: str) -> None:
        """Raises Refused: not from a batch of this mall, from one for another kind, voided, or issued before."""

    def active_of(self, member: UUID, kind: str) -> CardState | None: ...
    def issue(self, number: str, member: UUID, kind: str) -> None: ...
    def set_state(self, number: str, state: str) -> None: ...
    def issue_again(self, number: str) -> int:
        """The card's next issue: what is written on earlier ones no longer counts.

        Raises Refused("card.issues_used_up")."""

    def add_batch(self, first_serial: int, count: int, kind: str, label: str, desk: str | None = None) -> None:
        """For `desk`, or this one. Raises Refused("card.batch_overlaps")."""

    def void_number(self, number: str, reason: str) -> None:
        """A number of this mall's stock shall never become a card. Raises Refused."""

    def void_rest(self, first_serial: int, reason: str) -> int:
        """All of the batch that are still in stock; returns how many. Raises Refused("card.batch_unknown" |
        "card.batch_used_up")."""

    def batch_label(self, first_serial: int) -> str:
        """Raises Refused("card.batch_unknown")."""

    def code_is_wrong(self, card: PresentedCard) -> bool:
        """Does its stripe hold another code than this card's newest issue has?"""

    def use_member_code(self, text: str) -> CardState:
        """Check a member QR and mark it used. Raises Refused("card.qr_false" | "card.qr_old" | "card.qr_used")."""

    def note_alert(self, number: str, member: UUID, kind: str) -> None: ...


class Points(Protocol):
    def lock(self, member: UUID) -> Account:
        """The account with its lots, nobody else may change it until the transaction ends."""

    def credit(self, member: UUID, points: int, *, kind: str, expires_on: date, house: str) -> LotId:
        """A new lot; what the member owes is repaid from it first."""

    def debit(self, account: Account, uses: Sequence[LotUse], *, kind: str, house: str, owing: int = 0) -> None:
        """Take `uses` (and `owing` more, below zero) from the member. The update is guarded: it cannot overdraw.

        Raises Refused("points.not_enough") when the account changed meanwhile."""

    def owed_by_mall(self, mall: str, points: int) -> None:
        """Something was given here for points that another mall of the group keeps: that mall owes this one."""

    def give_back(self, member: UUID, reverses: UUID, *, not_before: date, new_until: date) -> int:
        """What operation `reverses` took goes back to the same lots, which then live until `not_before` at least. What
        it had overdrawn is owed no more; points that have repaid it since are a new lot, good until `new_until`."""

    def made_by(self, operation: UUID) -> tuple[tuple[UUID, Lot], ...]:
        """(member, lot) for each lot that `operation` made."""

    def uses_of(self, operation: UUID) -> tuple[LotUse, ...]: ...
    def expired(
        self, through: date, limit: int, members: Sequence[UUID] | None = None
    ) -> tuple[tuple[UUID, tuple[Lot, ...]], ...]:
        """Members with something left in lots whose last day is `through` or before, at most `limit` members; of
        `members` only, where they are named."""

    def show(self, member: UUID) -> None:
        """Nothing changes, but the desks are told how the account stands. Raises Refused("member.unknown")."""

    def unexpire(self, member: UUID, points: int, *, on: date) -> int:
        """At most `points` go back into lots that were good on `on` and have expired since; returns how many."""

    def adjusted_today(self, actor: str) -> int:
        """Points that `actor` has adjusted upwards on this business day."""


class Sales(Protocol):
    def shop_name(self, shop: str) -> str:
        """Raises Refused("shop.unknown")."""

    def credited(self, shop: str, slip_number: str, sold_on: date) -> UUID | None:
        """The operation that has counted this slip."""

    def add(
        self, member: UUID, shop: str, slip_number: str, sold_at: datetime, sold_on: date, amount_fen: int, points: int
    ) -> None: ...
    def take_back(self, operation: UUID) -> None:
        """The sale no longer counts; its slip stays used."""

    def note_credited(self, points: int) -> tuple[int, int]:
        """(what this desk has credited on this business day, these points among them; how much that may be before
        somebody looks at it: A_k)."""

    def spend_since(self, member: UUID, first_day: date) -> int:
        """Fen spent from `first_day` on, sales that were taken back left out."""

    def add_shop(self, shop: str, name: str, category: str) -> None: ...


class Stock(Protocol):
    def gift(self, gift: str) -> GiftState:
        """Raises Refused("gift.unknown")."""

    def level(self, gift: str, desk: str) -> StockState: ...
    def reserve(self, gift: str, quantity: int) -> None:
        """At this desk. Raises Refused("gift.out_of_stock", left=…, elsewhere=…)."""

    def reserve_uncounted(self, gift: str, quantity: int) -> int:
        """They were on the shelf whatever the count says. Returns how many it said too few, which are added to it."""

    def release(self, gift: str, quantity: int, desk: str) -> None: ...
    def take(self, gift: str, quantity: int) -> None:
        """Reserved pieces leave this desk."""

    def put_back(self, gift: str, quantity: int, *, reserved: bool) -> None: ...
    def receive(self, gift: str, quantity: int) -> None: ...
    def undo_receipt(self, receipt: UUID) -> None:
        """Take back what operation `receipt` received. Raises Refused("gift.out_of_stock")."""

    def add_gift(self, gift: GiftState) -> None: ...


class Redemptions(Protocol):
    def add(self, member: UUID, lines: Sequence[RedeemedLine]) -> None: ...
    def issue(self, coupons: Sequence[IssuedCoupon]) -> None: ...
    def gave_coupons(self, operation: UUID) -> bool: ...
    def get(self, operation: UUID) -> RedemptionState:
        """Raises Refused("redemption.unknown")."""

    def hand_out(self, redemption: UUID, lines: Sequence[int], taken_by: str) -> None: ...
    def handed_out_by(self, operation: UUID) -> tuple[RedemptionState, tuple[RedeemedLine, ...]]:
        """The redemption of which `operation` handed out these lines."""

    def take_back_hand_out(self, redemption: UUID, lines: Sequence[int]) -> None: ...


class StaffRoll(Protocol):
    def get(self, staff: str) -> Staff:
        """Raises Refused("staff.unknown")."""

    def add(self, staff: str, name: str, role: Role, verifier: str, member: UUID | None) -> None: ...
    def set_pin(self, staff: str, verifier: str) -> None:
        """Also lifts a lockout."""

    def close(self, staff: str) -> None:
        """Their approval card ends, too."""

    def reopen(self, staff: str) -> None: ...
    def has_other_administrator(self, staff: str) -> bool:
        """Is there one beside `staff` whose account is open?"""

    def give_approval_card(self, staff: str, public_key: bytes, sealed_key: bytes) -> None:
        """An earlier one ends."""

    def end_approval_card(self, staff: str) -> bool:
        """False where they had none."""

    def count_failure(self, staff: str) -> int: ...
    def lock(self, staff: str, until: datetime | None, *, disabled: bool) -> None: ...
    def clear_failures(self, staff: str) -> None:
        """Opens no account that was closed."""

    def count_member_failure(self, member: UUID) -> int: ...
    def lock_member_pin(self, member: UUID, until: datetime | None, *, disabled: bool) -> None: ...
    def clear_member_failures(self, member: UUID) -> None: ...
    def open_session(self, staff: str) -> None: ...
    def close_session(self, session: UUID) -> None: ...
    def reveals_today(self, staff: str) -> int: ...
    def note_reveal(self, member: UUID, field: str, reason: str) -> None: ...


class Holds(Protocol):
    """Points set aside: still the member's, but not to be spent."""

    def open(self, member: UUID, points: int) -> None: ...
    def resolve(self, hold: UUID) -> tuple[UUID, int]:
        """(member, points) that are free again. Raises Refused("hold.unknown" | "hold.resolved"): at most once."""

    def let_go(self, hold: UUID) -> None:
        """The same where there is such a hold, and it is open; nothing elsewhere."""


@dataclass(frozen=True)
class Lease:
    """Points set aside for one desk until `until`, by that desk's clock."""

    lease: UUID
    desk: str
    member: UUID
    points: int
    remaining: int
    until: datetime
    is_open: bool


class Leases(Protocol):
    """Points that only one desk may spend, also while it is cut off. They count among those that are held."""

    def get(self, lease: UUID) -> Lease:
        """Raises Refused("lease.unknown")."""

    def open(self, member: UUID, points: int, until: datetime) -> None: ...
    def covers(self, lease: UUID, member: UUID, points: int) -> bool:
        """Would `spend` be true?"""

    def spend(self, lease: UUID, member: UUID, points: int) -> bool:
        """They are free to be spent by this operation. False where this desk has no such lease, or not enough of it."""

    def end(self, lease: UUID) -> int:
        """What was left of it is free again; 0 where it had ended before."""


class Log(Protocol):
    def past(self, operation: UUID) -> PastOperation:
        """Raises Refused("operation.unknown")."""

    def note_reversal(self, reverses: UUID) -> None:
        """Raises Refused("reverse.already"): an operation is reversed at most once."""

    def note_task(self, conflict: Conflict, facts: Mapping[str, Fact], verb: str, member: UUID | None) -> None:
        """A person has to look at what came of this operation."""

    def assign_task(self, operation: UUID, code: str, owner: str) -> None:
        """Raises Refused("task.settled") where none is open."""

    def settle_task(self, operation: UUID, code: str, outcome: str) -> None:
        """Somebody has. Raises Refused("task.settled") where none is open."""

    def close_day(self, day: date) -> None:
        """Days are closed in their order. Raises Refused("report.day_closed")."""


class Requests(Protocol):
    """What a hub grants before a desk does it."""

    def grant(self, asked: UUID, desk: str, verb: str, member: UUID | None, points: int, until: datetime) -> None:
        """Raises Refused("request.id_reused")."""

    def was_granted(self, points: int = 0) -> bool:
        """Has this operation been granted under its id, for as many points or more, whatever became of that since?"""

    def end(self, asked: UUID) -> bool:
        """It will not be done: what it held is free again. False where it was done or ended before."""

    def fulfil_for(self, asked: UUID, desk: str) -> None:
        """What was granted to `desk` under `asked` is done: its hold is resolved, if it still held."""

    def note_guest(self, home: str, member: UUID, points: int) -> None:
        """This operation gave something to a member of `home`, another mall of the group."""

    def fulfil(self) -> bool:
        """This operation does what was granted under its id, if anything was: its hold is resolved."""


class House(Protocol):
    """The mall, its desks and its settings."""

    def open_mall(self, name: str, zone: str, card_prefix: str) -> None: ...
    def add_desk(self, desk: str, name: str, number: int, public_key: bytes) -> None: ...
    def open_enrolment(
        self, code_hash: str, desk: str, name: str, number: int, kind: DeskKind, until: datetime
    ) -> None:
        """Raises Refused("desk.exists") where name or number are another desk's."""

    def enrol(self, code_hash: str, public_key: bytes) -> tuple[str, int, int]:
        """(desk, number, epoch): a new desk, or the next epoch of one. Raises Refused("hub.code_wrong")."""

    def add_partner(self, partner: str, name: str, url: str, public_key: bytes) -> None: ...
    def begin_feed(self, feed: UUID, since: datetime) -> None:
        """The feed's new epoch; what was done from `since` until now counts as granted."""

    def set(self, name: str, value: str) -> None: ...
    def set_text(self, name: str, value: str) -> None:
        """A text that is no rule: what operations name as the rules in force stays as it is."""


class Desks(Protocol):
    """How the hub stands with the desks of the mall. Each raises Refused: "desk.unknown", "desk.own_desk",
    "desk.not_enrolled" (there is no hub), "desk.gone" (it is retired or lost)."""

    def suspend(self, desk: str) -> None: ...
    def resume(self, desk: str) -> None:
        """Raises Refused("desk.must_enrol"), too."""

    def retire(self, desk: str) -> None:
        """Raises Refused("desk.unsent" | "desk.silent"), too."""

    def report_lost(self, desk: str) -> None: ...


class Imports(Protocol):
    """Bulk history: rows that an import operation names by their hash."""

    def load(self, kind: str, rows: int, sha256: str) -> None:
        """Store the rows that were handed over with this operation. Raises Refused("import.hash_differs")."""


class Work(Protocol):
    @property
    def act(self) -> Act: ...
    @property
    def policy(self) -> Policy: ...
    @property
    def members(self) -> Members: ...
    @property
    def cards(self) -> Cards: ...
    @property
    def points(self) -> Points: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def sales(self) -> Sales: ...
    @property
    def stock(self) -> Stock: ...
    @property
    def redemptions(self) -> Redemptions: ...
    @property
    def staff(self) -> StaffRoll: ...
    @property
    def log(self) -> Log: ...
    @property
    def house(self) -> House: ...
    @property
    def desks(self) -> Desks: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def conflicts(self) -> list[tuple[Conflict, Mapping[str, Fact]]]:
        """What could not be honoured of this operation so far."""

    def conflict(self, conflict: Conflict, **facts: Fact) -> None:
        """Only of a fact: it is recorded all the same."""

    def attempt(self) -> AbstractContextManager[None]:
        """What is done within takes effect as a whole, or, where Refused is raised, not at all."""

    def print_slip(self, document: str) -> None:
        """A slip of this operation goes to the spool in the same transaction; it is printed when the printer can."""

    def print_again(self, operation: UUID, document: str, instead_of: UUID | None) -> None:
        """The document of an earlier operation goes to this desk's spool, under the first number that is free: 0 where
        it was never printed, else a copy's. `instead_of` is an uncertain job whose place it takes."""


@dataclass(frozen=True)
class StoredOperation:
    """One row of the operation log."""

    encoded: bytes
    hash: bytes
    signature: bytes
    result: bytes


@dataclass(frozen=True)
class SessionState:
    session: UUID
    actor: Staff
    desk: str
    is_open: bool
