"""The daily report says what the operations of that day did, and nothing of any other day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.calendar import business_day
from app.domain.ids import new_id
from app.operations.adjust_points import AdjustPoints
from app.operations.hand_out import HandOut
from app.operations.print_report import PrintReport
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.reprint_slip import ReprintSlip
from app.operations.reverse import Reverse
from app.queries.reports import DailyReport, Figures
from app.queries.slips import DailyReportSlip
from db.connection import Connection
from db.queries.counter import SqlQueries
from db.queries.reports import SqlReports, bounds, daily_report
from db.queries.slips import SqlSlips
from db.spool import SqlSpool
from db.store import Store
from db.verify import verify
from tests.support.mall import CLERK, OTHER_CLERK, OTHER_SUPERVISOR, SUPERVISOR, ZONE, Mall, refused
from tests.support.random_counter import RandomCounter


def report_of(mall: Mall, day: date | None = None) -> DailyReport:
    return mall.store.read(
        lambda connection: daily_report(
            connection, mall=mall.name, day=day or business_day(mall.clock.now, ZONE), as_of=mall.clock.now
        )
    )


@pytest.fixture
def quiet(mall: Mall) -> Mall:
    """The day after the mall was furnished: nothing has happened yet."""
    mall.clock.advance(timedelta(days=1))
    return mall


def test_a_day_without_operations_is_empty(quiet: Mall) -> None:
    report = report_of(quiet)
    assert report.is_empty
    assert report.total == Figures()
    assert (report.desks, report.clerks, report.verbs, report.gifts, report.stock) == ((), (), (), (), ())


def test_each_thing_that_happens_stands_where_it_belongs(quiet: Mall) -> None:
    mall = quiet
    mall.add_desk("D2", 2)
    member = mall.member()
    sale, undone = mall.slip(member, 123_450), mall.slip(member, 10_000)
    mall.do(sale, by=CLERK)
    mall.do(undone, by=CLERK)
    mall.do(Reverse(reverses=undone.id, reason="mistake", member=member), by=CLERK)
    redeemed = mall.redemption(member, "CUP", 3)
    mall.do(redeemed, HandOut(member=member, redemption=redeemed.id, lines=(0,)), by=OTHER_CLERK)
    adjusted = AdjustPoints(member=member, change=-34, reason="wrong_points", note="更正")
    mall.do(adjusted, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)
    mall.do(ReceiveStock(lines=(StockLine("CUP", 7),)), by=CLERK, desk="D2")
    report = report_of(mall)
    total = report.total
    assert (total.issued, total.taken_back, total.used, total.adjusted) == (1_334, 100, 300, -34)
    assert (total.sales, total.sales_fen, total.sales_undone, total.sales_undone_fen) == (2, 133_450, 1, 10_000)
    assert (total.redemptions, total.redemptions_undone, total.handed_out) == (1, 0, 3)
    assert (total.enrolled, total.cards, total.approved) == (1, 1, 1)
    assert total.change == mall.points(member).posted == 900
    assert [(each.gift, each.redeemed, each.points, each.handed_out) for each in report.gifts] == [("CUP", 3, 300, 3)]
    assert [(each.desk, each.received, each.handed_out, each.returned) for each in report.stock] == [
        ("D1", 0, 3, 0),
        ("D2", 7, 0, 0),
    ]
    clerks = {each.staff: each for each in report.clerks}
    assert (clerks[CLERK].figures.sales, clerks[OTHER_CLERK].figures.used) == (2, 300)
    assert (clerks[OTHER_SUPERVISOR].approvals, clerks[OTHER_SUPERVISOR].figures) == (1, Figures())
    assert [(each.desk, each.figures.operations) for each in report.desks] == [("D1", 8), ("D2", 1)]
    assert sum(each.count for each in report.verbs) == total.operations == 9
    hour = mall.clock.now.hour + 8
    assert [(each.hour, each.issued, each.used) for each in report.hours if each.issued] == [(hour % 24, 1_334, 300)]


def test_a_day_ends_at_midnight_of_the_mall(quiet: Mall) -> None:
    mall = quiet
    member = mall.member()
    day = business_day(mall.clock.now, ZONE)
    _, midnight = bounds(day, ZONE)
    mall.clock.advance(midnight - timedelta(seconds=1) - mall.clock.now)
    mall.do(mall.slip(member, 10_000))
    mall.clock.advance(timedelta(seconds=1))
    mall.do(mall.slip(member, 20_000))
    assert (report_of(mall, day).total.issued, report_of(mall).total.issued) == (100, 200)


def test_what_is_undone_later_does_not_change_the_day(quiet: Mall) -> None:
    mall = quiet
    member = mall.member()
    sale = mall.slip(member, 10_000)
    mall.do(sale)
    redeemed = mall.redemption(member, "CUP", 1)
    mall.do(redeemed, HandOut(member=member, redemption=redeemed.id, lines=(0,)))
    day = business_day(mall.clock.now, ZONE)
    before = report_of(mall, day)
    mall.clock.advance(timedelta(days=1))
    for past in (redeemed.id, sale.id):
        mall.do(
            Reverse(reverses=past, reason="other", member=member, goods_back=True),
            by=SUPERVISOR,
            approved_by=OTHER_SUPERVISOR,
        )
    after = report_of(mall, day)
    assert (after.total, after.gifts, after.stock) == (before.total, before.gifts, before.stock)
    today = report_of(mall).total
    assert (today.given_back, today.taken_back, today.redemptions_undone, today.sales_undone) == (100, 100, 1, 1)
    assert [each.returned for each in report_of(mall).stock] == [1]


def test_clerks_see_no_report_and_nobody_sees_tomorrow(quiet: Mall) -> None:
    mall = quiet
    queries = SqlQueries(mall.store, mall.name, "D1", mall.clock)
    reports = SqlReports(mall.store, mall.name, mall.clock, queries.session_staff)
    today = business_day(mall.clock.now, ZONE)
    with refused("staff.no_right"):
        reports.daily(mall.session(CLERK), today)
    for staff in (SUPERVISOR, "3001", "9001"):
        assert reports.daily(mall.session(staff), today).is_empty
    with refused("report.day_to_come"):
        reports.daily(mall.session(SUPERVISOR), today + timedelta(days=1))
    with refused("session.unknown"):
        reports.daily(new_id(), today)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2026, 11, 22), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Shanghai", date(1991, 4, 14), 23),  # the last summer time of the mainland began on this day
    ],
)
def test_a_business_day_is_the_malls_whatever_its_clocks_do(zone: str, day: date, hours: int) -> None:
    begin, end = bounds(day, zone)
    assert end - begin == timedelta(hours=hours)
    assert business_day(begin, zone) == business_day(end - timedelta(microseconds=1), zone) == day
    assert begin.tzinfo is UTC


def _told(mall: Mall, day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """(verb, what it answered) of each operation of that day, from the log itself."""
    import json

    for verb, at, encoded, result in mall.store.read(
        lambda connection: connection.rows(
            "SELECT verb, at, encoded, result FROM operation WHERE mall_id = :mall", mall=mall.name
        )
    ):
        moment: datetime = at
        if business_day(moment, ZONE) == day:
            yield verb, {**json.loads(encoded)["body"], **json.loads(result)}


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_those_that_the_operations_answered(mall: Mall, seed: int) -> None:
    counter = RandomCounter(mall, seed)
    days = set()
    for _ in range(90):
        counter.step()
        days.add(business_day(mall.clock.now, ZONE))
    for day in days:
        total, verbs = report_of(mall, day).total, Counter[str]()
        issued = used = fen = change = expired = 0
        for verb, told in _told(mall, day):
            verbs[verb] += 1
            if verb == "credit_sale":
                issued, fen = issued + told["points"], fen + told["amount_fen"]
            if verb == "redeem":
                used += told["points"]
            if verb == "adjust_points":
                change += told["change"]
            if verb == "expire_points":
                expired += told["points"]
            if verb == "reverse":
                change += told["points"]
        assert (total.issued, total.used, total.sales_fen) == (issued, used, fen)
        assert total.change == issued - used - expired + change
        assert (total.sales, total.redemptions) == (verbs["credit_sale"], verbs["redeem"])
        assert (total.enrolled, total.cards) == (verbs["enrol_member"], verbs["issue_card"] + verbs["replace_card"])
    posted = mall.one("SELECT sum(posted) FROM account WHERE mall_id = :mall AND kind = 'member'")[0]
    assert sum(report_of(mall, day).total.change for day in days) == int(posted)


def test_the_parts_add_up_to_the_total(mall: Mall) -> None:
    counter = RandomCounter(mall, 11)
    for _ in range(60):
        counter.step()
    report = report_of(mall)
    assert sum((each.figures for each in report.desks), Figures()) == report.total
    assert sum((each.figures for each in report.clerks), Figures()) == report.total
    assert sum(each.approvals for each in report.clerks) == report.total.approved
    assert sum(each.issued for each in report.hours) == report.total.issued
    assert sum(each.points for each in report.gifts) == report.total.used
    assert sum(each.handed_out for each in report.gifts) == report.total.handed_out


def test_a_printed_report_tells_of_the_day_as_far_as_it_had_come_and_so_does_its_copy(quiet: Mall) -> None:
    mall = quiet
    member = mall.member()
    mall.do(mall.slip(member, 10_000))
    day = business_day(mall.clock.now, ZONE)
    printed = PrintReport(day=day)
    mall.do(printed, by=SUPERVISOR)
    mall.clock.advance(timedelta(minutes=1))
    mall.do(mall.slip(member, 20_000))
    with refused("staff.no_right"):
        mall.do(ReprintSlip(reprints=printed.id, document="daily_report"), by=CLERK)
    mall.do(ReprintSlip(reprints=printed.id, document="daily_report"), by=SUPERVISOR)
    slip = SqlSlips(mall.store, mall.name, "D1").slip(printed.id, "daily_report")
    assert isinstance(slip, DailyReportSlip)
    assert (slip.report.day, slip.report.total.issued, slip.staff) == (day, 100, "2001 李静")
    assert report_of(mall, day).total.issued == 300
    assert "print_report" not in {each.verb for each in report_of(mall, day).verbs}
    queued = [(job.document, job.copy) for job in SqlSpool(mall.store, mall.name, "D1").recent(9)]
    assert sorted(each for each in queued if each[0] == "daily_report") == [("daily_report", 0), ("daily_report", 1)]
    assert verify(mall.store, mall.name) == []


def test_a_report_is_printed_only_by_who_may_see_it_and_only_of_days_that_have_come(quiet: Mall) -> None:
    mall = quiet
    day = business_day(mall.clock.now, ZONE)
    with refused("staff.no_right"):
        mall.do(PrintReport(day=day), by=CLERK)
    with refused("report.day_to_come"):
        mall.do(PrintReport(day=day + timedelta(days=1)), by=SUPERVISOR)
    mall.do(PrintReport(day=day, onto="file"), by="9001")
    assert SqlSpool(mall.store, mall.name, "D1").recent(9) == ()


def test_on_sqlite_only_the_operations_of_the_day_are_read(sqlite_store: Store) -> None:
    mall = Mall(sqlite_store)
    plans: list[list[str]] = []

    class Explained:
        def __init__(self, connection: Connection) -> None:
            self.connection = connection
            self.row = connection.row

        def rows(self, sql: str, **values: Any) -> list[Any]:
            if "FROM operation" in sql:
                plans.append([step[-1] for step in self.connection.rows(f"EXPLAIN QUERY PLAN {sql}", **values)])
            return self.connection.rows(sql, **values)

    def look(connection: Connection) -> DailyReport:
        explained: Any = Explained(connection)
        day = business_day(mall.clock.now, ZONE)
        return daily_report(explained, mall=mall.name, day=day, as_of=mall.clock.now)

    sqlite_store.read(look)
    assert len(plans) == 8
    assert all("ix_operation_at" in plan[0] for plan in plans), plans
