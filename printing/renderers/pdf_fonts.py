"""The shipped typeface in PDFs: embedded, and so that its text can be searched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock

from reportlab.pdfbase import pdfmetrics, ttfonts

from printing.typeface import BOLD, REGULAR

REGULAR_NAME, BOLD_NAME = "MemberDesk-Regular", "MemberDesk-Bold"

# reportlab keeps its fonts in one global table and subsets them while it draws.
_lock = Lock()

_reportlab_unicode_map = ttfonts.makeToUnicodeCMap


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Both fonts are there by their names, and nobody else draws with them."""
    with _lock:
        _prepare()
        yield


def _utf16_unicode_map(fontname: str, subset: list[int]) -> str:
    """reportlab 5.1 writes code points above U+FFFF with five hex digits, so that found and copied text is wrong; the
    map wants UTF-16BE (PDF 32000-1, 9.10.3; Adobe Technical Note 5411, 1.4)."""

    def as_utf16(match: re.Match[str]) -> str:
        return f"{match[1]}<{chr(int(match[2], 16)).encode('utf-16-be').hex().upper()}>"

    return re.sub(r"(<[0-9A-F]{2}> )<([0-9A-F]{5,6})>", as_utf16, _reportlab_unicode_map(fontname, subset))


@lru_cache(maxsize=1)
def _prepare() -> None:
    ttfonts.makeToUnicodeCMap = _utf16_unicode_map
    pdfmetrics.registerFont(ttfonts.TTFont(REGULAR_NAME, str(REGULAR)))
    pdfmetrics.registerFont(ttfonts.TTFont(BOLD_NAME, str(BOLD)))
