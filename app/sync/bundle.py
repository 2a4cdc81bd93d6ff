"""What a desk and its hub say to each other where no network reaches: a file that somebody carries.

It is sealed to the one who is to read it and signed by the one who wrote it (RELIABILITY.md 4.14). Whoever carries or
finds it learns which desk it is of and when it was made, no more, and can change nothing. What is in it is taken in as
if it had come over the network: an operation that is known already has its first answer, and rows that were read
before are passed over."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import Refused
from app.sync.envelope import DeskKey, canonical, montgomery_of, signature_is_good
from app.sync.protocol import FeedPlace, Hello, HelloReply, Pushed, from_json, to_json

FORMAT = 1
ENDING = ".mdbundle"
_MAGIC = b"MemberDesk bundle\n"
_LONGEST_HEAD = 4_096
_PUBLIC, _TAG, _SIGNATURE = 32, 16, 64
_LARGEST_CONTENT = 1 << 30  # bytes, unpacked
_DOMAIN = b"mallpts/bundle/1\0"
_ONE_USE = bytes(12)  # the nonce: the key is made for this one file

Kind = Literal["operations", "answers"]


@dataclass(frozen=True)
class BundleHead:
    """In the clear. `epoch`: the desk's; `reader`: which key opens it; `sealed`: how many bytes follow."""

    format: int
    kind: Kind
    mall: str
    desk: str
    epoch: int
    made_ms: int
    reader: str
    sealed: int


@dataclass(frozen=True)
class Handed:
    """First line of a file of operations; each of the others is a `SentOperation`."""

    hello: Hello


@dataclass(frozen=True)
class Answered:
    """First line of a file of answers. The others are the `FeedRow`s after the place that the desk had named; or, where
    `copy_at` says so, the `SnapshotLine`s of that place. `gap`: operations are missing before those that came."""

    hello: HelloReply
    results: tuple[Pushed, ...] = ()
    copy_at: FeedPlace | None = None
    gap: bool = False


def reader_name(public_key: bytes) -> str:
    return sha256(_DOMAIN + public_key).hexdigest()[:16]


def written(
    kind: Kind, mall: str, desk: str, epoch: int, made_ms: int, lines: Iterable[bytes], *, to: bytes, by: DeskKey
) -> bytes:
    """The file: `lines` (JSON), sealed to the public key `to`, signed by `by`."""
    packer = zlib.compressobj(6)
    packed = b"".join([*(packer.compress(line.rstrip(b"\n") + b"\n") for line in lines), packer.flush()])
    once = X25519PrivateKey.generate()
    public = once.public_key().public_bytes_raw()
    length = len(packed) + _TAG
    head = canonical(to_json(BundleHead(FORMAT, kind, mall, desk, epoch, made_ms, reader_name(to), length)))
    shared = once.exchange(X25519PublicKey.from_public_bytes(montgomery_of(to)))
    start = _MAGIC + len(head).to_bytes(4, "big") + head + public
    file = start + ChaCha20Poly1305(_key(shared, public, to)).encrypt(_ONE_USE, packed, start)
    return file + by.sign(sha256(_DOMAIN + file).digest())


def head_of(file: bytes) -> BundleHead:
    """Raises Refused("bundle.not_one" | "bundle.newer" | "bundle.cut_off")."""
    begin = len(_MAGIC) + 4
    if not file.startswith(_MAGIC):
        raise Refused("bundle.cut_off" if _MAGIC.startswith(file) and file else "bundle.not_one")
    length = int.from_bytes(file[len(_MAGIC) : begin], "big")
    if length > _LONGEST_HEAD:
        raise Refused("bundle.not_one")
    if len(file) < begin + length:
        raise Refused("bundle.cut_off")
    try:
        head = from_json(BundleHead, file[begin : begin + length])
    except Refused:
        raise Refused("bundle.not_one") from None
    if head.format != FORMAT:
        raise Refused("bundle.newer")
    whole = begin + length + _PUBLIC + head.sealed + _SIGNATURE
    if len(file) < whole:
        raise Refused("bundle.cut_off")
    if len(file) > whole or head.sealed < _TAG:
        raise Refused("bundle.damaged")
    return head


def opened(file: bytes, *, by: bytes, key: DeskKey) -> Iterator[bytes]:
    """Its lines. `by`: the public key of who must have signed it. Raises Refused("bundle.…") before the first line."""
    head_of(file)
    if not signature_is_good(by, sha256(_DOMAIN + file[:-_SIGNATURE]).digest(), file[-_SIGNATURE:]):
        raise Refused("bundle.damaged")
    head = head_of(file)
    if head.reader != reader_name(key.public):
        raise Refused("bundle.other_reader")
    at = len(file) - _SIGNATURE - head.sealed
    start, public = file[:at], file[at - _PUBLIC : at]
    try:
        shared = key.agree(public)
        packed = ChaCha20Poly1305(_key(shared, public, key.public)).decrypt(_ONE_USE, file[at:-_SIGNATURE], start)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, _LARGEST_CONTENT)
    except (InvalidTag, ValueError, zlib.error):
        raise Refused("bundle.damaged") from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise Refused("bundle.damaged")
    return iter(content.rstrip(b"\n").split(b"\n"))


def _key(shared: bytes, public: bytes, to: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=public + to, info=_DOMAIN).derive(shared)
