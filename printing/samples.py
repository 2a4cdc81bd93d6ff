"""One invented slip of each kind, for whoever decides how slips look. All lines that can be left out are on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.self_test import Check
from app.domain.slip_look import DocumentName, SlipLook
from app.queries.reports import ClerkDay, DailyReport, DeskDay, Figures, GiftDay, HourDay, StockDay, VerbDay
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
    RedemptionSlip,
    ReversalSlip,
    SelfTestSlip,
    Slip,
    SlipLine,
    StatementSlip,
    StockLine,
    StockReceiptSlip,
)

_OPERATION, _EARLIER = UUID("019abc12-3456-7abc-8def-0123456789ab"), UUID("019abc11-0000-7abc-8def-00000badcafe")
_DAY = date(2026, 11, 5)


def sample(document: DocumentName, look: SlipLook, *, mall_name: str, zone: str, language: str) -> AnySlip:
    """`zone` is the mall's: what happened there at 14:03 stands on the slip as 14:03. Raises KeyError where it is
    unknown."""
    return _MADE[document](_Invented(look, mall_name, zone, language == "zh_CN"))


class _Invented:
    """What slips about nobody say of their operation and their member, in the language of the paper."""

    def __init__(self, look: SlipLook, mall_name: str, zone: str, is_chinese: bool) -> None:
        self.is_chinese = is_chinese
        self.zone = zone
        self.at = self.on_the_day(14, 3, 20)
        slip = MemberSlip(
            operation=_OPERATION,
            code="R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT",  # as long as real ones; no key signed it
            mall_name=mall_name,
            desk_name=self.said("1 号服务台", "Desk 1"),
            staff=self.said("1001 张丽", "1001 Zhang Li"),
            approver=self.said("2001 李强", "2001 Li Qiang"),
            at=self.at,
            zone=zone,
            look=look,
            member_name="王*",
            member_no="M00000018",
            card="•••• 0019",
            tier="gold",
        )
        self.of_member: dict[str, Any] = {each.name: getattr(slip, each.name) for each in fields(MemberSlip)}
        self.of_nobody: dict[str, Any] = {each.name: getattr(slip, each.name) for each in fields(Slip)}
        self.cup = self.said("保温杯", "Thermos cup")
        self.shop = self.said("优衣库", "Uniqlo")

    def on_the_day(self, hour: int, minute: int, second: int = 0) -> datetime:
        return datetime(_DAY.year, _DAY.month, _DAY.day, hour, minute, second, tzinfo=ZoneInfo(self.zone))

    def said(self, chinese: str, english: str) -> str:
        return chinese if self.is_chinese else english


def _redemption(invented: _Invented) -> RedemptionSlip:
    return RedemptionSlip(
        **invented.of_member,
        lines=(SlipLine(invented.cup, 1, 3_000),),
        points=3_000,
        usable_before=12_480,
        usable_after=9_480,
        expiring=ExpiringPoints(date(2026, 12, 31), 1_180),
        handed_out=True,
    )


def _coupon(invented: _Invented) -> CouponsSlip:
    code = "C1.019ABC1234567ABC8DEF0123456789AB-0000.5000.20270202.7XW3GAIR2A3QIKGZ"
    name = invented.said("50 元礼金券", "50 yuan voucher")
    shops = invented.said("本商场各店铺（超市、影城除外）", "Every shop but supermarket and cinema")
    terms = invented.said("每笔消费限用一张，不找零、不兑现。", "One a purchase; no change, no cash.")
    number = "019ABC1234567ABC8DEF0123456789AB-0000"
    coupon = CouponLine(number, code, name, 5_000, _DAY, _DAY + timedelta(days=89), shops, terms)
    return CouponsSlip(**invented.of_member, coupons=(coupon,))


def _credit(invented: _Invented) -> CreditSlip:
    return CreditSlip(
        **invented.of_member,
        shop_name=invented.shop,
        slip_number="A20261105-00871",
        sold_at=invented.on_the_day(13, 40),
        amount_fen=123_450,
        points=2_469,
        usable_after=14_949,
        expires_on=date(2028, 11, 5),
        tier_before="gold",
        tier_after="gold",
    )


def _guest_redemption(invented: _Invented) -> GuestRedemptionSlip:
    return GuestRedemptionSlip(
        **invented.of_nobody,
        home_name=invented.said("北区店", "North mall"),
        member_no="M00000231",
        lines=(SlipLine(invented.cup, 1, 3_000),),
        points=3_000,
    )


def _hand_out(invented: _Invented) -> HandOutSlip:
    lines = (GiftLine("G-CUP", invented.cup, 1),)
    return HandOutSlip(**invented.of_member, redemption=_EARLIER, lines=lines, by_proxy=False)


def _card(invented: _Invented) -> CardSlip:
    return CardSlip(**invented.of_member, new_card="•••• 0027", old_card="•••• 0019", kind="physical")


def _reversal(invented: _Invented) -> ReversalSlip:
    return ReversalSlip(
        **invented.of_member,
        reverses=_EARLIER,
        verb="redeem",
        reversed_at=invented.on_the_day(13, 30),
        reason="gift_faulty",
        points=3_000,
        usable_after=12_480,
        owed_after=0,
        goods_back=True,
    )


def _adjustment(invented: _Invented) -> AdjustmentSlip:
    return AdjustmentSlip(
        **invented.of_member, change=300, reason="missing_points", usable_before=12_480, usable_after=12_780
    )


def _stock_receipt(invented: _Invented) -> StockReceiptSlip:
    lines = (
        StockLine("G-CUP", invented.cup, 120, 9_900),
        StockLine("G-UMBRELLA", invented.said("晴雨两用伞", "Umbrella"), 60, 4_500),
    )
    return StockReceiptSlip(**invented.of_nobody, lines=lines, delivery_note="SH-2026-1105-03")


def _statement(invented: _Invented) -> StatementSlip:
    return StatementSlip(
        **invented.of_member,
        joined_on=date(2024, 3, 8),
        posted=12_480,
        held=0,
        owed=0,
        lapsed=0,
        usable=12_480,
        lots=(ExpiringPoints(date(2026, 12, 31), 1_180), ExpiringPoints(date(2028, 11, 5), 11_300)),
        brought_forward=13_011,
        movements=(
            Movement(invented.at - timedelta(days=40), "redeem", invented.cup, -3_000, 10_011),
            Movement(invented.at - timedelta(days=3), "credit_sale", invented.shop, 2_469, 12_480),
        ),
        earlier=12,
    )


def _consent(invented: _Invented) -> ConsentSlip:
    return ConsentSlip(**invented.of_member, phone="138****1234", purposes=(("service", "1"), ("marketing", "1")))


def _daily_report(invented: _Invented) -> DailyReportSlip:
    total = Figures(
        operations=8, approved=1, issued=4_938, used=3_000, sales=4, sales_fen=246_900, redemptions=1, handed_out=1
    )
    report = DailyReport(
        day=_DAY,
        zone=invented.zone,
        as_of=invented.at,
        total=total,
        desks=(DeskDay("D1", invented.of_nobody["desk_name"], total),),
        clerks=(ClerkDay("1001", invented.said("张丽", "Zhang Li"), total, 0),),
        verbs=(VerbDay("credit_sale", 4, 0), VerbDay("redeem", 1, 1)),
        hours=tuple(HourDay(hour, *{11: (2_469, 0), 14: (2_469, 3_000)}.get(hour, (0, 0))) for hour in range(24)),
        gifts=(GiftDay("G-CUP", invented.cup, 1, 3_000, 1),),
        stock=(StockDay("D1", "G-CUP", invented.cup, 0, 1, 0),),
    )
    return DailyReportSlip(**invented.of_nobody, report=report)


def _self_test(invented: _Invented) -> SelfTestSlip:
    checks = (
        Check("store", "good", "self_test.store_well"),
        Check("clock", "good", "self_test.clock_well"),
        Check("queue", "doubtful", "self_test.slips_wait", facts={"slips": 2}),
        Check("reader", "good", "self_test.card_read", "reader"),
    )
    return SelfTestSlip(**invented.of_nobody, checks=checks, took_ms=21_000)


_MADE: Final[Mapping[DocumentName, Callable[[_Invented], AnySlip]]] = MappingProxyType(
    {
        "redemption": _redemption,
        "coupon": _coupon,
        "credit": _credit,
        "guest_redemption": _guest_redemption,
        "hand_out": _hand_out,
        "card": _card,
        "reversal": _reversal,
        "adjustment": _adjustment,
        "stock_receipt": _stock_receipt,
        "statement": _statement,
        "consent": _consent,
        "daily_report": _daily_report,
        "self_test": _self_test,
    }
)
