"""The slip of a redemption: what the member gave, what they got, and how to find it again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.queries.rows import RedemptionSlip
from printing.document import (
    Align,
    Code,
    Column,
    Columns,
    Cut,
    Document,
    Element,
    Heading,
    Notice,
    Pair,
    Rule,
    Space,
    Text,
    Title,
)

_LABELS = {
    "title": ("积分兑换", "Points redemption"),
    "copy": ("重打 {copy}", "Reprint {copy}"),
    "reversed": ("已撤销", "Reversed"),
    "member": ("会员", "Member"),
    "member_no": ("会员号", "Member no."),
    "tier": ("等级", "Tier"),
    "card": ("卡号", "Card"),
    "gift": ("礼品", "Gift"),
    "quantity": ("数量", "Qty"),
    "points": ("积分", "Points"),
    "total": ("合计积分", "Points redeemed"),
    "before": ("兑换前积分", "Points before"),
    "after": ("兑换后积分", "Points after"),
    "expiring": ("最近到期", "Next expiry"),
    "expiring_value": ("{day}  {points} 分", "{points} on {day}"),
    "state": ("礼品状态", "Gift"),
    "handed_out": ("已发放", "Handed out"),
    "to_collect": ("待领取", "To be collected"),
    "desk": ("柜台", "Desk"),
    "staff": ("经办", "Served by"),
    "approver": ("授权", "Approved by"),
    "at": ("时间", "Time"),
    "operation": ("流水号", "Reference"),
    "closing": ("请妥善保管此凭条", "Please keep this slip"),
    "bronze": ("青铜", "Bronze"),
    "silver": ("白银", "Silver"),
    "gold": ("黄金", "Gold"),
    "platinum": ("铂金", "Platinum"),
}


def slip_code(slip: RedemptionSlip) -> str:
    """What the QR code holds: version, operation, and the beginning of its hash, which the chain can prove."""
    return f"R1.{slip.operation}.{slip.operation_hash[:8].lower()}"


def short_reference(slip: RedemptionSlip) -> str:
    """The last eight digits: an operation's id begins with its time, so neighbours share their first digits."""
    return slip.operation.hex[-8:].upper()


def redemption_slip(slip: RedemptionSlip, language: str) -> Document:
    """`language` is "zh_CN" or "en"; times are in the mall's zone. Raises KeyError for an unknown zone."""
    column = 1 if language == "en" else 0

    def label(name: str) -> str:
        return _LABELS[name][column]

    def table_line(gift: str, quantity: str, points: str, *, bold: bool = False) -> Columns:
        cells = (Column(gift), Column(quantity, 5, Align.RIGHT), Column(points, points_width, Align.RIGHT))
        return Columns(cells, bold)

    points_width = max(8, *(len(f"{line.points:,}") + 2 for line in slip.lines)) if slip.lines else 8
    paper: list[Element] = [Title(slip.mall_name), Heading(label("title"))]
    if slip.reversed:
        paper.append(Notice(label("reversed")))
    if slip.copy:
        paper.append(Notice(label("copy").format(copy=slip.copy)))
    paper += [
        Rule(),
        Pair(label("member"), slip.member_name),
        Pair(label("member_no"), slip.member_no),
        Pair(label("tier"), label(slip.tier) if slip.tier in _LABELS else slip.tier),
        Pair(label("card"), slip.card),
        Rule(),
        table_line(label("gift"), label("quantity"), label("points"), bold=True),
        *(table_line(line.gift_name, str(line.quantity), f"{line.points:,}") for line in slip.lines),
        Rule(),
        Pair(label("total"), f"{slip.points:,}", bold=True),
        Pair(label("before"), f"{slip.usable_before:,}"),
        Pair(label("after"), f"{slip.usable_after:,}", bold=True),
    ]
    if slip.expiring is not None:
        soonest = label("expiring_value").format(points=f"{slip.expiring.points:,}", day=slip.expiring.expires_on)
        paper.append(Pair(label("expiring"), soonest))
    paper += [
        Rule(),
        Pair(label("state"), label("handed_out" if slip.handed_out else "to_collect"), bold=True),
        Pair(label("desk"), slip.desk_name),
        Pair(label("staff"), slip.staff),
    ]
    if slip.approver is not None:
        paper.append(Pair(label("approver"), slip.approver))
    paper += [
        Pair(label("at"), slip.at.astimezone(ZoneInfo(slip.zone)).strftime("%Y-%m-%d %H:%M:%S")),
        Pair(label("operation"), short_reference(slip)),
        Space(),
        Code(slip_code(slip)),
        Text(label("closing"), Align.CENTRE),
        Cut(),
    ]
    return tuple(paper)
