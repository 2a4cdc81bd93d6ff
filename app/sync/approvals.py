"""An approval that can be proved without the desk it was given at (RELIABILITY.md 4.10).

Whoever approves has a key of their own. It lies at every desk, sealed under what only their PIN and the secret of their
card give together; opened, it signs the whole operation: which desk, which place in its chain, whose points, how many,
which gifts. The hub holds the public half. So a signature cannot be moved to another request, and nobody who copies a
desk's store can make one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.errors import Refused
from app.ports.keys import PinHasher
from app.sync.envelope import DeskKey, Envelope, signature_is_good

_NONCE_BYTES, _CIPHER_BYTES = 12, 48
_DOMAIN = b"mallpts/approval/1\0"


@dataclass(frozen=True)
class NewApprovalKey:
    """What is stored of it: the public half, and the other one sealed."""

    public: bytes
    sealed: bytes = field(repr=False)


def new_approval_key(hasher: PinHasher, staff: str, pin: str, secret: bytes) -> NewApprovalKey:
    seed, salt, nonce = os.urandom(32), hasher.new_salt(), os.urandom(_NONCE_BYTES)
    under = hasher.stretched(pin, secret, salt)
    cipher = AESGCM(under).encrypt(nonce, seed, staff.encode())
    return NewApprovalKey(DeskKey(seed).public, salt + nonce + cipher)


def opened_key(hasher: PinHasher, staff: str, pin: str, secret: bytes, sealed: bytes) -> DeskKey:
    """Slow on purpose. Raises Refused("approval_card.wrong"): another card, or not the PIN it was made with."""
    salt, rest = sealed[: -_NONCE_BYTES - _CIPHER_BYTES], sealed[-_NONCE_BYTES - _CIPHER_BYTES :]
    under = hasher.stretched(pin, secret, salt)
    try:
        seed = AESGCM(under).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], staff.encode())
    except InvalidTag:
        raise Refused("approval_card.wrong") from None
    return DeskKey(seed)


def digest_to_approve(envelope: Envelope) -> bytes:
    """Of the operation as it will stand in the chain, but for the signature itself."""
    return sha256(_DOMAIN + envelope.before_approval()).digest()


@dataclass(frozen=True)
class Approved:
    """How an operation's approval stands up. `has_card`: the approver had one at that moment; `signed`: by it, by
    nobody's (False), or not at all (None: by PIN alone); `cut_off`: the desk did it without the hub."""

    has_card: bool = False
    signed: bool | None = None
    cut_off: bool = False


def approved(envelope: Envelope, keys: Iterable[bytes], *, cut_off: bool) -> Approved:
    """`keys`: of the cards that the approver had at that moment."""
    known = tuple(keys)
    if envelope.approval_signature is None:
        return Approved(bool(known), None, cut_off)
    digest = digest_to_approve(envelope)
    good = any(signature_is_good(key, digest, envelope.approval_signature) for key in known)
    return Approved(bool(known), good, cut_off)
