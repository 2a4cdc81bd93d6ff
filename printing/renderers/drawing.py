"""Rows drawn with the shipped typeface: raster lines for the printer, and the preview on the screen."""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import assert_never

import segno
from PIL import Image, ImageDraw

from app.domain.slip_look import Logo
from printing.document import Align, Chart
from printing.layout import BlankRow, ChartRow, CodeRow, CutRow, PictureRow, Row, RuleRow, TextRow
from printing.renderers.chart import LABEL_DOTS, Bar, Label, Line, chart_height_dots, marks
from printing.renderers.paper_profile import COLUMN_DOTS, PaperProfile
from printing.typeface import drawing_font

LETTER_DOTS = 24  # a Hanzi of a receipt printer
ROW_DOTS = 32
HIGH_ROW_DOTS = 56
QUIET_MODULES = 4  # ISO/IEC 18004: white on each side of a QR code
RULE_DOTS = 24
BLANK_DOTS = 16
PICTURE_GAP_DOTS = 12  # white below a picture
ASCENT = 0.88  # of the em, in Noto Sans SC
_LARGEST_MODULE_DOTS = 6  # 0.75 mm: read easily by a scanner and a phone, and a slip stays short


def height_dots(row: Row, profile: PaperProfile) -> int:
    """How much paper the row takes in a picture or a PDF."""
    match row:
        case TextRow():
            return HIGH_ROW_DOTS if row.high else ROW_DOTS
        case RuleRow():
            return RULE_DOTS
        case ChartRow():
            return chart_height_dots(profile)
        case CodeRow(content):
            return (len(qr_modules(content)) + 2 * QUIET_MODULES) * module_dots(content, profile.dots)
        case PictureRow(dots):
            return draw_picture(dots, profile).height + PICTURE_GAP_DOTS
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


def draw_picture(dots: Logo, profile: PaperProfile) -> Image.Image:
    """One pixel a dot, black on white, no wider than the paper."""
    picture = Image.frombytes("1", (dots.width_dots, dots.height_dots), bytes(row ^ 0xFF for row in dots.rows))
    grey = picture.convert("L")
    if grey.width > profile.dots:
        height = max(1, grey.height * profile.dots // grey.width)
        grey = grey.resize((profile.dots, height), Image.Resampling.LANCZOS).point(lambda v: 255 if v > 127 else 0)
    return grey


def draw_chart(chart: Chart, profile: PaperProfile, scale: int = 1) -> Image.Image:
    """The chart as a grey picture of `profile.dots` x `scale` pixels in width, ink black on white."""
    picture = Image.new("L", (profile.dots * scale, chart_height_dots(profile) * scale), 255)
    pen = ImageDraw.Draw(picture)
    font = drawing_font(LABEL_DOTS * scale, bold=False)
    for mark in marks(chart, profile):
        match mark:
            case Bar(left, top, width, height, filled):
                corners = [round(each * scale) for each in (left, top, left + width, top + height)]
                corners[2] = max(corners[0], corners[2] - 1)
                corners[3] = max(corners[1], corners[3] - 1)
                pen.rectangle(tuple(corners), fill=0 if filled else 255, outline=0, width=scale)
            case Line(left, right, y, faint):
                at = round(y * scale)
                dash, gap = (2 * scale, 8 * scale) if faint else (round((right - left) * scale), 1)
                for x in range(round(left * scale), round(right * scale), dash + gap):
                    pen.rectangle((x, at, min(x + dash, picture.width) - 1, at + scale - 1), fill=0)
            case Label(text, x, baseline, align):
                anchor = {Align.LEFT: "ls", Align.CENTRE: "ms", Align.RIGHT: "rs"}[align]
                pen.text((x * scale, baseline * scale), text, font=font, fill=0, anchor=anchor)
    return picture
