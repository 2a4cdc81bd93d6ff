"""Redeem points for gifts: pick, count, see before and after, Enter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from app.domain.ids import new_id
from app.operations.base import Operation
from app.operations.hand_out import HandOut
from app.operations.redeem import Redeem, RedemptionLine
from app.ports.authority import Answer
from app.ports.paper import PrintJob
from app.queries.rows import GiftRow
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices, Problem
from ui.counter.slip import SlipWatch
from ui.counter.task import Summary, SummaryLine, Task, Undo
from ui.gifts.matching import matching
from ui.locale import mark

MOST_OF_ONE = 99
MOST_LINES = 30


@dataclass(frozen=True)
class BasketLine:
    gift: GiftRow
    quantity: int

    @property
    def points(self) -> int:
        return self.gift.points * self.quantity

    @property
    def short(self) -> int:
        """How many pieces this desk does not have."""
        return max(0, self.quantity - self.gift.free)


@dataclass(frozen=True)
class Basket:
    """What one member was about to take. The ids belong to it, whatever happens to it on the way."""

    redeem_id: UUID
    hand_out_id: UUID
    lines: tuple[BasketLine, ...] = ()
    hand_out: bool = True

    @property
    def points(self) -> int:
        return sum(line.points for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)


def empty_basket() -> Basket:
    return Basket(new_id(), new_id())


@dataclass(frozen=True)
class RedeemResult:
    operation: UUID
    member: UUID
    lines: tuple[BasketLine, ...]
    points: int
    before: int
    after: int
    handed_out: bool
    replayed: bool
    slip: PrintJob | None = None


@dataclass(frozen=True)
class RedeemState:
    """`selected` is the gift that Enter adds, `line` the basket line that + and - change."""

    member: UUID | None = None
    typed: str = ""
    gifts: tuple[GiftRow, ...] = ()
    loading: bool = False
    selected: int = 0
    lines: tuple[BasketLine, ...] = ()
    line: int = -1
    hand_out: bool = True
    usable: int = 0
    points: int = 0
    sending: SendingState = AT_REST
    result: RedeemResult | None = None

    @property
    def after(self) -> int:
        return self.usable - self.points

    @property
    def missing(self) -> int:
        return max(0, self.points - self.usable)


@dataclass(frozen=True)
class Taker:
    """Whose points they are."""

    member: UUID
    name: str  # masked
    usable: int


class RedeemScreen(Protocol):
    def show_redeem(self, state: RedeemState) -> None: ...


class RedeemPresenter(Task):
    name = "redeem"

    def __init__(self, screen: RedeemScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self.baskets: dict[UUID, Basket] = {}  # one per member who was left with something in it
        self._gifts: tuple[GiftRow, ...] = ()
        self._loading = False
        self._load_again = False
        self._typed = ""
        self._selected = 0
        self._line = -1
        self._result: RedeemResult | None = None
        self._slip = SlipWatch(services, self._slip_changed)
        self._sent: Basket | None = None

    @property
    def taker(self) -> Taker | None:
        page = self.page
        return Taker(page.member, page.name, page.usable) if page is not None else None

    @property
    def basket(self) -> Basket:
        taker = self.taker
        if taker is None:
            return empty_basket()
        return self.baskets.setdefault(taker.member, empty_basket())

    @property
    def unfinished(self) -> bool:
        return not self.done and self.taker is not None and bool(self.basket.lines)

    def opened(self) -> None:
        self._load()
        super().opened()

    def member_left(self) -> None:
        taker = self.taker
        if taker is not None and not self.basket.lines:
            self.baskets.pop(taker.member, None)
        self._typed, self._selected, self._line = "", 0, -1
        self._result = None
        self._slip.forget()
        super().member_left()

    def typed(self, text: str) -> None:
        self._typed, self._selected = text, 0
        self._edited()

    def move(self, step: int) -> None:
        count = len(self._shown())
        if count:
            self._selected = (self._selected + step) % count
            self.render()

    def enter(self) -> None:
        """Add the chosen gift; with nothing typed, redeem what is in the basket."""
        if self.done:
            self.finish()
        elif self._typed.strip():
            self.add()
        elif self.basket.lines:
            self.redeem()
        else:
            self.add()

    def add(self, gift: str | None = None) -> None:
        """One piece of the chosen (or the named) gift into the basket."""
        if self.taker is None or not self.sending.state.editable:
            return
        shown = self._shown()
        chosen = next((one for one in self._gifts if one.gift == gift), None) if gift else None
        if gift is None and shown:
            chosen = shown[min(self._selected, len(shown) - 1)]
        if chosen is None:
            self.fail("gift.none_found", typed=self._typed)
            return
        lines = self.basket.lines
        place = next((n for n, line in enumerate(lines) if line.gift.gift == chosen.gift), len(lines))
        if place == len(lines) >= MOST_LINES:
            self.fail("redeem.too_many_lines", most=MOST_LINES)
            return
        had = lines[place].quantity if place < len(lines) else 0
        if had + 1 > chosen.free:
            self._no_stock(chosen)
            return
        self._typed, self._selected, self._line = "", 0, place
        self.set_quantity(place, had + 1, chosen)

    def set_quantity(self, place: int, quantity: int, gift: GiftRow | None = None) -> None:
        """Pieces of the basket's line `place`; 0 takes it out."""
        if self.taker is None or not self.sending.state.editable:
            return
        lines = list(self.basket.lines)
        if gift is not None and place == len(lines):
            lines.append(BasketLine(gift, quantity))
        elif not 0 <= place < len(lines):
            return
        elif quantity <= 0:
            del lines[place]
        else:
            lines[place] = replace(lines[place], quantity=min(quantity, MOST_OF_ONE))
        self._line = min(max(self._line, 0), len(lines) - 1)
        self._keep(replace(self.basket, lines=tuple(lines)))
        over = next((line for line in lines if line.short and line.quantity > 1), None)
        if over is not None and quantity > 0:
            self._no_stock(over.gift)

    def more(self, step: int) -> None:
        """+ and - on the basket's marked line."""
        if 0 <= self._line < len(self.basket.lines):
            self.set_quantity(self._line, self.basket.lines[self._line].quantity + step)

    def mark(self, place: int) -> None:
        self._line = place
        self.render()

    def empty(self) -> None:
        """Throw away what is in the basket."""
        if self.sending.state.editable and self.taker is not None:
            self._keep(replace(self.basket, lines=()))

    def set_hand_out(self, now: bool) -> None:
        """Whether the gifts leave the counter at once, or wait to be collected."""
        if self.sending.state.editable and self.taker is not None:
            self._keep(replace(self.basket, hand_out=now))

    def redeem(self) -> None:
        """Submit the basket: points and, when handed out now, the gifts, all or nothing."""
        taker, basket = self.taker, self.basket
        if taker is None or self.sending.state.step is not Step.FORM:
            return
        if not basket.lines:
            self.fail("redeem.empty")
            return
        short = next((line for line in basket.lines if line.short), None)
        if short is not None:
            self._no_stock(short.gift)
            return
        if basket.points > taker.usable:
            self.fail("points.not_enough", usable=taker.usable, missing=basket.points - taker.usable)
            return
        lines = tuple(RedemptionLine(line.gift.gift, line.quantity, line.gift.points) for line in basket.lines)
        self._sent = basket
        self.send(taker.member, basket, lines)

    def send(self, member: UUID, basket: Basket, lines: tuple[RedemptionLine, ...]) -> None:
        operations: tuple[Operation, ...] = (Redeem(id=basket.redeem_id, member=member, lines=lines),)
        if basket.hand_out:
            numbers = tuple(range(len(lines)))
            operations += (HandOut(id=basket.hand_out_id, member=member, redemption=basket.redeem_id, lines=numbers),)
        self.sending.start(operations, asks_member=True)

    def answered(self, answers: tuple[Answer, ...]) -> None:
        taker, basket = self.taker, self._sent
        assert taker is not None
        assert basket is not None
        before, after = self.figures(taker, answers[0])
        self._result = RedeemResult(
            answers[0].operation_id, taker.member, basket.lines, int(answers[0].facts["points"]), before, after,
            handed_out=len(answers) > 1, replayed=answers[0].replayed,
        )  # fmt: skip
        self.baskets[taker.member] = empty_basket()
        self._typed, self._selected, self._line, self._sent = "", 0, -1, None
        self._slip.watch(answers[0].operation_id)
        self._load()

    def figures(self, taker: Taker, answer: Answer) -> tuple[int, int]:
        """Usable points before and after."""
        return int(answer.facts["usable_before"]), int(answer.facts["usable_after"])

    def undo(self) -> None:
        result = self._result
        if result is not None and self.host is not None:
            names = "、".join(line.gift.name for line in result.lines)
            self.host.undo(Undo(result.operation, "redeemed", names, -result.points, goods_out=result.handed_out))

    def settle_slip(self, *, printed: bool) -> None:
        self._slip.settle(printed=printed)

    def finish(self) -> None:
        if self.done:
            self._result = None
            self._slip.forget()
        super().finish()

    def cancel(self) -> None:
        if self.done:
            self._result = None
            self._slip.forget()
        super().cancel()

    def mint(self) -> None:
        taker = self.taker
        if taker is not None:
            self.baskets[taker.member] = replace(self.basket, redeem_id=new_id(), hand_out_id=new_id())

    def refused(self) -> None:
        self._load()
        super().refused()

    def forget_all(self) -> None:
        """Another person stands at this desk: baskets of the last one are no longer theirs."""
        self.baskets.clear()
        self.render()

    def kept(self) -> tuple[tuple[UUID, Basket], ...]:
        """Members with something in their basket."""
        return tuple((member, basket) for member, basket in self.baskets.items() if basket.lines)

    def summary(self) -> Summary:
        taker = self.taker
        basket = self._sent if self._sent is not None and self.busy else self.basket
        usable = taker.usable if taker else 0
        lines = tuple(
            SummaryLine(line.gift.name, f"{line.quantity} × {line.gift.points:,}", f"{line.points:,}")
            for line in basket.lines
        )
        title = mark("Redeem and hand out") if basket.hand_out else mark("Redeem, collect later")
        return Summary(title, taker.name if taker else "", lines, usable, usable - basket.points)

    def render(self) -> None:
        taker, basket = self.taker, self.basket
        self.screen.show_redeem(
            RedeemState(
                taker.member if taker else None,
                self._typed,
                self._shown(),
                self._loading and not self._gifts,
                self._selected,
                basket.lines,
                self._line,
                basket.hand_out,
                taker.usable if taker else 0,
                basket.points,
                self.sending.state,
                self._result if self.done else None,
            )
        )

    def _shown(self) -> tuple[GiftRow, ...]:
        return matching(self._typed, self._gifts)

    def _no_stock(self, gift: GiftRow) -> None:
        """Never a dead end: say which desk has some."""
        elsewhere = next(((desk, pieces) for desk, pieces in gift.elsewhere if pieces > 0), None)
        if elsewhere is None:
            self.fail("gift.out_of_stock", gift=gift.name, left=gift.free)
        else:
            self.fail("gift.elsewhere", gift=gift.name, left=gift.free, desk=elsewhere[0], pieces=elsewhere[1])

    def _keep(self, basket: Basket) -> None:
        taker = self.taker
        assert taker is not None
        self.baskets[taker.member] = basket
        self._edited()
        self.shows()

    def _edited(self) -> None:
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()

    def _load(self) -> None:
        if self._loading:
            self._load_again = True
            return
        self._loading, self._load_again = True, False
        self.services.jobs.run(self.services.queries.gifts, self._loaded, self._not_loaded)

    def _loaded(self, gifts: tuple[GiftRow, ...]) -> None:
        self._gifts, self._loading = gifts, False
        now = {gift.gift: gift for gift in gifts}
        for member, basket in self.baskets.items():
            # A kept basket shows today's stock and price, never those of when it was begun.
            lines = tuple(replace(line, gift=now.get(line.gift.gift, line.gift)) for line in basket.lines)
            self.baskets[member] = replace(basket, lines=lines)
        self.render()
        if self._load_again:
            self._load()

    def _not_loaded(self, failure: Exception) -> None:
        self._loading = False
        problem = self.services.problem(failure)
        self.sending.fail(Problem(problem.code, problem.facts, again=True))

    def _slip_changed(self) -> None:
        if self._result is not None:
            self._result = replace(self._result, slip=self._slip.job)
            self.render()
