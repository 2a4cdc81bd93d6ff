"""The slip of a redemption by a member of another mall: what left this counter, and which mall keeps their points."""

from __future__ import annotations

from typing import Final

from app.queries.slips import GuestRedemptionSlip
from printing.document import Align, Document, Pair, Rule, Signature, Text
from printing.documents.parts import Labels, about_operation, bottom, top, words
from printing.documents.redemption import gift_table

_LABELS: Final[Labels] = {
    "title": ("积分兑换（外店会员）", "Points redemption (guest)"),
    "home": ("所属商场", "Member of"),
    "total": ("合计积分", "Points redeemed"),
    "state": ("礼品状态", "Gift"),
    "handed_out": ("已发放", "Handed out"),
    "where": ("积分由“{mall}”扣减，余额请向其查询", "The points are taken at {mall}, which knows what is left."),
    "signature": ("领取人签名", "Signature"),
    "closing": ("以上礼品已当面点清", "Gifts counted on receipt"),
}


def guest_redemption_slip(slip: GuestRedemptionSlip, language: str) -> Document:
    """`language` is "zh_CN" or "en"; times are in the mall's zone. It has no code: what is scanned here brings up a
    member of this mall."""
    word = words(_LABELS, language)
    return (
        *top(slip, word),
        Pair(word("home"), slip.home_name, bold=True),
        *([Pair(word("member_no"), slip.member_no)] if slip.member_no else []),
        Rule(),
        *gift_table(slip.lines, word),
        Rule(),
        Pair(word("total"), f"{slip.points:,}", bold=True),
        Text(word("where").format(mall=slip.home_name), Align.LEFT),
        Rule(),
        Pair(word("state"), word("handed_out"), bold=True),
        *about_operation(slip, word),
        Signature(word("signature")),
        *bottom(slip, word, code=False),
    )
