"""Invented people: names as they are met at a counter in China, mobiles, birthdays.

A person is a function of seed and index, so any of a million can be made alone and none is kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import product

from app.demo.chance import MASK, STEP, coprime_step, mixed, spread, stream

# Surname and how many of ten thousand bear it, after the national name reports; rounded.
_SURNAMES = (
    "王710 李700 张670 刘510 陈450 杨308 赵229 黄225 周213 吴205 徐166 孙154 胡131 朱126 高121 林118 何117 郭115 "
    "马104 罗95 梁84 宋81 郑78 谢72 韩68 唐67 冯64 于62 董61 肖59 程57 曹57 袁54 邓54 许54 傅47 沈47 曾46 彭46 "
    "吕45 苏45 卢45 蒋45 蔡44 贾42 丁42 魏42 薛40 叶40 阎20 闫19 余37 潘37 杜37 戴35 夏35 钟35 汪35 田34 任34 "
    "姜33 范33 方32 石32 姚31 谭31 廖30 邹29 熊29 金28 陆28 郝27 孔27 白27 崔26 康26 毛26 邱25 秦25 江24 史24 "
    "顾23 侯23 邵22 孟22 龙21 万21 段20 雷20 钱20 汤19 尹19 黎19 易18 常18 武18 乔17 贺17 赖17 龚17 文16 施16 "
    "陶16 洪15 韦14 翟13 安13 颜13 庞12 樊12 倪12 严12 牛12 温12 兰11 殷11 季11 章11 鲁11 葛11 聂11 俞10 伍10 "
    "申10 向10 邢10 毕9 焦9 莫9 尤8 芦8 柳8 路8 岳8 齐8 梅8 庄8 辛7 管6 祝6 左6 涂6 谷6 祁6 舒6 耿6 詹6 关6 苗6 "
    "时5 凌5 费5 纪5 靳5 盛5 童5 欧5 项5 曲5 游5 裴5 鲍5 霍5 翁5 单5 柴5 覃5 成4 阳4 席4 卫4 查4 屈4 隋4 甘4 景4 "
    "包4 宁4 柯4 阮4 解4 华4 车4 冉4 房4 饶4 瞿4 古4 卜4 牟4 甄3 司3 柏3 桂3 闵3 强3 边3 吉3 刁3 戚3 丘3 米3 池3 "
    "滕3 晋3 苑3 臧3 宫3 仇3 宗3 栾3 姬3 褚3 邬2 来2 朴2 区2 缪2 冼2 薄2 盖2"
)
_COMPOUND = (
    "欧阳60 上官10 司马8 诸葛8 皇甫6 尉迟4 慕容3 令狐3 夏侯3 司徒3 东方2 公孙2 宇文2 端木2 南宫2 长孙1 轩辕1 澹台1 "
    "呼延1 百里1 独孤1"
)
# Given names by generation: first characters, second characters, and names of one character, each the commonest first.
_GIVEN = {
    ("before 1970", "m"): (
        "建志国文德永明金玉福春世家光少长",
        "国华军平明生林海祥山清东民强忠义",
        "军平明华强勇刚林",
        0.14,
    ),
    ("before 1970", "f"): (
        "秀桂玉淑凤春美金丽月爱素兰惠彩红",
        "英兰珍华芳梅云琴香莲玲霞芬荣凤珠",
        "英芳萍玲霞梅敏红",
        0.12,
    ),
    ("before 1990", "m"): (
        "建志文海晓俊国永明振学立少伟金春",
        "伟强军勇峰涛斌辉鹏波刚超东华明亮杰飞林宁",
        "伟强磊军勇涛斌超杰鹏刚辉波浩亮飞峰凯宁平健龙洋旭俊毅彬帅",
        0.3,
    ),
    ("before 1990", "f"): (
        "晓丽海秀小雪春玉美文慧艳红静佳婷",
        "丽燕红霞玲梅敏娟芳静萍华英艳娜云慧琴珊洁",
        "丽静敏燕娟芳艳玲娜霞婷洁慧颖莉雪红倩琳丹蕾萍梅璐莹晶薇佳欣悦",
        0.3,
    ),
    ("since 1990", "m"): (
        "子浩宇俊梓天嘉思明志泽皓博奕一晨睿文启家",
        "轩然涵宇博泽豪杰航辰睿阳翔凡霖城铭瑞远源",
        "浩睿轩晨鑫昊博宇涛杰旭凯",
        0.12,
    ),
    ("since 1990", "f"): (
        "雨欣梓子诗思佳梦可若语一嘉晨雅静心艺紫婉",
        "涵怡萱彤琪妍瑶欣然婷雯菲桐宁悦茹洁琳晗蕊",
        "婷悦欣瑶琪雪颖萱彤怡菲雯",
        0.12,
    ),
}
_RARE = "䶮 𬭚 㛃 㑇 𬀩 𫖯 𬱖 𬍛 𬘭 𬴂 𬭸 𫘝 𬬭 𫟹 㧑 骉 堃 燊 翀 湉 赟 頔 翾 瑈 玹 珃 燚 飏 奡 旸 昉 祎 婳 龑".split()
_FOREIGN_FIRST = (
    "John Emma Michael Sofía María Lucas Anna Thomas Olga Pierre Chloé James Elena David Yuki Min-su Ingrid Carlos "
    "Fatima Björn Priya Seán Zoë Nguyễn"
).split()
_FOREIGN_LAST = (
    "Smith García O'Brien Müller Johnson Rossi Dubois Tanaka Kim Ivanova Silva Andersson Patel McCarthy Novák "
    "Kowalski Jensen Martínez Brown Weiß Fernández D'Angelo Lan Park"
).split()
_FATHERS = "买买提 艾合买提 吐尔逊 玉山 依明 卡德尔 司马义 热合曼 阿不力孜 托合提 肉孜 巴拉提".split()
_WITH_FATHERS = {
    "f": "阿依古丽 古丽娜尔 热依罕 阿米娜 帕提古丽 迪丽娜尔 米热古丽 祖丽菲亚 阿依努尔 茹仙古丽".split(),
    "m": "艾力 买买提 阿卜杜拉 吐尔逊江 库尔班 玉素甫 艾尔肯 伊力亚尔 阿迪力 木合塔尔".split(),
}
_WITHOUT_FATHERS = {
    "f": "卓玛拉姆 次仁央金 乌云其木格 萨仁图雅 德吉".split(),
    "m": "扎西次仁 丹增顿珠 巴特尔 阿古达木 格桑".split(),
}
_PREFIXES = (
    "130 131 132 133 134 135 136 137 138 139 150 151 152 153 155 156 157 158 159 166 173 175 176 177 178 180 181 "
    "182 183 184 185 186 187 188 189 191 193 195 198 199"
).split()

_AGES = range(18, 86)


def _age_weight(age: int) -> float:
    for up_to, weight in ((25, 2.0), (35, 2.9), (45, 2.7), (55, 1.8), (65, 1.1), (75, 0.5)):
        if age < up_to:
            return weight
    return 0.12


@dataclass(frozen=True)
class Known:
    """The first members of every data set: each kind of name that search must cope with, at a known index.

    `highest_year_yuan` is what they spent in their best twelve months, and so their tier; 0 leaves it to chance."""

    name: str
    gender: str
    highest_year_yuan: int = 0


KNOWN = (
    Known("欧阳晓雯", "f", 32_000),
    Known("陈建国", "m", 9_000),
    Known("李娜", "f", 1_800),
    Known("单雨桐", "f", 68_000),
    Known("曾子轩", "m", 12_000),
    Known("解文博", "m", 3_200),
    Known("仇思远", "m", 2_400),
    Known("查嘉怡", "f", 24_000),
    Known("尉迟敏", "f", 7_500),
    Known("刘䶮", "m", 15_000),
    Known("陈𬭚", "f", 2_000),
    Known("周㛃", "f"),
    Known("王㑇", "m"),
    Known("John Smith", "m", 6_500),
    Known("María García", "f"),
    Known("Seán O'Brien", "m"),
    Known("阿依古丽·买买提", "f", 8_800),
    Known("司马文涛", "m"),
    Known("诸葛明", "m"),
    Known("上官若兰", "f"),
    Known("张伟", "m", 5_600),
    Known("张伟", "m", 1_200),  # the same name twice: the phone tells them apart
    Known("吕绿", "f"),
    Known("扎西次仁", "m"),
)


def _weighted(text: str) -> tuple[list[str], list[float]]:
    entries = text.split()
    names = [entry.rstrip("0123456789") for entry in entries]
    return names, [float(entry[len(name) :]) for entry, name in zip(entries, names, strict=True)]


def _given_table(first: str, second: str, single: str, single_share: float) -> list[str]:
    def fading(count: int) -> list[float]:
        return [1 / (place + 4) for place in range(count)]

    pairs = [one + other for one, other in product(first, second)]
    pair_weights = [one * other for one, other in product(fading(len(first)), fading(len(second)))]
    single_weights = fading(len(single))
    to_share = single_share / (1 - single_share) * sum(pair_weights) / sum(single_weights)
    return spread([*pairs, *single], [*pair_weights, *(weight * to_share for weight in single_weights)], 1 << 12)


Person = tuple[str, str, date | None, str]  # name, phone, birthday, gender ("f", "m" or "")


class People:
    """Whoever joins under this seed."""

    def __init__(self, seed: int) -> None:
        self._start = stream(seed, "people")
        self._surnames = spread(*_weighted(_SURNAMES), 1 << 14)
        self._compound = spread(*_weighted(_COMPOUND), 1 << 8)
        self._given = {kind: _given_table(*pools) for kind, pools in _GIVEN.items()}
        self._age_days = spread([age * 1461 // 4 + 1 for age in _AGES], [_age_weight(age) for age in _AGES], 1 << 10)
        # A phone is the index multiplied round the whole space of numbers; then its halves turn each other by table, or
        # neighbours would differ by the same amount. Every step can be undone, so no number comes twice.
        phones = stream(seed, "phones")
        self._phone_uppers = len(_PREFIXES) * 10_000
        self._phone_count = self._phone_uppers * 10_000
        self._phone_step = coprime_step(phones, self._phone_count)
        self._phone_start = mixed(phones) % self._phone_count
        self._tail_turns = [mixed(phones + cell) % 10_000 for cell in range(4093)]
        self._upper_turns = [mixed(phones - 1 - cell) % self._phone_uppers for cell in range(10_000)]

    def phone(self, index: int) -> str:
        """Eleven digits, no two alike for the first four thousand million indexes."""
        upper, tail = divmod((index * self._phone_step + self._phone_start) % self._phone_count, 10_000)
        tail = (tail + self._tail_turns[upper % 4093]) % 10_000
        upper = (upper + self._upper_turns[tail]) % self._phone_uppers
        tail = (tail + self._tail_turns[upper % 4093]) % 10_000
        return f"{_PREFIXES[upper // 10_000]}{upper % 10_000:04d}{tail:04d}"

    def person(self, index: int, joined_ordinal: int) -> Person:
        """Whoever joined on that day (a proleptic ordinal) as number `index`: 18 or older on the day."""
        bits = (self._start + index * STEP) & MASK
        bits = mixed(bits)
        age_days = self._age_days[bits & 1023] + (bits >> 10 & 0x1FF) * 365 // 512
        born = date.fromordinal(joined_ordinal - age_days)
        gender = "f" if (bits >> 19 & 127) < 74 else "m"
        name = KNOWN[index].name if index < len(KNOWN) else self._name(bits, gender, born.year)
        if index < len(KNOWN):
            return name, self.phone(index), born, KNOWN[index].gender
        stated = bits >> 58
        return name, self.phone(index), None if stated < 5 else born, "" if stated in {4, 5} else gender

    def _name(self, bits: int, gender: str, born_year: int) -> str:
        era = "since 1990" if born_year >= 1990 else "before 1990" if born_year >= 1970 else "before 1970"
        given = self._given[era, gender][bits >> 26 & 4095]
        surname = self._surnames[bits >> 38 & 16383]
        kind = mixed(bits) & 1023
        if kind > 15:
            return surname + given
        chosen = bits >> 26
        if kind < 6:
            return self._compound[chosen >> 12 & 255] + given
        if kind < 8:
            rare = _RARE[chosen // 3 % len(_RARE)]
            return surname + (rare, given[0] + rare, rare + given[-1])[chosen % 3]
        if kind < 12:
            return f"{_FOREIGN_FIRST[chosen % len(_FOREIGN_FIRST)]} {_FOREIGN_LAST[chosen // 32 % len(_FOREIGN_LAST)]}"
        if kind < 15:
            own = _WITH_FATHERS[gender]
            return f"{own[chosen % len(own)]}·{_FATHERS[chosen // 32 % len(_FATHERS)]}"
        alone = _WITHOUT_FATHERS[gender]
        return alone[chosen % len(alone)]
