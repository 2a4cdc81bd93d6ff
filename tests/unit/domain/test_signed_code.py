from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Refused
from app.domain.signed_code import CouponCode, ReceiptCode, code_key, is_signed_code, signed

# DEVICES.md 3 works its example of a member's code out with this key; receipt and coupon codes are made alike.
KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
TODAY = date(2026, 11, 22)
COUPON = CouponCode("019ABC12-0001", 5_000, date(2026, 12, 31))


def refusal(code: str, *, today: date = TODAY, key: bytes = KEY) -> str:
    with pytest.raises(Refused) as caught:
        CouponCode.opened(code, key, today)
    return caught.value.code


def test_the_mac_is_that_of_the_specification() -> None:
    assert signed("M1.9900010000000019.58733280", KEY) == "M1.9900010000000019.58733280.CECB6USAMTTHHD25"


def test_codes_are_these() -> None:
    assert ReceiptCode("019ABC12", 123_450).signed(KEY) == "R1.019ABC12.123450.FZY5JENJX7KUN6YH"
    assert COUPON.signed(KEY) == "C1.019ABC12-0001.5000.20261231.PO7GTWXETXCV6KEA"
    assert CouponCode("7", "PARKING2H", date(2027, 1, 5)).signed(KEY) == "C1.7.PARKING2H.20270105.HQQGJKV4GWAUUXBZ"


def test_the_key_of_codes_is_not_the_key_of_card_numbers() -> None:
    assert code_key(KEY).hex() == "ae55497e97e2e21acd903e7f2658e61ae57b31bacdb2d60516c00e1a7ae4a454"


def test_what_was_signed_is_read_back() -> None:
    assert CouponCode.opened(COUPON.signed(KEY), KEY, TODAY) == COUPON
    assert CouponCode.opened(COUPON.signed(KEY).lower() + "\r\n", KEY, TODAY) == COUPON
    assert ReceiptCode.opened(ReceiptCode("1", 0).signed(KEY), KEY) == ReceiptCode("1", 0)


def test_a_coupon_counts_on_its_last_day_and_not_after() -> None:
    assert CouponCode.opened(COUPON.signed(KEY), KEY, COUPON.until) == COUPON
    assert refusal(COUPON.signed(KEY), today=date(2027, 1, 1)) == "coupon.expired"


def test_a_code_of_another_mall_is_foreign() -> None:
    assert refusal(COUPON.signed(bytes(16))) == "paper_code.foreign"


@given(st.data())
def test_no_other_value_number_or_day_has_the_same_mac(data: st.DataObject) -> None:
    code = COUPON.signed(KEY)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda c: c.upper() != code[place]))
    assert refusal(code[:place] + other + code[place + 1 :]) in {"paper_code.foreign", "paper_code.unreadable"}


@given(st.text(max_size=120))
def test_anything_at_all_is_refused_and_never_an_error(text: str) -> None:
    assert refusal(text) == "paper_code.unreadable"
    assert not is_signed_code(text)


def test_a_receipt_is_no_coupon() -> None:
    assert refusal(ReceiptCode("1", 5_000).signed(KEY)) == "paper_code.unreadable"
    with pytest.raises(Refused, match=r"paper_code\.unreadable"):
        ReceiptCode.opened(COUPON.signed(KEY), KEY)


def test_what_could_not_be_read_back_is_not_signed() -> None:
    with pytest.raises(ValueError, match="capitals"):
        ReceiptCode("a.b", 1).signed(KEY)
