from __future__ import annotations

import pytest

from printing.document import Code, Columns, Cut, Document, Notice, Pair, Title
from printing.documents.redemption import redemption_slip
from tests.unit.printing.slips import a_slip


def pairs(document: Document) -> dict[str, str]:
    return {element.label: element.value for element in document if isinstance(element, Pair)}


def test_the_slip_says_who_got_what_and_what_is_left() -> None:
    document = redemption_slip(a_slip(), "zh_CN")
    assert document[0] == Title("星河湾购物中心")
    assert pairs(document) == {
        "会员": "欧阳*",
        "会员号": "M00012345",
        "等级": "黄金",
        "卡号": "•••• 0019",
        "合计积分": "2,200",
        "兑换前积分": "12,345",
        "兑换后积分": "10,145",
        "最近到期": "2026-12-31  1,500 分",
        "礼品状态": "已发放",
        "柜台": "一楼会员服务台",
        "经办": "1002 周敏",
        "授权": "1001 陈立国",
        "时间": "2026-11-22 17:39:30",  # 09:39:30 UTC at the mall
        "流水号": "456789AB",
    }
    lines = [[cell.text for cell in element.cells] for element in document if isinstance(element, Columns)]
    assert lines[1] == ["316 不锈钢保温杯（500ml）", "1", "1,200"]
    assert document[-1] == Cut()


def test_the_code_names_the_operation_and_the_beginning_of_its_hash() -> None:
    assert Code("R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT") in redemption_slip(a_slip(), "en")


def test_a_gift_that_is_still_at_the_counter_is_to_be_collected() -> None:
    assert pairs(redemption_slip(a_slip(handed_out=False), "zh_CN"))["礼品状态"] == "待领取"
    assert pairs(redemption_slip(a_slip(handed_out=False), "en"))["Gift"] == "To be collected"


def test_a_copy_and_a_reversal_cannot_be_overlooked() -> None:
    assert Notice("重打 2") in redemption_slip(a_slip(copy=2), "zh_CN")
    assert Notice("Reversed") in redemption_slip(a_slip(reversed=True), "en")
    assert not any(isinstance(element, Notice) for element in redemption_slip(a_slip(), "en"))


def test_what_does_not_apply_is_left_out() -> None:
    shown = pairs(redemption_slip(a_slip(approver=None, expiring=None), "en"))
    assert "Approved by" not in shown
    assert "Next expiry" not in shown


@pytest.mark.parametrize("tier", ["bronze", "silver", "gold", "platinum"])
def test_every_tier_has_its_name_in_both_languages(tier: str) -> None:
    assert pairs(redemption_slip(a_slip(tier=tier), "en"))["Tier"] == tier.capitalize()
    assert not pairs(redemption_slip(a_slip(tier=tier), "zh_CN"))["等级"].isascii()
