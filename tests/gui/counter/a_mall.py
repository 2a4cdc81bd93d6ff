"""A mall with enough in it to look at: long names, many rows, everything that can be owed or warned of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from app.queries.rows import CardRow, ExpiringPoints, Found, FoundMember, GiftRow, OperationRow, TimelineEntry
from tests.unit.presenters.fakes import NOW, OUYANG, WANG, Desk, a_page, an_owed_gift

GIFTS = tuple(
    GiftRow(code, name, typed, points, value, stock, 0, elsewhere)
    for code, name, typed, points, value, stock, elsewhere in (
        ("G-CUP", "保温杯 500 毫升", "baowenbei bwb", 3000, 9900, 12, ()),
        ("G-PARK2", "停车券 2 小时", "tingchequan tcq", 400, 2000, 480, ()),
        ("G-UMB", "晴雨伞", "qingyusan qys", 2200, 6900, 4, ()),
        ("G-BAG", "帆布购物袋", "fanbugouwudai fbgwd", 800, 2900, 0, (("2 号服务台", 3),)),
        ("G-TEA", "明前龙井茶礼盒（特级 250 克 · 双罐装 · 含手提袋）", "mingqianlongjing mqlj", 12800, 39900, 6, ()),
        ("G-BEAR", "小熊玩偶", "xiaoxiongwanou xxwo", 1500, 4900, 0, ()),
        ("G-TOWEL", "纯棉毛巾两条装", "chunmianmaojin cmmj", 1200, 3900, 33, ()),
        ("G-MOVIE", "电影票兑换券", "dianyingpiao dyp", 4500, 12000, 60, ()),
        ("G-CAKE", "生日蛋糕 6 寸", "shengridangao srdg", 6800, 19800, 9, ()),
    )
)

_STORY = (
    ("credited", "优衣库", 398, 19_900),
    ("redeemed", "保温杯 500 毫升", -3000, None),
    ("handed_out", "保温杯 500 毫升", 0, None),
    ("credited", "星巴克咖啡", 76, 3_800),
    ("card_issued", "•••• 0019", 0, None),
    ("adjusted", "goodwill", 500, None),
    ("reversed", "晴雨伞", 2200, None),
    ("expired", "", -120, None),
    ("credited", "周大福珠宝（海棠广场一层中庭旗舰店）", 25_600, 1_280_000),
    ("revealed", "phone", 0, None),
)


def _timeline(rows: int) -> tuple[TimelineEntry, ...]:
    return tuple(
        TimelineEntry(
            UUID(int=1000 + n), 0, kind, NOW - timedelta(days=3 * n, minutes=17 * n), label, points, amount,
            staff="张丽", desk="D1", reversible=kind in {"credited", "redeemed"} and n < 4,
            reversed=n == 6,
        )
        for n in range(rows)
        for kind, label, points, amount in (_STORY[n % len(_STORY)],)
    )  # fmt: skip


def a_desk(rows: int = 40) -> Desk:
    desk = Desk()
    desk.queries.gift_rows = GIFTS
    cards = (
        CardRow("•••• 0019", "9900010000000019", "physical", "issued", NOW),
        CardRow("•••• 7731", "9900010000007731", "physical", "replaced", NOW - timedelta(days=200)),
    )
    owed = (an_owed_gift(UUID(int=50)), replace(an_owed_gift(UUID(int=51), desk="2 号服务台"), gift_name="晴雨伞"))
    desk.queries.pages[WANG] = a_page(
        timeline=_timeline(rows),
        cards=cards,
        gifts_owed=owed,
        held=400,
        expiring=(
            ExpiringPoints(date(2026, 12, 15), 300),
            ExpiringPoints(date(2027, 1, 31), 1_180),
            ExpiringPoints(date(2027, 2, 28), 260),
        ),
    )
    desk.queries.pages[OUYANG] = a_page(
        OUYANG,
        name="欧阳*",
        tier="platinum",
        next_tier=None,
        usable=1_284_500,
        owed=250,
        birthday_today=True,
        warnings=("card.lost",),
    )
    surnames = "王欧李张刘陈杨黄赵吴周徐孙马朱胡郭何林高"
    tiers = ("gold", "platinum", "silver", "bronze")
    desk.queries.found["w"] = Found(
        tuple(
            FoundMember(
                WANG if n == 0 else UUID(int=200 + n), f"M{10_000_018 + n}", f"{surname}*", f"138****{1234 + n}",
                tiers[n % 4], "frozen" if n == 5 else "active", 12_480 * (n + 1) % 99_991, "surname",
            )
            for n, surname in enumerate(surnames)
        ),
        more=True,
    )  # fmt: skip
    desk.queries.operations = tuple(
        OperationRow(
            UUID(int=300 + n), ("redeem", "credit_sale", "adjust_points", "reverse")[n % 4],
            NOW - timedelta(hours=5 * n), "1001 张丽", "2001 李强", "D1", WANG, "王*",
            ("保温杯 500 毫升 × 2", "A-0017", "goodwill", "mistake")[n % 4], (-6000, 4400, 500, 3000)[n % 4],
            reversible=True, reversed=n == 3,
        )
        for n in range(rows)
    )  # fmt: skip
    return desk
