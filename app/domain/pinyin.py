"""Pinyin for search and sorting: what a clerk types on a Latin keyboard for a Chinese name.

A character with several living readings (多音字) gives one key per reading, the surname's reading first: 单雨桐 is
found as shanyutong and as danyutong. ü is written v, as input methods do (吕 lv).

Readings come from pypinyin's table of single characters (MIT). Only that file is read, and only once it is needed:
importing the package would also load its phrases, half a second and 30 MB that no name needs."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from itertools import islice, product
from math import prod
from pathlib import Path

from app.domain.masking import COMPOUND_SURNAMES, is_hanzi

MOST_KEYS = 4  # of one name; rarer combinations of readings are left out

Readings = tuple[str, ...]
Keys = tuple[tuple[str, str], ...]


def _table(text: str) -> dict[str, Readings]:
    return {entry[0]: tuple(entry[1:].split("/")) for entry in text.split()}


# The reading as a surname first, then the one that people who do not know it type.
_SURNAME_READINGS = _table(
    "单shan/dan 解xie/jie 仇qiu/chou 查zha/cha 区ou/qu 朴piao/pu 盖ge/gai 覃qin/tan 召shao/zhao 乐yue/le "
    "缪miao/mou 折she/zhe 员yun/yuan 黑he/hei 盛sheng 秘bi/mi 冼xian 洗xian/xi 种chong/zhong 繁po/fan 祭zhai/ji "
    "贾jia 隗wei/kui 佴nai/er 车che 俞yu/shu 会gui/hui 晁chao 谌chen/shen 郇xun/huan 乜nie/mie 宿su/xiu 卜bu "
    "逄pang 句gou/ju 瞿qu 褚chu/zhu 强qiang/jiang 臧zang 粘nian/zhan 阚kan 逯lu 睢sui 长chang 都du 莘xin/shen "
    "藏zang/cang 南na/nan"
)
_COMPOUND_READINGS: dict[str, tuple[Readings, Readings]] = {
    "尉迟": (("yu", "wei"), ("chi",)),
    "长孙": (("zhang", "chang"), ("sun",)),
    "澹台": (("tan", "dan"), ("tai",)),
    "令狐": (("ling",), ("hu",)),
    "东方": (("dong",), ("fang",)),
    "南宫": (("nan",), ("gong",)),
}
# Characters of daily use with more than one living reading in names of people, shops and gifts (the more frequent
# first), and those whose first reading in the dictionary is not the living one.
_DAILY_READINGS = _table(
    "阿a/e 柏bai/bo 剥bo/bao 薄bo/bao 堡bao/pu 便bian/pian 泊bo/po 卜bu/bo 参can/shen 藏cang/zang 差cha/chai "
    "颤chan/zhan 长chang/zhang 朝chao/zhao 称cheng/chen 乘cheng/sheng 澄cheng/deng 匙chi/shi 臭chou/xiu "
    "传chuan/zhuan 弹dan/tan 的de/di 调diao/tiao 都du/dou 囤tun/dun 佛fo 给gei/ji 蛤ge/ha 和he/huo 还huan/hai "
    "贾jia/gu 降jiang/xiang 嚼jiao 角jiao/jue 桔ju/jie 劲jin/jing 觉jue/jiao 卡ka/qia 壳ke/qiao 勒le/lei "
    "乐le/yue 潦liao 了le/liao 露lu/lou 率shuai/lv 绿lv/lu 纶lun/guan 脉mai/mo 蔓man/wan 没mei/mo 模mo/mu 抹mo/ma "
    "牟mu/mou 娜na/nuo 呢ni/ne 屏ping/bing 朴pu/piao 曝pu/bao 栖qi/xi 茄qie/jia 圈quan/juan 雀que/qiao 塞sai/se "
    "刹sha/cha 裳shang/chang 省sheng/xing 盛sheng/cheng 什shen/shi 谁shui/shei 似si/shi 拓tuo/ta 尉wei/yu "
    "系xi/ji 厦sha/xia 纤xian/qian 削xue/xiao 校xiao/jiao 行xing/hang 畜chu/xu 血xue/xie 吁xu/yu 择ze/zhai "
    "曾zeng/ceng 扎zha/za 轧zha 粘zhan/nian 辗zhan 折zhe/she 重zhong/chong 爪zhua/zhao 着zhe/zhuo 仔zi/zai "
    "琢zhuo 柞zuo 单dan/shan 解jie/xie 仇chou/qiu 查cha/zha 大da/dai 车che/ju 种zhong/chong 区qu/ou 翟zhai/di "
    "巷xiang/hang 炮pao/bao 芥jie/gai 虹hong/jiang 蔚wei/yu 番fan/pan 晟sheng/cheng 婼ruo/chuo 嫚man 洵xun "
    "浚jun/xun 槿jin 昕xin 芮rui 峤qiao 焱yan 鑫xin 珩heng"
)

_WORD_BREAKS = re.compile(r"[\s·•‧・.\-‐–_/&＆（）()]+")
_LETTERS_WITHOUT_PARTS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "ħ": "h"}
)


@cache
def _dictionary() -> dict[str, str]:
    """Code point in decimal → readings with tone marks, the most frequent first, joined by commas."""
    package = find_spec("pypinyin")
    if package is None or package.origin is None:
        raise RuntimeError("pypinyin is not installed")
    readings: dict[str, str] = json.loads(Path(package.origin).with_name("pinyin_dict.json").read_bytes())
    return readings


def _without_tone(syllable: str) -> str:
    parts = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(character for character in parts if "a" <= character <= "z")


def _of_daily_use(character: str) -> bool:
    """The 3,755 characters of GB 2312's first level."""
    return b"\xb0" <= character.encode("gb2312", "ignore")[:1] < b"\xd8"


@cache
def _readings(character: str) -> Readings:
    """Readings of one Hanzi, the most likely first; () where nobody has written one down.

    In daily use one reading is alive unless the table above says otherwise; of a rare character nobody at a counter
    can say which reading its bearer uses, so it has two."""
    listed = _DAILY_READINGS.get(character)
    if listed:
        return listed
    written = _dictionary().get(str(ord(character)), "")
    plain = tuple(dict.fromkeys(reading for part in written.split(",") if (reading := _without_tone(part))))
    return plain[: 1 if _of_daily_use(character) else 2]


@cache
def _surname_readings(character: str) -> Readings:
    return _SURNAME_READINGS.get(character) or _readings(character)


def _latin(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold()).translate(_LETTERS_WITHOUT_PARTS)
    return "".join(character for character in plain if "a" <= character <= "z" or "0" <= character <= "9")


def _syllables(name: str, *, person: bool) -> list[Readings]:
    """One entry per Hanzi or Latin word; `person` when the name may start with a surname."""
    found: list[Readings] = []
    start = 0
    if person and name:
        compound = name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else ""
        if compound:
            found += _COMPOUND_READINGS.get(compound) or [_readings(compound[0]), _readings(compound[1])]
            start = 2
        elif is_hanzi(name[0]):
            found.append(_surname_readings(name[0]))
            start = 1
    word = ""
    for character in name[start:]:
        if is_hanzi(character):
            if word:
                found.append((_latin(word),))
                word = ""
            found.append(_readings(character))
        else:
            word += character
    if word:
        found.append((_latin(word),))
    return [readings for readings in found if readings and readings[0]]


def _parts(name: str) -> list[list[Readings]]:
    words = [word for word in _WORD_BREAKS.split(name) if word]
    # 阿依古丽·买买提 starts with no surname; neither does anything else written in several parts.
    parts = [_syllables(word, person=len(words) == 1) for word in words]
    return [part for part in parts if part]


def _combined(syllables: list[Readings]) -> list[tuple[str, ...]]:
    if prod(len(readings) for readings in syllables) <= MOST_KEYS:
        return list(product(*syllables))
    likely = tuple(readings[0] for readings in syllables)
    others = (
        (*likely[:place], other, *likely[place + 1 :])
        for place, readings in enumerate(syllables)
        for other in readings[1:]
    )
    return [likely, *islice(others, MOST_KEYS - 1)]


def search_keys(name: str) -> Keys:
    """(full pinyin, initials) for each reading, the likeliest first, at most five.

    王小明 → (("wangxiaoming", "wxm"),). Latin letters stand for themselves without case, accents and marks, and the
    last part of a name in several parts is a key of its own: John Smith → (("johnsmith", "js"), ("smith", "s")).
    Characters that nobody has a reading for are left out; () when nothing is left."""
    parts = _parts(name)
    keys = [
        ("".join(chosen), "".join([syllable[0] for syllable in chosen]))
        for chosen in _combined([syllable for part in parts for syllable in part])
        if chosen
    ]
    if len(parts) > 1:
        last = [readings[0] for readings in parts[-1]]
        keys.append(("".join(last), "".join([syllable[0] for syllable in last])))
    return tuple(dict.fromkeys(keys))


def sort_key(name: str) -> str:
    """For lists in pinyin order, syllable by syllable; without a reading comes last, the same sound by character."""
    sounds = [readings[0] for part in _parts(name) for readings in part]
    return f"{' '.join(sounds) or '~'}\t{name}"


def typed_key(text: str) -> str:
    """What a clerk typed, in the form of the keys: "Zhang San", "lǚ bu" and "O'Brien" → zhangsan, lvbu, obrien."""
    plain = unicodedata.normalize("NFD", text.casefold())
    umlaut = re.sub("([ln])u([\u0300-\u0307\u0309-\u036f]?)\u0308", r"\1v", plain)
    return _latin(umlaut)


def spelled_name(name: str) -> tuple[str, ...]:
    """The likeliest syllables of a person's name in order, one per Hanzi or Latin word: 单雨桐 → shan, yu, tong."""
    return tuple(readings[0] for part in _parts(name) for readings in part)
