"""The slip of a reversal: what was undone, why, and where the balance stands now."""

from __future__ import annotations

from typing import Final

from app.queries.slips import ReversalSlip
from printing.document import Document, Element, Pair, Rule, Signature
from printing.documents.parts import (
    Labels,
    about_member,
    about_operation,
    bottom,
    local_minute,
    reference,
    top,
    words,
)

_LABELS: Final[Labels] = {
    "title": ("撤销凭条", "Reversal"),
    "undone": ("撤销业务", "Reversed"),
    "done_at": ("原业务时间", "Done at"),
    "done_reference": ("原流水号", "Its reference"),
    "reason": ("撤销原因", "Reason"),
    "goods": ("礼品", "Gift"),
    "goods_back": ("已退回", "Given back"),
    "change": ("积分变动", "Change of points"),
    "after": ("可用积分", "Usable points"),
    "owed": ("待扣积分", "Points owed"),
    "signature": ("会员签名", "Signature"),
    "redeem": ("积分兑换", "Points redemption"),
    "credit_sale": ("消费积分", "Points credited"),
    "adjust_points": ("积分调整", "Points adjustment"),
    "hand_out": ("礼品发放", "Gift hand-out"),
    "receive_stock": ("礼品入库", "Stock receipt"),
    "mistake": ("操作有误", "A mistake"),
    "gift_faulty": ("礼品有问题", "The gift is faulty"),
    "member_changed_mind": ("会员改变主意", "The member changed their mind"),
    "sale_returned": ("商品已退货", "The purchase was returned"),
    "wrong_member": ("会员有误", "The wrong member"),
    "other": ("其他", "Other"),
}


def reversal_slip(slip: ReversalSlip, language: str) -> Document:
    word = words(_LABELS, language)
    figures: list[Element] = []
    if slip.usable_after is not None:
        figures = [
            Rule(),
            Pair(word("change"), f"{slip.points:+,}", bold=True),
            Pair(word("after"), f"{slip.usable_after:,}", bold=True),
        ]
        if slip.owed_after:
            figures.append(Pair(word("owed"), f"{slip.owed_after:,}"))
    return (
        *top(slip, word),
        *about_member(slip, word),
        Pair(word("undone"), word(slip.verb), bold=True),
        Pair(word("done_at"), local_minute(slip.reversed_at, slip)),
        Pair(word("done_reference"), reference(slip.reverses)),
        Pair(word("reason"), word(slip.reason)),
        *([Pair(word("goods"), word("goods_back"))] if slip.goods_back else []),
        *figures,
        Rule(),
        *about_operation(slip, word),
        *([Signature(word("signature"))] if slip.member_no else []),
        *bottom(slip, word),
    )
