from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from ui import locale, singletons_kept
from ui.locale import po
from ui.locale.extract import missing, used_texts
from ui.shell.finding import fitting
from ui.shell.initials import initials
from ui.shell.screen import Command


def test_every_text_of_the_program_has_chinese() -> None:
    assert missing("zh_CN") == []


def test_chinese_keeps_every_place_that_english_fills_in() -> None:
    import string

    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for msgid, text in locale.catalogue("zh_CN").items():
        for form in (text,) if isinstance(text, str) else text:
            assert places(form) <= places(msgid) | {"n"}, msgid
            assert places(msgid) <= places(form) | {"n"}, msgid


def test_no_chinese_text_stands_in_the_code_of_the_shell() -> None:
    for msgid, place in used_texts():
        assert msgid.isascii() or all(ord(character) < 0x3000 for character in msgid), place


def test_plurals_follow_the_language() -> None:
    locale.set_language("en")
    assert locale.trn("{n} slip waits", "{n} slips wait", 1) == "1 slip waits"
    assert locale.trn("{n} slip waits", "{n} slips wait", 1200) == "1,200 slips wait"
    locale.set_language("zh_CN")
    assert locale.trn("{n} slip waits", "{n} slips wait", 2) == "2 张小票待打印"


def test_numbers_money_and_times_are_the_malls() -> None:
    at = datetime(2026, 11, 20, 16, 3, tzinfo=UTC)
    assert locale.number(12480) == "12,480"
    assert locale.signed(-3000) == "−3,000"
    assert locale.signed(398) == "+398"
    assert locale.money(-20_050) == "−¥200.50"
    assert locale.moment(at) == "2026-11-21 00:03"
    assert locale.day(at) == "2026-11-21"
    assert locale.day_short(date(2026, 1, 2)) == "01-02"
    assert locale.clock(at) == "00:03"
    assert locale.money(1_234_567) == "¥12,345.67"


def test_catalogues_are_read_as_gettext_reads_them() -> None:
    for language in locale.LANGUAGES:
        judged: dict[str, po.Text] = {}
        for file in sorted((Path(locale.__file__).parent / language).glob("*.po")):
            with file.open("rb") as source:
                for message in read_po(source, locale=language):
                    if isinstance(message.id, tuple | list) and message.id:
                        judged[message.id[0]] = tuple(message.string or ())
                    elif message.id:
                        judged[str(message.id)] = str(message.string)
        assert locale.catalogue(language) == judged


def test_listeners_hear_a_switch_until_they_end() -> None:
    heard: list[str] = []
    end = locale.on_language_changed(lambda: heard.append(locale.language()))
    locale.set_language("en")
    end()
    locale.set_language("zh_CN")
    assert heard == ["en"]


def test_a_language_nobody_speaks_falls_back_to_chinese() -> None:
    locale.set_language("tlh")
    assert locale.language() == "zh_CN"


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("积分兑换", "jfdh"),
        ("查找会员", "czhy"),
        ("补卡 F9", "bkf9"),
        ("锁定", "sd"),
        ("𬭚", ""),
        ("用", "y"),
        ("在座", "zz"),
    ],
)
def test_pinyin_initials_of_commands(text: str, letters: str) -> None:
    assert initials(text) == letters


def command(name: str, title: str, key: str = "", *, possible: bool = True) -> Command:
    return Command(name, lambda: title, lambda: None, key, is_possible=lambda: possible)


COMMANDS = (
    command("redeem", "积分兑换", "F6"),
    command("credit", "补积分", "F4"),
    command("lock", "锁定", possible=False),
)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", ["redeem", "credit"]),
        ("jfdh", ["redeem"]),
        ("jf", ["redeem", "credit"]),
        ("积分", ["redeem", "credit"]),
        ("redeem", ["redeem"]),
        ("f4", ["credit"]),
        ("锁定", []),
    ],
)
def test_a_command_is_found_by_word_initials_english_or_key(typed: str, names: list[str]) -> None:
    assert [found.name for found in fitting(COMMANDS, typed)] == names


def test_none_and_the_booleans_outlive_everything_that_takes_references_from_them() -> None:
    singletons_kept.keep_singletons()
    assert all(sys.getrefcount(one) > 1 << 30 for one in (None, True, False))
