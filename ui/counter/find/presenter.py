"""Find a member by whatever is typed: results as you type, the newest text wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from app.queries.rows import Found, FoundMember, Guest, Searched
from ui.counter.services import CounterServices, Problem

HUB_PAUSE_MS = 350  # of no typing; each question to the hub stands in its log


@dataclass(frozen=True)
class FindState:
    """`open`: the list is shown. `selected` is the row that Enter opens, -1 for none. `searched`: HERE_FIRST while the
    hub is still to be asked, so that others may come. `guest`: the one row is a member of another mall of the group."""

    typed: str = ""
    open: bool = False
    asking: bool = False
    rows: tuple[FoundMember, ...] = ()
    more: bool = False
    hint: str | None = None
    selected: int = -1
    problem: Problem | None = None
    searched: Searched = Searched.EVERYWHERE
    guest: Guest | None = None

    @property
    def nobody(self) -> bool:
        return self.open and not self.asking and not self.rows and self.hint is None and self.problem is None


class FindScreen(Protocol):
    def show_found(self, state: FindState) -> None: ...

    def open_member(self, member: UUID) -> None:
        """The person chose this row."""

    def open_guest(self, guest: Guest, digits: str) -> None:
        """The person chose this member of another mall, whom `digits` found."""

    def card_typed(self, number: str) -> None:
        """A whole card number was typed or came from a scanner that types: treated as a swipe."""


class FindPresenter:
    """At most one question is under way; what is typed meanwhile is asked when it is answered, so nothing waits in line
    behind a fast typist and an old answer never covers a new one. At a desk of a hub those of the desk's own copy are
    shown at once, and the hub is asked when the typing pauses: again one question at a time."""

    def __init__(self, screen: FindScreen, services: CounterServices) -> None:
        self.screen = screen
        self.services = services
        self.state = FindState()
        self._asked: str | None = None
        self._asked_hub: str | None = None
        self._stop_pause: Callable[[], None] = _nothing
        self._enter_waits = False
        self._picked = False  # a row by hand: Enter need not wait for others

    def typed(self, text: str) -> None:
        wanted = " ".join(text.split())
        self._start_over()
        if not wanted:
            self._show(FindState())
            return
        rows = self.state.rows if self.state.guest is None else ()  # another number is another person's
        self._show(FindState(wanted, True, True, rows, self.state.more, None, 0 if rows else -1))
        if self._asked is None:
            self._ask()

    def move(self, step: int) -> None:
        count = len(self.state.rows)
        if count:
            self._picked = True
            self._with(selected=(max(self.state.selected, 0 if step < 0 else -1) + step) % count)

    def select(self, row: int) -> None:
        if 0 <= row < len(self.state.rows):
            self._picked = True
            self._with(selected=row)

    def enter(self) -> None:
        """Open the chosen row; where the answer is still on its way, as soon as it is there and names one person. Who
        presses it again does not wait for the hub."""
        if not self.state.typed:
            return
        plain = self.state.typed.replace(" ", "")
        if plain.isascii() and plain.isdigit() and len(plain) == 16:
            self.clear()
            self.screen.card_typed(plain)
        elif self.state.asking and not (self._picked or (self._enter_waits and self.state.rows)):
            self._enter_waits = True
            if self.state.searched is Searched.HERE_FIRST:
                self._ask_hub()
        elif 0 <= self.state.selected < len(self.state.rows):
            chosen, guest = self.state.rows[self.state.selected].member, self.state.guest
            self.clear()
            if guest is not None:
                self.screen.open_guest(guest, plain.replace("-", ""))
            else:
                self.screen.open_member(chosen)

    def clear(self) -> None:
        self._start_over()
        self._show(FindState())

    def _start_over(self) -> None:
        self._stop_pause()
        self._enter_waits = self._picked = False

    def _ask(self) -> None:
        text = self.state.typed
        self._asked = text
        self.services.jobs.run(lambda: self.services.queries.find_here(text), self._told, self._failed)

    def _told(self, found: Found) -> None:
        if self._newer_was_typed():
            return
        self._show_rows(found)
        if found.searched is not Searched.HERE_FIRST:
            self._settle()
        elif self._enter_waits:
            self._ask_hub()
        else:
            self._stop_pause = self.services.timers.after(HUB_PAUSE_MS, self._ask_hub)

    def _show_rows(self, found: Found) -> None:
        asking = found.searched is Searched.HERE_FIRST
        rows = found.rows if found.guest is None else (_as_row(found.guest),)
        selected = 0 if rows else -1
        if self._picked and 0 <= self.state.selected < len(self.state.rows):
            chosen = self.state.rows[self.state.selected].member
            selected = next((at for at, row in enumerate(rows) if row.member == chosen), selected)
        typed = self.state.typed
        self._show(
            FindState(
                typed, True, asking, rows, found.more, found.hint, selected, searched=found.searched, guest=found.guest
            )
        )

    def _settle(self) -> None:
        if self._enter_waits and len(self.state.rows) == 1:
            self.enter()
        self._enter_waits = False

    def _failed(self, failure: Exception) -> None:
        problem = self.services.problem(failure)
        if not self._newer_was_typed():
            self._show(FindState(self.state.typed, open=True, problem=problem))

    def _ask_hub(self) -> None:
        self._stop_pause()
        if self._asked_hub is not None:
            return  # asked again when that is answered
        text = self._asked_hub = self.state.typed
        self.services.jobs.run(lambda: self.services.queries.find_members(text), self._hub_told, self._hub_failed)

    def _hub_told(self, found: Found) -> None:
        if self._hub_is_late():
            return
        self._show_rows(found)
        self._settle()

    def _hub_failed(self, failure: Exception) -> None:
        """Those found here stay."""
        problem = self.services.problem(failure)
        if not self._hub_is_late():
            self._show(replace(self.state, asking=False, problem=problem, searched=Searched.HERE))
            self._settle()

    def _hub_is_late(self) -> bool:
        asked, self._asked_hub = self._asked_hub, None
        if asked == self.state.typed and self.state.searched is Searched.HERE_FIRST:
            return False
        if self.state.searched is Searched.HERE_FIRST and self.state.typed:
            self._ask_hub()
        return True

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
        self._show(replace(self.state, selected=selected))

    def _show(self, state: FindState) -> None:
        self.state = state
        self.screen.show_found(state)


def _as_row(guest: Guest) -> FoundMember:
    number = f"{guest.home_name} · {guest.member_no}"
    return FoundMember(guest.member, number, guest.name, guest.phone, guest.tier, guest.state, guest.usable, "guest")


def _nothing() -> None: ...
