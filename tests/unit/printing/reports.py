"""Invented days for the tests of reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from app.queries.reports import (
    ClerkDay,
    Closing,
    DailyReport,
    DeskDay,
    Figures,
    GiftDay,
    HourDay,
    LateOperation,
    StockDay,
    VerbDay,
)

_ISSUED = (0,) * 9 + (120, 2_380, 4_120, 6_940, 5_210, 3_880, 4_460, 6_025, 8_310, 12_450, 11_980, 7_640, 2_150, 0, 0)
_USED = (0,) * 9 + (0, 800, 1_200, 3_000, 2_600, 1_800, 900, 2_400, 4_800, 9_600, 6_600, 3_300, 600, 0, 0)
_VERBS = (
    ("credit_sale", 312, 9),
    ("redeem", 96, 4),
    ("hand_out", 91, 0),
    ("enrol_member", 27, 0),
    ("issue_card", 25, 0),
    ("reveal", 18, 0),
    ("reverse", 7, 5),
    ("adjust_points", 3, 3),
    ("replace_card", 2, 0),
    ("receive_stock", 2, 0),
    ("expire_points", 1, 0),
)
_GIFTS = (
    ("G-CUP", "316 不锈钢保温杯（500ml）"),
    ("G-TISSUE", "抽纸 12 包"),
    ("G-BAG", "环保购物袋（大号、加厚、可折叠）"),
    ("G-UMBRELLA", "晴雨两用伞"),
    ("G-PARK2H", "停车券 2 小时"),
    ("G-TEA", "龚䶮监制明前龙井（250g）"),
    ("G-RICE", "五常大米 5kg"),
    ("G-OIL", "菜籽油 1.8L"),
    ("G-TOWEL", "纯棉毛巾两条装"),
)


def a_day(*, gifts: int = len(_GIFTS), clerks: int = 4) -> DailyReport:
    """A busy Sunday at two desks, with as many rows as asked for."""
    half = Figures(
        operations=292, approved=11, issued=37_832, used=18_800, expired=512, given_back=1_200, taken_back=398,
        adjusted=-34, sales=156, sales_fen=38_412_350, sales_undone=1, sales_undone_fen=39_800, redemptions=48,
        redemptions_undone=2, handed_out=61, enrolled=14, cards=14,
    )  # fmt: skip
    quarter = Figures(operations=146, issued=18_916, used=9_400, sales=78, sales_fen=19_206_175, redemptions=24)
    names = ("张丽", "李𬭚", "欧阳明珠", "龚䶮")
    return DailyReport(
        day=date(2026, 11, 22),
        zone="Asia/Shanghai",
        as_of=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
        total=half + half,
        desks=(DeskDay("D1", "一楼会员服务台", half), DeskDay("D2", "三楼儿童区服务台（靠近扶梯）", half)),
        clerks=tuple(
            ClerkDay(f"{1001 + number}", names[number % 4], quarter, 22 if number == 3 else 0)
            for number in range(clerks)
        ),
        verbs=tuple(VerbDay(*each) for each in _VERBS),
        hours=tuple(HourDay(hour, _ISSUED[hour], _USED[hour]) for hour in range(24)),
        gifts=tuple(
            GiftDay(f"{code}{number // 9 or ''}", name, 24 - number % 9, 4_800 - 120 * (number % 9), 20 - number % 9)
            for number in range(gifts)
            for code, name in (_GIFTS[number % 9],)
        ),
        stock=tuple(
            StockDay("D1" if number % 2 else "D2", code, name, 50 if number == 0 else 0, 20 - number, number % 3)
            for number, (code, name) in enumerate(_GIFTS)
        ),
    )


def _late(day: int, hour: int, came: int, verb: str, points: int, fen: int = 0, pieces: int = 0) -> LateOperation:
    return LateOperation(
        day=date(2026, 11, day),
        at=datetime(2026, 11, day, hour, 12, tzinfo=UTC),
        came_at=datetime(2026, 11, came, 1, 5, tzinfo=UTC),
        listed_on=date(2026, 11, came),
        desk="D2",
        desk_name="三楼儿童区服务台（靠近扶梯）",
        staff="1003",
        verb=verb,
        points=points,
        fen=fen,
        pieces=pieces,
    )


def a_closed_day() -> DailyReport:
    """Closed, after a desk had been cut off for two days, and with more to come the day after."""
    return replace(
        a_day(),
        closed=Closing(datetime(2026, 11, 22, 19, 0, tzinfo=UTC), 182_734, "9f3c61a2b45d77e0" * 4),
        late=(
            _late(20, 6, 22, "credit_sale", 1_280, 128_000),
            _late(20, 7, 22, "redeem", -800),
            _late(20, 7, 22, "hand_out", 0, 0, 2),
            _late(21, 3, 22, "enrol_member", 0),
        ),
        late_total=Figures(operations=4, issued=1_280, used=800, sales=1, sales_fen=128_000, handed_out=2, enrolled=1),
        later=(_late(22, 12, 23, "credit_sale", 356, 35_600),),
        later_total=Figures(operations=1, issued=356, sales=1, sales_fen=35_600),
    )


QUIET = DailyReport(
    day=date(2026, 2, 17),
    zone="Asia/Shanghai",
    as_of=datetime(2026, 2, 18, 1, 0, tzinfo=UTC),
    total=Figures(),
    desks=(),
    clerks=(),
    verbs=(),
    hours=tuple(HourDay(hour, 0, 0) for hour in range(24)),
    gifts=(),
    stock=(),
)
