"""Rows drawn with the shipped typeface: raster lines for the printer, and the preview on the screen."""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import assert_never

import segno
from PIL import Image, ImageDraw

from printing.document import Align
from printing.layout import BlankRow, CodeRow, CutRow, Row, RuleRow, TextRow
from printing.renderers.paper_profile import COLUMN_DOTS, PaperProfile
from printing.typeface import drawing_font

LETTER_DOTS = 24  # a Hanzi of a receipt printer
ROW_DOTS = 32
HIGH_ROW_DOTS = 56
QUIET_MODULES = 4  # ISO/IEC 18004: white on each side of a QR code
RULE_DOTS = 24
BLANK_DOTS = 16
ASCENT = 0.88  # of the em, in Noto Sans SC
_LARGEST_MODULE_DOTS = 6  # 0.75 mm: read easily by a scanner and a phone, and a slip stays short


def height_dots(row: Row, profile: PaperProfile) -> int:
    """How much paper the row takes in a picture or a PDF."""
    match row:
        case TextRow():
            return HIGH_ROW_DOTS if row.high else ROW_DOTS
        case RuleRow():
            return RULE_DOTS
        case CodeRow(content):
            return (len(qr_modules(content)) + 2 * QUIET_MODULES) * module_dots(content, profile.dots)
        case BlankRow():
            return BLANK_DOTS
        case CutRow():
            return 0
        case _:
            assert_never(row)


def draw_row(row: TextRow, profile: PaperProfile, scale: int = 1) -> Image.Image:
    """The row as a grey picture of `profile.dots` x `scale` pixels in width, ink black on white."""
    height = (HIGH_ROW_DOTS if row.high else ROW_DOTS) * scale
    picture = Image.new("L", (profile.dots * scale, height), 255)
    size = LETTER_DOTS * scale * (2 if row.high else 1)
    stretch = (2 if row.wide else 1) / (2 if row.high else 1)
    column = COLUMN_DOTS * scale * (2 if row.wide else 1)
    baseline = (height - size) // 2 + round(size * ASCENT)
    font = drawing_font(size, bold=row.bold)
    for cell in row.cells:
        natural = ceil(font.getlength(cell.text))
        if not natural:
            continue
        ink = Image.new("L", (natural, height), 255)
        ImageDraw.Draw(ink).text((0, baseline), cell.text, font=font, fill=0, anchor="ls")
        # Letters of a proportional typeface may need more than their columns: the cell is narrowed, never cut.
        width = min(round(natural * stretch), cell.limit * column)
        if width != natural:
            ink = ink.resize((max(1, width), height), Image.Resampling.LANCZOS)
        room = cell.limit * column - width
        indent = {Align.LEFT: 0.0, Align.CENTRE: room / 2, Align.RIGHT: room}[cell.align]
        picture.paste(ink, (round(cell.start * column + indent), 0))
    return picture


@lru_cache(maxsize=32)
def qr_modules(content: str) -> tuple[tuple[bool, ...], ...]:
    """Model 2, level M, without its quiet zone; True is black."""
    code = segno.make_qr(content, error="m", boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def module_dots(content: str, dots: int) -> int:
    """The side of a module so that the code and its quiet zone fit into `dots`."""
    return max(1, min(_LARGEST_MODULE_DOTS, dots // (len(qr_modules(content)) + 2 * QUIET_MODULES)))


def draw_code(content: str, module: int) -> Image.Image:
    """The code with its quiet zone, `module` pixels a module, black on white."""
    modules = qr_modules(content)
    side = len(modules) + 2 * QUIET_MODULES
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(modules):
        for x, black in enumerate(row):
            if black:
                picture.putpixel((x + QUIET_MODULES, y + QUIET_MODULES), 0)
    return picture.resize((side * module, side * module), Image.Resampling.NEAREST)
