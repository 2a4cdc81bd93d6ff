"""Personal data is shy (RELIABILITY.md 8.3)."""

from __future__ import annotations

from app.domain.card import is_keyed

# The surnames of two characters that are still in use; anything else is taken as a surname of one character.
COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 "
    "夏侯 轩辕 端木 独孤 南宫 西门 百里 呼延 东郭 申屠 公羊 澹台".split()
)


def is_hanzi(character: str) -> bool:
    code = ord(character)
    return 0x3400 <= code <= 0x9FFF or 0x20000 <= code <= 0x3347F or 0xF900 <= code <= 0xFAFF or code == 0x3007


def surname(name: str) -> str:
    if not name:
        return ""
    if not is_hanzi(name[0]):
        return name.split(maxsplit=1)[0]
    return name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]


def masked_name(name: str) -> str:
    """张三丰 → 张*, 欧阳修 → 欧阳*, John Smith → J*"""
    if not name:
        return ""
    return (surname(name) if is_hanzi(name[0]) else name[0]) + "*"


def masked_phone(phone: str) -> str:
    """13800001234 → 138****1234; shorter numbers keep only their last two digits."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}" if phone.isdigit() else f"{phone[:-8]}****{phone[-4:]}"
    return "****" + phone[-2:] if phone else ""


def masked_card(number: str) -> str:
    """9900010000000019 → •••• 0019; of a card that is known by its keyed hash only, no digit: •••• ••••"""
    if is_keyed(number):
        return "•••• ••••"
    return f"•••• {number[-4:]}" if number else ""
