"""The invented mall of the demo: its desks, people, shops and gifts. Every name in it is made up.

PINs of the demo are public: the staff number followed by 86 (clerk 1001 signs in with 100186), and the same member PIN
for every member who has one."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.staff import Role

MALL_ID = "M01"
MALL_NAME = "星河汇购物中心"
ZONE = "Asia/Shanghai"
CARD_PREFIX = "9900"
MEMBER_PIN = "520168"


@dataclass(frozen=True)
class DemoDesk:
    desk: str
    name: str
    number: int  # part of the member numbers that this desk gives out


@dataclass(frozen=True)
class DemoStaff:
    staff: str
    name: str
    role: Role
    pin: str


@dataclass(frozen=True)
class DemoShop:
    shop: str
    name: str
    category: str
    ticket_yuan: int  # what one visit typically costs
    visits: int  # share of all visits, relative to the others


@dataclass(frozen=True)
class DemoGift:
    """`stock` in pieces, in the order of `DESKS`."""

    gift: str
    name: str
    points: int
    value_fen: int
    stock: tuple[int, int, int]
    coupon_days: int | None = None


DESKS = (
    DemoDesk("D1", "1号服务台（一层）", 1),
    DemoDesk("D2", "2号服务台（三层）", 2),
    DemoDesk("D3", "3号服务台（五层）", 3),
)

# Two who may approve, so that each can approve what the other asked for; the administrator has no ledger rights.
STAFF = (
    DemoStaff("1001", "张丽", Role.CLERK, "100186"),
    DemoStaff("1002", "王强", Role.CLERK, "100286"),
    DemoStaff("2001", "李静", Role.SUPERVISOR, "200186"),
    DemoStaff("2002", "陈涛", Role.SUPERVISOR, "200286"),
    DemoStaff("3001", "许诺", Role.MANAGER, "300186"),
    DemoStaff("9001", "周敏", Role.ADMINISTRATOR, "900186"),
)

# Category: what one visit typically costs (yuan), then name:share of visits.
_SHOPS_BY_CATEGORY: dict[str, tuple[int, str]] = {
    "餐饮": (
        148,
        (
            "云禾小馆:30 老井坊火锅:34 半山渔事:16 禾田里稻米饭:28 蜀巷红油串串:26 渡口江鲜:12 石磨村面馆:30 "
            "椰风岛东南亚菜:14 炉边炭火烤肉:22 南桥早茶:20 青瓦涮羊肉:15 麦浪披萨:18 小满私房菜:10 和风一膳:16"
        ),
    ),
    "茶饮烘焙": (
        36,
        ("半盏茶事:40 雾里茶铺:36 麦香时刻:30 白桃乌龙社:28 晨昏咖啡:34 豆与舟咖啡:20 甜屿蛋糕:16 雪融鲜奶:18"),
    ),
    "服饰": (
        420,
        (
            "素锦女装:16 木槿里:14 拾光衣橱:18 简舍男装:12 北纬衣品:14 棉语家居服:10 鹿野牛仔:10 云间旗袍:3 "
            "初色内衣:9 织梦羊绒:5 青禾布衣:7 都会西服:4"
        ),
    ),
    "鞋包": (
        480,
        "步云鞋履:12 皮匠先生:6 远足箱包:6 踏歌女鞋:10 游方包袋:7",
    ),
    "运动户外": (
        460,
        "逐风运动:16 山行户外:9 破浪泳具:4 飞羽球社:8 跑者驿站:10",
    ),
    "美妆护理": (
        360,
        "花间妆事:15 玉颜坊:10 素肌研究所:9 香遇:7 悦己美甲:12 本草集:8",
    ),
    "珠宝钟表": (
        2600,
        "璟禾金饰:4 星辰珠宝:3 时光匠人钟表:2 琥珀坊:2",
    ),
    "数码家电": (
        1500,
        "极光数码:8 听涛音响:3 智居电器:5 掌中宝手机:8",
    ),
    "亲子儿童": (
        260,
        "童梦乐园:16 小木马童装:12 积木星球:10 贝贝树母婴:12 画童美育:6",
    ),
    "家居生活": (
        220,
        "一方家居:10 暖舍床品:6 碗碟记:8 花开半夏花艺:8 好物杂货铺:18",
    ),
    "文化娱乐": (
        96,
        "银汉影城:40 墨香书局:18 声浪量贩歌厅:10 迷城密室:8 弈趣桌游:7",
    ),
    "超市生鲜": (
        168,
        "满仓生活超市:70 鲜果码头:24 山野粮油:14",
    ),
    "生活服务": (
        130,
        "顺发造型:14 舒步足道:8 明眸眼镜:6 净衣坊洗护:8",
    ),
}


def _shops() -> tuple[DemoShop, ...]:
    shops: list[DemoShop] = []
    for category, (ticket_yuan, names) in _SHOPS_BY_CATEGORY.items():
        for entry in names.split():
            name, visits = entry.split(":")
            shops.append(DemoShop(f"S{len(shops) + 1:03d}", name, category, ticket_yuan, int(visits)))
    return tuple(shops)


SHOPS = _shops()

COUPON_SHOPS = "本商场各店铺（超市、影城除外）"
COUPON_TERMS = "每笔消费限用一张，不找零、不兑现，遗失不补；请在结账前出示。"

GIFTS = (
    DemoGift("G-TISSUE", "星河汇便携纸巾（10包）", 200, 990, (400, 300, 300)),
    DemoGift("G-PARK2", "停车券（2小时）", 300, 1_600, (500, 500, 500)),
    DemoGift("G-TEA", "半盏茶事饮品券", 400, 2_000, (200, 200, 150)),
    DemoGift("G-TOTE", "帆布购物袋", 500, 2_900, (180, 120, 120)),
    DemoGift("G-POPCORN", "银汉影城爆米花套餐券", 600, 3_200, (120, 120, 160)),
    DemoGift("G-UMBRELLA", "晴雨两用伞", 800, 4_900, (90, 60, 60)),
    DemoGift("G-CUP", "星河汇陶瓷马克杯", 900, 5_500, (80, 60, 2)),
    DemoGift("G-MOVIE", "银汉影城电影票（1张）", 1_000, 5_800, (150, 150, 200)),
    DemoGift("G-TOWEL", "纯棉毛巾礼盒", 1_200, 6_900, (70, 50, 50)),
    DemoGift("G-CASH50", "50元通用礼金券", 1_250, 5_000, (300, 200, 200), coupon_days=90),
    DemoGift("G-BOTTLE", "不锈钢保温杯", 1_600, 9_900, (60, 40, 40)),
    DemoGift("G-PLAY", "童梦乐园单次门票", 1_800, 12_800, (40, 40, 60)),
    DemoGift("G-LAMP", "护眼小夜灯", 2_000, 12_900, (40, 30, 30)),
    DemoGift("G-CASH100", "100元通用礼金券", 2_400, 10_000, (200, 150, 150), coupon_days=90),
    DemoGift("G-TEASET", "青瓷旅行茶具", 3_000, 16_800, (30, 20, 20)),
    DemoGift("G-PILLOW", "乳胶枕一对", 3_800, 19_900, (24, 16, 0)),
    DemoGift("G-SCALE", "智能体脂秤", 4_200, 19_800, (20, 20, 12)),
    DemoGift("G-COOKER", "迷你电饭煲", 4_800, 25_900, (16, 12, 12)),  # dear enough for an approval below 5,000 points
    DemoGift("G-DRYER", "负离子电吹风", 6_000, 29_900, (15, 10, 10)),
    DemoGift("G-FRYER", "空气炸锅", 8_800, 39_900, (12, 8, 6)),
    DemoGift("G-SUITCASE", "20寸登机箱", 12_000, 59_900, (8, 6, 4)),
    DemoGift("G-SPEAKER", "听涛蓝牙音箱", 15_000, 79_900, (6, 4, 4)),
    DemoGift("G-VACUUM", "手持无线吸尘器", 25_000, 129_900, (3, 2, 2)),
    DemoGift("G-GOLDBEAN", "一克纪念小金豆", 30_000, 99_900, (2, 1, 0)),
)
