"""Codes on paper that only this mall can make: of a receipt (R1) and of a coupon (C1), as DEVICES.md 3 has them.

    R1.<receipt no>.<amount fen>.<mac>
    C1.<coupon no>.<value fen, or a kind>.<last day, YYYYMMDD>.<mac>

The mac is base32 of the first ten bytes of HMAC-SHA256 over all that stands before its dot. Everything is in capitals,
digits and dots: a QR code of such text is smaller than one of any (ISO/IEC 18004, alphanumeric mode)."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.errors import Refused

OPERATION_DIGITS = 32  # of a number, at its beginning: the operation it belongs to
_MAC_BYTES = 10
_NUMBER = re.compile(r"[A-Z0-9-]{1,40}")
_SIGNED = re.compile(r"([A-Z][0-9])\.([A-Z0-9.-]{1,80})\.([A-Z2-7]{16})")


def code_key(card_key: bytes) -> bytes:
    """The mall's key for codes, made from the secret of its card numbers: whoever sees one learns nothing of the other
    (a key for each use, NIST SP 800-108)."""
    return hmac.digest(card_key, b"MemberDesk signed codes 1", "sha256")


def signed(text: str, key: bytes) -> str:
    """`text` with its mac behind it."""
    return f"{text}.{b32encode(hmac.digest(key, text.encode('ascii'), 'sha256')[:_MAC_BYTES]).decode()}"


def opened(code: str, key: bytes) -> tuple[str, tuple[str, ...]]:
    """(kind, parts) of a code of ours. Raises Refused("paper_code.unreadable" | "paper_code.foreign")."""
    text = code.strip().upper()
    match = _SIGNED.fullmatch(text)
    if match is None:
        raise Refused("paper_code.unreadable")
    if not hmac.compare_digest(signed(text.rpartition(".")[0], key), text):
        raise Refused("paper_code.foreign")
    return match[1], tuple(match[2].split("."))


def number_of(operation: UUID, line: int | None = None, piece: int = 0) -> str:
    """The number of an operation's receipt; with `line` and `piece`, of one coupon among those that it gave."""
    number = operation.hex.upper()
    return number if line is None else f"{number}-{line:02d}{piece:02d}"


def is_signed_code(text: str) -> bool:
    """Something scanned that has the form of such a code, whether or not it is ours."""
    return _SIGNED.fullmatch(text.strip().upper()) is not None


def is_coupon(code: str) -> bool:
    return code.strip().upper().startswith("C1.")


@dataclass(frozen=True)
class ReceiptCode:
    """`number` is that of an operation, as `number_of` writes it. `amount_fen` is the money that the slip is about, 0
    where it is about none."""

    number: str
    amount_fen: int

    def signed(self, key: bytes) -> str:
        return signed(f"R1.{_checked(self.number)}.{self.amount_fen}", key)

    @classmethod
    def opened(cls, code: str, key: bytes) -> ReceiptCode:
        """Raises Refused("paper_code.unreadable" | "paper_code.foreign")."""
        match opened(code, key):
            case "R1", (number, amount) if amount.isdigit():
                return cls(number, int(amount))
        raise Refused("paper_code.unreadable")


@dataclass(frozen=True)
class CouponCode:
    """`worth` is a value in fen, or the kind of a coupon that is for something ("PARKING2H")."""

    number: str
    worth: int | str
    until: date  # the last day it counts

    def signed(self, key: bytes) -> str:
        worth = self.worth if isinstance(self.worth, int) else _checked(self.worth)
        return signed(f"C1.{_checked(self.number)}.{worth}.{self.until:%Y%m%d}", key)

    @classmethod
    def opened(cls, code: str, key: bytes, today: date) -> CouponCode:
        """`today` is the mall's business day. Raises Refused("paper_code.unreadable" | "paper_code.foreign" |
        "coupon.expired")."""
        match opened(code, key):
            case "C1", (number, worth, last_day):
                try:
                    until = date.fromisoformat(last_day)  # also without hyphens (ISO 8601, basic form)
                except ValueError:
                    raise Refused("paper_code.unreadable") from None
                if today > until:
                    raise Refused("coupon.expired", until=until.isoformat())
                return cls(number, int(worth) if worth.isdigit() else worth, until)
        raise Refused("paper_code.unreadable")


def _checked(part: str) -> str:
    """Raises ValueError: what could not be read back is never signed."""
    if not _NUMBER.fullmatch(part):
        raise ValueError("a part of a code is 1 to 40 capitals, digits and hyphens")
    return part
