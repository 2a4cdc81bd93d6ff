"""The self-test at the start of a shift: run, written down, looked up again. No Qt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from app.domain.errors import Refused, Unavailable
from app.domain.ids import new_id
from app.domain.self_test import Check
from app.operations.record_self_test import RecordSelfTest
from app.operations.reprint_slip import ReprintSlip
from app.ports.authority import Authority, Submission
from app.ports.jobs import Jobs
from app.ports.paper import Paper
from app.ports.self_test import SelfTest, SelfTestStep
from app.queries.self_tests import SelfTestQueries, SelfTestRow

SHOWN = 60


@dataclass(frozen=True)
class SelfTestState:
    """`rows` are the tests that were recorded; `chosen` is the one whose lines are shown, None for the newest or the
    running one. `problem`: why the last one was not written down."""

    running: bool = False
    step: SelfTestStep | None = None
    rows: tuple[SelfTestRow, ...] = ()
    chosen: UUID | None = None
    unsaved: tuple[Check, ...] = ()
    problem: Exception | None = None
    loaded: bool = False
    busy: bool = False  # one is on its way to paper or to a file

    @property
    def shown(self) -> SelfTestRow | None:
        return next((row for row in self.rows if self.chosen in (None, row.operation)), None)

    @property
    def checks(self) -> tuple[Check, ...]:
        if self.running:
            return self.step.found if self.step is not None else ()
        if self.unsaved:
            return self.unsaved
        return self.shown.checks if self.shown is not None else ()


class SelfTestScreen(Protocol):
    def show_self_test(self, state: SelfTestState) -> None: ...

    def said_done(self, what: str) -> None:
        """ "printing" or "saved"."""


def _raise(failure: Exception) -> None:
    raise failure


class SelfTestPresenter:
    """`day_of` is the business day of a moment. `due(bool)` is told whether today's self-test is still to be made."""

    def __init__(
        self,
        screen: SelfTestScreen,
        test: SelfTest,
        tests: SelfTestQueries,
        authority: Authority,
        paper: Paper,
        jobs: Jobs,
        *,
        session: Callable[[], UUID | None],
        language: Callable[[], str],
        now: Callable[[], datetime],
        day_of: Callable[[datetime], date],
        due: Callable[[bool], None] = lambda _due: None,
        failed: Callable[[Exception], None] = lambda _: None,
        bug: Callable[[Exception], None] = _raise,
    ) -> None:
        self._screen = screen
        self._test = test
        self._tests = tests
        self._authority = authority
        self._paper = paper
        self._jobs = jobs
        self._session = session
        self._language = language
        self._now = now
        self._day_of = day_of
        self._due = due
        self._failed_to = failed
        self._bug = bug
        self._next_id = new_id()  # of the next slip: asking again after no answer is the same request
        self._step: SelfTestStep | None = None
        self._cancelled = threading.Event()
        self._skipped = threading.Event()
        self.state = SelfTestState()

    def open(self) -> None:
        """What was recorded so far, and whether today's is among it."""

        def told(rows: tuple[SelfTestRow, ...]) -> None:
            self._due(not any(self._day_of(row.at) == self._day_of(self._now()) for row in rows[:1]))
            self._set(rows=rows, loaded=True)

        self._jobs.run(lambda: self._tests.recent(SHOWN), told)

    def start(self) -> None:
        if self.state.running or self._session() is None:
            return
        self._cancelled, self._skipped = threading.Event(), threading.Event()
        self._step = None
        self._set(running=True, step=None, chosen=None, unsaved=(), problem=None)
        session, cancelled = self._session(), self._cancelled
        operation_id = new_id()

        def step(now: SelfTestStep) -> None:
            if self._step is None or now.number != self._step.number:
                self._skipped.clear()
            self._step = now  # shown by `look`, on the screen's thread

        def work() -> tuple[Check, ...]:
            began_s = time.monotonic()
            checks = self._test.run(self._language(), step, self._skipped.is_set, cancelled.is_set)
            if cancelled.is_set() or not checks:
                return ()
            took_ms = round((time.monotonic() - began_s) * 1000)
            operation = RecordSelfTest(id=operation_id, checks=checks, took_ms=took_ms)
            try:
                self._authority.submit(Submission((operation,), session))
            except Exception as problem:  # what was found is shown all the same; `_set` says that it was not kept
                raise _NotKept(checks, problem) from problem
            return checks

        def done(_checks: tuple[Check, ...]) -> None:
            self._set(running=False, step=None)
            self.open()

        self._jobs.run(work, done, self._failed)

    def look(self) -> None:
        """Now and then: the test runs on another thread."""
        if self.state.running and self._step != self.state.step:
            self._set(step=self._step)

    def skip(self) -> None:
        """Nobody has a card at hand for this reader."""
        self._skipped.set()

    def cancel(self) -> None:
        """Stop; nothing is written down."""
        self._cancelled.set()

    def choose(self, operation: UUID | None) -> None:
        if not self.state.running:
            self._set(chosen=operation, unsaved=())

    def print(self) -> None:
        """The one that is shown, as a slip; again, as a copy that says so."""
        shown, session = self.state.shown, self._session()
        if shown is None or session is None:
            return
        operation = ReprintSlip(id=self._next_id, reprints=shown.operation, document="self_test")

        def work() -> None:
            self._authority.submit(Submission((operation,), session))
            self._paper.wake()

        self._do(work, "printing")

    def save_pdf(self, path: Path) -> None:
        shown = self.state.shown
        if shown is None:
            return
        operation, language = shown.operation, self._language()

        def work() -> None:
            content = self._paper.pdf(operation, "self_test", language)
            try:
                path.write_bytes(content)
            except OSError as problem:
                raise Unavailable("file.not_written", file=path.name, why=problem.strerror or "") from None

        self._do(work, "saved")

    def person_changed(self) -> None:
        self.cancel()
        self._set(chosen=None, unsaved=(), problem=None)

    @property
    def takes_swipes(self) -> bool:
        """While it runs every swipe is the self-test's, also the one that has just ended the wait for it."""
        return self.state.running

    def _do(self, work: Callable[[], None], said: str) -> None:
        if self.state.running or self.state.busy:
            return
        self._set(busy=True)

        def done(_none: None) -> None:
            self._next_id = new_id()
            self._set(busy=False)
            self._screen.said_done(said)

        def failed(failure: Exception) -> None:
            self._set(busy=False)
            self._failed_to(failure)

        self._jobs.run(work, done, failed)

    def _failed(self, failure: Exception) -> None:
        checks = failure.checks if isinstance(failure, _NotKept) else ()
        problem = failure.problem if isinstance(failure, _NotKept) else failure
        self._set(running=False, step=None, unsaved=checks, problem=problem)
        if not isinstance(problem, Refused | Unavailable):
            self._bug(problem)

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type] # names of fields, as dataclasses.replace has it
        if state != self.state:
            self.state = state
            self._screen.show_self_test(state)


class _NotKept(Exception):
    def __init__(self, checks: tuple[Check, ...], problem: Exception) -> None:
        super().__init__(str(problem))
        self.checks = checks
        self.problem = problem
