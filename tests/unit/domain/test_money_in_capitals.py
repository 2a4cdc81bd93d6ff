from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import LARGEST_IN_CAPITALS_FEN, in_capitals

_PLACES = {"拾": 10, "佰": 100, "仟": 1_000}


def fen_of(capitals: str) -> int:
    """Another way back: a person's, reading from left to right."""
    sign = -1 if capitals.startswith("负") else 1
    text = capitals.removeprefix("负").removesuffix("整")
    whole, _, parts = text.rpartition("元")
    fen = 0
    for digit, unit in zip(parts.replace("零", "")[::2], parts.replace("零", "")[1::2], strict=True):
        fen += "零壹贰叁肆伍陆柒捌玖".index(digit) * {"角": 10, "分": 1}[unit]
    return sign * (_whole(whole) * 100 + fen)


def _whole(text: str) -> int:
    if "亿" in text:
        above, _, below = text.rpartition("亿")
        return _whole(above) * 100_000_000 + _whole(below)
    if "万" in text:
        above, _, below = text.rpartition("万")
        return _whole(above) * 10_000 + _whole(below)
    total = digit = 0
    for character in text:
        if character in _PLACES:
            total += digit * _PLACES[character]
            digit = 0
        else:
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
    return total + digit


@pytest.mark.parametrize(
    ("fen", "capitals"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (1_000, "壹拾元整"),
        (123_450, "壹仟贰佰叁拾肆元伍角整"),
        # The examples of the central bank's own rules.
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万零柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (1_001_000_100, "壹仟零壹万零壹元整"),
        (100_000_000_000_000, "壹万亿元整"),
        (-1_000, "负壹拾元整"),
    ],
)
def test_amounts_are_written_as_the_central_bank_wants_them(fen: int, capitals: str) -> None:
    assert in_capitals(fen) == capitals


@given(st.integers(-LARGEST_IN_CAPITALS_FEN, LARGEST_IN_CAPITALS_FEN))
def test_what_is_written_reads_back_as_the_same_amount(fen: int) -> None:
    assert fen_of(in_capitals(fen)) == fen


@given(st.integers(1, LARGEST_IN_CAPITALS_FEN))
def test_no_zero_is_said_twice_or_left_at_an_end(fen: int) -> None:
    capitals = in_capitals(fen)
    assert "零零" not in capitals
    assert not capitals.startswith("零")
    assert "零元" not in capitals
    assert "零万" not in capitals
    assert capitals.endswith(("整", "分"))


def test_an_amount_that_nobody_has_is_refused() -> None:
    with pytest.raises(ValueError, match="sixteen places"):
        in_capitals(LARGEST_IN_CAPITALS_FEN + 1)
