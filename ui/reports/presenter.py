"""The report of one business day: which day, its figures, onto paper and into files. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.operations.print_report import PrintReport
from app.ports.authority import Submission
from app.queries.reports import DailyReport, ReportQueries
from ui.counter.services import CounterServices, Problem

Part = Literal["desks", "verbs", "staff", "gifts", "stock", "hours", "late"]
PARTS: tuple[Part, ...] = ("desks", "verbs", "staff", "gifts", "stock", "hours", "late")


@dataclass(frozen=True)
class ReportsState:
    """`report` is of `day`, or None while it is being added up. `today` is the last day that can be looked at."""

    day: date
    today: date
    report: DailyReport | None = None
    part: Part = "desks"
    problem: Problem | None = None
    loading: bool = False
    busy: bool = False  # something is on its way to paper or to a file

    @property
    def is_last(self) -> bool:
        return self.day >= self.today


class ReportsScreenProtocol(Protocol):
    def show_state(self, state: ReportsState) -> None: ...

    def say(self, what: str) -> None:
        """Something was done: "printing", "pdf" or "csv"."""


class ReportsPresenter:
    """`language` is that of the paper: the one that is spoken on the screen."""

    def __init__(
        self,
        screen: ReportsScreenProtocol,
        services: CounterServices,
        reports: ReportQueries,
        language: Callable[[], str],
    ) -> None:
        self.screen = screen
        self.services = services
        today = services.today()
        self.state = ReportsState(today, today)
        self._reports = reports
        self._language = language
        self._next_id = new_id()  # of what is asked for next: asking again after no answer is the same request

    def open(self) -> None:
        """Today stays today, also after midnight."""
        today = self.services.today()
        if self.state.is_last and self.state.day != today:
            self._show(replace(self.state, day=today, today=today, report=None))
        else:
            self._show(replace(self.state, today=today))
        self.refresh()

    def person_changed(self) -> None:
        """Whoever comes next starts with today, and sees nothing of what was looked at before."""
        today = self.services.today()
        self._show(ReportsState(today, today))

    def show_day(self, day: date) -> None:
        if day == self.state.day or day > self.state.today:
            return
        self._next_id = new_id()
        self._show(replace(self.state, day=day, report=None, problem=None))
        self.refresh()

    def step(self, days: int) -> None:
        self.show_day(self.state.day + timedelta(days=days))

    def show_today(self) -> None:
        self.show_day(self.services.today())

    def show_part(self, part: Part) -> None:
        self._show(replace(self.state, part=part))

    def refresh(self) -> None:
        person, day = self.services.who(), self.state.day
        if person is None:
            return

        def told(report: DailyReport) -> None:
            if day == self.state.day:
                self._show(replace(self.state, report=report, loading=False, problem=None))

        def failed(failure: Exception) -> None:
            if day == self.state.day:
                self._show(replace(self.state, loading=False, problem=self.services.problem(failure)))

        self._show(replace(self.state, loading=True))
        self.services.jobs.run(partial(self._reports.daily, person.session, day), told, failed)

    def print(self) -> None:
        def work(operation: PrintReport) -> None:
            self.services.paper.wake()

        self._do(PrintReport(id=self._next_id, day=self.state.day), work, "printing")

    def save_pdf(self, path: Path) -> None:
        language = self._language()

        def work(operation: PrintReport) -> None:
            _write(path, self.services.paper.pdf(operation.id, "daily_report", language))

        self._do(PrintReport(id=self._next_id, day=self.state.day, onto="file"), work, "pdf")

    def save_csv(self, path: Path, table: str) -> None:
        """`table` as comma-separated text; spreadsheets know by the mark at its beginning that it is UTF-8."""
        self._run(partial(_write, path, table.encode("utf-8-sig")), "csv")

    def _do(self, operation: PrintReport, then: Callable[[PrintReport], None], said: str) -> None:
        person, report = self.services.who(), self.state.report
        if person is None or report is None:
            return
        submission = Submission((operation,), person.session)

        def work() -> None:
            self._reports.keep(report)
            self.services.authority.submit(submission)
            then(operation)

        self._run(work, said)

    def _run(self, work: Callable[[], None], said: str) -> None:
        if self.state.busy:
            return
        self._show(replace(self.state, busy=True, problem=None))

        def done(_none: None) -> None:
            self._next_id = new_id()
            self._show(replace(self.state, busy=False))
            self.screen.say(said)

        def failed(failure: Exception) -> None:
            self._show(replace(self.state, busy=False, problem=self.services.problem(failure)))

        self.services.jobs.run(work, done, failed)

    def _show(self, state: ReportsState) -> None:
        self.state = state
        self.screen.show_state(state)


def _write(path: Path, content: bytes) -> None:
    """Raises Unavailable("file.not_written")."""
    try:
        path.write_bytes(content)
    except OSError as problem:
        raise Unavailable("file.not_written", file=path.name, why=problem.strerror or "") from None
