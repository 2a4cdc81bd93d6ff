"""A store that was restored or copied: with a code its desk enrols again, and goes on from what the hub has. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from app.ports.hub import HubLink
from ui.counter.services import CounterServices, Problem

CODE_LETTERS = 12


@dataclass(frozen=True)
class EnrolAgainState:
    """`lost`: how many operations never reached the hub or were kept aside there; None before it is known."""

    unsent: int
    code: str = ""
    busy: bool = False
    lost: int | None = None
    problem: Problem | None = None

    @property
    def is_ready(self) -> bool:
        return len(self.code.replace("-", "").replace(" ", "")) == CODE_LETTERS and not self.busy


class EnrolAgainScreen(Protocol):
    def show_enrol_again(self, state: EnrolAgainState) -> None: ...


class EnrolAgainPresenter:
    def __init__(self, screen: EnrolAgainScreen, services: CounterServices, link: HubLink) -> None:
        self._screen = screen
        self._services = services
        self._link = link
        self.state = EnrolAgainState(link.status().unsent)

    def put(self, code: str) -> None:
        if code != self.state.code and not self.state.busy:
            self._set(code=code, problem=None)

    def enrol(self) -> None:
        if self.state.is_ready and self.state.lost is None:
            code = self.state.code
            self._set(busy=True, problem=None)
            self._services.jobs.run(lambda: self._link.renew(code), self._done, self._failed)

    def render(self) -> None:
        self._screen.show_enrol_again(self.state)

    def _done(self, lost: int) -> None:
        self._set(busy=False, lost=lost)

    def _failed(self, failure: Exception) -> None:
        self._set(busy=False, problem=self._services.problem(failure))

    def _set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type] # names are this class's own fields
        self.render()
