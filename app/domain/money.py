"""Money is an integer number of fen."""

from __future__ import annotations

import re

from app.domain.errors import Refused

_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")


def yuan(amount_fen: int) -> str:
    """123450 → "￥1,234.50" (the full-width sign prints on every Chinese printer)."""
    sign = "-" if amount_fen < 0 else ""
    whole, fen = divmod(abs(amount_fen), 100)
    return f"{sign}￥{whole:,}.{fen:02d}"


def parse_yuan(text: str) -> int:
    """What a person typed ("1,234.5", "￥88", "100元") in fen. Raises Refused("money.unreadable")."""
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,"))
    plain = plain.removeprefix("￥").removeprefix("¥").removesuffix("元").replace(",", "").strip()
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise Refused("money.unreadable", typed=text[:30])
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
