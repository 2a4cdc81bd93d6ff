"""A document as a PDF: as wide as the roll and as long as it needs, or on sheets of A4. Fonts are embedded, the text
can be searched, and the bytes can be made again."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any, assert_never

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from app.domain.slip_look import Logo
from printing.document import Align, Chart, Document
from printing.layout import BlankRow, ChartRow, CodeRow, CutRow, PictureRow, Row, RuleRow, TextRow, laid_out
from printing.renderers.chart import LABEL_DOTS, Bar, Label, Line, marks
from printing.renderers.drawing import (
    ASCENT,
    HIGH_ROW_DOTS,
    LETTER_DOTS,
    QUIET_MODULES,
    ROW_DOTS,
    RULE_DOTS,
    draw_picture,
    height_dots,
    module_dots,
    qr_modules,
)
from printing.renderers.paper_profile import COLUMN_DOTS, SHEET_HEIGHT_MM, SHEET_MARGIN_MM, PaperProfile
from printing.renderers.pdf_fonts import BOLD_NAME, REGULAR_NAME, one_at_a_time
from printing.renderers.sheet import paged

_MARGIN_DOTS = 40  # above and below
_SMALL_DOTS = 0.8 * LETTER_DOTS
_PAGE_OF = ("第 {number} 页，共 {pages} 页", "Page {number} of {pages}")


def pdf(document: Document, profile: PaperProfile, *, title: str, language: str) -> bytes:
    """`title` and `language` ("zh_CN", "en") go into the file's properties. The same document gives the same bytes."""
    rows = laid_out(document, profile.columns)
    dot = profile.dot_mm * mm
    width, margin = profile.paper_mm * mm, (SHEET_MARGIN_MM * mm if profile.is_sheet else _MARGIN_DOTS * dot)
    pages = paged(rows, profile) if profile.is_sheet else (rows,)
    height = sum(height_dots(row, profile) for row in rows) * dot + 2 * margin
    if profile.is_sheet:
        height = SHEET_HEIGHT_MM * mm
    with one_at_a_time():
        out = BytesIO()
        # Without an initial font of ours every page would name Helvetica, which is not embedded.
        canvas = Canvas(
            out,
            pagesize=(width, height),
            invariant=1,
            initialFontName=REGULAR_NAME,
            lang=language.replace("_", "-"),
        )
        canvas.setTitle(title)
        canvas.setAuthor("MemberDesk")
        canvas.setCreator("MemberDesk")
        for number, page in enumerate(pages, 1):
            canvas.translate((width - profile.dots * dot) / 2, 0)
            words = _Words(canvas, dot)
            top = height - margin
            for row in page:
                if isinstance(row, TextRow):
                    words.draw(row, top)
                else:
                    _draw(canvas, row, profile, top)
                top -= height_dots(row, profile) * dot
            words.end()
            if len(pages) > 1:
                canvas.setFont(REGULAR_NAME, _SMALL_DOTS * dot)
                canvas.drawString(0, margin / 2, title)
                of_all = _PAGE_OF[1 if language == "en" else 0].format(number=number, pages=len(pages))
                canvas.drawRightString(profile.dots * dot, margin / 2, of_all)
            canvas.showPage()
        canvas.save()
        return out.getvalue()


def _draw(canvas: Any, row: Row, profile: PaperProfile, top: float) -> None:
    match row:
        case RuleRow():
            _draw_rule(canvas, profile, top)
        case ChartRow(chart):
            _draw_chart(canvas, chart, profile, top)
        case CodeRow(content):
            _draw_code(canvas, content, profile, top)
        case PictureRow(dots):
            _draw_picture(canvas, dots, profile, top)
        case TextRow() | BlankRow() | CutRow():
            pass
        case _:
            assert_never(row)


@lru_cache(maxsize=4096)
def _ems(text: str, font: str) -> float:
    """How wide `text` is in a typeface of size 1."""
    return float(pdfmetrics.stringWidth(text, font, 1))


class _Words:
    """The text rows of one page, in one text object: reports have thousands of them."""

    def __init__(self, canvas: Any, dot: float) -> None:
        self._canvas = canvas
        self._dot = dot
        self._text = canvas.beginText()
        self._font = ("", 0.0)
        self._scale = 100.0

    def draw(self, row: TextRow, top: float) -> None:
        text, dot = self._text, self._dot
        name = BOLD_NAME if row.bold else REGULAR_NAME
        size = LETTER_DOTS * (2 if row.high else 1) * dot
        stretch = (2 if row.wide else 1) / (2 if row.high else 1)
        column = COLUMN_DOTS * dot * (2 if row.wide else 1)
        row_height = (HIGH_ROW_DOTS if row.high else ROW_DOTS) * dot
        baseline = top - (row_height - size) / 2 - size * ASCENT
        if self._font != (name, size):
            text.setFont(name, size)
            self._font = (name, size)
        for cell in row.cells:
            natural = _ems(cell.text, name) * size
            if not natural:
                continue
            room = cell.limit * column
            width = min(natural * stretch, room)
            indent = 0.0
            if cell.align is not Align.LEFT:
                indent = (room - width) / (2 if cell.align is Align.CENTRE else 1)
            scale = 100 * width / natural
            if scale != self._scale:
                text.setHorizScale(scale)
                self._scale = scale
            text.setTextOrigin(cell.start * column + indent, baseline)
            text.textOut(cell.text)

    def end(self) -> None:
        if self._scale != 100:
            self._text.setHorizScale(100)  # outlives the text object
        self._canvas.drawText(self._text)


def _draw_chart(canvas: Any, chart: Chart, profile: PaperProfile, top: float) -> None:
    dot = profile.dot_mm * mm
    canvas.setFont(REGULAR_NAME, LABEL_DOTS * dot)
    for mark in marks(chart, profile):
        match mark:
            case Bar(left, over, width, height, filled):
                canvas.setLineWidth(dot)
                canvas.setFillGray(0 if filled else 1)
                canvas.rect(left * dot, top - (over + height) * dot, width * dot, height * dot, stroke=1, fill=1)
                canvas.setFillGray(0)
            case Line(left, right, y, faint):
                canvas.setLineWidth(dot * (0.7 if faint else 1.5))
                canvas.setDash(*((1.5 * dot, 6 * dot) if faint else ()))
                canvas.line(left * dot, top - y * dot, right * dot, top - y * dot)
                canvas.setDash()
            case Label(text, x, baseline, align):
                at = (x * dot, top - baseline * dot, text)
                if align is Align.LEFT:
                    canvas.drawString(*at)
                elif align is Align.CENTRE:
                    canvas.drawCentredString(*at)
                else:
                    canvas.drawRightString(*at)


def _draw_rule(canvas: Any, profile: PaperProfile, top: float) -> None:
    dot = profile.dot_mm * mm
    canvas.setLineWidth(1.5 * dot)
    if not profile.is_sheet:  # as the printer draws it
        canvas.setDash(6 * dot, 6 * dot)
    middle = top - RULE_DOTS / 2 * dot
    canvas.line(0, middle, profile.dots * dot, middle)


def _draw_code(canvas: Any, content: str, profile: PaperProfile, top: float) -> None:
    modules = qr_modules(content)
    module = module_dots(content, profile.dots) * profile.dot_mm * mm
    left = (profile.dots * profile.dot_mm * mm - len(modules) * module) / 2
    first = top - QUIET_MODULES * module
    path = canvas.beginPath()
    for y, line in enumerate(modules):
        for x, black in enumerate(line):
            if black:
                path.rect(left + x * module, first - (y + 1) * module, module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def _draw_picture(canvas: Any, dots: Logo, profile: PaperProfile, top: float) -> None:
    picture, dot = draw_picture(dots, profile), profile.dot_mm * mm
    left, width, height = (profile.dots - picture.width) / 2 * dot, picture.width * dot, picture.height * dot
    canvas.drawImage(ImageReader(picture), left, top - height, width, height)
