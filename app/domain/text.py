"""What people type, made safe to store, print, export and search.

Nothing a member typed may move a printer, a spreadsheet, a log or a query (RELIABILITY.md 8.4): text is normalised to
NFC and refused when it holds a control, format, surrogate, private or unassigned character."""

from __future__ import annotations

import unicodedata

from app.domain.errors import Refused

_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Assigned after the Unicode version of Python 3.11's table (15.1: Extension I; 17: Extension J). Names may use them.
_NEWER_HANZI = (range(0x2EBF0, 0x2EE5E), range(0x323B0, 0x33480))


def _forbidden(character: str) -> bool:
    if unicodedata.category(character) not in _FORBIDDEN:
        return False
    return not any(ord(character) in block for block in _NEWER_HANZI)


def clean(text: str, *, field: str, longest: int, shortest: int = 0) -> str:
    """`text` in NFC, trimmed, inner white space folded to one space. Raises Refused and names field and character."""
    for character in text:
        if _forbidden(character):
            raise Refused("text.not_allowed", field=field, character=f"U+{ord(character):04X}")
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    if len(folded) < shortest:
        raise Refused("text.missing" if not folded else "text.too_short", field=field, shortest=shortest)
    if len(folded) > longest:
        raise Refused("text.too_long", field=field, longest=longest)
    return folded


def printable(text: str) -> str:
    """For output: the same characters dropped instead of refused, so that old data can never reach a device raw."""
    return "".join(character for character in unicodedata.normalize("NFC", text) if not _forbidden(character))
