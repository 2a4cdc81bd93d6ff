"""Card codes, member QRs and what is written to a card, against the vectors of DEVICES.md 2.1 and 3."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.card import card_number
from app.domain.card_code import (
    STEP_S,
    card_code,
    check_member_code,
    is_card_code,
    looks_like_member_code,
    member_code,
    qr_key,
    read_member_code,
    stripe_key,
)
from app.domain.errors import Refused
from app.domain.stripe import stripe_name, written

KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
CARD = "9900010000000019"
STEP = 58733280
numbers = st.integers(1, 10**11 - 1).map(lambda serial: card_number(serial, "9901", KEY))


def refusal(text: str, at_s: float, key: bytes = KEY) -> str | None:
    code = read_member_code(text)
    assert code is not None
    try:
        check_member_code(code, at_s, key)
    except Refused as refused:
        return refused.code
    return None


def test_the_card_code_of_the_specification() -> None:
    assert card_code(CARD, 1, KEY) == "830121"


def test_the_member_qr_of_the_specification() -> None:
    assert member_code(CARD, STEP * STEP_S, KEY) == f"M1.{CARD}.{STEP}.CECB6USAMTTHHD25"


@given(numbers, st.integers(1, 98), st.binary(min_size=16, max_size=32))
def test_a_later_issue_needs_its_own_code(number: str, issue: int, key: bytes) -> None:
    code = card_code(number, issue, key)
    assert len(code) == 6
    assert code.isdigit()
    assert is_card_code(code, number, issue, key)
    # Six digits: two issues may share a code once in a million, never by rule.
    assert is_card_code(code, number, issue + 1, key) == (card_code(number, issue + 1, key) == code)


@pytest.mark.parametrize("issue", [0, 100])
def test_a_card_has_ninety_nine_issues(issue: int) -> None:
    with pytest.raises(Refused, match="issues_used_up"):
        card_code(CARD, issue, KEY)


@pytest.mark.parametrize("code", ["", "83012", "8301210", "８３０１２１", "830121\n", "x"])
def test_what_is_no_card_code_is_a_wrong_one(code: str) -> None:
    assert not is_card_code(code, CARD, 1, KEY)


@given(numbers, st.floats(0, 4e9), st.integers(-5, 5))
def test_a_member_qr_counts_one_step_either_way(number: str, made_s: float, steps: int) -> None:
    text = member_code(number, made_s, KEY)
    read_s = (int(made_s // STEP_S) + steps) * STEP_S
    assert refusal(text, read_s) == (None if abs(steps) <= 1 else "card.qr_old")
    assert refusal(text, read_s + STEP_S - 0.001) == (None if abs(steps) <= 1 else "card.qr_old")


@pytest.mark.parametrize(
    ("after_s", "said"), [(-STEP_S, None), (-STEP_S - 1, "card.qr_old"), (2 * STEP_S - 1, None), (60, "card.qr_old")]
)
def test_the_edges_of_a_member_qr(after_s: int, said: str | None) -> None:
    assert refusal(member_code(CARD, STEP * STEP_S, KEY), STEP * STEP_S + after_s) == said


@given(numbers, st.integers(0, 50), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ234567."))
def test_a_member_qr_with_another_character_is_none(number: str, place: int, other: str) -> None:
    text = member_code(number, STEP * STEP_S, KEY)
    place %= len(text)
    forged = text[:place] + other + text[place + 1 :]
    if forged == text:
        return
    code = read_member_code(forged)
    if code is not None:
        with pytest.raises(Refused, match="qr_false"):
            check_member_code(code, STEP * STEP_S, KEY)


@pytest.mark.parametrize("text", ["", "M1.", "M1.9900010000000019", "M2" + member_code(CARD, 0, KEY)[2:], "M1.１.2.3"])
def test_what_is_no_member_qr_is_not_read_as_one(text: str) -> None:
    assert read_member_code(text) is None
    assert looks_like_member_code(text) == text.startswith("M1.")


def test_each_purpose_has_its_own_key() -> None:
    assert len({KEY, stripe_key(KEY), qr_key(KEY)}) == 3


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("张三丰", "ZHANG/SANFENG"),
        ("欧阳修", "OUYANG/XIU"),
        ("单雨桐", "SHAN/YUTONG"),
        ("吕布", "LYU/BU"),
        ("李𬭚", "LI/CHUN"),
        ("王", "WANG"),
        ("John Smith", "SMITH/JOHN"),
        ("Søren Æbelø-Ørsted", "AEBELOORSTED/SOREN"),
        ("阿依古丽·买买提", "A/YIGULIMAIMAITI"),
        ("Maximilian Alexander von und zu Hohenlohe", "HOHENLOHE/MAXIMILIAN ALEXA"),
        ("^%?;=", "MEMBER"),
        ("", "MEMBER"),
    ],
)
def test_a_name_is_spelled_for_the_stripe(name: str, spelled: str) -> None:
    assert stripe_name(name) == spelled


@given(st.text(max_size=60))
def test_no_name_can_end_a_track(name: str) -> None:
    spelled = stripe_name(name)
    assert 0 < len(spelled) <= 26
    assert set(spelled) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ /")


def test_the_tracks_of_a_card() -> None:
    made = written(CARD, "张三丰", 1, "830121", date(2020, 12, 5))
    assert made.track_1 == "B9900010000000019^ZHANG/SANFENG^3012101830121"
    assert made.track_2 == "9900010000000019=3012101830121"
    assert made.chip == b"990001000000001901830121" + bytes(8)


@given(numbers, st.text(max_size=60), st.integers(1, 99), st.dates(date(2020, 1, 1), date(2080, 12, 31)))
def test_tracks_fit_their_stripe(number: str, name: str, issue: int, made_on: date) -> None:
    made = written(number, name, issue, card_code(number, issue, KEY), made_on)
    assert len(made.track_1) <= 76
    assert len(made.track_2) <= 37
    assert len(made.chip) == 32
    assert number not in repr(made)
