from __future__ import annotations

import pytest

from app.demo.mall import GIFTS, SHOPS
from app.domain.masking import COMPOUND_SURNAMES
from app.domain.pinyin import MOST_KEYS, search_keys, sort_key, typed_key


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("王小明", (("wangxiaoming", "wxm"),)),
        ("李娜", (("lina", "ln"), ("linuo", "ln"))),
        ("欧阳晓雯", (("ouyangxiaowen", "oyxw"),)),
        ("单雨桐", (("shanyutong", "syt"), ("danyutong", "dyt"))),
        ("曾子轩", (("zengzixuan", "zzx"), ("cengzixuan", "czx"))),
        ("解文博", (("xiewenbo", "xwb"), ("jiewenbo", "jwb"))),
        ("仇思远", (("qiusiyuan", "qsy"), ("chousiyuan", "csy"))),
        ("查嘉怡", (("zhajiayi", "zjy"), ("chajiayi", "cjy"))),
        ("尉迟敏", (("yuchimin", "ycm"), ("weichimin", "wcm"))),
        ("长孙明", (("zhangsunming", "zsm"), ("changsunming", "csm"))),
        ("任伟", (("renwei", "rw"),)),
        ("吕绿", (("lvlv", "ll"), ("lvlu", "ll"))),
        ("刘䶮", (("liuyan", "ly"),)),
        ("陈𬭚", (("chenchun", "cc"), ("chendui", "cd"))),
        ("单", (("shan", "s"), ("dan", "d"))),
    ],
)
def test_a_chinese_name_is_found_by_each_living_reading_the_surnames_first(
    name: str, keys: tuple[tuple[str, str], ...]
) -> None:
    assert search_keys(name) == keys


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("John Smith", (("johnsmith", "js"), ("smith", "s"))),
        ("María García", (("mariagarcia", "mg"), ("garcia", "g"))),
        ("O'Brien", (("obrien", "o"),)),
        ("Jean-Luc Müller", (("jeanlucmuller", "jlm"), ("muller", "m"))),
        ("Łukasz Weiß", (("lukaszweiss", "lw"), ("weiss", "w"))),
        ("Nguyễn Thị Lan", (("nguyenthilan", "ntl"), ("lan", "l"))),
    ],
)
def test_a_latin_name_is_found_whole_by_initials_and_by_its_last_part(
    name: str, keys: tuple[tuple[str, str], ...]
) -> None:
    assert search_keys(name) == keys


def test_a_name_in_two_parts_is_found_by_the_second_too_and_starts_with_no_surname() -> None:
    assert ("ayigulimaimaiti", "ayglmmt") in search_keys("阿依古丽·买买提")
    assert ("maimaiti", "mmt") in search_keys("阿依古丽·买买提")


def test_a_name_of_hanzi_and_letters_keeps_both() -> None:
    assert search_keys("A5工坊") == (("a5gongfang", "agf"),)


@pytest.mark.parametrize("name", ["", "   ", "김민수", "ひろ", "…"])
def test_what_has_no_reading_has_no_key(name: str) -> None:
    assert search_keys(name) == ()


def test_characters_without_a_reading_are_left_out_and_the_others_stay() -> None:
    unread = "\U00033000"  # assigned in Unicode 17, in no dictionary yet
    assert search_keys(f"王{unread}明") == (("wangming", "wm"),)


def test_readings_are_capped_and_the_likeliest_come_first() -> None:
    keys = search_keys("乐乐乐行长")
    assert len(keys) == MOST_KEYS
    assert keys[0] == ("yuelelexingchang", "yllxc")


def test_every_compound_surname_is_read_as_two_syllables() -> None:
    for surname in COMPOUND_SURNAMES:
        for full, initials in search_keys(surname + "明"):
            assert len(initials) == 3
            assert full.endswith("ming")


def test_gifts_and_shops_are_found_the_same_way() -> None:
    assert all(search_keys(gift.name) for gift in GIFTS)
    assert all(search_keys(shop.name) for shop in SHOPS)
    assert ("taocimakebei", "tcmkb") in search_keys("陶瓷马克杯")


def test_lists_are_in_pinyin_order_syllable_by_syllable() -> None:
    names = ["张伟", "单雨桐", "欧阳晓雯", "李娜", "Adam", "力宏", "安娜", "김민수", "阿明"]
    assert sorted(names, key=sort_key) == [
        "阿明",
        "Adam",
        "安娜",
        "力宏",
        "李娜",
        "欧阳晓雯",
        "单雨桐",
        "张伟",
        "김민수",
    ]
    # By letters alone xian (西安's two syllables) would fall among those of xian.
    assert sorted(["先明", "西安"], key=sort_key) == ["西安", "先明"]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Zhang San", "zhangsan"),
        ("lǚ bu", "lvbu"),
        ("LÜ", "lv"),
        ("nǚ", "nv"),
        ("xi'an", "xian"),
        ("García", "garcia"),
        ("Müller", "muller"),
        ("  ", ""),
    ],
)
def test_what_is_typed_takes_the_form_of_the_keys(typed: str, key: str) -> None:
    assert typed_key(typed) == key
