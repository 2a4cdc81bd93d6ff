"""What is written to a card (DEVICES.md 2.1): tracks without sentinels, and the same for a chip."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from app.domain.calendar import add_months
from app.domain.masking import COMPOUND_SURNAMES, is_hanzi
from app.domain.pinyin import spelled_name

SERVICE_CODE = "101"
LONGEST_NAME = 26  # ISO/IEC 7813
CARD_MONTHS = 120  # nothing in the programme ends a card by date; readers elsewhere want one on the stripe


@dataclass(frozen=True)
class Written:
    """`chip` is two blocks of a Mifare sector: number (16), issue (2) and card code (6) as ASCII, eight zero bytes."""

    track_1: str = field(repr=False)
    track_2: str = field(repr=False)
    chip: bytes = field(repr=False)


def written(number: str, name: str, issue: int, code: str, made_on: date) -> Written:
    """`name` as the member writes it; `code` is the card code of this issue."""
    tail = f"{add_months(made_on, CARD_MONTHS):%y%m}{SERVICE_CODE}{code}"
    return Written(
        f"B{number}^{stripe_name(name)}^{tail}",
        f"{number}={tail}",
        f"{number}{issue:02d}{code}".encode() + bytes(8),
    )


def stripe_name(name: str) -> str:
    """张三丰 → ZHANG/SANFENG, 欧阳修 → OUYANG/XIU, John Smith → SMITH/JOHN; at most 26 of A–Z, blank and "/".

    Never empty: a track needs a name, and "MEMBER" stands for one that nobody can spell."""
    if name and is_hanzi(name[0]):
        has_compound = len(name) > 2 and name[:2] in COMPOUND_SURNAMES
        syllables = [syllable.replace("v", "yu") for syllable in spelled_name(name)]  # 吕 LYU, as in passports
        parts = 2 if has_compound else 1
        family, given = "".join(syllables[:parts]), "".join(syllables[parts:])
    else:
        words = [word for part in name.split() if (word := "".join(spelled_name(part)))]
        family, given = (words[-1] if words else ""), " ".join(words[:-1])
    plain = "/".join(part for part in (family.upper(), given.upper()) if part)
    kept = "".join(character for character in plain if character in "ABCDEFGHIJKLMNOPQRSTUVWXYZ /")
    return kept[:LONGEST_NAME].rstrip(" /") or "MEMBER"
