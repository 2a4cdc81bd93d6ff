"""Unlock with the PIN of whoever locked; somebody else signs in instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from app.domain.errors import Fact, Refused, Unavailable
from app.ports.authority import Authority
from app.ports.jobs import Jobs
from ui.shell.session import Session


class LockScreen(Protocol):
    def show_person(self, name: str, role: str) -> None: ...
    def show_busy(self, busy: bool) -> None: ...
    def show_problem(self, sentence: str) -> None: ...


class LockPresenter:
    """`unlocked` opens the desk again; the session was never ended."""

    def __init__(
        self,
        screen: LockScreen,
        authority: Authority,
        jobs: Jobs,
        *,
        sentence: Callable[[str, Mapping[str, Fact]], str],
        unlocked: Callable[[], None],
        bug: Callable[[Exception], None],
    ) -> None:
        self._screen = screen
        self._authority = authority
        self._jobs = jobs
        self._sentence = sentence
        self._unlocked = unlocked
        self._bug = bug
        self._session: Session | None = None
        self._busy = False
        self._locked_code = ""
        self._locked_s = 0

    @property
    def locked_s(self) -> int:
        return self._locked_s

    def lock(self, session: Session) -> None:
        self._session = session
        self._busy = False
        self._locked_s = 0
        self._screen.show_busy(False)
        self._screen.show_problem("")
        self._screen.show_person(session.name, session.role)

    def enter(self, pin: str) -> None:
        if self._session is None or self._busy or self._locked_s > 0:
            return
        self._busy = True
        self._screen.show_busy(True)
        session = self._session
        check = partial(self._authority.check_pin, session.session, pin)
        self._jobs.run(check, lambda _checked: self._on_right(session), self._on_failed)

    def tick(self) -> None:
        """Called once a second while a lockout runs."""
        if self._locked_s > 0:
            self._locked_s -= 1
            self._show_lockout()

    def retranslate(self) -> None:
        if self._session is not None:
            self._screen.show_person(self._session.name, self._session.role)
        self._show_lockout()

    def _on_right(self, session: Session) -> None:
        self._busy = False
        self._screen.show_busy(False)
        if session is self._session:  # not somebody who was locked before this one
            self._unlocked()

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
