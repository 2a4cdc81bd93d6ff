"""A long report as a PDF, against reportlab drawing the same words at the same places with nothing around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from uuid import UUID

from app.queries.reports import DailyReport, Figures, GiftDay, HourDay
from app.queries.slips import DailyReportSlip
from printing.document import Document
from printing.documents.daily_report import daily_report
from printing.layout import TextRow, laid_out
from printing.renderers.drawing import LETTER_DOTS, ROW_DOTS
from printing.renderers.paper_profile import A4, COLUMN_DOTS, SHEET_HEIGHT_MM, SHEET_MARGIN_MM
from printing.renderers.pdf import pdf
from printing.renderers.sheet import paged

PAGES = 200
_ROWS_A_PAGE = 52
_MM = 72 / 25.4
_NAMES = ("316 不锈钢保温杯（500ml）", "抽纸 12 包", "晴雨两用伞", "龚䶮监制明前龙井（250g）", "五常大米 5kg")


def long_report(pages: int = PAGES) -> Document:
    """The daily report of a mall that gave out so many kinds of gift that it fills `pages` sheets or a few more."""
    gifts = tuple(
        GiftDay(f"G-{number:05}", f"{_NAMES[number % 5]} {number}", number % 90, number * 7, number % 70)
        for number in range(pages * _ROWS_A_PAGE)
    )
    report = DailyReport(
        day=date(2026, 11, 22),
        zone="Asia/Shanghai",
        as_of=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
        total=Figures(operations=9_000, issued=75_664, used=37_600, redemptions=9_000),
        desks=(),
        clerks=(),
        verbs=(),
        hours=tuple(HourDay(hour, 100 * hour, 50 * hour) for hour in range(24)),
        gifts=gifts,
        stock=(),
    )
    slip = DailyReportSlip(
        operation=UUID(int=1), code="R1.0.0.AAAAAAAAAAAAAAAA", mall_name="星河湾购物中心", desk_name="一楼会员服务台",
        staff="2001 李静", approver=None, at=report.as_of, zone=report.zone, report=report,
    )  # fmt: skip
    return daily_report(slip, "zh_CN")


def pages_of(document: Document) -> int:
    return len(paged(laid_out(document, A4.columns), A4))


def rendered(document: Document) -> bytes:
    """As the program makes it: laid out, broken into pages, drawn."""
    return pdf(document, A4, title="日报", language="zh_CN")


def bare(document: Document) -> Callable[[], bytes]:
    """What draws the same texts, each at its place, with reportlab alone; what stands where is worked out before."""
    dot = A4.dot_mm * _MM
    height, margin = SHEET_HEIGHT_MM * _MM, SHEET_MARGIN_MM * _MM
    pages = [
        [
            (cell.start * COLUMN_DOTS * dot, height - margin - number * ROW_DOTS * dot, cell.text, row.bold)
            for number, row in enumerate(page)
            if isinstance(row, TextRow)
            for cell in row.cells
        ]
        for page in paged(laid_out(document, A4.columns), A4)
    ]

    def draw() -> bytes:
        from reportlab.pdfgen.canvas import Canvas

        out = BytesIO()
        canvas = Canvas(out, pagesize=(A4.paper_mm * _MM, height), initialFontName="MemberDesk-Regular")
        for page in pages:
            for x, y, text, bold in page:
                canvas.setFont("MemberDesk-Bold" if bold else "MemberDesk-Regular", LETTER_DOTS * dot)
                canvas.drawString(x, y, text)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    rendered(document[:1])  # the typefaces are known to reportlab from here on
    return draw
