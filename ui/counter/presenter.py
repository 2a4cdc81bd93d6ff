"""The counter: whose member page is open, what is being done, and what a swipe does to both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from app.domain.approval_card import looks_like_approval_card
from app.domain.card import looks_like_bank_card
from app.domain.card_code import PresentedCard, looks_like_member_code, read_member_code
from app.domain.masking import masked_card
from app.operations.raise_card_alert import RaiseCardAlert
from app.ports.authority import Submission
from app.queries.rows import CardHolder, Guest, MemberPage
from ui.counter.guest.presenter import GUEST, GuestPresenter
from ui.counter.reverse.presenter import ReversePresenter
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Task, Undo
from ui.gifts.redeem.presenter import RedeemPresenter
from ui.members.presenter import MemberPresenter

CARDS = "cards"
WITH_A_DOUBTFUL_CARD = frozenset({CARDS, "enrol"})
HOME = "redeem"  # after a swipe the gift field waits: type, Enter, Enter


@dataclass(frozen=True)
class WaitingCard:
    """Swiped while a confirmation was open."""

    number: str = field(repr=False)
    entry: str = "keyed"
    card_code: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        return _masked(self.number)


@dataclass(frozen=True)
class Unfinished:
    """A basket that was left behind."""

    member: UUID
    name: str  # masked
    pieces: int
    points: int


@dataclass(frozen=True)
class CounterState:
    """`member` is of this mall, `guest` of another one: one of them, or neither. `notice` is about the last swipe.
    `looking_up` is the masked card that is being asked about. `doubt` says why the member who is here may only be
    looked at."""

    member: UUID | None = None
    guest: UUID | None = None
    task: str = HOME
    notice: Problem | None = None
    looking_up: str = ""
    waiting: tuple[WaitingCard, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    doubt: Problem | None = None

    @property
    def somebody(self) -> UUID | None:
        return self.member or self.guest


class CounterScreen(Protocol):
    def show_counter(self, state: CounterState) -> None: ...

    def come_to_front(self) -> None:
        """The counter is shown, whatever screen was."""


class CounterPresenter:
    """The host of all tasks; `redeem` keeps the baskets, `guest` those of other malls' members, `reverse` takes what is
    to be undone."""

    def __init__(
        self,
        screen: CounterScreen,
        services: CounterServices,
        member: MemberPresenter,
        redeem: RedeemPresenter,
        guest: GuestPresenter,
        reverse: ReversePresenter,
        others: Sequence[Task],
    ) -> None:
        self.screen = screen
        self.services = services
        self.member = member
        self.redeem = redeem
        self.guest = guest
        self.reverse = reverse
        self.watched: Callable[[], None] = lambda: None  # the member's own screen looks on
        self.tasks: Mapping[str, Task] = {task.name: task for task in (redeem, guest, reverse, *others)}
        self.task: Task = redeem
        self._notice: Problem | None = None
        self._looking_up = ""
        self._waiting: list[WaitingCard] = []
        self._names: dict[UUID, str] = {}
        self._open: UUID | None = None
        self._card: PresentedCard | None = None
        self._doubt: Problem | None = None
        self._swipe = 0
        member.loaded = self.member_loaded
        for task in self.tasks.values():
            task.host = self

    # What the person and the machines do

    def card_seen(self, number: str, entry: str = "keyed", card_code: str | None = None) -> None:
        """A card was swiped, tapped, scanned or typed whole. A swipe wins, but never over an open confirmation; only
        the code on the phone of the member who is asked, or the card of whoever approves, may answer one."""
        if self.task.busy:
            if looks_like_member_code(number) and self.task.sending.show_member_code(number):
                return
            if looks_like_approval_card(number):
                self.task.sending.show_approval_card(number)
                return
            if all(card.number != number for card in self._waiting):
                self._waiting.append(WaitingCard(number, entry, card_code))
            self._show()
            return
        if looks_like_bank_card(number):
            self.bank_card_seen()
            return
        if looks_like_approval_card(number):
            self._say(Problem("approval_card.nothing_to_approve"))
            return
        self._swipe += 1
        swipe = self._swipe
        self._notice, self._looking_up = None, _masked(number)
        self.screen.come_to_front()
        self._show()

        def found(holder: CardHolder | Guest) -> None:
            if swipe == self._swipe:
                self._looking_up = ""
                if isinstance(holder, Guest):
                    self._guest_arrived(holder, number)
                else:
                    self._arrived(holder)

        def refused(failure: Exception) -> None:
            problem = self.services.problem(failure)
            if swipe != self._swipe:
                return
            self._looking_up = ""
            takes = problem.code in {"card.unknown", "card.not_issued"} and self.task.take_card(number)
            self._notice = None if takes else problem
            self._show()

        seen = PresentedCard(number, entry, card_code)
        self.services.jobs.run(lambda: self.services.queries.card_holder(seen), found, refused)

    def bank_card_seen(self) -> None:
        self._say(Problem("card.bank"))

    def open_member(self, member: UUID) -> None:
        """From the result list, a form, or a kept basket."""
        if self.task.busy:
            return
        self._swipe += 1
        self._notice, self._looking_up = None, ""
        self.screen.come_to_front()
        self._came_by(None)
        if self.guest.come_back(member):
            self._show_guest()
            return
        self._switch_to(HOME)
        self._load(member)

    def open_guest(self, guest: Guest, digits: str) -> None:
        """From the result list: a member of another mall of the group."""
        if self.task.busy:
            return
        self._swipe += 1
        self.screen.come_to_front()
        self._guest_arrived(guest, digits)

    def open_waiting(self) -> None:
        """The card that was swiped during a confirmation has its turn."""
        if self._waiting and not self.task.busy:
            card = self._waiting.pop(0)
            self.card_seen(card.number, card.entry, card.card_code)

    def drop_waiting(self) -> None:
        self._waiting.clear()
        self._show()

    def continue_unfinished(self) -> None:
        """Back to a basket that was left: the last one first."""
        kept = self._unfinished()
        if kept:
            self.open_member(kept[-1].member)

    def start(self, task: str) -> None:
        """F3, F4, F6 … : another task for the same member. An open confirmation is closed by Esc, not by a key."""
        if task == HOME and self.guest.guest is not None:
            task = GUEST
        if not self.task.busy and task in self.tasks and self.may_start(task):
            if task != GUEST:
                self.guest.leave()
            self._switch_to(task)
            scanned = self.member.state.scanned
            if scanned is not None:
                self.task.take_slip(scanned.entry.operation)
            self._show()

    def may_start(self, task: str) -> bool:
        """With a card in doubt the member is looked at, and their cards are seen to; a guest redeems, and that is all
        that can be done for them here."""
        if self.guest.guest is not None:
            return task in {HOME, GUEST, "enrol"}
        return task != GUEST and (self._doubt is None or task in WITH_A_DOUBTFUL_CARD)

    def leave_member(self) -> None:
        """Ready for the next person; what was begun is kept."""
        if self.task.busy:
            return
        self._notice = None
        self._nobody()
        self._switch_to(HOME)
        self._show()

    def put_slip_away(self) -> None:
        """What was scanned is done with."""
        self.member.put_slip_away()
        self._show()

    def refresh(self) -> None:
        """The counter is shown again: figures may be old."""
        if not self.task.busy:
            self.member.reload()
            if not self.task.done:
                self.task.opened()

    def dismiss(self) -> None:
        self._notice = None
        self._show()

    def lock(self) -> None:
        """The screen is locked: personal data is blanked, what waits for a PIN is closed, baskets stay."""
        self.member.lock()
        for task in self.tasks.values():
            task.lock()
        self._show()

    def signed_out(self) -> None:
        """Somebody else will stand here: nothing of this person's work is left open."""
        for task in self.tasks.values():
            task.lock()
        self._waiting.clear()
        self._swipe += 1
        self._looking_up = ""
        self.leave_member()
        self.redeem.forget_all()
        self.guest.forget_all()
        self._show()

    def member_loaded(self, page: MemberPage) -> None:
        """The member page arrived: tasks see the same figures as the page."""
        if page.member == self._open:
            self._names[page.member] = page.name
            self._tell_tasks(page)
            self._show()

    # What tasks ask of their host

    def changed(self) -> None:
        if self.task.name == CARDS and self.task.done:
            self._came_by(None)  # that card is finished; who stands here has been seen to
        self.member.reload()
        self._show()

    def shows(self) -> None:
        self.watched()

    def settled(self) -> None:
        if self._waiting and not self.task.busy and not self.task.done:
            self.open_waiting()
        else:
            self._show()

    def undo(self, what: Undo) -> None:
        if self.task.busy or not self.may_start(self.reverse.name):
            return
        if self.task.done:
            self.task.cancel()
        self._switch_to("reverse")
        self.reverse.choose(what)
        self._show()

    def finished(self) -> None:
        if self._waiting:
            self.open_waiting()
        else:
            self._switch_to(GUEST if self.guest.guest is not None else HOME if self._doubt is None else CARDS)
            self._show()

    # Within

    def _guest_arrived(self, guest: Guest, digits: str) -> None:
        self._notice, self._looking_up = None, ""
        if self.guest.done:
            self.guest.cancel()
        self._came_by(None)
        self.guest.receive(guest, digits)
        self._show_guest()

    def _show_guest(self) -> None:
        """They stand here now, and no member of this mall does."""
        self._open = None
        self.member.close()
        self._tell_tasks(None)
        self._switch_to(GUEST)
        self._show()

    def _nobody(self) -> None:
        self._open = None
        self._came_by(None)
        self.guest.leave()
        self.member.close()
        self._tell_tasks(None)

    def _arrived(self, holder: CardHolder) -> None:
        self._notice = None
        member = holder.member
        if member == self._open and self.task.done:
            self.task.cancel()
        self._came_by(holder.card, doubt=Problem("card.code_wrong") if holder.doubt == "code_wrong" else None)
        if holder.doubt == "two_counters":
            self._notice = Problem("card.two_counters", {"desk": holder.elsewhere})
        if self._doubt is not None:
            self._switch_to(CARDS)
        elif member != self._open:
            self._switch_to(HOME)
        self._load(member, holder.slip)
        if holder.doubt and holder.card is not None:
            self._put_on_record(holder.card, member, holder.doubt)

    def _came_by(self, card: PresentedCard | None, *, doubt: Problem | None = None) -> None:
        self._card, self._doubt = card, doubt
        for task in self.tasks.values():
            task.sending.card = card if task.is_about_member else None

    def _put_on_record(self, card: PresentedCard, member: UUID, doubt: str) -> None:
        person = self.services.who()
        if person is None:
            return
        kind: Literal["code_wrong", "two_counters"] = "code_wrong" if doubt == "code_wrong" else "two_counters"
        alert = RaiseCardAlert(member=member, number=card.number, kind=kind)
        submission = Submission((alert,), person.session)

        def failed(failure: Exception) -> None:
            self._notice = self.services.problem(failure)
            self._show()

        def noted(_answers: object) -> None:
            if self._open == member:
                self.member.reload()

        self.services.jobs.run(lambda: self.services.authority.submit(submission), noted, failed)

    def _load(self, member: UUID, slip: UUID | None = None) -> None:
        self.guest.leave()
        if member != self._open:
            self._open = member
            self._tell_tasks(None)
        self._show()
        self.member.open(member, slip)

    def _switch_to(self, name: str) -> None:
        if self.task.done and self.task.name != name:
            self.task.cancel()
        self.task = self.tasks[name]
        self.task.opened()

    def _tell_tasks(self, page: MemberPage | None) -> None:
        for task in self.tasks.values():
            task.show_member(page)

    def _say(self, problem: Problem) -> None:
        self._swipe += 1
        self._notice, self._looking_up = problem, ""
        if not self.task.busy:
            self.screen.come_to_front()
        self._show()

    def _unfinished(self) -> tuple[Unfinished, ...]:
        guests = tuple(
            Unfinished(member, self.guest.name_of(member), basket.pieces, basket.points)
            for member, basket in self.guest.kept()
        )
        return guests + tuple(
            Unfinished(member, self._names.get(member, ""), basket.pieces, basket.points)
            for member, basket in self.redeem.kept()
            if member != self._open
        )

    def _show(self) -> None:
        guest = self.guest.guest
        self.screen.show_counter(
            CounterState(
                self._open,
                guest.member if guest is not None else None,
                self.task.name,
                self._notice,
                self._looking_up,
                tuple(self._waiting),
                self._unfinished(),
                self._doubt,
            )
        )
        self.watched()


def _masked(number: str) -> str:
    code = read_member_code(number)
    return masked_card(code.number if code is not None else number)
