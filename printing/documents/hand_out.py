"""The slip of a hand-out, signed by whoever takes the gift: it stays with the mall."""

from __future__ import annotations

from typing import Final

from app.queries.slips import HandOutSlip
from printing.document import Align, Column, Columns, Document, Pair, Rule, Signature
from printing.documents.parts import Labels, about_member, about_operation, bottom, reference, top, words

_LABELS: Final[Labels] = {
    "title": ("礼品发放单", "Gift hand-out"),
    "pieces": ("合计件数", "Pieces"),
    "redemption": ("兑换流水号", "Redemption"),
    "taken_by": ("领取人", "Collected by"),
    "self": ("会员本人", "The member"),
    "proxy": ("代领人", "A proxy"),
    "signature": ("领取人签名", "Signature"),
    "closing": ("以上礼品已当面点清", "Gifts counted on receipt"),
}


def hand_out_slip(slip: HandOutSlip, language: str) -> Document:
    word = words(_LABELS, language)

    def table_line(gift: str, quantity: str, *, bold: bool = False) -> Columns:
        return Columns((Column(gift), Column(quantity, 6, Align.RIGHT)), bold)

    return (
        *top(slip, word),
        *about_member(slip, word),
        table_line(word("gift"), word("quantity"), bold=True),
        *(table_line(line.gift_name, str(line.quantity)) for line in slip.lines),
        Rule(),
        Pair(word("pieces"), str(sum(line.quantity for line in slip.lines)), bold=True),
        Pair(word("redemption"), reference(slip.redemption)),
        Pair(word("taken_by"), word("proxy" if slip.by_proxy else "self")),
        Rule(),
        *about_operation(slip, word),
        Signature(word("signature")),
        *bottom(slip, word),
    )
