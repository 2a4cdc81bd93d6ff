"""A member of another mall of the group at this counter: who they are, and what they take for their points there.

Their own mall keeps them and decides (docs/adr/0015); here they redeem gifts of this mall, handed out at once. It is
the redeem form as for members, about somebody of whom this desk holds nothing but what stands on the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.errors import Refused
from app.operations.redeem import RedemptionLine
from app.operations.redeem_as_guest import RedeemAsGuest
from app.ports.authority import Answer
from app.queries.rows import GiftRow, Guest, MemberPage
from ui.counter.sending import Step
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Summary, SummaryLine
from ui.gifts.redeem.presenter import Basket, RedeemPresenter, RedeemScreen, Taker
from ui.locale import mark

GUEST = "guest"
NOT_ACTIVE = "group.not_active"
_MAY_HAVE_CHANGED = ("points.", "member.")


@dataclass(frozen=True)
class GuestState:
    """`as_of`: when their home said so. `asking`: it is being asked again; `problem`: why it could not be."""

    guest: Guest | None = None
    as_of: datetime | None = None
    asking: bool = False
    problem: Problem | None = None


class GuestScreen(RedeemScreen, Protocol):
    def show_guest(self, state: GuestState) -> None: ...


class GuestPresenter(RedeemPresenter):
    name = GUEST
    is_about_member = False  # their card is none of this mall

    def __init__(self, screen: GuestScreen, services: CounterServices) -> None:
        super().__init__(screen, services)
        self.guest_screen = screen
        self.state = GuestState()
        self._digits = ""
        self._left: dict[UUID, tuple[GuestState, str]] = {}  # with something in their basket
        self._turn = 0

    @property
    def guest(self) -> Guest | None:
        return self.state.guest

    @property
    def taker(self) -> Taker | None:
        guest = self.guest
        return Taker(guest.member, guest.name, guest.usable) if guest is not None else None

    def receive(self, guest: Guest, digits: str) -> None:
        """They were found, by their card or telephone number: under it their home is asked again."""
        self._stands_here(GuestState(guest, self.services.now()), digits)

    def come_back(self, member: UUID) -> bool:
        """To a basket that was left; False where it is not one of a guest."""
        left = self._left.pop(member, None)
        if left is None:
            return False
        self._stands_here(*left)
        self.ask_again()
        return True

    def leave(self) -> None:
        """The next person; what was begun is kept."""
        guest = self.guest
        if guest is None:
            return
        self._turn += 1
        if self.basket.lines:
            self._left[guest.member] = (replace(self.state, asking=False, problem=None), self._digits)
        self.member_left()
        self.state, self._digits = GuestState(), ""
        self.render()

    def ask_again(self) -> None:
        """What they have now. The basket stays, whatever the answer."""
        guest = self.guest
        if guest is None or self.state.asking:
            return
        self._turn += 1
        turn, digits = self._turn, self._digits
        self._show_guest(replace(self.state, asking=True, problem=None))

        def told(found: Guest) -> None:
            if turn == self._turn:
                if found.member != guest.member:  # the number is somebody else's now
                    failed(Refused("member.unknown"))
                    return
                self._show_guest(GuestState(found, self.services.now()))

        def failed(failure: Exception) -> None:
            problem = self.services.problem(failure)
            if turn == self._turn:
                self._show_guest(replace(self.state, asking=False, problem=replace(problem, again=True)))

        self.services.jobs.run(lambda: self.services.queries.guest(digits), told, failed)

    def show_member(self, page: MemberPage | None) -> None:
        """Members of this mall are none of its business."""

    def redeem(self) -> None:
        guest = self.guest
        if guest is not None and guest.state != "active":
            self.fail(NOT_ACTIVE, mall=guest.home_name)
        elif self.basket.lines and not self.basket.points:
            self.fail("group.no_points")
        else:
            super().redeem()

    def send(self, member: UUID, basket: Basket, lines: tuple[RedemptionLine, ...]) -> None:
        guest = self.guest
        assert guest is not None
        operation = RedeemAsGuest(
            id=basket.redeem_id,
            home=guest.home,
            guest=member,
            lines=lines,
            home_name=guest.home_name,
            member_no=guest.member_no,
        )
        self.sending.start((operation,))

    def figures(self, taker: Taker, answer: Answer) -> tuple[int, int]:
        return taker.usable, taker.usable - int(answer.facts["points"])

    def answered(self, answers: tuple[Answer, ...]) -> None:
        super().answered(answers)
        guest, result = self.guest, self._result
        assert guest is not None
        assert result is not None
        self._result = replace(result, handed_out=True)
        after = replace(guest, usable=result.after, unposted=guest.unposted + result.points)
        self.state = replace(self.state, guest=after, problem=None)

    def refused(self) -> None:
        super().refused()
        problem = self.sending.state.problem
        if problem is not None and problem.code.startswith(_MAY_HAVE_CHANGED):
            self.ask_again()

    def cancel(self) -> None:
        """What their home may have heard of is given up there; what is asked next is another request."""
        if self.sending.state.unsure and self.sending.state.step is not Step.SENDING:
            self.mint()
        super().cancel()

    def forget_all(self) -> None:
        self._left.clear()
        super().forget_all()

    def kept(self) -> tuple[tuple[UUID, Basket], ...]:
        return tuple((member, basket) for member, basket in super().kept() if member in self._left)

    def name_of(self, member: UUID) -> str:
        """Masked, of a basket that was left."""
        left = self._left.get(member)
        return left[0].guest.name if left is not None and left[0].guest is not None else ""

    def summary(self) -> Summary:
        """Whoever approves reads whose member it is."""
        guest, summary = self.guest, super().summary()
        home = (SummaryLine(mark("Home mall"), guest.home_name),) if guest is not None else ()
        return replace(summary, lines=home + summary.lines)

    def render(self) -> None:
        self.guest_screen.show_guest(self.state)
        super().render()

    def _stands_here(self, state: GuestState, digits: str) -> None:
        assert state.guest is not None
        before = self.guest
        if before is not None and before.member != state.guest.member:
            self.leave()
        self._turn += 1
        self._left.pop(state.guest.member, None)
        self._digits = digits
        self.state = state
        self.render()

    def _show_guest(self, state: GuestState) -> None:
        self.state = state
        self.render()
        self.shows()

    def _loaded(self, gifts: tuple[GiftRow, ...]) -> None:
        super()._loaded(tuple(gift for gift in gifts if not gift.is_coupon))  # coupons are for members of this mall
