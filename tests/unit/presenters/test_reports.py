"""The daily report, without a window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.errors import Unavailable
from app.operations.print_report import PrintReport
from app.queries.reports import DailyReport
from tests.unit.presenters.fakes import FACTS, NOW, SUPERVISOR, Desk, JobsLater
from tests.unit.presenters.test_spool_queue import PaperWithPictures
from tests.unit.printing.reports import a_day
from ui.reports.presenter import ReportsPresenter, ReportsState

TODAY = date(2026, 11, 22)


@dataclass
class FakeReports:
    asked: list[date] = field(default_factory=list)
    failure: Exception | None = None
    kept: list[DailyReport] = field(default_factory=list)

    def keep(self, report: DailyReport) -> None:
        self.kept.append(report)

    def daily(self, session: UUID, day: date) -> DailyReport:
        assert session == SUPERVISOR.session
        self.asked.append(day)
        if self.failure is not None:
            raise self.failure
        return replace(a_day(), day=day)


@dataclass
class Screen:
    state: ReportsState = field(default_factory=lambda: ReportsState(TODAY, TODAY))
    said: list[str] = field(default_factory=list)

    def show_state(self, state: ReportsState) -> None:
        self.state = state

    def say(self, what: str) -> None:
        self.said.append(what)


@dataclass
class Opened:
    desk: Desk
    screen: Screen
    presenter: ReportsPresenter
    reports: FakeReports


def opened(desk: Desk | None = None) -> Opened:
    FACTS.setdefault("print_report", lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    desk, screen, reports = desk or Desk(), Screen(), FakeReports()
    desk.person = SUPERVISOR
    services = replace(desk.services, paper=PaperWithPictures())
    presenter = ReportsPresenter(screen, services, reports, lambda: "zh_CN")
    presenter.open()
    return Opened(desk, screen, presenter, reports)


def test_today_is_shown_first() -> None:
    here = opened()
    assert here.reports.asked == [TODAY]
    assert here.screen.state.report == replace(a_day(), day=TODAY)
    assert here.screen.state.is_last


def test_days_are_walked_through_but_never_into_the_future() -> None:
    here = opened()
    here.presenter.step(1)
    here.presenter.step(-1)
    here.presenter.step(-1)
    here.presenter.show_today()
    here.presenter.show_day(TODAY + timedelta(days=9))
    assert here.reports.asked == [TODAY, date(2026, 11, 21), date(2026, 11, 20), TODAY]
    assert here.screen.state.day == TODAY


def test_a_slow_answer_for_a_day_that_was_left_is_not_shown() -> None:
    jobs = JobsLater()
    here = opened(Desk(jobs=jobs))
    here.presenter.step(-1)
    jobs.answer_all()
    report = here.screen.state.report
    assert report is not None
    assert report.day == here.screen.state.day == date(2026, 11, 21)
    assert not here.screen.state.loading


def test_after_midnight_today_is_the_new_day() -> None:
    here = opened()
    here.presenter.services = replace(here.presenter.services, now=lambda: NOW + timedelta(hours=12))
    here.presenter.open()
    assert (here.screen.state.day, here.screen.state.today) == (date(2026, 11, 23), date(2026, 11, 23))


def test_printing_is_an_operation_of_the_day_that_is_shown() -> None:
    here = opened()
    here.presenter.step(-1)
    here.presenter.print()
    (operation,) = here.desk.authority.operations
    assert isinstance(operation, PrintReport)
    assert (operation.day, operation.onto) == (date(2026, 11, 21), "paper")
    assert here.reports.kept == [here.screen.state.report], "its paper says what the screen said"
    assert here.screen.said == ["printing"]


def test_a_pdf_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    here = opened()
    here.presenter.save_pdf(tmp_path / "day.pdf")
    (operation,) = here.desk.authority.operations
    assert isinstance(operation, PrintReport)
    assert operation.onto == "file"
    assert (tmp_path / "day.pdf").read_bytes() == b"%PDF of daily_report"
    assert here.screen.said == ["pdf"]


def test_a_table_is_written_so_that_a_spreadsheet_reads_its_chinese(tmp_path: Path) -> None:
    here = opened()
    here.presenter.save_csv(tmp_path / "day.csv", "礼品,兑换件数\r\n李𬭚,3\r\n")
    assert (tmp_path / "day.csv").read_bytes() == "\ufeff礼品,兑换件数\r\n李𬭚,3\r\n".encode()
    assert here.screen.said == ["csv"]
    assert here.desk.authority.operations == []


def test_a_file_that_cannot_be_written_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    here = opened()
    here.presenter.save_csv(tmp_path / "nowhere" / "day.csv", "x")
    assert here.screen.state.problem is not None
    assert here.screen.state.problem.code == "file.not_written"
    assert not here.screen.state.busy


@pytest.mark.parametrize("code", ["store.unreachable", "store.busy"])
def test_what_cannot_be_read_now_can_be_tried_again(code: str) -> None:
    here = opened()
    here.reports.failure = Unavailable(code)
    here.presenter.refresh()
    assert here.screen.state.problem is not None
    assert here.screen.state.problem.again
    here.reports.failure = None
    here.presenter.refresh()
    assert here.screen.state.problem is None


def test_asking_again_after_no_answer_is_the_same_request() -> None:
    here = opened()
    here.desk.authority.failures = [Unavailable("store.unreachable")]
    here.presenter.print()
    here.presenter.print()
    first, second = here.desk.authority.submitted
    assert first.operations[0].id == second.operations[0].id


def test_the_next_person_starts_with_today() -> None:
    here = opened()
    here.presenter.step(-3)
    here.presenter.person_changed()
    assert (here.screen.state.day, here.screen.state.report) == (TODAY, None)


def test_nobody_signed_in_sees_nothing() -> None:
    here = opened()
    here.desk.person = None
    here.presenter.refresh()
    here.presenter.print()
    assert here.reports.asked == [TODAY]
    assert here.desk.authority.operations == []
