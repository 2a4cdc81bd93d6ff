"""A desk's own certificate, for a hub that lets in only machines of its authority (`memberdesk hub --client-ca`)."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from app.domain.errors import Refused, Unavailable

_KEY = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)


def desk_certificate(file: Path, key_file: Path | None, now: datetime) -> bytes:
    """Certificate, chain and key in one piece, as they are kept. `key_file`: where the key is not in `file`.

    Raises Unavailable("desk_certificate.not_read" | "desk_certificate.key_not_read"), Refused("desk_certificate.none" |
    "desk_certificate.no_key" | "desk_certificate.key_locked" | "desk_certificate.other_key" |
    "desk_certificate.date")."""
    content = _read(file, "desk_certificate.not_read")
    try:
        chain = x509.load_pem_x509_certificates(content)
    except ValueError:
        raise Refused("desk_certificate.none", file=file.name) from None
    own = chain[0]
    found = _KEY.search(content if key_file is None else _read(key_file, "desk_certificate.key_not_read"))
    if found is None:
        raise Refused("desk_certificate.no_key")
    try:
        key = load_pem_private_key(found[0], None)
    except TypeError:
        raise Refused("desk_certificate.key_locked") from None
    except ValueError:
        raise Refused("desk_certificate.no_key") from None
    whose = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*whose) != own.public_key().public_bytes(*whose):
        raise Refused("desk_certificate.other_key")
    if not own.not_valid_before_utc <= now <= own.not_valid_after_utc:
        since, until = (f"{day:%Y-%m-%d}" for day in (own.not_valid_before_utc, own.not_valid_after_utc))
        raise Refused("desk_certificate.date", since=since, until=until)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join(one.public_bytes(Encoding.PEM) for one in chain) + secret


def _read(file: Path, code: str) -> bytes:
    try:
        return file.expanduser().read_bytes()
    except OSError:
        raise Unavailable(code, file=str(file)) from None
