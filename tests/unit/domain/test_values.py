"""Card numbers, tiers, masks, texts, money and days, against anything."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from app.domain.calendar import add_months, age_on
from app.domain.card import (
    card_number,
    card_serial,
    checked_prefix,
    digest_of,
    keyed_number,
    looks_like_bank_card,
)
from app.domain.earning import points_for
from app.domain.errors import Refused
from app.domain.masking import masked_card, masked_name, masked_phone
from app.domain.money import parse_yuan, yuan
from app.domain.policy import POLICY_NAMES, Policy, checked_setting
from app.domain.staff import checked_pin, lock_seconds
from app.domain.text import clean, printable
from app.domain.tier import TIERS, higher, next_tier, tier_for

T = TypeVar("T")
KEY = bytes(range(32))
serials = st.integers(1, 10**11 - 1)


def or_code(work: Callable[[], T]) -> T | str:
    """What comes of it, or the code of the refusal."""
    try:
        return work()
    except Refused as refused:
        return refused.code


# -- card numbers ----------------------------------------------------------------------------------------------------


@given(serials)
def test_a_card_number_leads_back_to_its_serial(serial: int) -> None:
    number = card_number(serial, "9901", KEY)
    assert len(number) == 16
    assert luhn.is_valid(number)
    assert card_serial(number, "9901", KEY) == serial
    assert not looks_like_bank_card(number)


@given(st.sets(serials, min_size=2, max_size=50))
def test_no_two_serials_share_a_number(some: set[int]) -> None:
    assert len({card_number(serial, "9901", KEY) for serial in some}) == len(some)


@given(st.integers(0, 10**11 - 1))
def test_every_eleven_digits_belong_to_one_serial(digits: int) -> None:
    """The permutation is onto: each number of this mall is somebody's."""
    body = f"9901{digits:011d}"
    number = body + luhn.calc_check_digit(body)
    assert card_number(card_serial(number, "9901", KEY), "9901", KEY) == number


@given(serials, st.integers(0, 15), st.integers(1, 9))
def test_one_digit_misread_is_noticed(serial: int, place: int, off: int) -> None:
    number = card_number(serial, "9901", KEY)
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    with pytest.raises(Refused):
        card_serial(wrong, "9901", KEY)


@pytest.mark.parametrize("prefix", ["99", "99010", "99a1", "4111", "6222", "", "９９０１"])
def test_a_prefix_is_four_digits_that_no_bank_uses(prefix: str) -> None:
    with pytest.raises(Refused):
        checked_prefix(prefix)


# -- tiers and earning -----------------------------------------------------------------------------------------------


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_spending_more_never_lowers_a_tier(one: int, more: int) -> None:
    policy = Policy()
    assert TIERS.index(tier_for(one + more, policy)) >= TIERS.index(tier_for(one, policy))


@given(st.integers(0, 10**10))
def test_what_is_missing_to_the_next_tier_reaches_it(spent: int) -> None:
    policy = Policy()
    above, missing = next_tier(tier_for(spent, policy), spent, policy)
    if above is not None:
        assert tier_for(spent + missing, policy) == above
        assert missing == 0 or tier_for(spent + missing - 1, policy) != above


@given(st.sampled_from(TIERS), st.sampled_from(TIERS))
def test_the_higher_of_two_tiers_is_one_of_them(one: str, other: str) -> None:
    assert higher(one, other) == higher(other, one)
    assert higher(one, other) in {one, other}


@given(st.integers(1, 10**8), st.integers(1, 20))
def test_a_higher_tier_never_earns_less_and_fractions_are_dropped_once(fen: int, per_yuan: int) -> None:
    policy = Policy(points_per_yuan=per_yuan)
    earned = [points_for(fen, tier, policy).points for tier in TIERS]
    assert all(low <= high for low, high in pairwise(earned))
    assert earned[0] == fen * per_yuan // 100
    assert all(isinstance(points, int) for points in earned)


# -- masks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三丰", "张*"), ("欧阳修", "欧阳*"), ("欧阳", "欧*"), ("John Smith", "J*"), ("䶮", "䶮*"), ("", "")],
)
def test_names_show_the_surname(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@given(st.from_regex(r"1[0-9]{10}", fullmatch=True))
def test_a_phone_shows_seven_of_its_digits(phone: str) -> None:
    assert masked_phone(phone) == phone[:3] + "****" + phone[-4:]


@given(st.text("+0123456789", min_size=1, max_size=18))
def test_a_masked_phone_never_shows_all(phone: str) -> None:
    assert phone not in masked_phone(phone) or len(phone) <= 2


@given(serials)
def test_a_card_shows_its_last_four(serial: int) -> None:
    number = card_number(serial, "9901", KEY)
    assert masked_card(number) == f"•••• {number[-4:]}"


@given(st.binary(min_size=32, max_size=32))
def test_a_card_that_is_known_by_its_hash_shows_nothing_of_it(digest: bytes) -> None:
    short = keyed_number(digest)
    assert (digest_of(short), masked_card(short)) == (digest, "•••• ••••")


# -- text ------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=80))
def test_what_is_taken_in_is_clean_and_stays_as_it_is(typed: str) -> None:
    kept = or_code(lambda: clean(typed, field="name", longest=60))
    if kept in {"text.not_allowed", "text.too_long"}:
        return
    assert kept == clean(kept, field="name", longest=60)
    assert len(kept) <= 60
    assert unicodedata.is_normalized("NFC", kept)
    assert printable(kept) == kept


@given(st.text(max_size=80))
def test_nothing_that_is_printed_moves_a_printer(typed: str) -> None:
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in printable(typed))


@pytest.mark.parametrize("typed", ["a\x1b@", "a\x00", "a\r\nb", "a\u200bb", "a\u202eb", "a\ue000", "\ud800"])
def test_what_moves_things_is_refused_and_named(typed: str) -> None:
    with pytest.raises(Refused) as caught:
        clean(typed, field="note", longest=60)
    assert caught.value.code == "text.not_allowed"
    assert str(caught.value.facts["character"]).startswith("U+")


@pytest.mark.parametrize("name", ["李𬭚", "䶮", "古力娜扎·迪力木拉提", "O'Brien", "Ångström"])
def test_rare_characters_and_foreign_names_are_names(name: str) -> None:
    assert clean(name, field="name", longest=60) == name


# -- money -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 99_999_999_999))
def test_money_that_is_shown_is_read_back(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@given(st.text(max_size=20))
def test_whatever_is_typed_is_an_amount_or_refused(typed: str) -> None:
    fen = or_code(lambda: parse_yuan(typed))
    assert fen == "money.unreadable" or (isinstance(fen, int) and fen >= 0)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("1,234.5", 123_450), ("￥88", 8_800), ("100元", 10_000), ("１２．３４", 1_234), ("0.01", 1), (" 7 ", 700)],
)
def test_amounts_as_people_type_them(typed: str, fen: int) -> None:
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize("typed", ["", "1.234", "-5", "1e3", "NaN", "5..", "1 000", "12345678901"])
def test_amounts_that_could_mean_anything_are_refused(typed: str) -> None:
    with pytest.raises(Refused):
        parse_yuan(typed)


# -- days, PINs, figures ---------------------------------------------------------------------------------------------


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-600, 600))
def test_months_later_is_that_month_and_no_later_day(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@given(st.dates(date(1950, 1, 1), date(2010, 1, 1)))
def test_one_is_a_year_older_on_ones_birthday(birthday: date) -> None:
    if (birthday.month, birthday.day) == (2, 29):
        return
    assert age_on(birthday.replace(year=2026), birthday) == 2026 - birthday.year


@pytest.mark.parametrize(
    "pin", ["111111", "123456", "987654", "121212", "890123", "12345", "1234567", "12a456", "１２３４５７"]
)
def test_pins_that_are_tried_first_are_not_set(pin: str) -> None:
    with pytest.raises(Refused):
        checked_pin(pin)


def test_the_lock_doubles_to_an_hour_and_then_stays() -> None:
    assert [lock_seconds(failures) for failures in range(12)] == [0, 0, 0, 0, 0, 60, 120, 240, 480, 960, None, None]


@given(st.sampled_from(sorted(POLICY_NAMES)), st.text(max_size=12))
def test_a_figure_is_a_number_or_refused(name: str, value: str) -> None:
    stored = or_code(lambda: checked_setting(name, value))
    if stored.startswith("setting."):
        return
    assert Policy().with_settings({name: stored}) is not None
    assert stored == str(int(stored))
