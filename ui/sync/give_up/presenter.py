"""This desk is given up from its own screen: only when the hub has all of it, and by who keeps desks. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from app.domain.staff import PIN_DIGITS
from app.ports.hub import HubLink, HubStatus
from ui.counter.services import CounterServices, Problem


@dataclass(frozen=True)
class GiveUpState:
    unsent: int
    pin: str = ""
    busy: bool = False
    problem: Problem | None = None

    @property
    def is_possible(self) -> bool:
        return self.unsent == 0

    @property
    def is_ready(self) -> bool:
        return self.is_possible and len(self.pin) == PIN_DIGITS and not self.busy


class GiveUpScreen(Protocol):
    def show_give_up(self, state: GiveUpState) -> None: ...
    def leave(self) -> None:
        """It may go: who shows this closes the store and destroys it."""


class GiveUpPresenter:
    """Nothing is destroyed here: what `memberdesk sync forget` does is done when the window has closed its store, and
    it looks once more whether all was sent."""

    def __init__(self, screen: GiveUpScreen, services: CounterServices, link: HubLink) -> None:
        self._screen = screen
        self._services = services
        self._link = link
        self.state = GiveUpState(link.status().unsent)

    def status_changed(self, status: HubStatus) -> None:
        if status.unsent != self.state.unsent:
            self._set(unsent=status.unsent)

    def put(self, pin: str) -> None:
        if pin != self.state.pin and not self.state.busy:
            self._set(pin=pin, problem=None)

    def send_now(self) -> None:
        self._link.hurry()

    def give_up(self) -> None:
        person = self._services.who()
        if not self.state.is_ready or person is None:
            return
        agreed = partial(self._link.check_may_leave, person.staff, self.state.pin)
        self._set(busy=True, problem=None)
        self._services.jobs.run(agreed, lambda _: self._screen.leave(), self._failed)

    def render(self) -> None:
        self._screen.show_give_up(self.state)

    def _failed(self, failure: Exception) -> None:
        self._set(busy=False, pin="", unsent=self._link.status().unsent, problem=self._services.problem(failure))

    def _set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type] # names are this class's own fields
        self.render()
