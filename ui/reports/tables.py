"""The tables of the daily report, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.domain.wording import verb_alone
from app.queries.reports import DailyReport, Figures
from ui.locale import day, language, mark, moment, money, number, signed, tr
from ui.reports.presenter import Part
from ui.widgets import Column

PART_NAMES: dict[Part, str] = {
    "desks": mark("Desks"),
    "verbs": mark("Kinds"),
    "staff": mark("People"),
    "gifts": mark("Gifts"),
    "stock": mark("Stock"),
    "hours": mark("Hours"),
    "late": mark("Late"),
}


def rows_of(report: DailyReport, part: Part) -> Sequence[Any]:
    match part:
        case "desks":
            return report.desks
        case "verbs":
            return report.verbs
        case "staff":
            return report.clerks
        case "gifts":
            return report.gifts
        case "stock":
            return report.stock
        case "hours":
            return report.shown_hours
        case "late":
            return (*report.late, *report.later)


def columns_of(part: Part, report: Callable[[], DailyReport | None]) -> tuple[Column[Any], ...]:
    def desk_name(row: Any) -> str:
        shown = report()
        return shown.desk_name(row.desk) if shown is not None else str(row.desk)

    match part:
        case "desks":
            return (_text("desk", mark("Counter"), lambda row: row.name, 240), *_figures())
        case "verbs":
            return (
                _text("verb", mark("Kind of operation"), lambda row: verb_alone(row.verb, language()), 320),
                _count("count", mark("Count"), lambda row: row.count),
                _count("approved", mark("of which approved"), lambda row: row.approved, 150),
            )
        case "staff":
            return (
                _text("staff", mark("Staff number"), lambda row: row.staff, 104),
                _text("name", mark("Name"), lambda row: row.name, 150),
                *_figures(),
                _count("approvals", mark("Approved"), lambda row: row.approvals),
            )
        case "gifts":
            return (
                _text("gift", mark("Code"), lambda row: row.gift, 130),
                _text("name", mark("Gift"), lambda row: row.name, 280),
                _count("redeemed", mark("Pieces redeemed"), lambda row: row.redeemed),
                _count("points", mark("Points used"), lambda row: row.points, 120),
                _count("handed_out", mark("Pieces out"), lambda row: row.handed_out),
            )
        case "stock":
            return (
                _text("desk", mark("Counter"), desk_name, 200),
                _text("gift", mark("Code"), lambda row: row.gift, 120),
                _text("name", mark("Gift"), lambda row: row.name, 240),
                _count("received", mark("Received"), lambda row: row.received),
                _count("handed_out", mark("Pieces out"), lambda row: row.handed_out),
                _count("returned", mark("Returned"), lambda row: row.returned),
                _count("change", mark("Difference"), lambda row: row.change, sign=True),
            )
        case "hours":
            return (
                _text("hour", mark("Hour"), lambda row: f"{row.hour:02}:00–{row.hour:02}:59", 200),
                _count("issued", mark("Points issued"), lambda row: row.issued, 140),
                _count("used", mark("Points used"), lambda row: row.used, 140),
            )
        case "late":
            return (
                Column("at", lambda: tr("Happened"), lambda row: moment(row.at), lambda row: row.at, width=150),
                Column("came", lambda: tr("Came"), lambda row: moment(row.came_at), lambda row: row.came_at, width=150),
                _text("desk", mark("Counter"), lambda row: row.desk_name, 84),
                _text("staff", mark("Staff number"), lambda row: row.staff, 64),
                _text("verb", mark("Kind of operation"), lambda row: verb_alone(row.verb, language()), 100),
                _count("points", mark("Points"), lambda row: row.points, 72, sign=True),
                _not_zero("fen", mark("Sales sum"), lambda row: row.fen, money, 96),
                _not_zero("pieces", mark("Pieces out"), lambda row: row.pieces, number, 72),
                _text("listed_on", mark("Listed on"), lambda row: day(row.listed_on), 110),
            )


def _figures() -> tuple[Column[Any], ...]:
    def of(name: str) -> Callable[[Any], int]:
        def figure(row: Any) -> int:
            figures: Figures = row.figures
            return int(getattr(figures, name))

        return figure

    return (
        _count("operations", mark("In all"), of("operations"), 90),
        _count("issued", mark("Issued"), of("issued"), 100),
        _count("used", mark("Used"), of("used"), 100),
        _count("sales", mark("Sales"), of("sales"), 84),
        Column(
            "sales_fen",
            lambda: tr("Sales sum"),
            lambda row: money(row.figures.sales_fen),
            of("sales_fen"),
            right=True,
            width=150,
        ),
        _count("redemptions", mark("Redeemed"), of("redemptions"), 90),
        _count("enrolled", mark("Joined"), of("enrolled"), 90),
    )


def _text(name: str, title: str, text: Callable[[Any], str], width: int) -> Column[Any]:
    return Column(name, lambda: tr(title), text, width=width)


def _count(name: str, title: str, value: Callable[[Any], int], width: int = 104, *, sign: bool = False) -> Column[Any]:
    shown = signed if sign else number
    return Column(name, lambda: tr(title), lambda row: shown(value(row)), value, right=True, width=width)


def _not_zero(
    name: str, title: str, value: Callable[[Any], int], shown: Callable[[int], str], width: int
) -> Column[Any]:
    """Most operations move no money, or no goods: then nothing stands there."""
    return Column(
        name, lambda: tr(title), lambda row: shown(value(row)) if value(row) else "", value, right=True, width=width
    )
