"""The slip of a redemption: what the member gave, what they got, and how to find it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.queries.slips import RedemptionSlip, SlipLine
from printing.document import Align, Column, Columns, Document, Element, Pair, Rule
from printing.documents.parts import Labels, Words, about_member, about_operation, bottom, top, words

_LABELS: Final[Labels] = {
    "title": ("积分兑换", "Points redemption"),
    "total": ("合计积分", "Points redeemed"),
    "before": ("兑换前积分", "Points before"),
    "after": ("兑换后积分", "Points after"),
    "expiring": ("最近到期", "Next expiry"),
    "expiring_value": ("{day}  {points} 分", "{points} on {day}"),
    "state": ("礼品状态", "Gift"),
    "handed_out": ("已发放", "Handed out"),
    "to_collect": ("待领取", "To be collected"),
}


def redemption_slip(slip: RedemptionSlip, language: str) -> Document:
    """`language` is "zh_CN" or "en"; times are in the mall's zone. Raises KeyError for an unknown zone."""
    word = words(_LABELS, language)

    figures: list[Element] = [
        Pair(word("total"), f"{slip.points:,}", bold=True),
        *([Pair(word("before"), f"{slip.usable_before:,}")] if slip.look.shows("points_before") else []),
        Pair(word("after"), f"{slip.usable_after:,}", bold=True),
    ]
    if slip.expiring is not None and slip.look.shows("expiring"):
        soonest = word("expiring_value").format(points=f"{slip.expiring.points:,}", day=slip.expiring.expires_on)
        figures.append(Pair(word("expiring"), soonest))
    return (
        *top(slip, word),
        *about_member(slip, word),
        *gift_table(slip.lines, word),
        Rule(),
        *figures,
        Rule(),
        Pair(word("state"), word("handed_out" if slip.handed_out else "to_collect"), bold=True),
        *about_operation(slip, word),
        *bottom(slip, word),
    )


def gift_table(lines: Sequence[SlipLine], word: Words) -> list[Element]:
    """Gift, pieces, points, with a head."""
    points_width = max(8, *(len(f"{line.points:,}") + 2 for line in lines)) if lines else 8

    def row(gift: str, quantity: str, points: str, *, bold: bool = False) -> Columns:
        cells = (Column(gift), Column(quantity, 5, Align.RIGHT), Column(points, points_width, Align.RIGHT))
        return Columns(cells, bold)

    head = row(word("gift"), word("quantity"), word("points"), bold=True)
    return [head, *(row(line.gift_name, str(line.quantity), f"{line.points:,}") for line in lines)]
