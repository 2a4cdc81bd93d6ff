"""Gifts that are coupons: redeeming one prints it, signed, and it stays what it was when it was given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.calendar import business_day
from app.domain.signed_code import CouponCode, code_key
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.reprint_slip import ReprintSlip
from app.operations.reverse import Reverse
from app.operations.set_up import AddGift
from app.queries.slips import CouponsSlip
from db.queries.counter import SqlQueries
from db.queries.slips import SqlSlips
from db.spool import SqlSpool
from db.verify import verify
from tests.support.mall import CLERK, ZONE, Mall, refused

VOUCHER = AddGift(
    gift="CASH50", name="50元礼金券", points=500, value_fen=5_000, coupon_days=90, coupon_shops="一层各店",
    coupon_terms="不找零，不兑现",
)  # fmt: skip


@pytest.fixture
def issuing(mall: Mall) -> Mall:
    mall.do(VOUCHER, by="3001")
    mall.do(ReceiveStock(lines=(StockLine("CASH50", 100),)))
    return mall


def redeemed(mall: Mall, pieces: int = 2) -> Redeem:
    lines = (RedemptionLine("CUP", 1, 100), RedemptionLine("CASH50", pieces, 500))
    redeem = Redeem(member=mall.member(5_000, pin="908172"), lines=lines)
    mall.do(redeem, member_pin="908172")
    return redeem


def coupons(mall: Mall, redeem: Redeem) -> CouponsSlip:
    slip = SqlSlips(mall.store, mall.name, "D1").slip(redeem.id, "coupon")
    assert isinstance(slip, CouponsSlip)
    return slip


def documents(mall: Mall) -> list[tuple[str, int]]:
    return [(job.document, job.copy) for job in SqlSpool(mall.store, mall.name, "D1").recent(9)]


def test_each_piece_is_a_coupon_of_its_own_with_a_code_that_proves_it(issuing: Mall) -> None:
    mall = issuing
    redeem = redeemed(mall)
    slip = coupons(mall, redeem)
    assert sorted(documents(mall)) == [("coupon", 0), ("redemption", 0)]
    assert len({coupon.number for coupon in slip.coupons}) == len({coupon.code for coupon in slip.coupons}) == 2
    today = business_day(mall.clock.now, ZONE)
    for coupon in slip.coupons:
        assert (coupon.name, coupon.worth_fen, coupon.shops) == ("50元礼金券", 5_000, "一层各店")
        assert (coupon.valid_from, coupon.until) == (today, today + timedelta(days=89))
        opened = CouponCode.opened(coupon.code, code_key(mall.card_key), today)
        assert opened == CouponCode(coupon.number, 5_000, coupon.until)
    assert verify(mall.store, mall.name) == []


def test_a_redemption_of_goods_prints_no_coupon(issuing: Mall) -> None:
    mall = issuing
    redeem = mall.redemption(mall.member(500))
    mall.do(redeem)
    assert documents(mall) == [("redemption", 0)]
    with refused("operation.unknown"):
        coupons(mall, redeem)
    with refused("print.document_unknown"):
        mall.do(ReprintSlip(reprints=redeem.id, document="coupon"))


def test_a_coupon_stays_what_it_was_when_the_gift_changes(issuing: Mall) -> None:
    mall = issuing
    redeem = redeemed(mall)
    before = coupons(mall, redeem)
    mall.do(replace(VOUCHER, id=redeem.member, value_fen=1_000, coupon_days=1, coupon_shops=""), by="3001")
    mall.do(ReprintSlip(reprints=redeem.id, document="coupon"))
    after = coupons(mall, redeem)
    assert after.coupons == before.coupons
    assert ("coupon", 1) in documents(mall)
    assert verify(mall.store, mall.name) == []


def test_a_scanned_coupon_brings_its_member_up_until_it_has_expired_or_was_taken_back(issuing: Mall) -> None:
    mall = issuing
    redeem = redeemed(mall)
    code = coupons(mall, redeem).coupons[0].code
    queries = SqlQueries(mall.store, mall.name, "D1", mall.clock)
    assert queries.member_by_card(code) == redeem.member
    mall.do(Reverse(reverses=redeem.id, reason="mistake", member=redeem.member), by=CLERK)
    assert coupons(mall, redeem).reversed
    with refused("coupon.taken_back"):
        queries.member_by_card(code)
    mall.clock.advance(timedelta(days=90))
    with refused("coupon.expired"):
        queries.member_by_card(code)


def test_goods_that_were_a_coupon_are_goods_again(issuing: Mall) -> None:
    mall = issuing
    mall.do(AddGift(gift="CASH50", name="钱包", points=500, value_fen=5_000, coupon_terms="left over"), by="3001")
    catalogue = SqlQueries(mall.store, mall.name, "D1", mall.clock).catalogue()
    wallet = next(each for each in catalogue if each.gift == "CASH50")
    assert (wallet.coupon_days, wallet.coupon_shops, wallet.coupon_terms) == (None, "", "")
    redeem = redeemed(mall)
    assert documents(mall) == [("redemption", 0)]
    with refused("operation.unknown"):
        coupons(mall, redeem)
