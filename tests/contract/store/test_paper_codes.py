"""What is scanned from paper: codes that only this mall can make."""

from __future__ import annotations

from datetime import date, timedelta

from app.domain.card_code import PresentedCard
from app.domain.ids import new_id
from app.domain.signed_code import CouponCode, ReceiptCode, code_key, number_of
from app.queries.rows import CardHolder
from db.queries.counter import SqlQueries
from db.queries.members import TIMELINE_ENTRIES
from db.queries.slips import SqlSlips
from tests.support.mall import Mall, refused


def test_the_code_on_a_slip_is_signed_and_brings_the_member_up(mall: Mall) -> None:
    member = mall.member(500)
    sale = mall.slip(member, 12_345)
    mall.do(sale)
    slip = SqlSlips(mall.store, mall.name, "D1").slip(sale.id, "credit")
    key = code_key(mall.card_key)
    assert ReceiptCode.opened(slip.code, key) == ReceiptCode(number_of(sale.id), 12_345)
    queries = SqlQueries(mall.store, mall.name, "D1", mall.clock)
    assert queries.member_by_card(slip.code) == member
    assert queries.own_card_holder(PresentedCard(slip.code, "scan")) == CardHolder(member, None, slip=sale.id)
    with refused("paper_code.foreign"):
        queries.member_by_card(ReceiptCode(number_of(sale.id), 99_999).signed(bytes(32)))
    with refused("paper_code.unknown"):
        queries.member_by_card(ReceiptCode(number_of(new_id()), 12_345).signed(key))
    with refused("coupon.expired", until="2020-01-31"):
        queries.member_by_card(CouponCode(number_of(sale.id, 0), 5_000, date(2020, 1, 31)).signed(key))


def test_a_slip_stands_on_the_page_however_old_it_is(mall: Mall) -> None:
    member = mall.member(500)
    old = mall.redemption(member)
    mall.do(old)
    for _ in range(TIMELINE_ENTRIES):
        mall.clock.advance(timedelta(seconds=1))
        mall.earn(member, 10)
    queries = SqlQueries(mall.store, mall.name, "D1", mall.clock)
    assert all(entry.operation != old.id for entry in queries.member_page(member).timeline)
    *newer, last = queries.member_page(member, old.id).timeline
    assert len(newer) == TIMELINE_ENTRIES
    assert (last.operation, last.kind, last.points, last.reversible) == (old.id, "redeemed", -100, True)
    assert queries.member_page(mall.member(10), old.id).timeline[-1].operation != old.id
