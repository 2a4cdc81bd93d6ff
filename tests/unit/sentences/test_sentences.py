"""What people read when something does not work."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.card import checked_prefix
from app.domain.errors import Fact, Refused
from app.domain.policy import POLICY_NAMES
from app.domain.sentences import SENTENCES, sentence
from app.domain.staff import Right, Role
from app.domain.wording import RIGHTS, ROLES, SETTINGS, VERBS, duration
from app.operations import VERBS as OPERATIONS

LANGUAGES = ("zh_CN", "en")


def said(code: str, language: str = "zh_CN", **facts: Fact) -> str:
    return sentence(code, facts, language)


def test_missing_points_are_named_in_both_languages() -> None:
    assert said("points.not_enough", usable=1_600, missing=200) == "积分不足，还差 200 积分（可用 1,600）"
    assert said("points.not_enough", "en", usable=1_600, missing=200) == (
        "Not enough points: 200 points short (1,600 usable)."
    )


def test_one_missing_point_is_singular_in_english() -> None:
    assert said("points.not_enough", "en", missing=1) == "Not enough points: 1 point short."


def test_an_approval_says_why_and_which_key_helps() -> None:
    facts: dict[str, Fact] = {"why": "approval.many_points", "limit": 5_000}
    assert sentence("approval.required", facts, "zh_CN") == "需要主管批准：本次兑换超过 5,000 积分限额"
    assert sentence("approval.required", facts, "en") == (
        "A supervisor must approve: This redemption is above the limit of 5,000 points."
    )


def test_limits_of_value_are_money() -> None:
    assert said("approval.dear_gift", limit=20_000) == "所兑礼品价值超过 ￥200 限额"
    assert "￥2,000.50" in said("approval.large_slip", "en", limit=200_050)


def test_an_empty_shelf_says_where_there_is_some() -> None:
    assert said("gift.out_of_stock", gift="保温杯", left=0, elsewhere="2 号服务台 3, 3 号服务台 1") == (
        "「保温杯」柜台无库存，2 号服务台 3 件、3 号服务台 1 件"
    )
    assert said("gift.out_of_stock", "en", gift="Cup", left=2, elsewhere="") == "Cup: only 2 left here."
    assert said("gift.out_of_stock", "en", left=0) == "Out of stock here."


def test_a_lockout_says_how_long_in_minutes_and_seconds() -> None:
    assert said("staff.pin_locked", seconds=80) == "PIN 错误次数过多，已锁定，请 1 分 20 秒后再试；主管可解除"
    assert "for 1 min 20 s" in said("member.pin_locked", "en", seconds=80)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (60, "1 分钟", "1 min"),
        (80, "1 分 20 秒", "1 min 20 s"),
        (3600, "1 小时", "1 h"),
        (5400, "1 小时 30 分钟", "1 h 30 min"),
    ],
)
def test_durations_read_naturally(seconds: int, zh: str, en: str) -> None:
    assert duration(seconds, "zh_CN") == zh
    assert duration(seconds, "en") == en


def test_rights_roles_states_fields_and_verbs_are_words() -> None:
    assert said("staff.no_right", right="adjust", role="clerk") == "柜员没有“调整积分”权限，请有权限的同事办理"
    english = said("staff.no_right", "en", right="adjust", role="clerk")
    assert english.startswith("The role of clerk does not include this (adjust")
    assert "已挂失" in said("card.not_active", state="lost")
    assert said("text.too_long", field="note", longest=200) == "备注过长，最多 200 个字"
    assert said("reverse.not_possible", verb="issue_card") == "发卡操作不能撤销"


def test_a_bad_value_names_the_place_and_the_problem_in_chinese_too() -> None:
    facts: dict[str, Fact] = {
        "field": "lines.0.quantity",
        "problem": "Input should be greater than or equal to 1",
    }
    assert sentence("request.bad_value", facts, "zh_CN") == "“明细 1 数量”的值不正确：不能小于 1"
    assert sentence("request.bad_value", facts, "en") == (
        "Lines 1 quantity: the value is not right: Input should be greater than or equal to 1."
    )


def test_every_right_role_verb_and_figure_has_its_word() -> None:
    assert {right.value for right in Right} == set(RIGHTS)
    assert {role.value for role in Role} == set(ROLES)
    assert set(VERBS) == set(OPERATIONS)
    assert set(SETTINGS) == POLICY_NAMES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", SENTENCES)
def test_without_any_facts_a_sentence_is_still_whole(code: str, language: str) -> None:
    text = sentence(code, {}, language)
    assert len(text) >= 2
    assert not set("[]{}#|") & set(text)
    assert "（）" not in text
    assert "()" not in text
    assert "  " not in text
    assert not text.startswith((" ", "，", "；", "："))


@pytest.mark.parametrize("code", SENTENCES)
def test_chinese_is_chinese_and_english_is_a_sentence(code: str) -> None:
    chinese, english = SENTENCES[code]
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
    assert not any("\u4e00" <= character <= "\u9fff" for character in english)
    assert re.search(r"[a-z]", re.sub(r"PIN|UUID|JSON|SQLite", "", english))
    shown = sentence(code, {}, "en")
    assert shown[0] in string.ascii_uppercase + "…"
    assert shown[-1] in ".…"
    assert not chinese.endswith("。")


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_have_the_same_facts(code: str) -> None:
    chinese, english = (set(re.findall(r"\{([a-z_]+)", text)) for text in SENTENCES[code])
    assert chinese == english


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert said("no.such_code") == "操作未完成（no.such_code）"
    assert said("no.such_code", "en") == "This was not done (no.such_code)."


def test_a_refusal_from_the_domain_reads_well() -> None:
    with pytest.raises(Refused) as refused:
        checked_prefix("6222")
    assert "银行卡" in sentence(refused.value.code, refused.value.facts, "zh_CN")


def test_what_was_typed_cannot_move_a_terminal() -> None:
    assert "\x1b" not in said("money.unreadable", typed="\x1b[2J\x07123")


def test_braces_in_a_fact_are_only_text() -> None:
    assert said("money.unreadable", typed="{typed}[x]") == "金额无法识别：{typed}[x]，请按 1234.50 填写"


ANY_FACTS = st.dictionaries(
    st.sampled_from(
        "usable missing limit why seconds left elsewhere gift points state right role field verb name typed staff "
        "problem longest shortest number desk cap file version".split()
    ),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=300)),
)


@given(st.sampled_from(sorted(SENTENCES)), ANY_FACTS, st.sampled_from(["zh_CN", "en", "fr", ""]))
def test_no_facts_make_a_sentence_fail(code: str, facts: dict[str, Fact], language: str) -> None:
    assert sentence(code, facts, language).strip()
