"""What stands on the right of the counter: one thing at a time that is done for the member on the left."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.errors import Fact
from app.ports.authority import Answer
from app.queries.rows import MemberPage
from ui.counter.sending import Sending, Step
from ui.counter.services import CounterServices, Problem


@dataclass(frozen=True)
class Undo:
    """An operation that a person wants reversed. `goods_out`: a gift has left the counter with it."""

    operation: UUID
    kind: str  # as in TimelineEntry.kind, or "received" for stock
    label: str
    points: int
    goods_out: bool = False


@dataclass(frozen=True)
class SummaryLine:
    """One line of what is asked, as the approver reads it: a label (message id) and what stands beside it."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Summary:
    """The request in full, for whoever must agree to it, the member too. `before` and `after` are points; None where
    none move."""

    title: str  # message id
    member: str = ""  # masked
    lines: tuple[SummaryLine, ...] = ()
    before: int | None = None
    after: int | None = None
    amount_fen: int | None = None  # of the purchase it is about


class Host(Protocol):
    """The counter, as its tasks see it."""

    def changed(self) -> None:
        """Something was written: what is shown of the member is asked again."""

    def settled(self) -> None:
        """A confirmation was closed; a card that was swiped meanwhile may have its turn."""

    def shows(self) -> None:
        """What a task shows has changed: the member's own screen follows."""

    def open_member(self, member: UUID) -> None: ...

    def undo(self, what: Undo) -> None: ...

    def finished(self) -> None:
        """The result was read: ready for the next person."""


class Task(ABC):
    """What all tasks share: the member they are about, and the way their form is sent."""

    name = ""
    is_about_member = True  # the one whose page is open, and whose card was read

    def __init__(self, services: CounterServices) -> None:
        self.services = services
        self.sending = Sending(services, self._sending_changed, self._answered)
        self.page: MemberPage | None = None
        self.host: Host | None = None
        self._was_busy = False

    @property
    def busy(self) -> bool:
        return self.sending.busy

    @property
    def unfinished(self) -> bool:
        """Something was begun here that a person would miss."""
        return False

    @property
    def done(self) -> bool:
        return self.sending.state.step is Step.DONE

    def show_member(self, page: MemberPage | None) -> None:
        """Another member, or newer figures of the same one."""
        if self.page is not None and (page is None or page.member != self.page.member):
            self.member_left()
        self.page = page
        self.render()

    def member_left(self) -> None:
        """Another member stands here now: keep what was begun, and start afresh."""
        self.sending.cancel()

    def opened(self) -> None:
        """The task comes to the front."""
        self.render()

    def take_card(self, number: str) -> bool:
        """A card that belongs to nobody was read; True when this form wanted one."""
        return False

    def take_slip(self, slip: UUID) -> bool:
        """The slip of an operation of this member is at hand; True when this form could make use of it."""
        return False

    def lock(self) -> None:
        """The screen is locked: nothing that was asked of a person stays open."""
        if self.busy:
            self.sending.cancel()

    def cancel(self) -> None:
        """Back to the form. Giving up on a request that got no answer makes the next one a new request."""
        if self.sending.state.unsure and not self.busy:
            self.mint()
        self.sending.cancel()

    def finish(self) -> None:
        """The result was read."""
        if self.done:
            self.sending.cancel()
            if self.host is not None:
                self.host.finished()

    @abstractmethod
    def mint(self) -> None:
        """New ids for what is sent next."""

    @abstractmethod
    def render(self) -> None:
        """Show the state as it is now."""

    @abstractmethod
    def summary(self) -> Summary:
        """What is asked, in full."""

    @abstractmethod
    def answered(self, answers: tuple[Answer, ...]) -> None:
        """It took effect: keep what the result panel shows, and mint new ids for the next form."""

    def refused(self) -> None:
        """It did not take effect: figures on the screen may have been old."""
        if self.host is not None:
            self.host.changed()

    def shows(self) -> None:
        if self.host is not None:
            self.host.shows()

    def fail(self, code: str, **facts: Fact) -> None:
        self.sending.fail(Problem(code, facts))

    def _answered(self, answers: tuple[Answer, ...]) -> None:
        self.answered(answers)
        self._sending_changed()
        if self.host is not None:
            self.host.changed()

    def _sending_changed(self) -> None:
        was, self._was_busy = self._was_busy, self.busy
        self.render()
        self.shows()
        if was and not self._was_busy and self.sending.state.problem is not None:
            self.refused()
        if was and not self._was_busy and self.host is not None:
            self.host.settled()
