"""What the hub asks of its store. `db.hub` has it in SQL; `app.hub` decides by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from app.domain.desk_kind import DeskKind
from app.domain.mode import Unsettled
from app.domain.offline_rules import OfflineRules
from app.domain.staff import Staff
from app.operations.begin_feed import HUB
from app.ports.hub import AllDesks
from app.ports.storage import StoredOperation
from app.queries.reports import DailyReport
from app.sync.effect import Rules
from app.sync.envelope import Envelope
from app.sync.protocol import DeskState, FeedPlace, FeedRow, Looked, Lookup, Place, TillSale
from app.sync.store import OperationStore, Transaction

T = TypeVar("T")

HUB_DESK = HUB  # under this name the hub keeps a chain of its own


# Operations of one desk that may go in together: what a counter does all day. Each locks its member's account, and
# otherwise what is its own desk's, or a slip's number.
TOGETHER = frozenset({"credit_sale", "hand_out", "redeem"})


class NotTogether(Exception):
    """These have to be admitted one after the other."""


@dataclass(frozen=True)
class HubDesk:
    """How the hub stands with one desk. `keys`: the public key of each of its epochs, by number."""

    desk: str
    number: int
    state: DeskState
    must_enrol: bool
    keys: Mapping[int, bytes]
    seen_n: int = 0
    last_seen: datetime | None = None
    program: str = ""
    kind: DeskKind = DeskKind.COUNTER  # of its newest epoch

    @property
    def newest_key(self) -> bytes:
        return self.keys[max(self.keys)]


@dataclass(frozen=True)
class Heard:
    """What a desk has told of itself at `at`; `licence_until`: of the licence that it was answered."""

    at: datetime
    program: str
    feed: FeedPlace | None
    unsent: int
    oldest: datetime | None
    clock_skew_ms: int
    licence_until: datetime | None
    floor_used: int


@dataclass(frozen=True)
class Admitted:
    """An operation that the feed has; `result` is that of its row."""

    operation: UUID
    hash: bytes
    n: int
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Requested:
    """`state`: granted, done or void."""

    granted_by: UUID
    desk: str
    verb: str
    member: UUID | None
    points: int
    state: str


@dataclass(frozen=True)
class ToldSale:
    """What a till has told before. `told`: SHA-256 of it; `operation`: by which it stands in the books."""

    told: bytes
    answer: bytes
    operation: UUID | None


@dataclass(frozen=True)
class EarlyRefund:
    transaction: str
    amount_fen: int


@dataclass(frozen=True)
class Expected:
    """Of an operation that a desk would do: as much as tells what it will ask."""

    id: UUID
    verb: str
    body: Mapping[str, Any]
    actor: str
    approver: str | None
    at: datetime


@dataclass(frozen=True)
class MallSecrets:
    hub_seed: bytes = field(repr=False)
    search_key: bytes = field(repr=False)
    card_key: bytes = field(repr=False)


@dataclass(frozen=True)
class LicenceTerms:
    """`since`: the licence epoch from which on the desk is among the licensed; None: it is not."""

    rules: OfflineRules
    number: int
    desks: int
    since: int | None


@dataclass(frozen=True)
class Free:
    """Of one member, strict: what the hub itself may take now, and which desks it would have to hear from for more; of
    those, `near` were heard of lately."""

    points: int
    desks: tuple[str, ...]
    near: tuple[str, ...]


@dataclass(frozen=True)
class SpentCutOff:
    """What a desk had redeemed cut off without having read what became of it, as far as it is admitted. `could_read`:
    there is as much of the feed as it says it had read. `share`: strict, the most it could go by; None otherwise."""

    used: Unsettled
    could_read: bool
    share: int | None = None


class HubTransaction(Transaction, Protocol):
    """One transaction on one desk's chain: its row is locked first, the feed's head last, when all is done."""

    def expect(self, coming: Envelope | Expected) -> None:
        """This one comes next: what it will ask may be asked along with `opening`."""

    def expect_next(self, envelope: Envelope) -> None:
        """This one comes after the one that is being admitted."""

    def several(self) -> None:
        """Before anything else: what is admitted here are several operations, each of `TOGETHER`. What they ask of the
        mall is read once; should anybody change it before this transaction ends, `finish` raises NotTogether."""

    def lock_members(self, members: Collection[UUID]) -> None:
        """Their accounts, in the one order in which everybody locks several. Raises NotTogether where desks have shares
        of them (strict)."""

    def hub_desk(self) -> HubDesk | None: ...
    def at(self, epoch: int, sequence: int) -> Admitted | None: ...
    def rules(self, version: int) -> Sequence[Rules]:
        """All that were ever in force, oldest first; `version` is the newest."""

    def staff_at(self, staff: str, at: datetime) -> Staff:
        """As they stood then. Raises Refused("staff.unknown")."""

    def approval_keys(self, staff: str, at: datetime) -> Sequence[bytes]:
        """Public keys of the approval cards that they had then."""

    def had_read_the_end_of(self, staff: str, n: int) -> bool:
        """Does the feed say up to row `n` that `staff` may no longer do anything?"""

    def spent_cut_off(self, member: UUID, read_to: int) -> SpentCutOff | None:
        """Before the operation at hand, which states that the feed was read to `read_to`. None: nobody can tell, the
        hub was put back and the desk has not read its feed since."""

    def note_cut_off(self, member: UUID, read_to: int, points: int) -> None:
        """So many more, with the row that is appended next; after `spent_cut_off` of the same place."""

    def offline_rules(self) -> OfflineRules: ...
    def offline_rules_since(self, since: datetime) -> Sequence[OfflineRules]:
        """All that were in force then or later."""

    def member_who_showed(self) -> UUID | None:
        """Whose code was presented last at this desk."""

    def note_operation_key(self, operation: UUID, subject: UUID, key: bytes) -> None: ...
    def admit(
        self, envelope: Envelope, stored: StoredOperation, member: UUID | None, result: Mapping[str, Any]
    ) -> None:
        """Append a desk's operation with its row of the feed, whose `result` wants only the images."""

    def place_of(self, operation: UUID) -> int:
        """Its row in the feed. Not before the transaction has ended."""

    def quarantine(self, why: str, encoded: bytes, signature: bytes) -> None: ...
    def set_state(self, state: DeskState, *, must_enrol: bool, why: str | None) -> None:
        """`why` is the code of what the hub found."""

    def request(self, asked: UUID) -> Requested | None:
        """What was last granted under this id, and what became of it."""

    @property
    def head(self) -> Place | None:
        """Where the desk's chain ends with what was done here; None before `opening`."""

    def finish(self) -> None:
        """Rows of the feed: the last locks."""


class HubStore(Protocol):
    """One mall's. Raises Unavailable as every store does; several threads may call it at once."""

    def transact(self, desk: str, work: Callable[[HubTransaction], T]) -> T: ...
    def try_out(self, desk: str, work: Callable[[HubTransaction], T]) -> T:
        """As `transact`; what is done within is taken back, whatever comes of it."""

    def own_operations(self) -> OperationStore:
        """For the hub's own authority: what it decides goes into the feed as `system`."""

    def begin(self) -> MallSecrets:
        """The hub's chain, keys and feed, made when they are first asked for."""

    def desk(self, desk: str) -> HubDesk | None: ...
    def saw(self, desk: str, heard: Heard) -> None: ...
    def says_hello(self, desk: str, at: datetime) -> None:
        """For the first time: a till never does, and has no licence."""

    def desks(self, actor: str, at: datetime) -> AllDesks:
        """Without the programs. Raises Refused("staff.no_right" | "staff.unknown")."""

    def licence_terms(self, desk: str) -> LicenceTerms:
        """Where desks came, went or were stopped since, or the hub was restored, the next licence epoch begins here."""

    def enrolled(self, desk: str) -> None:
        """It has just come, or begun its chain anew: nothing of it is on its way."""

    def acknowledged(self, desk: str, feed: UUID, n: int, epoch: int, sequence: int) -> None:
        """`desk` holds `feed` to `n`, and had made `sequence` operations of its epoch by then."""

    def free(self, member: UUID, heard_since: datetime) -> Free: ...
    def members_expiring(self, through: date, after: UUID | None, limit: int) -> tuple[UUID, ...]:
        """With something left in lots whose last day is `through` or before, by their ids."""

    def without_share(self, served_since: datetime, after: UUID | None, limit: int) -> tuple[UUID, ...]:
        """Members with points, served since then, of whom the desks have no share of this licence epoch."""

    def answer(self, operation: UUID) -> Mapping[str, Any] | None:
        """What an operation of the log answered."""

    def request(self, asked: UUID) -> Requested | None:
        """What was last granted under this id, and what became of it."""

    def lapsed_leases(self) -> tuple[tuple[UUID, bool], ...]:
        """What was set aside for a desk whose own log has come past its end, or (True) that is gone, or has
        begun its chain anew."""

    def lapsed_requests(self, at: datetime) -> tuple[UUID, ...]:
        """Whose time is over by the clock of the desk itself: its log is in order, so that it will not be done any more
        (docs/adr/0012, rule 7). By the hub's clock alone, what was held could be given to somebody else and then be
        posted all the same."""

    def looked_up(self, desk: str, asked: Lookup, at: datetime) -> Looked:
        """Raises Refused("member.unknown" | "staff.unknown" | "staff.no_right")."""

    def may_show(self, desk: str, member: UUID, day: date) -> int | None:
        """Notes that `desk` gets `member` in full. None: it may; else how many a day it may, and has had."""

    def report(self, actor: str, day: date, at: datetime) -> DailyReport:
        """From a replica where there is one that keeps up. Raises Refused("staff.no_right" | "staff.unknown" |
        "report.day_to_come")."""

    def look_at_replica(self, at: datetime) -> None: ...
    def replica_state(self) -> tuple[str | None, int | None]:
        """How it stood when it was last asked, and how many milliseconds it was behind; None: there is none."""

    def snapshot_lines(self, desk: str, at: datetime) -> Iterator[bytes]:
        """JSON lines, all of one moment: `FeedPlace`, then `SnapshotLine`s."""

    def till_sale(self, transaction: str) -> ToldSale | None: ...
    def note_till_sale(
        self, sale: TillSale, told: bytes, answer: bytes, operation: UUID | None, at: datetime
    ) -> None: ...
    def refunds_of(self, transaction: str) -> tuple[EarlyRefund, ...]:
        """Those that were told before their sale."""

    def credited_today(self, desk: str, day: date) -> tuple[int, int]:
        """Points, and beyond which of them somebody has to look."""

    def credited(self, shop: str, slip_number: str, sold_on: date) -> UUID:
        """The operation that has credited this slip. Raises Refused("sale.unknown")."""

    def member_of(self, sale: TillSale) -> UUID:
        """Raises Refused("member.unknown")."""

    def sale_of(self, operation: UUID) -> tuple[UUID, int]:
        """(member, fen). Raises Refused("sale.unknown")."""

    def expired_since(self, member: UUID, day: date) -> int:
        """Points that were good on `day` and have expired since."""

    def zone(self) -> str: ...
    def batches_of_gone_desks(self) -> tuple[int, ...]:
        """First serials of the card stock that retired and lost desks have left."""

    def code_kind(self, code_hash: str) -> DeskKind | None:
        """What the desk is for that an enrolment code was made for; None: there is no such code."""

    def short_of_cards(self) -> tuple[tuple[str, int, int], ...]:
        """(desk, first serial, count) of the blocks that desks in use are to be given now."""

    def forget_nonces(self, before: datetime) -> None: ...
    def nonce_is_new(self, desk: str, nonce: str, at: datetime) -> bool: ...
    def hears(self, desk: str, nonce: str, at: datetime) -> tuple[bool, HubDesk | None]:
        """Is the nonce new, and how does the desk stand?"""

    def head(self) -> FeedPlace: ...
    def head_of(self, desk: str) -> Place: ...
    def feed_hash(self, n: int) -> bytes | None: ...
    def rows(self, after: int, limit: int) -> tuple[FeedRow, ...]: ...
