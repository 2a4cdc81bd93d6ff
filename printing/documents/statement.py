"""A member's statement: what they have, until when, and why it is that much. Each sum on it can be checked by hand."""

from __future__ import annotations

from typing import Final

from app.queries.slips import Movement, StatementSlip
from printing.document import Align, Column, Columns, Document, Element, Heading, Pair, Rule, Text
from printing.documents.parts import Labels, about_member, about_operation, bottom, local, top, words

_LABELS: Final[Labels] = {
    "title": ("会员积分对账单", "Statement of points"),
    "since": ("入会日期", "Member since"),
    "balance": ("账面积分", "Balance"),
    "held": ("减：冻结积分", "less: on hold"),
    "lapsed": ("减：已过期待清零", "less: expired"),
    "usable": ("可用积分", "Usable points"),
    "owed": ("其中待扣积分", "of which owed"),
    "lots": ("积分有效期", "When points expire"),
    "month": ("到期月份", "Month"),
    "from": ("最早到期日", "First on"),
    "no_lots": ("没有可用积分", "No points left"),
    "movements": ("积分明细", "Movements"),
    "day": ("日期", "Date"),
    "what": ("摘要", "What"),
    "change": ("变动", "Change"),
    "left": ("余额", "Balance"),
    "brought_forward": ("上期结余", "Brought forward"),
    "earlier": ("另有较早的 {n} 笔未列出", "{n} earlier ones are not listed"),
    "no_movements": ("没有积分变动", "No movements yet"),
    "closing": ("如有疑问，请向服务台查询", "Questions? Ask at the desk"),
    "credit_sale": ("消费积分", "Purchase"),
    "import_history": ("消费积分", "Purchase"),
    "redeem": ("兑换", "Redeemed"),
    "post_guest_redemption": ("外店兑换", "Redeemed elsewhere"),
    "reverse": ("撤销", "Reversed"),
    "adjust_points": ("调整", "Adjusted"),
    "expire_points": ("到期清零", "Expired"),
    "goodwill": ("服务补偿", "goodwill"),
    "missing_points": ("补记", "missing points"),
    "wrong_points": ("更正", "wrong points"),
    "campaign": ("活动奖励", "campaign"),
    "mistake": ("操作有误", "mistake"),
    "gift_faulty": ("礼品有问题", "gift faulty"),
    "member_changed_mind": ("会员改变主意", "changed their mind"),
    "sale_returned": ("退货", "purchase returned"),
    "wrong_member": ("会员有误", "wrong member"),
    "other": ("其他", "other"),
}


def statement(slip: StatementSlip, language: str) -> Document:
    word = words(_LABELS, language)
    figures: list[Element] = [_sum_line(word("balance"), slip.posted)]
    if slip.owed:
        figures.append(_sum_line(word("owed"), slip.owed))
    if slip.held:
        figures.append(_sum_line(word("held"), -slip.held))
    if slip.lapsed:
        figures.append(_sum_line(word("lapsed"), -slip.lapsed))
    figures.append(_sum_line(word("usable"), slip.usable, bold=True))

    lots: list[Element] = [Text(word("no_lots"), Align.CENTRE)]
    if slip.lots:
        lots = [_lot_line(word("month"), word("from"), word("points"), bold=True)]
        lots += [_lot_line(f"{part.expires_on:%Y-%m}", str(part.expires_on), f"{part.points:,}") for part in slip.lots]

    movements: list[Element] = [Text(word("no_movements"), Align.CENTRE)]
    if slip.movements:

        def told(movement: Movement) -> str:
            what = word(movement.verb)
            label = word(movement.label) if movement.verb in {"adjust_points", "reverse"} else movement.label
            return f"{what} {label}".strip()

        movements = [
            _movement_line(word("day"), word("what"), word("change"), word("left"), bold=True),
            _movement_line("", word("brought_forward"), "", f"{slip.brought_forward:,}"),
            *(
                _movement_line(
                    local(movement.at, slip)[2:10], told(movement), f"{movement.points:+,}", f"{movement.balance:,}"
                )
                for movement in slip.movements
            ),
        ]
        if slip.earlier:
            movements.append(Text(word("earlier").format(n=f"{slip.earlier:,}"), Align.CENTRE))
    return (
        *top(slip, word),
        *about_member(slip, word)[:-1],
        Pair(word("since"), str(slip.joined_on)),
        Rule(),
        *figures,
        Rule(),
        Heading(word("lots")),
        *lots,
        Rule(),
        Heading(word("movements")),
        *movements,
        Rule(),
        *about_operation(slip, word),
        *bottom(slip, word),
    )


def _sum_line(label: str, points: int, *, bold: bool = False) -> Columns:
    return Columns((Column(label), Column(f"{points:,}", 12, Align.RIGHT)), bold)


def _lot_line(month: str, day: str, points: str, *, bold: bool = False) -> Columns:
    return Columns((Column(month, 10), Column(day), Column(points, 10, Align.RIGHT)), bold)


def _movement_line(day: str, what: str, change: str, left: str, *, bold: bool = False) -> Columns:
    cells = (Column(day, 9), Column(what), Column(change, 8, Align.RIGHT), Column(left, 9, Align.RIGHT))
    return Columns(cells, bold)
