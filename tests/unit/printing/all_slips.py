"""One invented slip of each kind, and the wildest of some."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from app.domain.self_test import Check
from app.domain.slip_look import SlipLook
from app.queries.rows import ExpiringPoints
from app.queries.slips import (
    AdjustmentSlip,
    AnySlip,
    CardSlip,
    ConsentSlip,
    CouponLine,
    CouponsSlip,
    CreditSlip,
    DailyReportSlip,
    GiftLine,
    GuestRedemptionSlip,
    HandOutSlip,
    MemberSlip,
    Movement,
    ReversalSlip,
    SelfTestSlip,
    Slip,
    SlipLine,
    StatementSlip,
    StockLine,
    StockReceiptSlip,
)
from tests.unit.printing.reports import QUIET, a_day
from tests.unit.printing.slips import a_slip

EARLIER = UUID("019abc11-0000-7abc-8def-00000badcafe")


def of_operation(kind: type[Slip]) -> dict[str, Any]:
    """What the invented redemption says of its operation (and its member), for another kind of slip."""
    return {field.name: getattr(a_slip(), field.name) for field in fields(kind)}


_HERE, _MEMBER = of_operation(Slip), of_operation(MemberSlip)
CREDIT = CreditSlip(
    **{**_MEMBER, "approver": None},
    shop_name="海底捞火锅（星河湾店）",
    slip_number="A20261122-00871",
    sold_at=datetime(2026, 11, 22, 4, 5, tzinfo=UTC),
    amount_fen=123_450,
    points=2_469,
    usable_after=12_614,
    expires_on=date(2028, 11, 22),
    tier_before="silver",
    tier_after="gold",
)
HAND_OUT = HandOutSlip(
    **_MEMBER,
    redemption=EARLIER,
    lines=(GiftLine("G-CUP", "316 不锈钢保温杯（500ml）", 1), GiftLine("G-TISSUE", "抽纸 12 包", 2)),
    by_proxy=True,
)
GUEST_REDEMPTION = GuestRedemptionSlip(
    **_HERE,
    home_name="星河湾购物中心（浦东北区店）",
    member_no="M00000231",
    lines=(SlipLine("316 不锈钢保温杯（500ml）", 2, 6_000), SlipLine("抽纸 12 包", 1, 400)),
    points=6_400,
)
CARD = CardSlip(**_MEMBER, new_card="•••• 0027", old_card=None, kind="physical")
VIRTUAL_CARD = replace(CARD, kind="virtual", qr="9900010000000027")
REPLACED_CARD = replace(CARD, old_card="•••• 0019")
REVERSAL = ReversalSlip(
    **_MEMBER,
    reverses=EARLIER,
    verb="redeem",
    reversed_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    reason="gift_faulty",
    points=2_200,
    usable_after=12_345,
    owed_after=0,
    goods_back=True,
)
STOCK_TAKEN_BACK = replace(
    REVERSAL, member_name="", member_no="", card="", tier="", verb="receive_stock", reason="mistake", usable_after=None,
    goods_back=False,
)  # fmt: skip
ADJUSTMENT = AdjustmentSlip(**_MEMBER, change=-500, reason="wrong_points", usable_before=12_845, usable_after=12_345)
STOCK_RECEIPT = StockReceiptSlip(
    **_HERE,
    lines=(
        StockLine("G-CUP", "316 不锈钢保温杯（500ml）", 120, 9_900),
        StockLine("G-TISSUE", "抽纸 12 包", 1_000, 2_550),
        StockLine("G-BAG", "购物袋", 500, 0),
    ),
    delivery_note="SH-2026-1122-03",
)


def _statement() -> StatementSlip:
    told = (
        ("import_history", "优衣库", 1_280),
        ("credit_sale", "海底捞火锅（星河湾店）", 2_469),
        ("redeem", "316 不锈钢保温杯（500ml） ×1、抽纸 12 包 ×2", -2_000),
        ("reverse", "gift_faulty", 2_000),
        ("adjust_points", "missing_points", 300),
        ("expire_points", "", -512),
        ("credit_sale", "星巴克咖啡", 68),
    )
    balance, movements = 9_252, []
    for number, (verb, label, points) in enumerate(told):
        balance += points
        at = datetime(2026, 3 + number, 5, 10, 0, tzinfo=UTC)
        movements.append(Movement(at, verb, label, points, balance))
    return StatementSlip(
        **{**_MEMBER, "approver": None},
        joined_on=date(2024, 3, 8),
        posted=balance,
        held=500,
        owed=0,
        lapsed=120,
        usable=balance - 620,
        lots=(
            ExpiringPoints(date(2026, 12, 31), 1_500),
            ExpiringPoints(date(2027, 1, 15), 3_200),
            ExpiringPoints(date(2028, 9, 5), balance - 4_820),
        ),
        brought_forward=9_252,
        movements=tuple(movements),
        earlier=37,
    )


STATEMENT = _statement()
COUPONS = CouponsSlip(
    **{**_MEMBER, "approver": None},
    coupons=(
        CouponLine(
            "019ABC1234567ABC8DEF0123456789AB-0000",
            "C1.019ABC1234567ABC8DEF0123456789AB-0000.5050.20270219.7XW3GAIR2A3QIKGZ",
            "50.50 元通用礼金券",
            5_050,
            date(2026, 11, 22),
            date(2027, 2, 19),
            "本商场各店铺（超市、影城除外）",
            "每笔消费限用一张，不找零、不兑现，遗失不补；请在结账前出示。",
        ),
        CouponLine(
            "019ABC1234567ABC8DEF0123456789AB-0100",
            "C1.019ABC1234567ABC8DEF0123456789AB-0100.0.20261201.MBWVNNKEVPAVSUVP",
            "停车 2 小时",
            0,
            date(2026, 11, 22),
            date(2026, 12, 1),
            "",
            "",
        ),
    ),
)
DAILY_REPORT = DailyReportSlip(**{**_HERE, "approver": None}, report=a_day())
CONSENT = ConsentSlip(
    **{**_MEMBER, "approver": None}, phone="138****1234", purposes=(("service", "1"), ("marketing", "1"))
)
SELF_TEST = SelfTestSlip(
    **{**_HERE, "approver": None},
    checks=(
        Check("store", "good", "self_test.store_well"),
        Check("space", "doubtful", "self_test.space_low", facts={"free": "0.8 GB"}),
        Check("printer", "bad", "printer.paper_end", "printer"),
        Check("reader", "good", "self_test.card_read", "reader-2"),
        Check("reader", "doubtful", "self_test.not_swiped", "三号门旁的扫码枪（备用）"),
    ),
    took_ms=83_400,
)
OWN_LINES = SlipLook(
    heading=("上海市浦东新区星河路 88 号",), footer=("服务热线 400-800-1234", "周一至周日 10:00-22:00")
)
EVERY: dict[str, AnySlip] = {
    "redemption": a_slip(),
    "credit": CREDIT,
    "guest_redemption": GUEST_REDEMPTION,
    "hand_out": HAND_OUT,
    "card": CARD,
    "card_replaced": REPLACED_CARD,
    "card_virtual": VIRTUAL_CARD,
    "reversal": REVERSAL,
    "stock_taken_back": STOCK_TAKEN_BACK,
    "adjustment": ADJUSTMENT,
    "stock_receipt": STOCK_RECEIPT,
    "statement": STATEMENT,
    "consent": CONSENT,
    "coupon": COUPONS,
    "daily_report": DAILY_REPORT,
    "self_test": SELF_TEST,
    "quiet_day": replace(DAILY_REPORT, report=QUIET),
}
