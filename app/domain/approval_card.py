"""What stands on a supervisor's approval card: whose it is, and 128 bits of chance that stand nowhere else.

    A1.<staff number>.<26 letters and digits, base32 of the secret>

With the card and their own PIN a supervisor approves at a desk that is cut off from the hub (RELIABILITY.md 4.10): the
two together open the key that signs what was approved. A copied store is of no use without the card, the card of none
without the PIN."""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, field

SECRET_BYTES = 16
_CARD = re.compile(r"[Aa]1\.([A-Za-z0-9]{1,20})\.([A-Za-z2-7]{26})")


@dataclass(frozen=True)
class ApprovalCard:
    staff: str
    secret: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """For a QR code or a tag."""
        return f"A1.{self.staff}.{b32encode(self.secret).decode().rstrip('=')}"


def looks_like_approval_card(text: str) -> bool:
    return read_approval_card(text) is not None


def read_approval_card(text: str) -> ApprovalCard | None:
    """None where `text` is something else. Whether the card still counts is for the authority to say."""
    match = _CARD.fullmatch(text.strip())
    if match is None:
        return None
    return ApprovalCard(match[1], b32decode(match[2].upper() + "======"))
