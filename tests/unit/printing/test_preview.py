from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from printing.document import Text
from printing.documents.redemption import redemption_slip
from printing.renderers.paper_profile import ROLL_58, ROLL_80, PaperProfile
from printing.renderers.preview import preview_png
from tests.unit.printing.slips import a_slip


@pytest.mark.parametrize("profile", [ROLL_58, ROLL_80], ids=["58 mm", "80 mm"])
def test_the_picture_is_the_roll_with_nothing_around_its_torn_end(profile: PaperProfile) -> None:
    picture = Image.open(BytesIO(preview_png(redemption_slip(a_slip(), "zh_CN"), profile)))
    assert picture.width == profile.paper_mm * 16
    assert picture.mode == "RGBA"
    opacity = picture.getchannel("A")
    assert opacity.crop((0, 0, picture.width, picture.height - 16)).getextrema() == (255, 255)
    darkest, lightest = opacity.crop((0, picture.height - 16, picture.width, picture.height)).getextrema()
    assert darkest == 0
    assert lightest == 255


def test_the_same_words_give_the_same_picture_and_others_another() -> None:
    assert preview_png((Text("龚䶮"),), ROLL_80) == preview_png((Text("龚䶮"),), ROLL_80)
    assert preview_png((Text("龚䶮"),), ROLL_80) != preview_png((Text("龚𬭚"),), ROLL_80)


def test_a_reader_that_is_not_ours_reads_the_code() -> None:
    reader = pytest.importorskip("zxingcpp")
    picture = Image.open(BytesIO(preview_png(redemption_slip(a_slip(), "en"), ROLL_80)))
    assert [code.text for code in reader.read_barcodes(picture.convert("L"))] == [
        "R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT"
    ]
