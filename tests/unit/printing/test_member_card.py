"""A membership card for a card printer."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

from app.domain.slip_look import Logo
from app.queries.rows import CardFace
from printing.renderers.member_card import (
    BLEED_MM,
    HEIGHT_MM,
    STRIPE_BOTTOM_MM,
    STRIPE_TOP_MM,
    WIDTH_MM,
    member_card_pdf,
)

POINTS_A_MM = 72 / 25.4
LONG = CardFace("海棠广场购物中心国际旗舰店（南京路店）", "9900010000000019", "欧阳李𬭚䶮㛃·买买提江", "gold")


def opened(face: CardFace = LONG, language: str = "zh_CN") -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(member_card_pdf(face, language))


def test_both_sides_have_the_size_of_a_card_and_three_millimetres_of_bleed() -> None:
    document = opened()
    assert len(document) == 2
    for page in document:
        width, height = (side / POINTS_A_MM for side in page.get_size())
        assert (width, height) == pytest.approx((WIDTH_MM + 6, HEIGHT_MM + 6), abs=0.01)
        left, bottom, right, top = (edge / POINTS_A_MM for edge in page.get_trimbox())
        assert (right - left, top - bottom) == pytest.approx((85.60, 53.98), abs=0.01)
        assert (left, bottom) == pytest.approx((3, 3), abs=0.01)


@pytest.mark.parametrize("tier", ["bronze", "silver", "gold", "platinum"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_name_number_and_level_are_found_as_text(tier: str, language: str) -> None:
    face = CardFace("海棠广场", "9900010000000019", "李𬭚䶮㛃", tier)
    text = opened(face, language)[0].get_textpage().get_text_bounded()
    for wanted in ("海棠广场", "9900 0100 0000 0019", "李𬭚䶮㛃"):
        assert wanted in text


def test_the_logo_stands_before_the_name_in_the_ink_of_the_card() -> None:
    logo = Logo.of_rows(320, bytes([0xFF] * (40 * 160)))
    page = opened(replace(LONG, logo=logo))[0]
    (picture,) = page.get_objects(filter=[3])  # FPDF_PAGEOBJ_IMAGE
    left, bottom, right, top = (edge / POINTS_A_MM for edge in picture.get_bounds())
    assert (right - left) / (top - bottom) == pytest.approx(2, rel=0.01)
    assert BLEED_MM + 4 <= left < right < BLEED_MM + 40
    assert BLEED_MM + HEIGHT_MM - 17 < bottom < top <= BLEED_MM + HEIGHT_MM - 4
    text = page.get_textpage()
    assert text.get_charbox(text.get_text_bounded().index("海"))[0] / POINTS_A_MM > right
    ink = (
        page.render(scale=4)
        .to_pil()
        .getpixel(
            (int((left + right) / 2 * 4 * POINTS_A_MM), int((HEIGHT_MM + 6 - (bottom + top) / 2) * 4 * POINTS_A_MM))
        )
    )
    assert ink == (0x2B, 0x21, 0x06)
    assert len(list(opened()[0].get_objects(filter=[3]))) == 0


def test_nothing_is_outside_the_card_however_long_the_names() -> None:
    for page in opened(CardFace("海" * 40, "9900010000000019", "W" * 60, "silver"), "en"):
        text = page.get_textpage()
        for at in range(text.count_chars()):
            left, bottom, right, top = (edge / POINTS_A_MM for edge in text.get_charbox(at))
            assert BLEED_MM + 3 <= left <= right <= BLEED_MM + WIDTH_MM - 3 + 0.1
            assert BLEED_MM + 3 <= bottom <= top <= BLEED_MM + HEIGHT_MM - 3


def test_the_zone_of_the_stripe_is_free_from_edge_to_edge() -> None:
    picture = opened()[1].render(scale=4).to_pil().convert("L")
    dots_a_mm = 4 * POINTS_A_MM
    zone = picture.crop(
        (
            0,
            int((BLEED_MM + STRIPE_TOP_MM) * dots_a_mm),
            picture.width,
            int((BLEED_MM + STRIPE_BOTTOM_MM) * dots_a_mm),
        )
    )
    assert zone.getextrema() == (255, 255)


def test_the_background_of_the_front_reaches_the_edge_of_the_bleed() -> None:
    picture = opened()[0].render(scale=2).to_pil().convert("L")
    for corner in ((0, 0), (picture.width - 1, 0), (0, picture.height - 1), (picture.width - 1, picture.height - 1)):
        assert picture.getpixel(corner) < 250


def test_every_font_is_embedded_and_the_same_face_gives_the_same_bytes() -> None:
    file = member_card_pdf(LONG, "zh_CN")
    assert b"Helvetica" not in file
    assert len(re.findall(rb"/FontFile2 ", file)) == len(re.findall(rb"/Type /FontDescriptor", file)) > 0
    assert file == member_card_pdf(LONG, "zh_CN")


def test_an_empty_name_is_a_card_all_the_same() -> None:
    assert len(opened(CardFace("海棠广场", "9900010000000019", "", "none"))) == 2
