"""Bulk history enters as rows that an `import history` operation names by their SHA-256.

A member row is (member, member_no, name, phone, birthday, gender, joined_on, tier, card, pin_verifier, key);
a sale row is (member, shop, slip_number, sold_at, sold_on, amount_fen, points). Personal data and the PIN go into the
hash as a digest under the member's own key, so that erasing a person leaves the hash as it was."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

MemberRow = tuple[UUID, str, str, str, date | None, str, date, str, str | None, str | None, bytes]
SaleRow = tuple[UUID, str, str, datetime, date, int, int]


def person_digest(row: MemberRow) -> bytes:
    _, _, name, phone, birthday, gender, _, _, _, pin_verifier, key = row
    told = f"{name}\x1f{phone}\x1f{birthday}\x1f{gender}\x1f{pin_verifier}"
    return hmac.digest(key, told.encode(), "sha256")


def members_hash(rows: Iterable[tuple[UUID, str, bytes, date, str, str | None]]) -> str:
    """Of (member, member_no, person_digest, joined_on, tier, card) in order."""
    digest = sha256(b"members/1\n")
    for member, member_no, person, joined_on, tier, card in rows:
        digest.update(f"{member.hex}\x1f{member_no}\x1f{person.hex()}\x1f{joined_on}\x1f{tier}\x1f{card}\n".encode())
    return digest.hexdigest()


def sales_hash(rows: Iterable[SaleRow]) -> str:
    digest = sha256(b"sales/1\n")
    for member, shop, slip_number, sold_at, sold_on, amount_fen, points in rows:
        micros = int(sold_at.timestamp() * 1_000_000)
        digest.update(
            f"{member.hex}\x1f{shop}\x1f{slip_number}\x1f{micros}\x1f{sold_on}\x1f{amount_fen}\x1f{points}\n".encode()
        )
    return digest.hexdigest()


def hash_of(kind: str, rows: Sequence[Any]) -> str:
    if kind == "members":
        return members_hash((row[0], row[1], person_digest(row), row[6], row[7], row[8]) for row in rows)
    return sales_hash(rows)
