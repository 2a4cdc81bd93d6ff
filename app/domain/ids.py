"""Identifiers. Members, operations and sessions carry UUIDs minted where they are made; all else has a short code."""

from __future__ import annotations

import os
import time
from typing import NewType
from uuid import UUID, uuid5

MemberId = NewType("MemberId", UUID)
OperationId = NewType("OperationId", UUID)
SessionId = NewType("SessionId", UUID)
MallId = str  # "M01"
DeskId = str  # "D1"
StaffId = str  # "1001"
GiftId = str  # "G-CUP"
ShopId = str  # "S001"

_HOUSE = UUID("6f0c4e0a-52b1-5c39-9a54-6d656d626572")


def new_id(now_ms: int | None = None) -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits; sorts by the time it was made."""
    milliseconds = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    number = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10))
    number = number & ~(0xF << 76) | (0x7 << 76)
    number = number & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=number)


def house_account(kind: str, desk: DeskId) -> UUID:
    """The mall's own side of the ledger ("issued", "redeemed", …). One account per desk, so that desks that share a
    Postgres never wait for each other's row."""
    return uuid5(_HOUSE, f"{kind}:{desk}")
