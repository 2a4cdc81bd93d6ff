"""A report once closed never changes: what a desk that was cut off sends later is listed as late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.calendar import business_day
from app.hub.schedule import CLOSES_AFTER, Duties
from app.operations.hand_out import HandOut
from app.operations.receive_stock import ReceiveStock, StockLine
from app.queries.reports import DailyReport, Figures
from app.sync.envelope import decoded
from app.sync.protocol import AskReport
from db.hub.schedule import SqlSchedule
from db.queries.reports import bounds
from db.store import Store
from db.verify import verify
from tests.support.hub import DeskOfHub, HubMall
from tests.support.mall import CLERK, SUPERVISOR, ZONE, refused


@pytest.fixture
def look(mall: HubMall, fresh_postgres: str) -> Iterator[Callable[[], None]]:
    """What the hub does by itself."""

    def tell(problem: Exception) -> None:
        raise problem

    store = Store.open(fresh_postgres, None)
    yield Duties(mall.hub, SqlSchedule(store, mall.name), lambda: ZONE, lambda: 0, tell).look
    store.close()


def report_of(mall: HubMall, desk: DeskOfHub, day: date) -> DailyReport:
    assert desk.session is not None
    return mall.hub.report(mall.hub.known_desk(desk.desk), AskReport(SUPERVISOR, desk.session, day)).report


def today(mall: HubMall) -> date:
    return business_day(mall.clock.now, ZONE)


def to_the_next_closing(mall: HubMall) -> None:
    _, end = bounds(today(mall), ZONE)
    mall.clock.advance(end + CLOSES_AFTER + timedelta(minutes=1) - mall.clock.now)


def as_it_was(report: DailyReport) -> DailyReport:
    """All but when it was asked for, and the list of what came too late for it."""
    return replace(report, as_of=report.day, later=(), later_total=Figures())  # type: ignore[arg-type]


def test_what_comes_after_the_closing_changes_no_figure_and_is_listed_on_both_days(
    mall: HubMall, look: Callable[[], None]
) -> None:
    desk, off = mall.hub_desk(), mall.hub_desk()
    off.do(ReceiveStock(lines=(StockLine("CUP", 9),)))
    first = today(mall)
    member = desk.member(500)
    redeem = mall.redemption(member, "CUP", 2)
    while_cut_off = [
        off.make(mall.slip(member, 20_000)),
        off.make(redeem, approved_by=SUPERVISOR),
        off.make(HandOut(member=member, redemption=redeem.id, lines=(0,))),
    ]
    happened = mall.clock.now
    to_the_next_closing(mall)
    look()
    second = today(mall)
    assert (second - first).days == 1
    closed = report_of(mall, desk, first)
    assert closed.closed is not None
    assert (closed.total.issued, closed.total.used, closed.late, closed.later) == (500, 0, (), ())
    desk.do(mall.slip(member, 1_000))
    off.push(*while_cut_off)
    came = mall.clock.now
    assert mall.usable(member) == 510
    after = report_of(mall, desk, first)
    assert as_it_was(after) == as_it_was(closed)
    following = report_of(mall, desk, second)
    assert (following.total.issued, following.total.used, following.total.handed_out) == (10, 0, 0)
    assert after.later == following.late
    assert after.later_total == following.late_total
    assert (following.late_total.issued, following.late_total.used, following.late_total.change) == (200, 200, 0)
    assert [(each.verb, each.points, each.fen, each.pieces) for each in following.late] == [
        ("credit_sale", 200, 20_000, 0),
        ("redeem", -200, 0, 0),
        ("hand_out", 0, 0, 2),
    ]
    assert {(each.day, each.listed_on, each.desk, each.staff) for each in following.late} == {
        (first, second, off.desk, CLERK)
    }
    assert {(each.at, each.came_at) for each in following.late} == {(happened, came)}
    # Closed in its turn, the second day lists them for good, and nothing is listed twice.
    to_the_next_closing(mall)
    look()
    assert as_it_was(report_of(mall, desk, second)) == as_it_was(replace(following, closed=_closing(mall, second)))
    assert report_of(mall, desk, today(mall)).late == ()
    assert report_of(mall, desk, first).later == following.late
    mall.checked()


def _closing(mall: HubMall, day: date) -> Any:
    desk = mall.hub_desk()
    return report_of(mall, desk, day).closed


def test_points_of_all_reports_and_all_that_came_late_add_up_to_what_members_have(
    mall: HubMall, look: Callable[[], None]
) -> None:
    desk, off = mall.hub_desk(), mall.hub_desk()
    member = desk.member(300)
    first, kept = today(mall), []
    for day in range(4):
        kept.append(off.make(mall.slip(member, 1_000 * (day + 1))))
        desk.do(mall.slip(member, 5_000))
        if day == 2:
            off.push(*kept[:2])
        to_the_next_closing(mall)
        look()
    off.push(*kept[2:])
    days = [first + timedelta(days=number) for number in range((today(mall) - first).days + 1)]
    reports = [report_of(mall, desk, day) for day in days]
    assert sum(each.total.change + each.late_total.change for each in reports) == mall.points(member).posted == 600
    listed = [(each.day, each.listed_on) for report in reports for each in report.late]
    assert listed == [(days[0], days[2]), (days[1], days[2]), (days[2], days[4]), (days[3], days[4])]
    assert [len(each.later) for each in reports] == [1, 1, 1, 1, 0]
    assert sum(each.total.change + each.later_total.change for each in reports) == 600, "by when it happened, too"
    mall.checked()


def test_a_hub_that_was_off_for_days_closes_them_together(mall: HubMall, look: Callable[[], None]) -> None:
    desk, off = mall.hub_desk(), mall.hub_desk()
    member = desk.member()
    first = today(mall)
    early = off.make(mall.slip(member, 1_000))
    to_the_next_closing(mall)
    look()
    desk.do(mall.slip(member, 2_000))
    off.push(early)
    mall.clock.advance(timedelta(days=3))
    look()
    days = [first + timedelta(days=number) for number in range(5)]
    reports = [report_of(mall, desk, day) for day in days]
    assert [each.closed is not None for each in reports] == [True, True, True, True, False]
    assert [len(each.late) for each in reports] == [0, 1, 0, 0, 0], "on the first of the days that were closed together"
    assert {late.listed_on for each in reports for late in each.late} == {days[1]}
    mall.checked()


def test_the_report_is_told_to_whoever_may_see_it(mall: HubMall) -> None:
    desk = mall.hub_desk()
    known = mall.hub.known_desk(desk.desk)
    assert desk.session is not None
    with refused("staff.no_right"):
        mall.hub.report(known, AskReport(CLERK, desk.session, today(mall)))
    with refused("staff.unknown"):
        mall.hub.report(known, AskReport("4711", desk.session, today(mall)))
    with refused("report.day_to_come"):
        report_of(mall, desk, today(mall) + timedelta(days=1))


def test_a_day_is_closed_once_by_one_and_never_before_it_is_over(mall: HubMall, look: Callable[[], None]) -> None:
    for _ in range(2):
        look()
    with refused("report.day_to_come"):
        mall.hub.close_day(today(mall))
    rows = [row for row in mall.rows() if row.verb == "close_day"]
    assert [(row.kind, row.result["facts"]["day"]) for row in rows] == [
        ("system", (today(mall) - timedelta(days=1)).isoformat())
    ]


def test_each_closing_is_a_signed_checkpoint_and_a_feed_that_was_rewritten_behind_it_is_found(
    mall: HubMall, look: Callable[[], None]
) -> None:
    """Somebody with all rights on the database gives a row of the feed another result, and hashes all after it anew."""
    desk = mall.hub_desk()
    desk.member(100)
    look()
    desk.member(100)
    (row,) = (row for row in mall.rows() if row.verb == "close_day")
    (encoded,) = mall.one("SELECT encoded FROM operation WHERE mall_id = :mall AND verb = 'close_day'")
    body = decoded(bytes(encoded)).body
    assert body["n"] < row.n
    assert body["h"] == (mall.hub_store.feed_hash(body["n"]) or b"").hex()
    mall.checked()
    _rewrite(mall, body["n"])
    found = [(each.code, each.facts.get("place")) for each in verify(mall.store, mall.name)]
    assert ("verify.checkpoint", body["n"]) in found
    assert "verify.feed_hash" not in {code for code, _ in found}


def _rewrite(mall: HubMall, n: int) -> None:
    from hashlib import sha256

    from app.sync.protocol import next_h

    def write(connection: Any) -> None:
        connection.run("ALTER TABLE feed DISABLE TRIGGER ALL")
        rows = connection.rows(
            "SELECT n, prev, op_hash, result FROM feed WHERE mall_id = :mall AND n >= :n ORDER BY n",
            mall=mall.name,
            n=n,
        )
        h = bytes(rows[0][1])
        for place, _, op_hash, result in rows:
            text = bytes(result) + (b" " if place == n else b"")
            prev, h = h, next_h(h, bytes(op_hash), sha256(text).digest())
            connection.run(
                "UPDATE feed SET prev = :prev, h = :h, result = :result WHERE mall_id = :mall AND n = :place",
                mall=mall.name,
                place=place,
                prev=prev,
                h=h,
                result=text,
            )
        connection.run("UPDATE feed_head SET h = :h WHERE mall_id = :mall", mall=mall.name, h=h)
        connection.run("ALTER TABLE feed ENABLE TRIGGER ALL")

    mall.store.write(write)
