"""A membership card for a card printer: both sides of a CR80 card (ISO/IEC 7810 ID-1), each a page with bleed.

What is on the card keeps inside the safe zone; the background goes to the edge of the bleed. The boxes in the file say
where the card is cut. On the back the zone of the magnetic stripe (ISO/IEC 7811-2) is left free."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageColor
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from app.domain.slip_look import Logo
from app.queries.rows import CardFace
from printing.renderers.drawing import QUIET_MODULES, qr_modules
from printing.renderers.pdf_fonts import BOLD_NAME, REGULAR_NAME, one_at_a_time
from printing.typeface import legible

WIDTH_MM, HEIGHT_MM, BLEED_MM, SAFE_MM = 85.60, 53.98, 3.0, 4.0
STRIPE_TOP_MM, STRIPE_BOTTOM_MM = 4.0, 17.5  # from the upper edge; three tracks end 15.95 mm below it
_QR_MM = 19.0
_LOGO_HIGH_MM, _LOGO_WIDE_MM = 11.5, 26.0
_SMALLEST = 0.7  # of the size that a line should have

# Background above and below, and what is written on it.
_COLOURS: Final = {
    "bronze": ("#8A5A3C", "#5E3A24", "#FFFFFF"),
    "silver": ("#DDE2E6", "#AEB7BF", "#1F2A33"),
    "gold": ("#E9C46A", "#B8892B", "#2B2106"),
    "platinum": ("#2B2F3A", "#12141B", "#F2EBDD"),
}
_TIERS: Final = {
    "bronze": ("青铜会员", "Bronze"),
    "silver": ("白银会员", "Silver"),
    "gold": ("黄金会员", "Gold"),
    "platinum": ("铂金会员", "Platinum"),
}
_TITLE: Final = ("会员卡", "Membership card")
_TERMS: Final = (
    ("本卡仅限会员本人使用，遗失请立即挂失。", "积分规则以商场公示为准。拾获请交还服务台。"),
    ("For the member only; report a loss at once.", "The mall's rules apply. If found, please return it."),
)


def member_card_pdf(face: CardFace, language: str) -> bytes:
    """Front and back. The same face gives the same bytes; `language` is "zh_CN" or "en"."""
    spoken = 1 if language == "en" else 0
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
        canvas.setTitle(_TITLE[spoken])
        canvas.setAuthor("MemberDesk")
        canvas.setCreator("MemberDesk")
        cut = (bleed, bleed, bleed + width, bleed + height)
        for side in (_front, _back):
            canvas.setTrimBox(cut)
            canvas.setBleedBox((0, 0, width + 2 * bleed, height + 2 * bleed))
            canvas.saveState()
            canvas.translate(bleed, bleed)
            side(canvas, face, spoken)
            canvas.restoreState()
            canvas.showPage()
        canvas.save()
        return out.getvalue()


def _front(canvas: Any, face: CardFace, spoken: int) -> None:
    above, below, ink = _COLOURS.get(face.tier, _COLOURS["bronze"])
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(-BLEED_MM * mm, -BLEED_MM * mm, (WIDTH_MM + 2 * BLEED_MM) * mm, (HEIGHT_MM + 2 * BLEED_MM) * mm)
    canvas.clipPath(path, stroke=0)
    canvas.linearGradient(
        0, (HEIGHT_MM + BLEED_MM) * mm, WIDTH_MM * mm, -BLEED_MM * mm, (HexColor(above), HexColor(below)), extend=True
    )
    canvas.restoreState()
    canvas.setFillColor(HexColor(ink))
    tier = _TIERS.get(face.tier, ("", ""))[spoken]
    tier_mm = _width_mm(tier, BOLD_NAME, 3.6)
    left_mm = SAFE_MM + 1
    if face.logo is not None:
        left_mm += _draw_logo(canvas, face.logo, ink, left_mm) + 2.5
    write_line(canvas, face.mall_name, left_mm, HEIGHT_MM - 10.4, 5.2, bold=True,
           room_mm=WIDTH_MM - SAFE_MM - left_mm - tier_mm - 4)  # fmt: skip
    write_line(canvas, _TITLE[spoken], left_mm, HEIGHT_MM - 15.4, 2.8)
    write_line(canvas, tier, WIDTH_MM - SAFE_MM - 1 - tier_mm, HEIGHT_MM - 9.8, 3.6, bold=True)
    grouped = " ".join(face.number[at : at + 4] for at in range(0, len(face.number), 4))
    write_line(canvas, grouped, SAFE_MM + 1, 17.0, 6.2, bold=True, room_mm=WIDTH_MM - 2 * SAFE_MM - 2)
    write_line(canvas, face.name, SAFE_MM + 1, 8.0, 4.2, room_mm=WIDTH_MM - 2 * SAFE_MM - 2)


def _draw_logo(canvas: Any, logo: Logo, ink: str, left_mm: float) -> float:
    """In the ink of the writing; returns how wide it is."""
    size = (logo.width_dots, logo.height_dots)
    scale = min(_LOGO_HIGH_MM / size[1], _LOGO_WIDE_MM / size[0])
    width_mm, height_mm = size[0] * scale, size[1] * scale
    picture = Image.new("RGBA", size, (*ImageColor.getrgb(ink)[:3], 0))
    picture.putalpha(Image.frombytes("1", size, logo.rows).convert("L"))
    bottom_mm = HEIGHT_MM - SAFE_MM - 1 - (_LOGO_HIGH_MM + height_mm) / 2
    canvas.drawImage(ImageReader(picture), left_mm * mm, bottom_mm * mm, width_mm * mm, height_mm * mm, mask="auto")
    return width_mm


def _back(canvas: Any, face: CardFace, spoken: int) -> None:
    canvas.setFillColor(Color(0.1, 0.11, 0.13))
    below = HEIGHT_MM - STRIPE_BOTTOM_MM - 4.0
    draw_qr(canvas, face.number, WIDTH_MM - SAFE_MM - _QR_MM, below - _QR_MM + 1.5, _QR_MM)
    room = WIDTH_MM - 2 * SAFE_MM - _QR_MM - 5
    write_line(canvas, face.mall_name, SAFE_MM + 1, below - 3.0, 4.0, bold=True, room_mm=room)
    for number, line in enumerate(_TERMS[spoken]):
        write_line(canvas, line, SAFE_MM + 1, below - 10.0 - 4.0 * number, 2.5, room_mm=room)
    write_line(canvas, face.number, WIDTH_MM - SAFE_MM - _QR_MM + 0.6, below - _QR_MM - 1.4, 2.2, room_mm=_QR_MM - 1)


def write_line(
    canvas: Any, text: str, left_mm: float, base_mm: float, size_mm: float, *, bold: bool = False, room_mm: float = 0
) -> None:
    """One line; what is wider than `room_mm` is set smaller, then narrower, never cut."""
    if not text:
        return
    text, font = legible(text), BOLD_NAME if bold else REGULAR_NAME
    natural = _width_mm(text, font, size_mm)
    if room_mm and natural > room_mm:
        size_mm *= max(_SMALLEST, room_mm / natural)
        natural = _width_mm(text, font, size_mm)
    line = canvas.beginText(left_mm * mm, base_mm * mm)
    line.setFont(font, size_mm * mm)
    narrow = 100 * room_mm / natural if room_mm and natural > room_mm else 100
    line.setHorizScale(narrow)
    line.textOut(text)
    line.setHorizScale(100)  # outlives the text object
    canvas.drawText(line)


def _width_mm(text: str, font: str, size_mm: float) -> float:
    return float(pdfmetrics.stringWidth(text, font, size_mm))


def draw_qr(canvas: Any, content: str, left_mm: float, bottom_mm: float, side_mm: float) -> None:
    """For scanners. Of a member's card: its number, which says whose card it is and proves nothing."""
    modules = qr_modules(content)
    module = side_mm / (len(modules) + 2 * QUIET_MODULES)
    path = canvas.beginPath()
    for y, line in enumerate(modules):
        for x, black in enumerate(line):
            if black:
                left = left_mm + (x + QUIET_MODULES) * module
                base = bottom_mm + side_mm - (y + 1 + QUIET_MODULES) * module
                path.rect(left * mm, base * mm, module * mm, module * mm)
    canvas.drawPath(path, stroke=0, fill=1)
