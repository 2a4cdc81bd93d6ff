"""What all slips share: the mall on top, who it is about, who did it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.calendar import offset_where_doubtful
from app.queries.slips import MemberSlip, Slip
from printing.document import Align, Code, Cut, Element, Heading, Notice, Pair, Picture, Rule, Space, Text, Title

Labels = Mapping[str, tuple[str, str]]  # zh_CN, en
Words = Callable[[str], str]

_SHARED: Final[Labels] = {
    "copy": ("重打 {copy}", "Reprint {copy}"),
    "reversed": ("已撤销", "Reversed"),
    "member": ("会员", "Member"),
    "member_no": ("会员号", "Member no."),
    "tier": ("等级", "Tier"),
    "card": ("卡号", "Card"),
    "gift": ("礼品", "Gift"),
    "quantity": ("数量", "Qty"),
    "points": ("积分", "Points"),
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


def words(labels: Labels, language: str) -> Words:
    """`language` is "zh_CN" or "en"; a code that has no word stands for itself."""
    column = 1 if language == "en" else 0

    def word(name: str) -> str:
        return (labels.get(name) or _SHARED.get(name) or (name, name))[column]

    return word


def local(at: datetime, slip: Slip) -> str:
    """In the mall's zone. Raises KeyError for an unknown zone."""
    return _local(at, slip.zone, "%Y-%m-%d %H:%M:%S")


def local_minute(at: datetime, slip: Slip) -> str:
    return _local(at, slip.zone, "%Y-%m-%d %H:%M")


def _local(at: datetime, zone: str, form: str) -> str:
    text = at.astimezone(ZoneInfo(zone)).strftime(form)
    return f"{text} {offset_where_doubtful(at, zone)}".rstrip()


def reference(operation: UUID) -> str:
    """The last eight digits: an operation's id begins with its time, so neighbours share their first digits."""
    return operation.hex[-8:].upper()


def top(slip: Slip, word: Words) -> list[Element]:
    paper: list[Element] = [Picture(slip.look.logo)] if slip.look.logo is not None else []
    if slip.look.shows("mall_name"):
        paper.append(Title(slip.mall_name))
    paper += [Text(line, Align.CENTRE) for line in slip.look.heading]
    paper.append(Heading(word("title")))
    if slip.reversed:
        paper.append(Notice(word("reversed")))
    if slip.copy:
        paper.append(Notice(word("copy").format(copy=slip.copy)))
    paper.append(Rule())
    return paper


def about_member(slip: MemberSlip, word: Words) -> list[Element]:
    """Nothing where the slip is about nobody."""
    if not slip.member_no:
        return []
    paper: list[Element] = [
        Pair(word("member"), slip.member_name),
        Pair(word("member_no"), slip.member_no),
        *tier_line(slip, word),
    ]
    if slip.card and slip.look.shows("card"):
        paper.append(Pair(word("card"), slip.card))
    paper.append(Rule())
    return paper


def tier_line(slip: MemberSlip, word: Words) -> list[Element]:
    return [Pair(word("tier"), word(slip.tier))] if slip.look.shows("tier") else []


def about_operation(slip: Slip, word: Words) -> list[Element]:
    paper: list[Element] = []
    if slip.look.shows("desk"):
        paper.append(Pair(word("desk"), slip.desk_name))
    if slip.look.shows("staff"):
        paper.append(Pair(word("staff"), slip.staff))
    if slip.approver is not None and slip.look.shows("approver"):
        paper.append(Pair(word("approver"), slip.approver))
    paper += [Pair(word("at"), local(slip.at, slip)), Pair(word("operation"), reference(slip.operation))]
    return paper


def bottom(slip: Slip, word: Words, *, code: bool = True) -> list[Element]:
    """A code brings up the member it belongs to: without one there is nothing to scan."""
    paper: list[Element] = [Space()]
    if code and slip.look.shows("code"):
        paper.append(Code(slip.code))
    paper += [Text(line, Align.CENTRE) for line in slip.look.footer or (word("closing"),)]
    paper.append(Cut())
    return paper
