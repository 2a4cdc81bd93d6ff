"""The slip of a till slip that was credited: what was bought where, and what it earned."""

from __future__ import annotations

from typing import Final

from app.domain.money import in_capitals, yuan
from app.queries.slips import CreditSlip
from printing.document import Document, Element, Pair, Rule
from printing.documents.parts import Labels, about_member, about_operation, bottom, local_minute, top, words

_LABELS: Final[Labels] = {
    "title": ("消费积分", "Points credited"),
    "shop": ("商户", "Shop"),
    "slip_number": ("小票号", "Till slip"),
    "sold_at": ("消费时间", "Bought"),
    "amount": ("消费金额", "Amount"),
    "capitals": ("人民币大写", "In words"),
    "earned": ("本次积分", "Points earned"),
    "after": ("可用积分", "Usable points"),
    "until": ("本次积分有效期至", "Valid through"),
    "tier_now": ("会员等级升为", "Tier is now"),
}


def credit_slip(slip: CreditSlip, language: str) -> Document:
    word = words(_LABELS, language)
    risen: list[Element] = []
    if slip.tier_after != slip.tier_before:
        risen = [Pair(word("tier_now"), word(slip.tier_after), bold=True)]
    return (
        *top(slip, word),
        *about_member(slip, word),
        Pair(word("shop"), slip.shop_name),
        Pair(word("slip_number"), slip.slip_number),
        Pair(word("sold_at"), local_minute(slip.sold_at, slip)),
        Pair(word("amount"), yuan(slip.amount_fen)),
        *([Pair(word("capitals"), in_capitals(slip.amount_fen))] if slip.look.shows("capitals") else []),
        Rule(),
        Pair(word("earned"), f"+{slip.points:,}", bold=True),
        *([Pair(word("until"), str(slip.expires_on))] if slip.look.shows("expiring") else []),
        Pair(word("after"), f"{slip.usable_after:,}", bold=True),
        *risen,
        Rule(),
        *about_operation(slip, word),
        *bottom(slip, word),
    )
