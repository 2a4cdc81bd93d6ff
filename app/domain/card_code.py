"""What proves that a card is the one that was made (DEVICES.md 3): the code on a stripe, and the QR a member shows.

Both are truncated HMAC-SHA256 under keys of their own, made from the secret of the mall's card numbers. A number alone
identifies and authorises nothing: stripes are copied for a few yuan."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field

from app.domain.errors import Refused
from app.domain.signed_code import signed

CODE_DIGITS = 6
FIRST_ISSUE = 1
MOST_ISSUES = 99
STEP_S = 30
STEPS_EITHER_WAY = 1  # clocks of phones and desks do not agree to the second

_STRIPE_PURPOSE, _QR_PURPOSE = "card code", "member QR"
_MEMBER_CODE = re.compile(r"M1\.([0-9]{16})\.([0-9]{1,12})\.[A-Z2-7]{16}")


@dataclass(frozen=True)
class PresentedCard:
    """A card as it came to the counter. `entry`: swipe, tap, scan or keyed; `card_code` is what stood on the stripe."""

    number: str = field(repr=False)
    entry: str = "keyed"
    card_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class MemberCode:
    """A member QR as it was read; whether it is true is for `check_member_code`. `step` is Unix time // 30 s."""

    number: str = field(repr=False)
    step: int
    text: str = field(repr=False)


def stripe_key(card_secret: bytes) -> bytes:
    """The key of card codes; whoever learns it cannot make card numbers, nor the other way round."""
    return _key_for(card_secret, _STRIPE_PURPOSE)


def qr_key(card_secret: bytes) -> bytes:
    """The key of member QRs."""
    return _key_for(card_secret, _QR_PURPOSE)


def _key_for(card_secret: bytes, purpose: str) -> bytes:
    return hmac.digest(card_secret, f"memberdesk.{purpose}".encode(), "sha256")


def card_code(number: str, issue: int, key: bytes) -> str:
    """Six digits for the stripe of the card's `issue` (1 to 99): a later issue has another code, and the old card dies.

    Raises Refused("card.issues_used_up")."""
    if not FIRST_ISSUE <= issue <= MOST_ISSUES:
        raise Refused("card.issues_used_up")
    mac = hmac.digest(key, f"CVV1.{number}.{issue:02d}".encode(), "sha256")
    return f"{int.from_bytes(mac[:4]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def is_card_code(code: str, number: str, issue: int, key: bytes) -> bool:
    return hmac.compare_digest(code.encode(), card_code(number, issue, key).encode())


def member_code(number: str, at_s: float, key: bytes) -> str:
    """The text of the member's QR at Unix time `at_s`; another one every 30 seconds."""
    return signed(f"M1.{number}.{int(at_s // STEP_S)}", key)


def read_member_code(text: str) -> MemberCode | None:
    """None where `text` is something else, also where it only begins like one (`looks_like_member_code`)."""
    match = _MEMBER_CODE.fullmatch(text)
    return MemberCode(match[1], int(match[2]), text) if match else None


def looks_like_member_code(text: str) -> bool:
    return text.startswith("M1.")


def check_member_code(code: MemberCode, at_s: float, key: bytes) -> None:
    """Raises Refused("card.qr_false" | "card.qr_old"). That it counts once is the store's business: it keeps the last
    step of each card."""
    if not hmac.compare_digest(code.text.encode(), signed(code.text.rpartition(".")[0], key).encode()):
        raise Refused("card.qr_false")
    if abs(code.step - int(at_s // STEP_S)) > STEPS_EITHER_WAY:
        raise Refused("card.qr_old")
