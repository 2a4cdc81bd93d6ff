"""The states that travel in feed rows and snapshots: what each kind of `protocol.Image` holds.

An image is the state *after* the operation; a desk writes it over what it had. Nothing here says who a member is:
phones and card numbers are hashed under the mall's search key (`keyed`). Days are ISO dates, instants Unix
milliseconds.

    of            key                              state
    account       member                           AccountImage
    member        member                           MemberImage
    card          keyed("card", number) in base64  CardImage
    stock         "<desk> <gift>"                  StockImage
    lease         the operation that gave it       LeaseImage
    redemption    operation                        RedemptionImage
    reversal      the reversed operation           {"operation": id}
    sale          "<shop> <day> <slip number>"     {"operation": id, "taken_back": bool}
    task          "<operation> <code>"             TaskImage
    mall, gift, shop, setting, staff, desk, card_batch, approval_card
                  the table's key without mall_id  its other columns as JSON (`PLAIN_TABLES` has their names);
                                                   days, instants and bytes as above; `state` None: the row is gone"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

# Columns of the tables whose rows travel as they are. `desk` without the end of its chain: each keeps its own.
PLAIN_TABLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mall": ((), ("name", "zone", "card_prefix", "policy_version")),
    "gift": (
        ("gift",),
        ("name", "points", "value_fen", "on_offer", "coupon_days", "coupon_shops", "coupon_terms"),
    ),
    "shop": (("shop",), ("name", "category")),
    "setting": (("name",), ("value",)),
    "staff": (
        ("staff",),
        ("name", "role", "verifier", "own_membership", "failures", "locked_until", "disabled", "closed_at"),
    ),
    "approval_card": (("card",), ("staff", "public_key", "sealed_key", "given_at", "ended_at")),
    "desk": (("desk",), ("number", "name", "public_key")),
    "card_batch": (("first_serial",), ("count", "desk", "next_serial", "kind", "label")),
}


def keyed(search_key: bytes, kind: str, value: str) -> bytes:
    """`kind`: "card" or "phone"."""
    return hmac.digest(search_key, f"{kind}:{value}".encode(), "sha256")


class Keying:
    """`keyed` under one key for a million values, in a third of the time: HMAC (RFC 2104), whose two blocks made from
    the key, of 64 bytes at most, are hashed once."""

    def __init__(self, search_key: bytes) -> None:
        block = search_key.ljust(64, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def __call__(self, kind: str, value: str) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{kind}:{value}".encode())
        outer.update(inner.digest())
        return outer.digest()


def as_key(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@dataclass(frozen=True)
class LotImage:
    source: UUID
    line: int
    earned_on: date
    expires_on: date
    quantity: int
    remaining: int


@dataclass(frozen=True)
class HoldImage:
    """`operation` will use these points: one that the hub has granted, under the id that it will have; or it has set
    them aside itself."""

    operation: UUID
    points: int


@dataclass(frozen=True)
class AccountImage:
    """posted = what is left in all lots - owed; lots that are used up are left out. `held`: in `holds`, and leased.

    Strict (docs/adr/0012): of the lots that were good on `shared_on`, each desk that is licensed in licence epoch
    `licence` may spend `share` while it is cut off."""

    posted: int
    held: int
    owed: int
    lots: tuple[LotImage, ...] = ()
    holds: tuple[HoldImage, ...] = ()
    share: int = 0
    licence: int = 0
    shared_on: date | None = None

    def usable(self, today: date) -> int:
        """Below zero where more is held or owed than there is."""
        return sum(lot.remaining for lot in self.lots if lot.expires_on >= today) - self.held - self.owed

    def share_on(self, today: date) -> int:
        """Each desk takes all that has expired since off its own share: then nobody's share stands on it."""
        gone = sum(lot.remaining for lot in self.lots if self.shared_on and self.shared_on <= lot.expires_on < today)
        return max(0, self.share - gone)


@dataclass(frozen=True)
class MemberImage:
    member_no: str
    state: str
    tier: str
    joined_on: date
    phone: str | None = None  # as_key(keyed("phone", …))


@dataclass(frozen=True)
class CardImage:
    member: UUID
    kind: str
    state: str
    issue: int
    since_ms: int


@dataclass(frozen=True)
class StockImage:
    on_hand: int
    reserved: int


@dataclass(frozen=True)
class LeaseImage:
    """Points set aside for `desk`; they count among the account's `held`."""

    desk: str
    member: UUID
    points: int
    remaining: int
    until_ms: int
    ended_by: UUID | None = None


@dataclass(frozen=True)
class RedemptionLineImage:
    line: int
    gift: str
    quantity: int
    points: int
    handed_out_by: UUID | None = None
    taken_by: str | None = None


@dataclass(frozen=True)
class RedemptionImage:
    member: UUID
    desk: str
    points: int
    at_ms: int
    lines: tuple[RedemptionLineImage, ...]


@dataclass(frozen=True)
class TaskImage:
    """What came of an operation that could not be honoured as it was asked (RELIABILITY.md 4.9)."""

    desk: str  # where it happened: there it is a task
    code: str
    state: str  # open | closed
    raised_ms: int
    verb: str
    member: UUID | None = None
    owner: str | None = None  # the staff number that acted, until somebody takes it over
    facts: Mapping[str, Any] = field(default_factory=dict)
    closed_by: str | None = None
    closed_ms: int | None = None
    outcome: str | None = None
