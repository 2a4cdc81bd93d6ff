from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from printing.document import (
    Align,
    Code,
    Column,
    Columns,
    Cut,
    Document,
    Heading,
    Notice,
    Pair,
    Rule,
    Space,
    Text,
    Title,
)
from printing.layout import TextRow, columns_of, laid_out, on_paper, wrapped

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
any_text = st.text(max_size=120)
widths = st.sampled_from([32, 42, 48])
elements = st.one_of(
    st.builds(Title, any_text),
    st.builds(Heading, any_text),
    st.builds(Notice, any_text),
    st.builds(Text, any_text, st.sampled_from(Align), st.booleans()),
    st.builds(Pair, any_text, any_text, st.booleans()),
    st.builds(
        lambda gift, quantity, points: Columns(
            (Column(gift), Column(quantity, 5, Align.RIGHT), Column(points, 9, Align.RIGHT))
        ),
        any_text,
        any_text,
        any_text,
    ),
    st.just(Rule()),
    st.just(Space(2)),
    st.just(Code("R1.x")),
    st.just(Cut()),
)


@unhurried
@given(st.lists(elements, max_size=6).map(tuple), widths)
def test_no_row_is_wider_than_the_paper_and_no_cell_runs_into_the_next(document: Document, columns: int) -> None:
    for row in laid_out(document, columns):
        if not isinstance(row, TextRow):
            continue
        end = 0
        for cell in row.cells:
            assert cell.start >= end
            assert columns_of(cell.text) <= cell.limit
            end = cell.start + cell.limit
        assert end <= (columns // 2 if row.wide else columns)


@unhurried
@given(any_text, st.integers(min_value=2, max_value=48))
def test_wrapping_loses_nothing_but_spaces(text: str, limit: int) -> None:
    text = on_paper(text)
    lines = wrapped(text, limit)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(columns_of(line) <= limit for line in lines)


@unhurried
@given(any_text)
def test_nothing_invisible_reaches_the_paper(text: str) -> None:
    assert all(unicodedata.category(character)[0] not in "CZ" or character == " " for character in on_paper(text))


@pytest.mark.parametrize(
    ("text", "limit", "lines"),
    [
        ("保温杯", 6, ["保温杯"]),
        ("保温杯", 5, ["保温", "杯"]),
        ("service desk", 8, ["service", "desk"]),
        ("抽纸 12 包", 8, ["抽纸 12", "包"]),
        ("保温杯（500ml）", 10, ["保温杯", "（500ml）"]),
        ("礼品，已发放。", 12, ["礼品，已发", "放。"]),
        ("19000000000000", 8, ["19000000", "000000"]),
        ("", 8, [""]),
    ],
)
def test_lines_break_as_a_reader_expects(text: str, limit: int, lines: list[str]) -> None:
    assert wrapped(text, limit) == lines


def test_a_hanzi_takes_two_columns_a_mark_none() -> None:
    assert columns_of("李𬭚 Li") == 7
    assert columns_of("e\u0301") == 1


def test_a_character_without_a_glyph_is_spelled_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert on_paper("𠮷野") == "〔U+20BB7〕野"
    assert "U+20BB7" in caplog.text


def test_a_variant_of_a_character_is_printed_as_the_character() -> None:
    assert on_paper("葛\U000e0100城 ❤\ufe0f") == on_paper("葛城 ❤")


def test_a_yen_sign_becomes_the_one_that_printers_have() -> None:
    assert on_paper("¥12.00") == "￥12.00"


def test_a_long_name_of_a_mall_gives_up_the_double_width() -> None:
    (short,) = laid_out((Title("星河湾购物中心"),), 32)
    (long,) = laid_out((Title("星河湾国际购物中心"),), 32)
    assert isinstance(short, TextRow)
    assert isinstance(long, TextRow)
    assert short.wide
    assert not long.wide
    assert long.high


def test_a_code_holds_nothing_that_a_member_could_have_typed() -> None:
    for content in ("", "李四", "a\x1bp", "x" * 121):
        with pytest.raises(ValueError, match="printable ASCII"):
            Code(content)
