"""A supervisor's approval card, to be printed and put behind their staff card: one side of a CR80 card, with bleed."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from printing.renderers.member_card import BLEED_MM, HEIGHT_MM, SAFE_MM, WIDTH_MM, draw_qr, write_line
from printing.renderers.pdf_fonts import REGULAR_NAME, one_at_a_time

_QR_MM = 36.0
_WORDS: Final = (
    ("批准卡", "断网批准：先刷卡，再输 PIN。", "仅限本人使用，请勿外借或拍照。", "遗失请立即告知管理员。"),
    ("Approval card", "Scan it, then type your PIN.", "Never lend or photograph it.", "Lost? Tell an administrator."),
)


def approval_card_pdf(name: str, text: str, language: str) -> bytes:
    """`text` is what is scanned. `language` is "zh_CN" or "en"."""
    title, *lines = _WORDS[1 if language == "en" else 0]
    width, height, bleed = WIDTH_MM * mm, HEIGHT_MM * mm, BLEED_MM * mm
    with one_at_a_time():
        out = BytesIO()
        canvas = Canvas(
            out,
            pagesize=(width + 2 * bleed, height + 2 * bleed),
            invariant=1,
            initialFontName=REGULAR_NAME,
            lang=language.replace("_", "-"),
        )
        canvas.setTitle(title)
        canvas.setAuthor("MemberDesk")
        canvas.setTrimBox((bleed, bleed, bleed + width, bleed + height))
        canvas.translate(bleed, bleed)
        canvas.setFillColor(Color(0.1, 0.11, 0.13))
        room = WIDTH_MM - 2 * SAFE_MM - _QR_MM - 4
        write_line(canvas, title, SAFE_MM + 1, HEIGHT_MM - 12, 5.2, bold=True, room_mm=room)
        write_line(canvas, name, SAFE_MM + 1, HEIGHT_MM - 20, 4.4, room_mm=room)
        write_line(canvas, text.split(".")[1], SAFE_MM + 1, HEIGHT_MM - 25.5, 3.2, room_mm=room)
        for number, line in enumerate(lines):
            write_line(canvas, line, SAFE_MM + 1, 15.5 - 4.0 * number, 2.4, room_mm=room)
        draw_qr(canvas, text, WIDTH_MM - SAFE_MM - _QR_MM, (HEIGHT_MM - _QR_MM) / 2, _QR_MM)
        canvas.showPage()
        canvas.save()
        return out.getvalue()
