from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest

from printing.document import Document, Pair, Text
from printing.documents.redemption import redemption_slip
from printing.renderers.paper_profile import ROLL_58, ROLL_80, PaperProfile
from printing.renderers.pdf import pdf
from tests.unit.printing.slips import a_slip

RARE = "李𬭚、龚䶮、㛃 ￥1,234.50"


def made(document: Document, profile: PaperProfile = ROLL_80) -> bytes:
    return pdf(document, profile, title="积分兑换", language="zh_CN")


def found_text(file: bytes) -> str:
    with_page = pypdfium2.PdfDocument(file)
    text: str = with_page[0].get_textpage().get_text_bounded()
    with_page.close()
    return text


def test_rare_characters_are_found_again_by_pdfium() -> None:
    assert RARE in found_text(made((Text(RARE), Text(RARE, bold=True))))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not on this machine")
def test_rare_characters_are_found_again_by_poppler(tmp_path: Path) -> None:
    file = tmp_path / "slip.pdf"
    file.write_bytes(made((Text(RARE),)))
    run = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, check=True)
    assert RARE in run.stdout.decode()


def test_every_font_is_embedded_and_no_other_is_named() -> None:
    file = made(redemption_slip(a_slip(), "zh_CN"))
    assert set(re.findall(rb"/BaseFont /(\S+)", file)) == {
        b"AAAAAA+NotoSansSC-Regular",
        b"AAAAAA+NotoSansSC-Bold",
    }
    assert len(re.findall(rb"/Type /Font\b", file)) == len(re.findall(rb"/ToUnicode ", file))
    assert len(re.findall(rb"/FontFile2 ", file)) == len(re.findall(rb"/Type /FontDescriptor", file)) > 0


def test_a_character_without_a_glyph_is_spelled_out() -> None:
    assert "〔U+20BB7〕" in found_text(made((Pair("会员", "𠮷"),)))


@pytest.mark.parametrize("profile", [ROLL_58, ROLL_80], ids=["58 mm", "80 mm"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_page_is_the_roll_and_nothing_leaves_it(profile: PaperProfile, language: str) -> None:
    file = pypdfium2.PdfDocument(made(redemption_slip(a_slip(copy=1), language), profile))
    assert len(file) == 1
    width, height = file[0].get_size()
    assert width == pytest.approx(profile.paper_mm / 25.4 * 72, abs=0.01)
    text = file[0].get_textpage()
    for place in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(place)
        assert 0 <= left <= right <= width
        assert 0 <= bottom <= top <= height
    file.close()


def test_the_same_slip_gives_the_same_bytes() -> None:
    document = redemption_slip(a_slip(), "zh_CN")
    assert made(document) == made(document)


def test_a_reader_that_is_not_ours_reads_the_code() -> None:
    reader = pytest.importorskip("zxingcpp")
    file = pypdfium2.PdfDocument(made(redemption_slip(a_slip(), "zh_CN"), ROLL_58))
    picture = file[0].render(scale=3).to_pil()
    file.close()
    assert [code.text for code in reader.read_barcodes(picture)] == [a_slip().code]
