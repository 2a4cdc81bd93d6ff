"""The report of one business day: sums and a chart on a roll, every table on sheets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.domain.money import yuan
from app.domain.wording import verb_alone
from app.queries.reports import DailyReport, Figures
from app.queries.slips import DailyReportSlip
from printing.document import (
    Align,
    Chart,
    Column,
    Columns,
    Document,
    Element,
    Fitted,
    Heading,
    Pair,
    Rule,
    Series,
    Signature,
    Space,
    Table,
    TableColumn,
    Text,
)
from printing.documents.parts import Labels, Words, about_operation, bottom, local_minute, top, words

_MOST_GIFTS = 8  # on a roll
_YEAR = len("2026-")  # of the times in a table

_LABELS: Final[Labels] = {
    "title": ("日报", "Daily report"),
    "day": ("营业日", "Business day"),
    "as_of": ("统计截至", "As of"),
    "whole": ("全天", "the whole day"),
    "nothing": ("当日没有业务", "Nothing was done on this day"),
    "points_heading": ("积分", "Points"),
    "issued": ("发放", "Issued"),
    "used": ("使用", "Used"),
    "expired": ("过期", "Expired"),
    "given_back": ("撤销退回", "Given back"),
    "taken_back": ("撤销收回", "Taken back"),
    "adjusted": ("调整", "Adjusted"),
    "change": ("净变动", "Net change"),
    "business": ("业务", "Business"),
    "operations": ("业务笔数", "Operations"),
    "approved": ("其中经审批", "of which approved"),
    "sales": ("入账小票", "Sales credited"),
    "sales_undone": ("撤销小票", "Sales undone"),
    "redemptions": ("兑换", "Redemptions"),
    "redemptions_undone": ("撤销兑换", "Redemptions undone"),
    "handed_out": ("发放礼品", "Gifts handed out"),
    "enrolled": ("新会员", "New members"),
    "cards": ("发卡", "Cards issued"),
    "pieces": ("{n} 件", "{n}"),
    "by_hour": ("分时积分", "Points by the hour"),
    "by_desk": ("按柜台", "By desk"),
    "by_verb": ("按业务种类", "By kind of operation"),
    "by_gift": ("礼品兑换与发放", "Gifts redeemed and handed out"),
    "by_stock": ("库存变动", "Stock movements"),
    "by_staff": ("按人员", "By person"),
    "total": ("合计", "Total"),
    "hour": ("时段", "Hour"),
    "kind": ("种类", "Kind"),
    "count": ("笔数", "Count"),
    "approvals": ("审批", "Approved"),
    "code": ("编码", "Code"),
    "redeemed": ("兑换件数", "Redeemed"),
    "handed": ("发放件数", "Handed out"),
    "received": ("入库", "Received"),
    "given": ("发放", "Out"),
    "returned": ("退回", "Returned"),
    "moved": ("变动", "Change"),
    "slips": ("小票", "Sales"),
    "amount": ("消费金额", "Amount"),
    "number": ("工号", "No."),
    "name": ("姓名", "Name"),
    "joined": ("入会", "Joined"),
    "points_issued": ("发放积分", "Issued"),
    "points_used": ("使用积分", "Used"),
    "ops": ("笔数", "Ops"),
    "most": ("仅列前 {n} 种，全部见 A4 日报", "The first {n}; the report on A4 has all"),
    "closed": ("结账时间", "Closed"),
    "checkpoint": ("结账点", "Checkpoint"),
    "desk_only": ("未连中心，仅本台数据", "Hub out of reach: this desk alone"),
    "late_heading": (
        "补传业务（往日发生，本日送达，未计入以上数字）",
        "Late: of earlier days, came on this day, in none of the figures",
    ),
    "later_heading": (
        "本日结账后送达的业务（已列入之后的日报）",
        "Of this day, came after it was closed; listed on later reports",
    ),
    "late": ("补传业务", "Late"),
    "later": ("结账后送达", "Came after closing"),
    "late_sum": ("{n} 笔  {points} 积分", "{n}  {points} points"),
    "happened": ("发生", "Happened"),
    "came": ("送达", "Came"),
    "listed_on": ("列入日报", "Listed on"),
    "change_short": ("积分", "Points"),
    "fen": ("消费金额", "Amount"),
    "out": ("件数", "Pieces"),
    "checked": ("主管签字", "Supervisor"),
    "closing": ("内部资料，请勿外传", "Internal: not for customers"),
}


def daily_report(slip: DailyReportSlip, language: str) -> Document:
    """`language` is "zh_CN" or "en". Raises KeyError for an unknown zone."""
    word = words(_LABELS, language)
    report = slip.report
    until = local_minute(report.as_of, slip)
    is_over = until[:10] > report.day.isoformat()
    paper: list[Element] = [
        *top(slip, word),
        Pair(word("day"), report.day.isoformat(), bold=True),
        Pair(word("as_of"), word("whole") if is_over else until, bold=True),
    ]
    if report.closed is not None:
        paper.append(Pair(word("closed"), local_minute(report.closed.at, slip)))
        paper.append(Pair(word("checkpoint"), f"{report.closed.n:,} · {report.closed.h[:16]}"))
    if report.desk_only:
        paper.append(Text(word("desk_only"), Align.CENTRE, bold=True))
    paper.append(Rule())
    if report.is_empty:
        paper += [Space(), Text(word("nothing"), Align.CENTRE), Space(), Rule()]
    else:
        paper += _sums(report.total, word)
        paper += _late_sums(report, word)
        paper += [Rule(), Heading(word("by_hour")), points_by_hour(report, word)]
        paper.append(
            Fitted(
                roll=tuple(_short(report, word)),
                sheets=(*_tables(report, word, language), *_late_tables(slip, word, language)),
            )
        )
    paper += about_operation(slip, word)
    paper += [Signature(word("checked"))]
    return (*paper, *bottom(slip, word, code=False))


def points_by_hour(report: DailyReport, word: Words) -> Chart:
    hours = report.shown_hours
    return Chart(
        word("points"),
        tuple(f"{hour.hour}" for hour in hours),
        (
            Series(word("issued"), tuple(hour.issued for hour in hours)),
            Series(word("used"), tuple(hour.used for hour in hours)),
        ),
    )


def _sums(total: Figures, word: Words) -> Iterable[Element]:
    yield Heading(word("points_heading"))
    yield Pair(word("issued"), f"{total.issued:,}")
    yield Pair(word("used"), f"{total.used:,}")
    yield Pair(word("expired"), f"{total.expired:,}")
    yield Pair(word("adjusted"), _signed(total.adjusted))
    yield Pair(word("given_back"), f"{total.given_back:,}")
    yield Pair(word("taken_back"), f"{total.taken_back:,}")
    yield Pair(word("change"), _signed(total.change), bold=True)
    yield Rule()
    yield Heading(word("business"))
    yield Pair(word("sales"), f"{total.sales:,}  {yuan(total.sales_fen)}")
    yield Pair(word("sales_undone"), f"{total.sales_undone:,}  {yuan(total.sales_undone_fen)}")
    yield Pair(word("redemptions"), f"{total.redemptions:,}")
    yield Pair(word("redemptions_undone"), f"{total.redemptions_undone:,}")
    yield Pair(word("handed_out"), word("pieces").format(n=f"{total.handed_out:,}"))
    yield Pair(word("enrolled"), f"{total.enrolled:,}")
    yield Pair(word("cards"), f"{total.cards:,}")
    yield Pair(word("operations"), f"{total.operations:,}")
    yield Pair(word("approved"), f"{total.approved:,}")


def _late_sums(report: DailyReport, word: Words) -> Iterable[Element]:
    for name, rows, total in (("late", report.late, report.late_total), ("later", report.later, report.later_total)):
        if rows:
            yield Pair(word(name), word("late_sum").format(n=len(rows), points=_signed(total.change)))


def _late_tables(slip: DailyReportSlip, word: Words, language: str) -> Iterable[Element]:
    right = Align.RIGHT
    for heading, rows in (("late_heading", slip.report.late), ("later_heading", slip.report.later)):
        if not rows:
            continue
        yield from (Space(2), Heading(word(heading)))
        yield Table(
            (
                TableColumn(word("happened"), 12),
                TableColumn(word("came"), 12),
                TableColumn(word("desk")),
                TableColumn(word("number"), 7),
                TableColumn(word("kind"), 12),
                TableColumn(word("change_short"), 9, right),
                TableColumn(word("fen"), 13, right),
                TableColumn(word("out"), 8, right),
                TableColumn(word("listed_on"), 12, right),
            ),
            tuple(
                (
                    local_minute(each.at, slip)[_YEAR:],
                    local_minute(each.came_at, slip)[_YEAR:],
                    each.desk_name,
                    each.staff,
                    verb_alone(each.verb, language),
                    _signed(each.points),
                    yuan(each.fen) if each.fen else "",
                    f"{each.pieces:,}" if each.pieces else "",
                    each.listed_on.isoformat(),
                )
                for each in rows
            ),
        )
    if slip.report.late or slip.report.later:
        yield from (Space(), Rule())


def _short(report: DailyReport, word: Words) -> Iterable[Element]:
    def line(first: str, second: str, third: str, *, bold: bool = False) -> Columns:
        return Columns((Column(first), Column(second, 9, Align.RIGHT), Column(third, 11, Align.RIGHT)), bold)

    if len(report.desks) > 1:
        yield Rule()
        yield line(word("desk"), word("issued"), word("used"), bold=True)
        for desk in report.desks:
            yield line(desk.name, f"{desk.figures.issued:,}", f"{desk.figures.used:,}")
    if report.gifts:
        yield Rule()
        yield line(word("gift"), word("redeemed"), word("handed"), bold=True)
        for gift in report.gifts[:_MOST_GIFTS]:
            yield line(gift.name, f"{gift.redeemed:,}", f"{gift.handed_out:,}")
        if len(report.gifts) > _MOST_GIFTS:
            yield Text(word("most").format(n=_MOST_GIFTS), Align.CENTRE)
    yield Rule()


def _tables(report: DailyReport, word: Words, language: str) -> Iterable[Element]:
    right = Align.RIGHT
    total = report.total
    for heading, table in (
        (
            "by_desk",
            Table(
                (TableColumn(word("desk")), *_figure_columns(word)),
                tuple((each.name, *_figure_cells(each.figures)) for each in report.desks),
                (word("total"), *_figure_cells(total)),
            ),
        ),
        (
            "by_verb",
            Table(
                (
                    TableColumn(word("kind")),
                    TableColumn(word("count"), 12, right),
                    TableColumn(word("approvals"), 12, right),
                ),
                tuple(
                    (verb_alone(each.verb, language), f"{each.count:,}", f"{each.approved:,}") for each in report.verbs
                ),
                (word("total"), f"{total.operations:,}", f"{total.approved:,}"),
            ),
        ),
        (
            "by_staff",
            Table(
                (
                    TableColumn(word("number"), 10),
                    TableColumn(word("name")),
                    *_figure_columns(word)[:-1],
                    TableColumn(word("approvals"), 9, right),
                ),
                tuple(
                    (each.staff, each.name, *_figure_cells(each.figures)[:-1], f"{each.approvals:,}")
                    for each in report.clerks
                ),
                (word("total"), "", *_figure_cells(total)[:-1], f"{total.approved:,}"),
            ),
        ),
        (
            "by_gift",
            Table(
                (
                    TableColumn(word("code"), 14),
                    TableColumn(word("gift")),
                    TableColumn(word("redeemed"), 12, right),
                    TableColumn(word("points"), 14, right),
                    TableColumn(word("handed"), 12, right),
                ),
                tuple(
                    (each.gift, each.name, f"{each.redeemed:,}", f"{each.points:,}", f"{each.handed_out:,}")
                    for each in report.gifts
                ),
                (
                    word("total"),
                    "",
                    f"{sum(each.redeemed for each in report.gifts):,}",
                    f"{sum(each.points for each in report.gifts):,}",
                    f"{total.handed_out:,}",
                ),
            ),
        ),
        (
            "by_stock",
            Table(
                (
                    TableColumn(word("desk"), 18),
                    TableColumn(word("code"), 14),
                    TableColumn(word("gift")),
                    *(TableColumn(word(name), 10, right) for name in ("received", "given", "returned", "moved")),
                ),
                tuple(
                    (
                        report.desk_name(each.desk),
                        each.gift,
                        each.name,
                        f"{each.received:,}",
                        f"{each.handed_out:,}",
                        f"{each.returned:,}",
                        _signed(each.change),
                    )
                    for each in report.stock
                ),
            ),
        ),
        (
            "by_hour",
            Table(
                (
                    TableColumn(word("hour")),
                    TableColumn(word("points_issued"), 14, right),
                    TableColumn(word("points_used"), 14, right),
                ),
                tuple(
                    (f"{each.hour:02}:00–{each.hour:02}:59", f"{each.issued:,}", f"{each.used:,}")
                    for each in report.shown_hours
                ),
                (word("total"), f"{total.issued:,}", f"{total.used:,}"),
            ),
        ),
    ):
        if table.rows:
            yield from (Space(2), Heading(word(heading)), table)
    yield from (Space(), Rule())


def _figure_columns(word: Words) -> tuple[TableColumn, ...]:
    names = (("ops", 7), ("slips", 7), ("amount", 16), ("points_issued", 11), ("points_used", 11), ("redemptions", 8))
    return tuple(TableColumn(word(name), width, Align.RIGHT) for name, width in (*names, ("joined", 8)))


def _figure_cells(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures.operations:,}",
        f"{figures.sales:,}",
        yuan(figures.sales_fen),
        f"{figures.issued:,}",
        f"{figures.used:,}",
        f"{figures.redemptions:,}",
        f"{figures.enrolled:,}",
    )


def _signed(points: int) -> str:
    return f"{points:+,}" if points else "0"
