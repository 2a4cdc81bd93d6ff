"""One page of one member, and the short look at one field of their personal data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as detail
from types import MappingProxyType
from typing import Literal, Protocol
from uuid import UUID

from app.operations.reveal import Reveal
from app.ports.authority import Submission
from app.queries.rows import MemberPage, TimelineEntry
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Undo

Field = Literal["name", "phone", "birthday"]
Reason = Literal["call_member", "verify_identity", "member_asked", "complaint", "other"]
REASONS: tuple[Reason, ...] = ("call_member", "verify_identity", "member_asked", "complaint", "other")


@dataclass(frozen=True)
class RevealState:
    """`asking`: the field a person wants to see, before they gave reason and PIN; `shown` is in clear for `left_s`."""

    asking: Field | None = None
    busy: bool = False
    problem: Problem | None = None
    field: Field | None = None
    shown: str = detail(default="", repr=False)
    left_s: int = 0


NOTHING_REVEALED = RevealState()


# The slip of each kind of thing that happened, where it has one.
SLIPS: Mapping[str, str] = MappingProxyType(
    {
        "redeemed": "redemption",
        "credited": "credit",
        "handed_out": "hand_out",
        "reversed": "reversal",
        "adjusted": "adjustment",
        "card_issued": "card",
        "card_replaced": "card",
    }
)


@dataclass(frozen=True)
class ScannedSlip:
    """The operation whose slip is at hand. `document` is what can be printed again; `owed`: it has gifts that wait."""

    entry: TimelineEntry
    points: int
    document: str
    owed: bool

    @property
    def can_undo(self) -> bool:
        return self.entry.reversible and not self.entry.reversed


@dataclass(frozen=True)
class MemberState:
    """`slip`: the operation whose paper was scanned."""

    page: MemberPage | None = None
    slip: UUID | None = None
    loading: bool = False
    problem: Problem | None = None
    reveal: RevealState = NOTHING_REVEALED

    @property
    def scanned(self) -> ScannedSlip | None:
        if self.page is None or self.slip is None:
            return None
        entries = [entry for entry in self.page.timeline if entry.operation == self.slip]
        if not entries:
            return None
        owed = any(gift.redemption == self.slip for gift in self.page.gifts_owed)
        points = sum(entry.points for entry in entries)
        return ScannedSlip(entries[0], points, SLIPS.get(entries[0].kind, ""), owed)


class MemberScreen(Protocol):
    def show_member(self, state: MemberState) -> None: ...


def undo_of(page: MemberPage, entry: TimelineEntry) -> Undo:
    """What reversing this entry is about. A redemption that is still owed has not left the counter."""
    owed = any(gift.redemption == entry.operation for gift in page.gifts_owed)
    goods_out = entry.kind == "handed_out" or (entry.kind == "redeemed" and not owed)
    return Undo(entry.operation, entry.kind, entry.label, entry.points, goods_out)


def reversible(page: MemberPage) -> tuple[Undo, ...]:
    """What can be undone for this member, the newest first, each operation once."""
    found: dict[UUID, Undo] = {}
    for entry in page.timeline:
        if entry.reversible and not entry.reversed:
            known = found.get(entry.operation)
            new = undo_of(page, entry)
            found[entry.operation] = new if known is None else replace(known, points=known.points + new.points)
    return tuple(found.values())


def _nobody_cares(_page: MemberPage) -> None: ...


class MemberPresenter:
    """`loaded` is told each page that arrives, so that the task beside it sees the same figures."""

    def __init__(self, screen: MemberScreen, services: CounterServices) -> None:
        self.screen = screen
        self.services = services
        self.loaded: Callable[[MemberPage], None] = _nobody_cares
        self.state = MemberState()
        self._wanted: UUID | None = None
        self._slip: UUID | None = None
        self._turn = 0
        self._reveal_turn = 0
        self._stop_countdown: Callable[[], None] = lambda: None
        self._reveal: Reveal | None = None

    def open(self, member: UUID, slip: UUID | None = None) -> None:
        """Ask for a member's page, with the operation whose slip was scanned; whatever was asked before is no longer
        wanted."""
        self._wanted, self._slip = member, slip
        self._turn += 1
        turn = self._turn
        known = self.state.page
        if known is None or known.member != member:
            self._blank_reveal()
            self._show(MemberState(loading=True))

        def told(page: MemberPage) -> None:
            if turn != self._turn:
                return
            self._show(MemberState(page, self._slip, reveal=self.state.reveal))
            self.loaded(page)

        def failed(failure: Exception) -> None:
            problem = self.services.problem(failure)
            if turn == self._turn:
                self._show(MemberState(self.state.page, self.state.slip, problem=problem))

        self.services.jobs.run(lambda: self.services.queries.member_page(member, slip), told, failed)

    def reload(self) -> None:
        if self._wanted is not None:
            self.open(self._wanted, self._slip)

    def put_slip_away(self) -> None:
        self._slip = None
        self._show(replace(self.state, slip=None))

    def close(self) -> None:
        self._turn += 1
        self._wanted = self._slip = None
        self._blank_reveal()
        self._show(MemberState())

    def ask_reveal(self, which: Field) -> None:
        """A person wants to see one field in clear: reason and own PIN first."""
        if self.state.page is not None and not self.state.reveal.busy:
            self._blank_reveal()
            self._reveal = None
            self._show_reveal(RevealState(asking=which))

    def reveal(self, reason: Reason, pin: str) -> None:
        person, page, state = self.services.who(), self.state.page, self.state.reveal
        if person is None or page is None or state.asking is None or state.busy:
            return
        asked = self._reveal
        if asked is None or asked.reason != reason or asked.field != state.asking:
            asked = Reveal(member=page.member, field=state.asking, reason=reason)
        self._reveal = asked
        operation = asked
        submission = Submission((operation,), person.session, pin=pin)
        self._reveal_turn += 1
        turn = self._reveal_turn
        self._show_reveal(replace(state, busy=True, problem=None))

        def look() -> tuple[str, int]:
            answer = self.services.authority.submit(submission)[0]
            return self.services.queries.revealed(operation.id), int(answer.facts["seconds"])

        def told(found: tuple[str, int]) -> None:
            if turn == self._reveal_turn:
                self._reveal = None
                self._show_reveal(RevealState(field=operation.field, shown=found[0], left_s=found[1]))
                self._stop_countdown = self.services.timers.after(1000, self._second_passed)

        def failed(failure: Exception) -> None:
            problem = self.services.problem(failure)
            if turn == self._reveal_turn:
                self._show_reveal(RevealState(asking=operation.field, problem=problem))

        self.services.jobs.run(look, told, failed)

    def hide(self) -> None:
        """Enough seen, or the screen is locked."""
        self._blank_reveal()
        self._show_reveal(RevealState())

    def lock(self) -> None:
        self.hide()

    def _second_passed(self) -> None:
        state = self.state.reveal
        if state.left_s <= 1:
            self.hide()
        else:
            self._show_reveal(replace(state, left_s=state.left_s - 1))
            self._stop_countdown = self.services.timers.after(1000, self._second_passed)

    def _blank_reveal(self) -> None:
        self._reveal_turn += 1
        self._stop_countdown()
        self.state = replace(self.state, reveal=RevealState())

    def _show_reveal(self, state: RevealState) -> None:
        self._show(replace(self.state, reveal=state))

    def _show(self, state: MemberState) -> None:
        self.state = state
        self.screen.show_member(state)
