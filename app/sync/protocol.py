"""What a desk and its hub say to each other (RELIABILITY.md 4 and appendix A), as values and as JSON.

Bytes (operations, hashes, signatures, keys) travel as standard base64, ids as text, times as Unix milliseconds, points
and fen as integers. Unknown fields are ignored, so that either side may be newer; an unknown *kind* of feed row is not:
a desk that does not understand the feed stops reading it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar
from uuid import UUID

from annotated_types import Ge, Le, Len
from pydantic import BeforeValidator, PlainSerializer, TypeAdapter, ValidationError

from app.domain.errors import Refused
from app.domain.offline_rules import OfflinePolicy as OfflinePolicy  # noqa: PLC0414 - one of the words of the protocol
from app.queries.reports import DailyReport
from app.queries.rows import Guest
from app.sync.envelope import DeskKey, canonical, signature_is_good

PROTOCOL = 1
MOST_OPERATIONS = 200  # of one push
MOST_BYTES = 1 << 20  # of one request
MOST_ROWS = 500  # of one pull
SIGNED_WITHIN_MS = 300_000  # a request whose time is further off is refused
_NO_PHONE = bytes(32)
GENESIS = bytes(32)  # h of the feed before its first row


def _from_base64(value: object) -> object:
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


Base64 = Annotated[bytes, BeforeValidator(_from_base64), PlainSerializer(lambda b: base64.b64encode(b).decode())]
Hash = Annotated[Base64, Len(32, 32)]
Count = Annotated[int, Ge(0), Le(2**53)]
ThinRow: TypeAlias = tuple[bytes, str, str, int, bytes | None, Sequence[tuple[bytes, str]]]
Verdict = Literal["ok", "exception", "refused", "quarantined"]


class DeskState(Enum):
    ACTIVE = "active"
    SUSPENDED = "suspended"  # may push; gets no new licence
    RETIRED = "retired"
    LOST = "lost"


@dataclass(frozen=True)
class Place:
    """An operation's place in its desk's chain, and its hash there; sequence 0 and zeros: none yet."""

    epoch: Count
    sequence: Count
    hash: Hash


@dataclass(frozen=True)
class FeedPlace:
    """How far the feed was read, and what it hashed to there: the desk is a witness of both."""

    epoch: UUID
    n: Count
    h: Hash


@dataclass(frozen=True)
class Licence:
    """What a desk may do while it is cut off (RELIABILITY.md 4.6); points, seconds, Unix milliseconds.

    `desks` is K: how many desks are licensed to redeem offline during licence epoch `number`. Strict: shares count that
    were told in the licence epochs `since` to `number`, when this desk was among the licensed."""

    mall: str
    desk: str
    number: Count
    since: Count
    policy: OfflinePolicy
    desks: Annotated[int, Ge(1), Le(10_000)]
    per_redemption: Count  # F_op
    per_member: Count  # F_m, of one desk
    per_desk: Count  # F_k
    newest_copy_s: Count  # T: the oldest copy that may be spent from
    credit_per_day: Count  # A_k: points a desk may credit a day before they are reviewed
    contact_timeout_s: Annotated[int, Ge(1), Le(86_400)]
    not_after_ms: Count
    kiosk: bool = False


@dataclass(frozen=True)
class SignedLicence:
    """`licence`: a `Licence` as it was signed; a newer hub may say more in it than this program understands."""

    licence: Mapping[str, Any]
    signature: Base64

    @classmethod
    def by(cls, key: DeskKey, licence: Licence) -> Self:
        said = to_json(licence)
        return cls(said, key.sign(said_digest("licence", said)))

    @property
    def terms(self) -> Licence:
        return from_json(Licence, self.licence)

    def checked(self, hub_key: bytes) -> Licence:
        """Raises Refused("hub.licence_forged")."""
        if not signature_is_good(hub_key, said_digest("licence", self.licence), self.signature):
            raise Refused("hub.licence_forged")
        return self.terms


@dataclass(frozen=True)
class Enrol:
    """`code` was made by the administrator and a second person; it serves once, for ten minutes. `is_desk`: a service
    desk asks, which a till's code must not be used up for."""

    code: str
    desk_key: Hash  # the public half; the other one never leaves the desk
    program: str
    is_desk: bool = False


@dataclass(frozen=True)
class Enrolled:
    mall: str
    desk: str
    number: Count
    epoch: Count
    head: Place  # what the first operation of this epoch follows
    hub_key: Hash
    card_key: Base64
    search_key: Base64  # under it phones and cards are hashed in the thin copy
    licence: SignedLicence | None  # a till has none


@dataclass(frozen=True)
class Hello:
    head: Place
    feed: FeedPlace | None
    program: str
    protocol: int
    wall_ms: int
    boot: str
    since_boot_ms: Count
    unsent: Count
    oldest_unsent_ms: int | None = None
    floor_used: Count = 0  # points redeemed within limits that this desk has read no result of


@dataclass(frozen=True)
class HelloReply:
    """`signature` covers all but itself under the hub's key: a wipe order or a time must not be forged.

    `takes`: the verbs that the hub knows, each with the versions that it reads; told where the desk's program is
    another than the hub's, which is `program`. `mall`, `desk`, `answers`: whom it is for, and which hello of it, so
    that what was said once is no answer to anybody else and never again (a file has no hello that it answers)."""

    server_ms: int
    state: DeskState
    head: Place
    feed: FeedPlace
    oldest_program: str
    licence: SignedLicence | None = None
    re_enrol: bool = False  # what the desk says of its chain cannot be: a restored or cloned store
    wipe: bool = False
    program: str = ""
    takes: Mapping[str, tuple[int, ...]] | None = None
    mall: str = ""
    desk: str = ""
    answers: str = ""  # `name_of` the hello
    signature: Base64 = b""

    def signed(self, key: DeskKey) -> Self:
        said = to_json(self)
        del said["signature"]
        return replace(self, signature=key.sign(said_digest("hello", said)))

    @classmethod
    def checked(cls, said: bytes, hub_key: bytes, mall: str, desk: str, hello: Hello) -> Self:
        """Checked over what was said, not over what is understood of it: a newer hub may say more. Raises
        Refused("hub.forged") where it is not this hub's answer to just this hello of this desk."""
        reply = from_json(cls, said)
        told = json.loads(said)
        told.pop("signature", None)
        if not signature_is_good(hub_key, said_digest("hello", told), reply.signature):
            raise Refused("hub.forged")
        if (reply.mall, reply.desk, reply.answers) != (mall, desk, name_of(hello)):
            raise Refused("hub.forged")
        return reply


def name_of(hello: Hello) -> str:
    """No two of a desk are of the same moment since its computer began, whatever else a newer one says in it."""
    return f"{hello.boot} {hello.since_boot_ms}"


def said_digest(kind: Literal["hello", "licence"], said: Mapping[str, Any]) -> bytes:
    """What a hub signs of what it says: as it stands in JSON, so that what an older program does not know is in it."""
    return sha256(f"mallpts/{kind}/1\0".encode() + canonical(said)).digest()


@dataclass(frozen=True)
class SentOperation:
    """`subject_key`: the key under which its personal fields are sealed, where it has any; the hub keeps it."""

    encoded: Base64 = field(repr=False)
    signature: Base64 = field(repr=False)
    subject_key: Base64 | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Push:
    operations: Annotated[tuple[SentOperation, ...], Len(1, MOST_OPERATIONS)]


@dataclass(frozen=True)
class Pushed:
    """`n` is the operation's place in the feed; None where it has none (quarantined)."""

    id: UUID
    verdict: Verdict
    n: Count | None = None
    code: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """It was kept aside, and its chain does not go on without it: it is still to be sent, and so is all after it.
        Of a desk that was put out of use everything is kept aside, for good."""
        return self.verdict == "quarantined" and self.code != "hub.revoked"


@dataclass(frozen=True)
class PushReply:
    """What became of the operations that were taken, from the first on. With status 409, the one after the last of
    `results` was not: `gap`, it does not follow `head`; `fork`, another history was told before (the desk is
    suspended, and its operation kept aside)."""

    results: tuple[Pushed, ...]
    head: Place
    gap: bool = False
    fork: bool = False


def stopped_by(results: Sequence[Pushed]) -> Pushed | None:
    """What the hub could not take, where there is such an operation: all that follows waits for it."""
    return results[-1] if results and results[-1].stops else None


@dataclass(frozen=True)
class FeedRow:
    """`kind`: "op" for an admitted operation, "system" for what the hub does by itself.

    `result` holds verdict, code, facts and `images`: the states after it of all that it touched."""

    n: Annotated[int, Ge(1)]
    prev: Hash
    h: Hash
    kind: str
    operation: UUID
    desk: str
    epoch: Count
    sequence: Count
    verb: str
    op_hash: Hash
    result: Mapping[str, Any]

    @property
    def result_hash(self) -> bytes:
        return sha256(canonical(self.result)).digest()

    def follows(self, before: FeedPlace) -> bool:
        """Is this the very next row, and does it hash to what it says?"""
        return (
            self.n == before.n + 1
            and self.prev == before.h
            and self.h == next_h(before.h, self.op_hash, self.result_hash)
        )


def next_h(before: bytes, op_hash: bytes, result_hash: bytes) -> bytes:
    return sha256(before + op_hash + result_hash).digest()


@dataclass(frozen=True)
class PullReply:
    rows: tuple[FeedRow, ...]
    feed: FeedPlace  # where the feed ends now


@dataclass(frozen=True)
class Image:
    """The state of one thing after an operation, `of` and `key` and `state` as in `app.sync.images` (agreed with the
    desk: read it before you make any); `state` None: it is gone."""

    of: str
    key: str
    state: Mapping[str, Any] | None


@dataclass(frozen=True)
class ThinMembers:
    """Some hundreds of members as every desk may hold them: nothing that says who they are without the mall's key. By
    columns, so that a million are read in seconds; a telephone number of zeros is none."""

    members: Base64  # ids, 16 bytes each, in their order
    tiers: tuple[str, ...]
    states: tuple[str, ...]
    usable: tuple[int, ...]
    phones: Base64  # keyed hashes, 32 bytes each
    cards: Base64 = b""  # keyed hashes, 32 bytes each
    holders: tuple[int, ...] = ()  # of each card: whose it is, counted in `members` from 0
    card_states: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count, cards = len(self.tiers), len(self.holders)
        if not (
            len(self.members) == 16 * count
            and len(self.states) == len(self.usable) == count
            and len(self.phones) == 32 * count
            and len(self.cards) == 32 * cards
            and len(self.card_states) == cards
            and all(0 <= holder < count for holder in self.holders)
        ):
            raise ValueError("columns of different lengths")

    def __len__(self) -> int:
        return len(self.tiers)

    @classmethod
    def of(cls, rows: Iterable[ThinRow]) -> ThinMembers:
        """Of (member, tier, state, usable points, hash of the telephone number, (hash, state) of each card)."""
        members, tiers, states, usable, phones, cards = tuple(zip(*rows, strict=True)) or ((),) * 6
        return cls(
            b"".join(members),
            tiers,
            states,
            usable,
            b"".join(phone or _NO_PHONE for phone in phones),
            b"".join(digest for held in cards for digest, _ in held),
            tuple(holder for holder, held in enumerate(cards) for _ in held),
            tuple(state for held in cards for _, state in held),
        )

    def rows(self) -> Iterator[tuple[bytes, str, str, int, bytes | None]]:
        """Of each: id, tier, state, usable points, hash of the telephone number."""
        return zip(
            _cut(self.members, 16),
            self.tiers,
            self.states,
            self.usable,
            (phone if phone != _NO_PHONE else None for phone in _cut(self.phones, 32)),
            strict=True,
        )

    def card_rows(self) -> Iterator[tuple[bytes, bytes, str]]:
        """Of each: hash, its member's id, state."""
        members = list(_cut(self.members, 16))
        return zip(_cut(self.cards, 32), (members[holder] for holder in self.holders), self.card_states, strict=True)


def _cut(joined: bytes, size: int) -> Iterator[bytes]:
    return (joined[at : at + size] for at in range(0, len(joined), size))


@dataclass(frozen=True)
class SnapshotLine:
    """One line of GET /v1/snapshot after the first, which is a `FeedPlace`: what stood at that place. All that every
    desk holds (mall, settings, staff of the desk, gifts, shops, own stock and card batches, open tasks of the desk) as
    images; members as thin rows, those served here in full: their images and a `full` line each. The last line is
    `end`, how many there were: without it something between the two has cut it short, and it is no copy of anything."""

    image: Image | None = None
    thin: ThinMembers | None = None  # a thousand of a million, in the order of their ids
    full: FullMember | None = None
    end: Count | None = None


@dataclass(frozen=True)
class FullMember:
    """What a desk holds of a member who was served there: beside the images, what never stands in the feed."""

    member: UUID
    name: str = field(repr=False)
    phone: str = field(repr=False)
    birthday: str | None = field(default=None, repr=False)
    gender: str = ""
    pin_verifier: str | None = field(default=None, repr=False)
    subject_key: Base64 | None = field(default=None, repr=False)
    cards: tuple[str, ...] = field(default=(), repr=False)  # numbers; their states are images
    images: tuple[Image, ...] = ()  # member, account, cards, redemptions that are not handed out


@dataclass(frozen=True)
class Lookup:
    """Exactly one of the four; by `name` or `phone` of four digits only masked rows come back."""

    actor: str
    session: UUID
    member: UUID | None = None
    card: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class MaskedMember:
    member: UUID
    member_no: str
    name: str
    phone: str
    tier: str
    state: str
    usable: int


@dataclass(frozen=True)
class Looked:
    """`full`: the one member, as they stand at `n` of the feed (a desk that has read further drops the images)."""

    n: Count
    rows: tuple[MaskedMember, ...] = ()
    full: FullMember | None = None
    more: bool = False
    guest: Guest | None = None  # nobody of this mall, but of another one of the group


@dataclass(frozen=True)
class AskReport:
    """POST /v1/report: the whole mall's business day; only for who may see reports."""

    actor: str
    session: UUID
    day: date


@dataclass(frozen=True)
class Reported:
    report: DailyReport


@dataclass(frozen=True)
class AskDesks:
    """POST /v1/desks: how all desks stand (`app.ports.hub.AllDesks`); only for who keeps or approves them."""

    actor: str
    session: UUID


@dataclass(frozen=True)
class Ask:
    """POST /v1/request: what the hub decides (an intent). The body of one operation in the clear, and who wants it.

    Once granted, the desk makes the operation under this very id and pushes it as a fact; sent again, the first answer
    comes back."""

    operation: UUID
    verb: str
    body: Mapping[str, Any] = field(repr=False)
    actor: str
    session: UUID
    approver: str | None = None
    member_proof: str | None = None
    version: Annotated[int, Ge(1)] = 1  # of the verb


@dataclass(frozen=True)
class Asked:
    verdict: Literal["granted", "refused"]
    hold: UUID | None = None  # points set aside until `until_ms`; None where nothing had to be
    until_ms: int | None = None
    usable: int | None = None  # the member's points before it
    code: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Void:
    """POST /v1/void: what was granted will not be done. Voiding twice, or what has lapsed, is no mistake."""

    operation: UUID


@dataclass(frozen=True)
class TillSale:
    """One sale or refund as a till, or who handles its payments, tells it. The same `transaction` counts once; a
    `refund_of` names the sale's. Whose it is: card number, member id or phone, whichever is known."""

    transaction: Annotated[str, Len(1, 80)]
    shop: str
    slip_number: str
    sold_ms: int
    amount_fen: Annotated[int, Ge(1), Le(100_000_000)]
    card: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    member: UUID | None = None
    refund_of: str | None = None


@dataclass(frozen=True)
class Sales:
    """POST /v1/sales"""

    sales: Annotated[tuple[TillSale, ...], Len(1, MOST_OPERATIONS)]


@dataclass(frozen=True)
class SaleTaken:
    transaction: str
    verdict: Literal["ok", "refused"]
    operation: UUID | None = None
    points: int | None = None
    code: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SalesReply:
    results: tuple[SaleTaken, ...]


@dataclass(frozen=True)
class Health:
    """GET /v1/health. `duties_ms`: when this process was last through with what the hub does by itself; None: not yet;
    `late`: what of it is not done for a quarter of an hour; `replica`: whether the server for reports "answers", or why
    the main one does in its place ("unreachable" | "behind" | "other_history"); None: there is none."""

    program: str
    protocol: int
    server_ms: int
    ok: bool
    duties_ms: int | None = None
    late: tuple[str, ...] = ()
    replica: str | None = None
    replica_behind_ms: int | None = None


@dataclass(frozen=True)
class Failure:
    """The body of every answer that is neither 200 nor a push's 409: a code of `app.domain.sentences`, no more."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


T = TypeVar("T")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(value: Any) -> dict[str, Any]:
    """A message as plain JSON values."""
    said: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return said


def from_json(kind: type[T], said: bytes | str | Mapping[str, Any]) -> T:
    """Raises Refused("protocol.unreadable", field=…): the other side does not speak this."""
    adapter = _adapter(kind)
    try:
        message: T = adapter.validate_json(said) if isinstance(said, bytes | str) else adapter.validate_python(said)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise Refused("protocol.unreadable", field=".".join(map(str, first["loc"]))[:60] or "?") from None
    except (ValueError, RecursionError):
        raise Refused("protocol.unreadable", field="?") from None
    return message


def time_digest(nonce: str, server_ms: int) -> bytes:
    """What a hub signs where a desk's request was of another time: the hub's own, for that very request."""
    return sha256(b"mallpts/time/1\0" + f"{nonce}|{server_ms}".encode()).digest()


def request_digest(method: str, path: str, body: bytes, time_ms: int, nonce: str) -> bytes:
    """What a desk signs of each request; `path` with its query."""
    return sha256(
        b"mallpts/request/1\0" + f"{method}|{path}|{sha256(body).hexdigest()}|{time_ms}|{nonce}".encode()
    ).digest()
