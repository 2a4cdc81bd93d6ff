"""The one typeface of screen, PDF and raster lines: Noto Sans SC, shipped in `printing/fonts` (DEVICES.md 0.6)."""

from __future__ import annotations

import logging
import struct
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_FONTS = Path(__file__).parent / "fonts"
REGULAR = _FONTS / "NotoSansSC-Regular.ttf"
BOLD = _FONTS / "NotoSansSC-Bold.ttf"

_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _covered() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First and last code points of the runs the font has glyphs for, from its `cmap` table of format 12 (OpenType
    1.9, "Segmented coverage"). Neither Pillow nor Qt says which glyphs are missing without drawing them."""
    font = REGULAR.read_bytes()
    (tables,) = struct.unpack_from(">H", font, 4)
    for table in range(tables):
        tag, cmap = struct.unpack_from(">4s4xI", font, 12 + 16 * table)
        if tag != b"cmap":
            continue
        (encodings,) = struct.unpack_from(">H", font, cmap + 2)
        for encoding in range(encodings):
            (offset,) = struct.unpack_from(">I", font, cmap + 8 + 8 * encoding)
            if struct.unpack_from(">H", font, cmap + offset) == (12,):
                (count,) = struct.unpack_from(">I", font, cmap + offset + 12)
                runs = [struct.unpack_from(">II", font, cmap + offset + 16 + 12 * run) for run in range(count)]
                return tuple(first for first, _ in runs), tuple(last for _, last in runs)
    raise AssertionError("the shipped font has no full Unicode cmap")


@lru_cache(maxsize=8192)
def has_glyph(character: str) -> bool:
    firsts, lasts = _covered()
    run = bisect_right(firsts, ord(character)) - 1
    return run >= 0 and ord(character) <= lasts[run]


def legible(text: str) -> str:
    """`text` with every character that the font cannot draw spelled out, 〔U+20BB7〕: never a silent box."""
    missing = sorted({character for character in text if not has_glyph(character)})
    for character in missing:
        name = f"U+{ord(character):04X}"
        _log.warning("no glyph for %s", name)
        text = text.replace(character, f"〔{name}〕")
    return text


@lru_cache(maxsize=8)
def drawing_font(size_px: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    # Basic layout: no library for complex scripts is needed on the machine, and pictures are the same everywhere.
    return ImageFont.truetype(BOLD if bold else REGULAR, size_px, layout_engine=ImageFont.Layout.BASIC)
