"""The envelope of an operation: the bytes that are stored, hashed, signed and, later, sent (RELIABILITY.md 4.1).

They are made once and never serialised again. Order is (desk, epoch, sequence); each envelope names the hash of the one
before it, so that nothing can be taken out, put in or swapped without the chain breaking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256, sha512
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

FORMAT = 1
HASH_DOMAIN = b"mallpts/op/1\0"
GENESIS = bytes(32)  # "prev" of a desk's first operation


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no white space, UTF-8; integers only, no floats."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def operation_hash(stored: bytes) -> bytes:
    return sha256(HASH_DOMAIN + stored).digest()


@dataclass(frozen=True)
class Head:
    """Where a desk's chain ends, and what its clock said then."""

    epoch: int
    sequence: int
    hash: bytes
    hlc: str
    wall_ms: int
    boot: str
    since_boot_ms: int
    clock_suspect: bool


@dataclass(frozen=True)
class Envelope:
    """One stored operation, read back."""

    id: UUID
    mall: str
    desk: str
    epoch: int
    sequence: int
    prev: bytes
    hlc: str
    wall_ms: int
    boot: str
    since_boot_ms: int
    verb: str
    version: int
    policy: str
    actor: str
    session: UUID | None
    approver: str | None
    member_proof: str | None
    clock_suspect: bool
    body: Mapping[str, Any]
    entry: str | None = None  # how the member's card was read: swipe, tap, scan, keyed
    # At a desk with a hub, what it stands on: {"feed": n, "right": "online" | "floor", "hold": id, "supersedes": id}
    basis: Mapping[str, Any] | None = None
    approval_signature: bytes | None = None  # by the approver's own key (`app.sync.approvals`)

    def as_head(self, digest: bytes) -> Head:
        """The end of the chain that this operation, whose hash is `digest`, makes."""
        return Head(
            self.epoch, self.sequence, digest, self.hlc, self.wall_ms, self.boot, self.since_boot_ms, self.clock_suspect
        )

    @property
    def at(self) -> datetime:
        return instant(self.wall_ms)

    def encoded(self) -> bytes:
        said = self._said()
        if self.approval_signature is not None:
            said["appr"]["proof"] = self.approval_signature.hex()
        return canonical(said)

    def before_approval(self) -> bytes:
        """What the approver signs: all of it but the signature."""
        return canonical({**self._said(), "appr": {"by": self.approver, "m": "card"}})

    def _said(self) -> dict[str, Any]:
        approval = {"by": self.approver, "m": "pin" if self.approval_signature is None else "card"}
        return {
            "v": FORMAT,
            "id": str(self.id),
            "mall": self.mall,
            "desk": self.desk,
            "ep": self.epoch,
            "seq": self.sequence,
            "prev": self.prev.hex(),
            "hlc": self.hlc,
            "wall": self.wall_ms,
            "boot": self.boot,
            "bt": self.since_boot_ms,
            "type": self.verb,
            "tv": self.version,
            "policy": self.policy,
            "actor": self.actor,
            "sess": str(self.session) if self.session else None,
            "appr": approval if self.approver else None,
            "proof": self.member_proof,
            "sus": self.clock_suspect,
            "body": self.body,
            **({"entry": self.entry} if self.entry else {}),
            **({"basis": self.basis} if self.basis else {}),
        }


def decoded(stored: bytes) -> Envelope:
    """Raises ValueError where the bytes are no envelope of a format that this program knows."""
    try:
        raw = json.loads(stored)
        if raw["v"] != FORMAT:
            raise ValueError(f"format {raw['v']}")
        return Envelope(
            id=UUID(raw["id"]),
            mall=raw["mall"],
            desk=raw["desk"],
            epoch=raw["ep"],
            sequence=raw["seq"],
            prev=bytes.fromhex(raw["prev"]),
            hlc=raw["hlc"],
            wall_ms=raw["wall"],
            boot=raw["boot"],
            since_boot_ms=raw["bt"],
            verb=raw["type"],
            version=raw["tv"],
            policy=raw["policy"],
            actor=raw["actor"],
            session=UUID(raw["sess"]) if raw["sess"] else None,
            approver=raw["appr"]["by"] if raw["appr"] else None,
            member_proof=raw["proof"],
            clock_suspect=raw["sus"],
            body=raw["body"],
            entry=raw.get("entry"),
            basis=raw.get("basis"),
            approval_signature=_signature(raw["appr"]),
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"no envelope: {problem!r}") from None


def _signature(approval: Mapping[str, Any] | None) -> bytes | None:
    return bytes.fromhex(approval["proof"]) if approval and approval.get("proof") else None


def instant(unix_ms: int) -> datetime:
    seconds, milliseconds = divmod(unix_ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def next_hlc(last: str, wall_ms: int) -> str:
    """Hybrid logical clock: max(wall, last) and a counter, as text that sorts ("1795321000123-0002")."""
    last_ms, counter = int(last[:13]), int(last[14:])
    if wall_ms > last_ms:
        return f"{wall_ms:013d}-0000"
    if counter < _MOST_IN_A_MILLISECOND:
        return f"{last_ms:013d}-{counter + 1:04d}"
    return f"{last_ms + 1:013d}-0000"  # four digits, or it would no longer sort


FIRST_HLC = "0000000000000-0000"
_MOST_IN_A_MILLISECOND = 9_999
CLOCK_JUMP_MS = 90_000  # as in app.domain.calendar: this file knows no other of ours
CLOCK_BEHIND_MS = 300_000
CLOCK_AHEAD_MS = 60 * 86_400_000  # a desk that was off for two months is asked once; a year that is wrong is caught


def clock_is_suspect(head: Head, wall_ms: int, boot: str, since_boot_ms: int) -> bool:
    """The wall clock jumped against the time since boot, stands before what it was, or far after it (RELIABILITY.md
    4.11; the last is ours: points that a wrong year has expired are gone)."""
    if head.clock_suspect:
        return True
    if head.sequence == 0:
        return False
    if boot == head.boot:
        return abs((wall_ms - head.wall_ms) - (since_boot_ms - head.since_boot_ms)) > CLOCK_JUMP_MS
    return not head.wall_ms - CLOCK_BEHIND_MS <= wall_ms <= head.wall_ms + CLOCK_AHEAD_MS


class DeskKey:
    """Signs this desk's operations (Ed25519)."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, digest: bytes) -> bytes:
        return self._key.sign(digest)

    def agree(self, public: bytes) -> bytes:
        """The secret that is shared with whoever has the private half of `public` (X25519) and knows this public key:
        both keys of one seed, as libsodium makes them. Raises ValueError."""
        scalar = sha512(self._key.private_bytes_raw()).digest()[:32]
        return X25519PrivateKey.from_private_bytes(scalar).exchange(X25519PublicKey.from_public_bytes(public))


def montgomery_of(public_key: bytes) -> bytes:
    """The X25519 public key that belongs to an Ed25519 one (RFC 7748, 4.1: u = (1 + y) / (1 - y))."""
    prime = 2**255 - 19
    y = int.from_bytes(public_key, "little") & (2**255 - 1)
    return ((1 + y) * pow(1 - y, -1, prime) % prime).to_bytes(32, "little")


@lru_cache(maxsize=256)
def _verifying(public_key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key)


def signature_is_good(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    try:
        _verifying(public_key).verify(signature, digest)
    except (InvalidSignature, ValueError):
        return False
    return True
