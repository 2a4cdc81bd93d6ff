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


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_MYRIADS = ("", "万", "亿", "万亿")
LARGEST_IN_CAPITALS_FEN = 10**18 - 1


def in_capitals(amount_fen: int) -> str:
    """123450 → "壹仟贰佰叁拾肆元伍角整": how Chinese paper writes an amount so that no digit can be added or changed.

    As the central bank's rules for bills and vouchers want it (正确填写票据和结算凭证的基本规定, 1997): 整 after 元 or
    角, none after 分; 零 where digits are left out, and before 分 without 角. Without the leading 人民币.
    Raises ValueError beyond `LARGEST_IN_CAPITALS_FEN`."""
    if abs(amount_fen) > LARGEST_IN_CAPITALS_FEN:
        raise ValueError("an amount in capitals has at most sixteen places before the point")
    whole, parts = divmod(abs(amount_fen), 100)
    tenths, hundredths = divmod(parts, 10)
    text = f"{_whole_in_capitals(whole)}元" if whole or not parts else ""
    if tenths:
        text += f"{_DIGITS[tenths]}角"
    elif hundredths and whole:
        text += "零"
    text += f"{_DIGITS[hundredths]}分" if hundredths else "整"
    return f"负{text}" if amount_fen < 0 else text


def _whole_in_capitals(whole: int) -> str:
    if whole == 0:
        return _DIGITS[0]
    text, skipped = "", False
    for myriad in range(len(_MYRIADS) - 1, -1, -1):
        four = whole // 10_000**myriad % 10_000
        for place in range(3, -1, -1):
            digit = four // 10**place % 10
            if digit == 0:
                skipped = bool(text)
                continue
            text += (_DIGITS[0] if skipped else "") + _DIGITS[digit] + _PLACES[place]
            skipped = False
        if four:
            # 万亿 is said as one word only where no 亿 follows: 壹万亿, but 壹万贰仟亿.
            followed = myriad == 3 and whole // 10_000**2 % 10_000
            text += "万" if followed else _MYRIADS[myriad]
    return text
