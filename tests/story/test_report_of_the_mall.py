"""A desk with a hub shows and prints the report of the whole mall; cut off, its own day, and says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.domain.calendar import business_day
from app.domain.mode import Mode
from app.operations.print_report import PrintReport
from app.operations.sign_in import SignIn
from app.ports.authority import Submission
from app.queries.slips import DailyReportSlip
from tests.story.test_desk_and_hub_over_http import Counter, Served, a_member, enrolled, until
from tests.story.test_desk_and_hub_over_http import served as served  # noqa: PLC0414 - a fixture
from tests.support.mall import PINS, SUPERVISOR, ZONE


def test_the_report_is_the_malls_and_cut_off_the_desks(served: Served, tmp_path: Path) -> None:
    counter = Counter(enrolled(served, "K1", 11, tmp_path))
    a_member(served.mall, 1_000)
    desk = counter.desk
    signed_in = SignIn(staff=SUPERVISOR)
    desk.authority.submit(Submission((signed_in,), None, pin=PINS[SUPERVISOR]))
    until(lambda: counter.link.following.waiting().count == 0)
    today = business_day(datetime.now(UTC), ZONE)
    whole = desk.reports.daily(signed_in.id, today)
    assert not whole.desk_only
    assert (whole.total.issued, whole.total.enrolled) == (1_000, 1), "nothing of that was done at this desk"
    printed = PrintReport(day=today, onto="file")
    desk.reports.keep(whole)
    desk.authority.submit(Submission((printed,), signed_in.id))
    served.stop()
    until(lambda: counter.link.status().mode is Mode.FRESH)
    alone = desk.reports.daily(signed_in.id, today)
    assert alone.desk_only
    assert (alone.total.issued, [each.desk for each in alone.desks]) == (0, ["K1"])
    slip = desk.slips.slip(printed.id, "daily_report")
    assert isinstance(slip, DailyReportSlip)
    assert slip.report == whole, "a copy says what was printed"
    desk.close()
