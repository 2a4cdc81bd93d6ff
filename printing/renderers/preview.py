"""A document as a picture of the paper, for the screen."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw

from printing.document import Document
from printing.layout import ChartRow, CodeRow, PictureRow, Row, RuleRow, TextRow, laid_out
from printing.renderers.drawing import (
    RULE_DOTS,
    draw_chart,
    draw_code,
    draw_picture,
    draw_row,
    height_dots,
    module_dots,
)
from printing.renderers.paper_profile import SHEET_HEIGHT_MM, SHEET_MARGIN_MM, PaperProfile
from printing.renderers.sheet import paged

_MARGIN_DOTS = 40  # above and below
_TOOTH_DOTS = 8  # the edge that a tear bar leaves
_PAPER = (253, 253, 251, 255)
_INK = (24, 24, 27, 255)


def preview_png(document: Document, profile: PaperProfile, scale: int = 2) -> bytes:
    """PNG with alpha, `scale` pixels to a dot: white paper, nothing around it. A roll is torn at its end; sheets lie
    below each other."""
    rows = laid_out(document, profile.columns)
    if not profile.is_sheet:
        height = sum(height_dots(row, profile) for row in rows) + 2 * _MARGIN_DOTS + _TOOTH_DOTS
        return _as_png(_drawn(rows, profile, scale, height, _MARGIN_DOTS, tooth=_TOOTH_DOTS))
    height, margin = round(SHEET_HEIGHT_MM / profile.dot_mm), round(SHEET_MARGIN_MM / profile.dot_mm)
    pages = [_drawn(page, profile, scale, height, margin) for page in paged(rows, profile)]
    gap = _MARGIN_DOTS * scale
    stack = Image.new("RGBA", (pages[0].width, sum(page.height + gap for page in pages) - gap), (0, 0, 0, 0))
    for number, page in enumerate(pages):
        stack.paste(page, (0, number * (page.height + gap)))
    return _as_png(stack)


def _drawn(
    rows: Sequence[Row], profile: PaperProfile, scale: int, height_dots_: int, margin_dots: int, *, tooth: int = 0
) -> Image.Image:
    width, height = round(profile.paper_mm / profile.dot_mm) * scale, height_dots_ * scale
    left = (width - profile.dots * scale) // 2
    black_on_white = Image.new("L", (width, height), 255)
    top = margin_dots * scale
    for row in rows:
        match row:
            case TextRow():
                black_on_white.paste(draw_row(row, profile, scale), (left, top))
            case RuleRow():
                _draw_rule(black_on_white, left, top + RULE_DOTS * scale // 2, profile.dots * scale, scale)
            case ChartRow(chart):
                black_on_white.paste(draw_chart(chart, profile, scale), (left, top))
            case CodeRow(content):
                code = draw_code(content, module_dots(content, profile.dots) * scale)
                black_on_white.paste(code, ((width - code.width) // 2, top))
            case PictureRow(dots):
                logo = draw_picture(dots, profile)
                logo = logo.resize((logo.width * scale, logo.height * scale), Image.Resampling.NEAREST)
                black_on_white.paste(logo, ((width - logo.width) // 2, top))
            case _:
                pass
        top += height_dots(row, profile) * scale
    paper = Image.composite(
        Image.new("RGBA", black_on_white.size, _PAPER), Image.new("RGBA", black_on_white.size, _INK), black_on_white
    )
    if tooth:
        paper.putalpha(_outline(width, height, tooth * scale))
    return paper


def _as_png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _draw_rule(picture: Image.Image, left: int, y: int, width: int, scale: int) -> None:
    pen = ImageDraw.Draw(picture)
    for x in range(left, left + width, 12 * scale):
        pen.rectangle((x, y, x + 6 * scale - 1, y + 2 * scale - 1), fill=0)


def _outline(width: int, height: int, tooth: int) -> Image.Image:
    """Opaque where there is paper; drawn large and made smaller, so that the teeth are smooth."""
    fine = 4
    edge = Image.new("L", (width * fine, tooth * fine), 0)
    points = [(0, 0)]
    for number, x in enumerate(range(0, (width + tooth) * fine, tooth * fine)):
        points.append((x, tooth * fine if number % 2 else tooth * fine // 3))
    points.append((width * fine, 0))
    ImageDraw.Draw(edge).polygon(points, fill=255)
    outline = Image.new("L", (width, height), 255)
    outline.paste(edge.resize((width, tooth), Image.Resampling.LANCZOS), (0, height - tooth))
    return outline
