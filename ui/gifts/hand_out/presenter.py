"""Gifts that were redeemed and wait at this desk: give them to the member, or to whoever collects for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.ids import new_id
from app.operations.hand_out import HandOut
from app.ports.authority import Answer
from app.queries.rows import DeskStatus, OwedGift
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine, Task, Undo
from ui.locale import mark

Line = tuple[UUID, int]  # redemption, line


@dataclass(frozen=True)
class Waiting:
    gift: OwedGift
    ticked: bool
    here: bool  # it lies at this desk


@dataclass(frozen=True)
class HandOutResult:
    operations: tuple[UUID, ...]
    gifts: tuple[OwedGift, ...]
    pieces: int
    proxy: str


@dataclass(frozen=True)
class HandOutState:
    waiting: tuple[Waiting, ...] = ()
    selected: int = 0
    by_proxy: bool = False
    proxy: str = ""
    sending: SendingState = AT_REST
    result: HandOutResult | None = None

    @property
    def pieces(self) -> int:
        return sum(one.gift.quantity for one in self.waiting if one.ticked)


class HandOutScreen(Protocol):
    def show_hand_out(self, state: HandOutState) -> None: ...


class HandOutPresenter(Task):
    name = "hand_out"

    def __init__(self, screen: HandOutScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._left_out: set[Line] = set()  # all that lies here is ticked unless a person says otherwise
        self._selected = 0
        self._by_proxy = False
        self._proxy = ""
        self._ids: dict[UUID, UUID] = {}
        self._sent: tuple[OwedGift, ...] = ()
        self._result: HandOutResult | None = None
        self._desk: DeskStatus | None = None

    def opened(self) -> None:
        if self._desk is None:
            self.services.jobs.run(self.services.queries.desk_status, self._desk_known)
        super().opened()

    def member_left(self) -> None:
        self._restart()
        self._result = None
        super().member_left()

    def move(self, step: int) -> None:
        count = len(self._waiting())
        if count:
            self._selected = (self._selected + step) % count
            self.render()

    def tick(self, place: int | None = None) -> None:
        """Take one line in or out."""
        waiting = self._waiting()
        place = self._selected if place is None else place
        if self.sending.state.editable and 0 <= place < len(waiting) and waiting[place].here:
            gift = waiting[place].gift
            self._left_out ^= {(gift.redemption, gift.line)}
            self._selected = place
            self._edited()

    def take_slip(self, slip: UUID) -> bool:
        """What lies here for other redemptions is not ticked."""
        owed = self.page.gifts_owed if self.page is not None else ()
        if not self.sending.state.editable or all(gift.redemption != slip for gift in owed):
            return False
        self._left_out = {(gift.redemption, gift.line) for gift in owed if gift.redemption != slip}
        self.render()
        return True

    def set_by_proxy(self, by_proxy: bool) -> None:
        if self.sending.state.editable:
            self._by_proxy = by_proxy
            self._edited()

    def type_proxy(self, name: str) -> None:
        if self.sending.state.editable:
            self._proxy = name
            self.sending.clear_problem()

    def hand_out(self) -> None:
        page = self.page
        if self.done:
            self.finish()
            return
        if page is None or self.sending.state.step is not Step.FORM:
            return
        gifts = tuple(one.gift for one in self._waiting() if one.ticked)
        if not gifts:
            self.fail("hand_out.nothing_ticked")
            return
        if self._by_proxy and not self._proxy.strip():
            self.fail("text.missing", field="proxy")
            return
        self._sent = gifts
        lines: dict[UUID, list[int]] = {}
        for gift in gifts:
            lines.setdefault(gift.redemption, []).append(gift.line)
        self.sending.start(
            tuple(
                HandOut(
                    id=self._ids.setdefault(redemption, new_id()), member=page.member, redemption=redemption,
                    lines=tuple(numbers), proxy=self._proxy.strip() if self._by_proxy else "",
                )
                for redemption, numbers in lines.items()
            )
        )  # fmt: skip

    def answered(self, answers: tuple[Answer, ...]) -> None:
        pieces = sum(int(answer.facts["pieces"]) for answer in answers)
        proxy = self._proxy.strip() if self._by_proxy else ""
        self._result = HandOutResult(tuple(answer.operation_id for answer in answers), self._sent, pieces, proxy)
        self._restart()

    def undo(self) -> None:
        """The last of what was handed out; each redemption is undone by itself."""
        result = self._result
        if result is not None and self.host is not None:
            names = "、".join(gift.gift_name for gift in result.gifts)
            self.host.undo(Undo(result.operations[-1], "handed_out", names, 0, goods_out=True))

    def mint(self) -> None:
        self._ids = {}

    def summary(self) -> Summary:
        lines = [SummaryLine(gift.gift_name, f"× {gift.quantity}") for gift in self._sent]
        if self._by_proxy:
            lines.append(SummaryLine(mark("Collected by"), self._proxy.strip()))
        return Summary(mark("Hand out gifts"), self.page.name if self.page else "", tuple(lines))

    def render(self) -> None:
        result = self._result if self.done else None
        self.screen.show_hand_out(
            HandOutState(self._waiting(), self._selected, self._by_proxy, self._proxy, self.sending.state, result)
        )

    def _waiting(self) -> tuple[Waiting, ...]:
        owed = self.page.gifts_owed if self.page is not None else ()
        return tuple(
            Waiting(gift, self._here(gift) and (gift.redemption, gift.line) not in self._left_out, self._here(gift))
            for gift in owed
        )

    def _here(self, gift: OwedGift) -> bool:
        return self._desk is None or gift.desk in {self._desk.desk, self._desk.desk_name}

    def _desk_known(self, desk: DeskStatus) -> None:
        self._desk = desk
        self.render()

    def _restart(self) -> None:
        self._left_out, self._selected, self._by_proxy, self._proxy, self._ids = set(), 0, False, "", {}

    def _edited(self) -> None:
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()
