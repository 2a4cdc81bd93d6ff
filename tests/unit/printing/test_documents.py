"""Every kind of slip, on every paper and in both languages: a correct stream, and all that matters stands on it."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.domain.slip_look import Logo
from app.queries.slips import AnySlip
from devices.simulators.printer import PrinterModel
from printing.composing import composed
from printing.document import Code, Columns, Cut, Document, Notice, Pair, Signature, Text
from printing.layout import TextRow, columns_of, laid_out
from printing.renderers.escpos import encode
from printing.renderers.paper_profile import A4, ROLL_58, ROLL_80, PaperProfile
from printing.renderers.pdf import pdf
from printing.renderers.preview import preview_png
from tests.unit.printing.all_slips import (
    ADJUSTMENT,
    CARD,
    CONSENT,
    COUPONS,
    CREDIT,
    EVERY,
    HAND_OUT,
    OWN_LINES,
    REPLACED_CARD,
    REVERSAL,
    STATEMENT,
    STOCK_RECEIPT,
    STOCK_TAKEN_BACK,
)

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
every_slip = pytest.mark.parametrize("slip", EVERY.values(), ids=EVERY.keys())
languages = pytest.mark.parametrize("language", ["zh_CN", "en"])
rolls = pytest.mark.parametrize("profile", [ROLL_58, ROLL_80], ids=["58 mm", "80 mm"])


def pairs(document: Document) -> dict[str, str]:
    return {element.label: element.value for element in document if isinstance(element, Pair)}


def table(document: Document) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in element.cells) for element in document if isinstance(element, Columns)]


def pdf_text(document: Document, profile: PaperProfile) -> str:
    file = pypdfium2.PdfDocument(pdf(document, profile, title="t", language="zh_CN"))
    return "\n".join(page.get_textpage().get_text_bounded() for page in file)


@every_slip
@languages
@rolls
def test_a_printer_understands_every_document(slip: AnySlip, language: str, profile: PaperProfile) -> None:
    printer = PrinterModel(dots=profile.dots, native_qr=profile.native_qr, buffer_bytes=1_000_000)
    printer.feed(b"".join(encode(composed(slip, language), profile)))
    assert printer.errors == []
    assert printer.drawer_kicks == []
    assert all(columns_of(line) <= profile.columns for line in printer.lines)
    assert "星河湾购物中心" in printer.text()
    assert "456789AB" in printer.text()


@every_slip
@languages
def test_every_document_is_a_sheet_and_a_picture_too(slip: AnySlip, language: str) -> None:
    document = composed(slip, language)
    file = pypdfium2.PdfDocument(pdf(document, A4, title="t", language=language))
    width, height = file[0].get_size()
    assert (width, height) == (pytest.approx(595.3, abs=0.1), pytest.approx(841.9, abs=0.1))
    assert Image.open(BytesIO(preview_png(document, A4, 1))).width == 1423


@every_slip
@languages
def test_no_code_is_printed_in_place_of_a_word(slip: AnySlip, language: str) -> None:
    text = pdf_text(composed(slip, language), ROLL_80)
    assert not re.search("[a-z]_[a-z]", text)
    if language == "en":
        for word in ("等级", "经办", "流水号", "签名"):
            assert word not in text


@every_slip
def test_a_copy_and_a_reversed_slip_say_so_and_carry_the_malls_own_lines(slip: AnySlip) -> None:
    document = composed(replace(slip, copy=2, reversed=True, look=OWN_LINES), "zh_CN")
    assert {Notice("重打 2"), Notice("已撤销")} <= set(document)
    shown = [element.text for element in document if isinstance(element, Text)]
    assert "上海市浦东新区星河路 88 号" in shown
    assert shown[-2:] == ["服务热线 400-800-1234", "周一至周日 10:00-22:00"]


def test_a_credit_slip_tells_the_tier_only_when_it_rose() -> None:
    assert pairs(composed(CREDIT, "zh_CN"))["会员等级升为"] == "黄金"
    assert "会员等级升为" not in pairs(composed(replace(CREDIT, tier_before="gold"), "zh_CN"))
    assert pairs(composed(CREDIT, "en"))["Amount"] == "￥1,234.50"


def test_whoever_takes_a_gift_signs_for_it() -> None:
    document = composed(HAND_OUT, "zh_CN")
    assert Signature("领取人签名") in document
    assert pairs(document)["合计件数"] == "3"
    assert pairs(document)["领取人"] == "代领人"


def test_a_replaced_card_names_both_and_an_issued_one_only_itself() -> None:
    assert pairs(composed(REPLACED_CARD, "zh_CN"))["原卡号"] == "•••• 0019"
    assert "卡号" not in pairs(composed(REPLACED_CARD, "zh_CN"))
    assert pairs(composed(CARD, "zh_CN"))["卡号"] == "•••• 0027"


def test_a_reversal_says_what_was_undone_and_a_receipt_taken_back_names_no_member() -> None:
    shown = pairs(composed(REVERSAL, "zh_CN"))
    assert (shown["撤销业务"], shown["撤销原因"], shown["积分变动"]) == ("积分兑换", "礼品有问题", "+2,200")
    stock = composed(STOCK_TAKEN_BACK, "zh_CN")
    assert not {"会员", "积分变动"} & pairs(stock).keys()
    assert not any(isinstance(element, Signature) for element in stock)


def test_an_adjustment_keeps_its_sign() -> None:
    assert pairs(composed(ADJUSTMENT, "en"))["Adjustment"] == "-500"


def test_a_stock_receipt_adds_up_in_capitals() -> None:
    shown = pairs(composed(STOCK_RECEIPT, "zh_CN"))
    assert shown["合计金额"] == "￥37,380.00"
    assert shown["人民币大写"] == "叁万柒仟叁佰捌拾元整"


def test_a_statement_can_be_added_up_by_hand() -> None:
    rows = table(composed(STATEMENT, "zh_CN"))
    sums = {row[0]: int(row[1].replace(",", "")) for row in rows if len(row) == 2}
    assert sums["账面积分"] + sums["减：冻结积分"] + sums["减：已过期待清零"] == sums["可用积分"]
    figures = [row for row in rows if len(row) == 4][1:]
    balance = int(figures[0][3].replace(",", ""))
    for _, _, change, after in figures[1:]:
        balance += int(change.replace(",", ""))
        assert balance == int(after.replace(",", ""))
    assert balance == sums["账面积分"]
    assert ("26-06-05", "撤销 礼品有问题", "+2,000", "13,001") in figures


def test_a_statement_of_somebody_new_says_that_there_is_nothing() -> None:
    nothing = replace(STATEMENT, posted=0, held=0, lapsed=0, usable=0, lots=(), movements=(), earlier=0)
    shown = [element.text for element in composed(nothing, "zh_CN") if isinstance(element, Text)]
    assert {"没有可用积分", "没有积分变动"} <= set(shown)


def test_a_form_of_consent_says_what_was_declined() -> None:
    text = pdf_text(composed(CONSENT, "zh_CN"), A4)
    assert "1. 会员服务（文本第 1 版）" in text
    assert "以下目的本人未同意：消费分析" in text
    assert "未同意：" not in pdf_text(
        composed(replace(CONSENT, purposes=(("service", "1"), ("marketing", "1"), ("profiling", "1"))), "zh_CN"), A4
    )


def test_a_long_table_goes_on_over_the_page_and_pages_are_numbered() -> None:
    many = replace(STOCK_RECEIPT, lines=STOCK_RECEIPT.lines * 60)
    document = composed(many, "zh_CN")
    file = pypdfium2.PdfDocument(pdf(document, A4, title="t", language="zh_CN"))
    assert len(file) > 2
    pages = [page.get_textpage().get_text_bounded() for page in file]
    assert f"第 2 页，共 {len(file)} 页" in pages[1]
    assert sum(page.count("购物袋 G-BAG") for page in pages) == 60
    for page in file:
        text = page.get_textpage()
        assert all(text.get_charbox(place)[1] > 0 for place in range(text.count_chars()))


@rolls
def test_a_text_too_long_for_its_column_stands_above_its_figures(profile: PaperProfile) -> None:
    for row in laid_out(composed(STATEMENT, "zh_CN"), profile.columns):
        if isinstance(row, TextRow):
            assert all(cell.limit >= 4 for cell in row.cells if cell.text)
    lines = [
        " ".join(cell.text for cell in row.cells)
        for row in laid_out(composed(STATEMENT, "zh_CN"), ROLL_58.columns)
        if isinstance(row, TextRow)
    ]
    at = lines.index("26-03-05 消费积分 优衣库")
    assert lines[at + 1] == "+1,280 10,532"


def test_a_coupon_says_its_value_in_figures_and_capitals_and_when_and_where_it_counts() -> None:
    text = pdf_text(composed(COUPONS, "zh_CN"), ROLL_80)
    for said in ("50.50 元通用礼金券", "￥50.50", "伍拾元伍角整", "有效期至 2027-02-19", "超市、影城除外", "不找零"):
        assert said in text
    assert "本商场全部店铺" in text  # of the one that names none
    assert text.count("伍拾") == 1  # what is worth no money says nothing about money


def test_each_coupon_is_cut_off_and_carries_its_own_code() -> None:
    document = composed(COUPONS, "en")
    assert [element.content for element in document if isinstance(element, Code)] == [
        coupon.code for coupon in COUPONS.coupons
    ]
    assert sum(isinstance(element, Cut) for element in document) == 2


def test_a_coupon_of_a_redemption_that_was_undone_says_so() -> None:
    document = composed(replace(COUPONS, reversed=True), "zh_CN")
    assert sum(isinstance(element, Notice) and element.text == "已撤销" for element in document) == 2


_NOT_TYPED = {"zone", "code", "operation_hash", "qr"}  # ours: never what somebody typed


def typed_into(value: Any, text: str) -> Any:
    """The same slip as it would be if `text` had been typed wherever text can be typed."""
    if is_dataclass(value) and not isinstance(value, type | Logo):
        kept = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        changed = {name: each if name in _NOT_TYPED else typed_into(each, text) for name, each in kept.items()}
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(typed_into(each, text) for each in value)
    return text if isinstance(value, str) else value


HOSTILE = (
    "张\x1bp\x00\x19\xfa三",  # would open the drawer
    "\x10\x14\x01\x00\x01\x10\x04\x01\x10\x05\x02",  # would act at once
    "\x1b@\x1dV\x00\x1c.\x1b=\x00",  # would reset, cut, and leave kanji mode or the printer altogether
    "\x1dv0\x00\xff\xff\xff\xff",  # would swallow what follows as a picture
    "\u202e\u200b\ufeff李𬭚\x00\n\r\x0c",
    "{A}{}%s{name!r}",
)


@unhurried
@given(st.sampled_from(sorted(EVERY)), st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)))
@example("stock_receipt", HOSTILE[0])
@example("reversal", HOSTILE[1])
@example("consent", HOSTILE[3])
def test_whatever_was_typed_anywhere_is_only_ever_ink(kind: str, text: str) -> None:
    slip = typed_into(replace(EVERY[kind], look=OWN_LINES), text)
    before = PrinterModel(dots=576, buffer_bytes=1_000_000)
    before.feed(b"".join(encode(composed(EVERY[kind], "zh_CN"), ROLL_80)))
    segments = encode(composed(slip, "zh_CN"), ROLL_80)
    printer = PrinterModel(dots=576, buffer_bytes=1_000_000)
    printer.feed(b"".join(segments))
    assert printer.errors == []
    assert printer.drawer_kicks == []
    assert (printer.cuts, printer.codes) == (before.cuts, before.codes)
    stream = b"".join(segments)
    assert not any(command in stream for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14", b"\x1b\x40"))
