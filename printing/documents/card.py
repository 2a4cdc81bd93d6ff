"""The slip of a card: issued, or given for another one."""

from __future__ import annotations

from typing import Final

from app.queries.slips import CardSlip
from printing.document import Align, Code, Document, Pair, Rule, Signature, Text
from printing.documents.parts import Labels, about_operation, bottom, tier_line, top, words

_LABELS: Final[Labels] = {
    "issued": ("会员卡领用单", "Card issued"),
    "replaced": ("会员卡补换单", "Card replaced"),
    "old": ("原卡号", "Old card"),
    "new": ("新卡号", "New card"),
    "number": ("卡号", "Card"),
    "kind": ("卡种", "Kind"),
    "physical": ("实体卡", "Plastic card"),
    "virtual": ("电子卡", "Virtual card"),
    "finished": ("原卡已停用，不能再使用。", "The old card no longer works."),
    "shown": ("到店出示此码，即可识别会员", "Show this code at the desk"),
    "signature": ("会员签名", "Signature"),
}


def card_slip(slip: CardSlip, language: str) -> Document:
    """The member's card of now may be yet another one: only those of the operation stand here."""
    own = words(_LABELS, language)

    def word(name: str) -> str:
        return own("replaced" if slip.old_card else "issued") if name == "title" else own(name)

    number = [Pair(word("number"), slip.new_card, bold=True)]
    if slip.old_card:
        number = [Pair(word("old"), slip.old_card), Pair(word("new"), slip.new_card, bold=True)]
    return (
        *top(slip, word),
        Pair(word("member"), slip.member_name),
        Pair(word("member_no"), slip.member_no),
        *tier_line(slip, word),
        Rule(),
        *number,
        Pair(word("kind"), word(slip.kind)),
        *([Text(word("finished"))] if slip.old_card else []),
        *((Code(slip.qr), Text(word("shown"), Align.CENTRE)) if slip.qr else ()),
        Rule(),
        *about_operation(slip, word),
        Signature(word("signature")),
        *bottom(slip, word),
    )
