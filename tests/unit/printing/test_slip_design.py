"""The mall's own look of a slip: from a picture file to the printer's dots, and what may be left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from app.domain.calendar import DEFAULT_ZONE
from app.domain.errors import Refused
from app.domain.slip_look import DOCUMENT_NAMES, LINES_OF, OPTIONAL_LINES, DocumentName, Logo, OptionalLine, SlipLook
from app.queries.slips import AnySlip
from devices.simulators.printer import PrinterModel
from printing.composing import composed
from printing.document import Code, Cut, Pair, Picture, Text, Title
from printing.logo import LARGEST_FILE_BYTES, logo_of
from printing.renderers.escpos import encode
from printing.renderers.paper_profile import A4, ROLL_58, ROLL_80, PaperProfile
from printing.renderers.pdf import pdf
from printing.renderers.preview import preview_png
from printing.samples import sample
from printing.slip_design import SlipDesign
from tests.unit.printing.all_slips import EVERY


def a_file(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def a_badge(mode: str = "RGBA", size: tuple[int, int] = (600, 300)) -> Image.Image:
    picture = Image.new(mode, size, (255, 255, 255, 0) if mode == "RGBA" else "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((50, 40, size[0] - 50, size[1] - 40), fill="black" if mode == "L" else (20, 90, 160))
    return picture


def dots_of(logo: Logo) -> Image.Image:
    return Image.frombytes("1", (logo.width_dots, logo.height_dots), bytes(row ^ 0xFF for row in logo.rows))


@pytest.mark.parametrize(
    "file",
    [
        a_file(a_badge()),
        a_file(a_badge("RGB"), "JPEG"),
        a_file(a_badge("L")),
        a_file(a_badge("RGB").convert("P")),
        a_file(a_badge("RGB").convert("CMYK"), "JPEG"),
        a_file(a_badge("L").point(lambda value: value * 257, "I").convert("I;16")),
        a_file(a_badge("RGB").convert("1")),
    ],
    ids=["with transparency", "jpeg", "grey", "palette", "for a press", "16 bits", "1 bit"],
)
def test_a_picture_of_any_kind_fills_its_place_and_loses_its_margins(file: bytes) -> None:
    logo = logo_of(file)
    assert logo.width_dots in (360, 368)  # JPEG blurs its edges
    assert logo.height_dots == 160
    black = dots_of(logo).histogram()[0]
    # An ellipse covers pi/4 of its rectangle; how dark the ink looks depends on its colour.
    assert 0.15 < black / (368 * 160) < 0.80


def test_a_flat_wide_picture_is_as_wide_as_the_narrowest_roll() -> None:
    assert logo_of(a_file(Image.new("L", (900, 90), 0))).width_dots == 384


def test_a_pale_picture_is_still_seen() -> None:
    pale = Image.new("L", (200, 100), 255)
    ImageDraw.Draw(pale).rectangle((20, 20, 100, 80), fill=215)
    ImageDraw.Draw(pale).rectangle((101, 20, 180, 80), fill=235)
    black = dots_of(logo_of(a_file(pale))).histogram()[0]
    assert black > 0.25 * 320 * 120


def broken(file: bytes) -> bytes:
    return file[: len(file) // 2]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"", "logo.unreadable"),
        (lambda: b"GIF89a" + bytes(100), "logo.unreadable"),
        (lambda: a_file(a_badge("RGB"), "BMP"), "logo.unreadable"),
        (lambda: broken(a_file(a_badge())), "logo.unreadable"),
        (lambda: broken(a_file(a_badge("RGB"), "JPEG")), "logo.unreadable"),
        (lambda: bytes(LARGEST_FILE_BYTES + 1), "logo.file_too_large"),
        (lambda: a_file(Image.new("1", (20_000, 9_000))), "logo.file_too_large"),
        (lambda: a_file(Image.new("L", (15, 200), 0)), "logo.too_small"),
        (lambda: a_file(Image.new("L", (200, 200), 255)), "logo.blank"),
        (lambda: a_file(Image.new("RGBA", (200, 200), (0, 0, 0, 0))), "logo.blank"),
    ],
)
def test_what_is_no_picture_of_a_logo_is_refused_with_its_reason(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Refused) as refused:
        logo_of(make())
    assert refused.value.code == code


LOGO = logo_of(a_file(a_badge()))


@pytest.mark.parametrize("profile", [ROLL_58, ROLL_80], ids=["58 mm", "80 mm"])
def test_a_printer_gets_the_logo_in_the_middle_in_short_strips(profile: PaperProfile) -> None:
    printer = PrinterModel(dots=profile.dots, native_qr=profile.native_qr, buffer_bytes=1_000_000)
    printer.feed(b"".join(encode((Picture(LOGO), Cut()), profile)))
    assert printer.errors == []
    assert sum(strip.height_dots for strip in printer.pictures) == 160
    assert max(len(strip.rows) for strip in printer.pictures) <= 4096
    whole = b"".join(strip.rows for strip in printer.pictures)
    across = printer.pictures[0].width_bytes * 8
    ink = Image.frombytes("1", (across, 160), whole).getbbox()
    assert ink is not None
    assert abs(ink[0] - (profile.dots - ink[2])) <= 8


def test_a_picture_wider_than_its_paper_is_drawn_smaller() -> None:
    narrow = PaperProfile(columns=16, dots=192)
    printer = PrinterModel(dots=192, buffer_bytes=1_000_000)
    printer.feed(b"".join(encode((Picture(LOGO),), narrow)))
    assert printer.errors == []
    assert [strip.height_dots for strip in printer.pictures] == [83]


@pytest.mark.parametrize("profile", [ROLL_58, ROLL_80, A4], ids=["58 mm", "80 mm", "A4"])
def test_the_logo_stands_in_the_file_and_on_the_screen(profile: PaperProfile) -> None:
    file = pdf((Picture(LOGO), Title("星河")), profile, title="t", language="zh_CN")
    assert file == pdf((Picture(LOGO), Title("星河")), profile, title="t", language="zh_CN")
    (picture,) = pypdfium2.PdfDocument(file)[0].get_objects(filter=[3])  # FPDF_PAGEOBJ_IMAGE
    left, bottom, right, top = picture.get_bounds()
    assert (right - left) / (top - bottom) == pytest.approx(368 / 160, rel=0.01)
    with_logo = Image.open(BytesIO(preview_png((Picture(LOGO), Title("星河")), profile, 1)))
    without = Image.open(BytesIO(preview_png((Title("星河"),), profile, 1)))
    assert with_logo.height - without.height in ((0,) if profile.is_sheet else (172,))


LABELS: dict[OptionalLine, str] = {
    "tier": "等级",
    "card": "卡号",
    "points_before": "前积分",
    "expiring": "到期|有效期至",
    "desk": "柜台",
    "staff": "经办",
    "approver": "授权",
    "capitals": "人民币大写",
}


@pytest.mark.parametrize("document", DOCUMENT_NAMES)
def test_a_line_is_on_a_document_exactly_when_the_mall_wants_it(document: DocumentName) -> None:
    def texts(look: SlipLook) -> Counter[str]:
        paper = composed(sample(document, look, mall_name="海棠广场", zone=DEFAULT_ZONE, language="zh_CN"), "zh_CN")
        return Counter(
            element.label if isinstance(element, Pair) else element.text if isinstance(element, Title | Text) else "R1"
            for element in paper
            if isinstance(element, Pair | Title | Text | Code)
        )

    everything = texts(SlipLook(left_out=()))
    for line in OPTIONAL_LINES:
        gone = everything - texts(SlipLook(left_out=(line,)))
        expected = {"mall_name": "海棠广场", "code": "R1"}.get(line) or LABELS[line]
        assert gone.total() == (line in LINES_OF[document]), line
        assert all(re.search(expected, text) for text in gone), line


def test_a_document_with_lines_of_its_own_leaves_out_those_and_not_what_all_others_do() -> None:
    look = SlipLook(left_out=("tier", "code"), own=(("credit", ("desk",)),))
    assert look.of("credit") == SlipLook(left_out=("desk",))
    assert look.of("card") == SlipLook(left_out=("tier", "code"))
    assert look.showing("desk", True, "credit").own == (("credit", ()),)
    assert look.showing("card", False, "redemption").own == (("redemption", ("tier", "card", "code")), *look.own)
    assert look.with_own("credit", None) == SlipLook(left_out=("tier", "code"))


@pytest.mark.parametrize("slip", EVERY.values(), ids=EVERY.keys())
def test_what_proves_something_cannot_be_left_out(slip: AnySlip) -> None:
    bare = composed(replace(slip, copy=1, look=SlipLook(left_out=OPTIONAL_LINES)), "zh_CN")
    printer = PrinterModel(dots=576, buffer_bytes=1_000_000)
    printer.feed(b"".join(encode(bare, ROLL_80)))
    assert printer.errors == []
    text = printer.text()
    assert "重打 1" in text
    assert "456789AB" in text
    assert "2026-11-22 17:39:30" in text
    if getattr(slip, "member_no", ""):
        assert slip.member_no in text  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("document", DOCUMENT_NAMES)
def test_the_sample_is_a_picture_of_the_paper(document: DocumentName, language: str) -> None:
    paper_mm = 58 if language == "en" else 80
    png = SlipDesign().sample_png(
        SlipLook(logo=LOGO),
        mall_name="海棠广场",
        zone=DEFAULT_ZONE,
        document=document,
        paper_mm=paper_mm,
        language=language,
    )
    assert Image.open(BytesIO(png)).width == paper_mm * 8 * 2


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "America/New_York"])
def test_the_sample_happens_in_the_afternoon_of_the_mall(zone: str) -> None:
    slip = sample("credit", SlipLook(), mall_name="海棠广场", zone=zone, language="zh_CN")
    assert slip.zone == zone
    printer = PrinterModel(dots=576, buffer_bytes=1_000_000)
    printer.feed(b"".join(encode(composed(slip, "zh_CN"), ROLL_80)))
    assert "2026-11-05 14:03:20" in printer.text()
