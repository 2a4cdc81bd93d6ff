"""Who are you, and your PIN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Protocol

from app.domain.errors import Fact, Refused, Unavailable
from app.operations.sign_in import SignIn
from app.ports.authority import Answer, Authority, Submission
from app.ports.jobs import Jobs
from app.queries.ports import Queries
from app.queries.rows import StaffTile
from ui.shell.session import Session


class SignInScreen(Protocol):
    def show_staff(self, staff: tuple[StaffTile, ...]) -> None: ...
    def show_chosen(self, staff: StaffTile | None) -> None: ...
    def show_busy(self, busy: bool) -> None: ...
    def show_problem(self, sentence: str) -> None: ...


class SignInPresenter:
    """`signed_in` gets the session; `bug` whatever is neither refusal nor world."""

    def __init__(
        self,
        screen: SignInScreen,
        authority: Authority,
        queries: Queries,
        jobs: Jobs,
        *,
        sentence: Callable[[str, Mapping[str, Fact]], str],
        signed_in: Callable[[Session], None],
        bug: Callable[[Exception], None],
        now: Callable[[], datetime],
    ) -> None:
        self._screen = screen
        self._authority = authority
        self._queries = queries
        self._jobs = jobs
        self._sentence = sentence
        self._signed_in = signed_in
        self._bug = bug
        self._now = now
        self._staff: tuple[StaffTile, ...] = ()
        self._chosen: StaffTile | None = None
        self._busy = False
        self._locked_code = ""
        self._locked_s = 0

    @property
    def chosen(self) -> StaffTile | None:
        return self._chosen

    @property
    def locked_s(self) -> int:
        """How long the chosen person still has to wait, in seconds."""
        return self._locked_s

    def open(self) -> None:
        """Begin anew: nobody is chosen, the list is asked again."""
        self._locked_s = 0
        self.choose(None)
        self._jobs.run(self._queries.staff, self._on_staff, self._on_failed)

    def choose(self, staff: StaffTile | None) -> None:
        self._chosen = staff
        self._locked_s = 0
        self._screen.show_problem("")
        self._screen.show_chosen(staff)

    def choose_number(self, typed: str) -> None:
        """By staff number, whole or as far as it is unambiguous."""
        typed = typed.strip()
        exact = [tile for tile in self._staff if tile.staff == typed]
        fitting = exact or [tile for tile in self._staff if typed and tile.staff.startswith(typed)]
        if len(fitting) == 1:
            self.choose(fitting[0])
        else:
            self._screen.show_problem(self._sentence("staff.unknown", {"staff": typed}))

    def enter(self, pin: str) -> None:
        if self._chosen is None or self._busy or self._locked_s > 0:
            return
        self._busy = True
        self._screen.show_busy(True)
        submission = Submission((SignIn(staff=self._chosen.staff),), session=None, pin=pin)
        self._jobs.run(partial(self._authority.submit, submission), self._on_signed_in, self._on_failed)

    def tick(self) -> None:
        """Called once a second: a lockout runs down where the person can see it."""
        if self._locked_s > 0:
            self._locked_s -= 1
            self._show_lockout()

    def retranslate(self) -> None:
        self._screen.show_staff(self._staff)
        self._screen.show_chosen(self._chosen)
        if self._locked_s > 0:
            self._show_lockout()

    def _on_staff(self, staff: tuple[StaffTile, ...]) -> None:
        self._staff = staff
        self._screen.show_staff(staff)
        if len(staff) == 1 and self._chosen is None:
            self.choose(staff[0])

    def _on_signed_in(self, answers: tuple[Answer, ...]) -> None:
        self._busy = False
        self._screen.show_busy(False)
        self._signed_in(Session.of(answers[0], self._now()))

    def _on_failed(self, problem: Exception) -> None:
        self._busy = False
        self._screen.show_busy(False)
        if not isinstance(problem, Refused | Unavailable):
            self._bug(problem)
            return
        seconds = problem.facts.get("seconds")
        if isinstance(seconds, int) and seconds > 0:
            self._locked_code, self._locked_s = problem.code, seconds
            self._show_lockout()
            return
        self._screen.show_problem(self._sentence(problem.code, problem.facts))

    def _show_lockout(self) -> None:
        if self._locked_s > 0:
            self._screen.show_problem(self._sentence(self._locked_code, {"seconds": self._locked_s}))
        else:
            self._screen.show_problem("")
