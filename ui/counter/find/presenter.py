"""Find a member by whatever is typed: results as you type, the newest text wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.queries.rows import Found, FoundMember
from ui.counter.services import CounterServices, Problem


@dataclass(frozen=True)
class FindState:
    """`open`: the list is shown. `selected` is the row that Enter opens, -1 for none."""

    typed: str = ""
    open: bool = False
    asking: bool = False
    rows: tuple[FoundMember, ...] = ()
    more: bool = False
    hint: str | None = None
    selected: int = -1
    problem: Problem | None = None

    @property
    def nobody(self) -> bool:
        return self.open and not self.asking and not self.rows and self.hint is None and self.problem is None


class FindScreen(Protocol):
    def show_found(self, state: FindState) -> None: ...

    def open_member(self, member: UUID) -> None:
        """The person chose this row."""

    def card_typed(self, number: str) -> None:
        """A whole card number was typed or came from a scanner that types: treated as a swipe."""


class FindPresenter:
    """At most one question is under way; what is typed meanwhile is asked when it is answered, so nothing waits in line
    behind a fast typist and an old answer never covers a new one."""

    def __init__(self, screen: FindScreen, services: CounterServices) -> None:
        self.screen = screen
        self.services = services
        self.state = FindState()
        self._asked: str | None = None
        self._enter_waits = False

    def typed(self, text: str) -> None:
        wanted = " ".join(text.split())
        self._enter_waits = False
        if not wanted:
            self._show(FindState())
            return
        self._show(FindState(wanted, True, True, self.state.rows, self.state.more, None, 0 if self.state.rows else -1))
        if self._asked is None:
            self._ask()

    def move(self, step: int) -> None:
        count = len(self.state.rows)
        if count:
            self._with(selected=(max(self.state.selected, 0 if step < 0 else -1) + step) % count)

    def select(self, row: int) -> None:
        if 0 <= row < len(self.state.rows):
            self._with(selected=row)

    def enter(self) -> None:
        """Open the chosen row; where the answer is still on its way, as soon as it is there and names one person."""
        if not self.state.typed:
            return
        plain = self.state.typed.replace(" ", "")
        if plain.isascii() and plain.isdigit() and len(plain) == 16:
            self.clear()
            self.screen.card_typed(plain)
        elif self.state.asking:
            self._enter_waits = True
        elif 0 <= self.state.selected < len(self.state.rows):
            chosen = self.state.rows[self.state.selected].member
            self.clear()
            self.screen.open_member(chosen)

    def clear(self) -> None:
        self._enter_waits = False
        self._show(FindState())

    def _ask(self) -> None:
        text = self.state.typed
        self._asked = text
        self.services.jobs.run(lambda: self.services.queries.find_members(text), self._told, self._failed)

    def _told(self, found: Found) -> None:
        if self._newer_was_typed():
            return
        selected = 0 if found.rows else -1
        self._show(FindState(self.state.typed, True, False, found.rows, found.more, found.hint, selected))
        if self._enter_waits and len(found.rows) == 1:
            self.enter()
        self._enter_waits = False

    def _failed(self, failure: Exception) -> None:
        problem = self.services.problem(failure)
        if not self._newer_was_typed():
            self._show(FindState(self.state.typed, open=True, problem=problem))

    def _newer_was_typed(self) -> bool:
        """Whether this answer is late. Then it is dropped, and what stands in the field now is asked."""
        asked, self._asked = self._asked, None
        if not self.state.typed:
            return True
        if asked != self.state.typed:
            self._ask()
            return True
        return False

    def _with(self, *, selected: int) -> None:
        was = self.state
        self._show(FindState(was.typed, was.open, was.asking, was.rows, was.more, was.hint, selected, was.problem))

    def _show(self, state: FindState) -> None:
        self.state = state
        self.screen.show_found(state)
