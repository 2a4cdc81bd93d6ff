"""First letters of the pinyin of common Hanzi, for finding a command by typing "jfdh".

GB 2312 puts its first 3,755 characters in the order of their pinyin, so the code tells the letter; no dictionary is
loaded at the start for it."""

from __future__ import annotations

from bisect import bisect_right

# The first GB 2312 code of each letter (i, u and v begin no syllable).
_STARTS = (
    (0xB0A1, "a"),
    (0xB0C5, "b"),
    (0xB2C1, "c"),
    (0xB4EE, "d"),
    (0xB6EA, "e"),
    (0xB7A2, "f"),
    (0xB8C1, "g"),
    (0xB9FE, "h"),
    (0xBBF7, "j"),
    (0xBFA6, "k"),
    (0xC0AC, "l"),
    (0xC2E8, "m"),
    (0xC4C3, "n"),
    (0xC5B6, "o"),
    (0xC5BE, "p"),
    (0xC6DA, "q"),
    (0xC8BB, "r"),
    (0xC8F6, "s"),
    (0xCBFA, "t"),
    (0xCDDA, "w"),
    (0xCEF4, "x"),
    (0xD1B9, "y"),
    (0xD4D1, "z"),
)
_CODES = tuple(code for code, _ in _STARTS)
_LAST = 0xD7F9


def initials(text: str) -> str:
    """The first letters: 积分兑换 gives jfdh. Letters and digits stay, in lower case; other characters are left out."""
    letters: list[str] = []
    for character in text:
        if character.isascii():
            if character.isalnum():
                letters.append(character.lower())
            continue
        raw = character.encode("gb2312", errors="ignore")
        code = int.from_bytes(raw, "big") if len(raw) == 2 else 0
        if _CODES[0] <= code <= _LAST:
            letters.append(_STARTS[bisect_right(_CODES, code) - 1][1])
    return "".join(letters)
