"""Credit a till slip: shop, slip number, when, how much; the points are seen before Enter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.earning import points_for
from app.domain.errors import Refused
from app.domain.ids import new_id
from app.domain.money import parse_yuan, yuan
from app.operations.credit_sale import CreditSale
from app.ports.authority import Answer
from app.queries.rows import ShopRow
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine, Task, Undo
from ui.gifts.matching import matching
from ui.locale import mark

MOST_SHOPS = 8


@dataclass(frozen=True)
class CreditDraft:
    """What was typed, as it was typed; `day` is YYYY-MM-DD and `time` HH:MM in the mall's zone."""

    operation: UUID
    shop: ShopRow | None = None
    slip_number: str = ""
    day: str = ""
    time: str = ""
    amount: str = ""


@dataclass(frozen=True)
class CreditResult:
    operation: UUID
    shop: str
    points: int
    before: int
    after: int
    expires_on: str
    tier_before: str
    tier_after: str


@dataclass(frozen=True)
class CreditState:
    """`earns` is what the slip will bring, None until the amount can be read; `steps` says why. `none_fits`: what was
    typed finds no shop."""

    draft: CreditDraft
    shop_typed: str = ""
    shops: tuple[ShopRow, ...] = ()
    none_fits: bool = False
    selected: int = 0
    usable: int = 0
    earns: int | None = None
    steps: tuple[str, ...] = ()
    sending: SendingState = AT_REST
    result: CreditResult | None = None


class CreditScreen(Protocol):
    def show_credit(self, state: CreditState) -> None: ...


class CreditPresenter(Task):
    name = "credit"

    def __init__(self, screen: CreditScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._shops: tuple[ShopRow, ...] = ()
        self._shop_typed = ""
        self._selected = 0
        self._draft = CreditDraft(new_id())
        self._before = 0
        self._result: CreditResult | None = None

    @property
    def draft(self) -> CreditDraft:
        return self._draft

    @property
    def unfinished(self) -> bool:
        return not self.done and bool(self._draft.slip_number or self._draft.amount)

    def opened(self) -> None:
        if not self._draft.day:
            self._draft = self._fresh()
        if not self._shops:
            self.services.jobs.run(self.services.queries.shops, self._loaded)
        super().opened()

    def member_left(self) -> None:
        self._draft, self._shop_typed, self._selected, self._result = self._fresh(), "", 0, None
        super().member_left()

    def type_shop(self, text: str) -> None:
        if self.sending.state.editable:
            self._shop_typed, self._selected = text, 0
            self._edit(shop=None)

    def move(self, step: int) -> None:
        count = len(self._found())
        if count:
            self._selected = (self._selected + step) % count
            self.render()

    def choose_shop(self, shop: str | None = None) -> None:
        """Take the marked shop, or the named one."""
        if not self.sending.state.editable:
            return
        found = self._found()
        chosen = next((one for one in self._shops if one.shop == shop), None) if shop else None
        if shop is None and found:
            chosen = found[min(self._selected, len(found) - 1)]
        if chosen is None:
            self.fail("shop.none_found", typed=self._shop_typed)
        else:
            self._shop_typed = ""
            self._edit(shop=chosen)

    def type_slip_number(self, text: str) -> None:
        self._edit(slip_number=text)

    def type_day(self, text: str) -> None:
        self._edit(day=text)

    def type_time(self, text: str) -> None:
        self._edit(time=text)

    def type_amount(self, text: str) -> None:
        self._edit(amount=text)

    def credit(self) -> None:
        page, draft = self.page, self._draft
        if self.done:
            self.finish()
            return
        if page is None or self.sending.state.step is not Step.FORM:
            return
        if draft.shop is None:
            self.fail("credit.no_shop")
            return
        if not draft.slip_number.strip():
            self.fail("text.missing", field="slip_number")
            return
        try:
            sold_at = self._sold_at()
            amount_fen = parse_yuan(draft.amount)
            operation = CreditSale(
                id=draft.operation, member=page.member, shop=draft.shop.shop, slip_number=draft.slip_number,
                sold_at=sold_at, amount_fen=amount_fen,
            ).normalised()  # fmt: skip
        except Refused as no:
            self.fail(no.code, **no.facts)
            return
        if amount_fen == 0:
            self.fail("credit.no_amount")
            return
        self._before = page.usable
        self.sending.start((operation,))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts, draft = answers[0].facts, self._draft
        assert draft.shop is not None
        self._result = CreditResult(
            answers[0].operation_id, draft.shop.name, int(facts["points"]), self._before, int(facts["usable_after"]),
            str(facts["expires_on"]), str(facts["tier_before"]), str(facts["tier_after"]),
        )  # fmt: skip
        self._draft, self._shop_typed, self._selected = self._fresh(), "", 0

    def undo(self) -> None:
        result = self._result
        if result is not None and self.host is not None:
            self.host.undo(Undo(result.operation, "credited", result.shop, result.points))

    def mint(self) -> None:
        self._draft = replace(self._draft, operation=new_id())

    def summary(self) -> Summary:
        draft, page = self._draft, self.page
        earns, _steps = self._earns()
        usable = page.usable if page else 0
        amount_fen: int | None
        try:
            amount_fen = parse_yuan(draft.amount)
            amount = yuan(amount_fen)
        except Refused:
            amount_fen, amount = None, draft.amount
        lines = (
            SummaryLine(mark("Shop"), draft.shop.name if draft.shop else ""),
            SummaryLine(mark("Slip number"), draft.slip_number.strip().upper()),
            SummaryLine(mark("Bought at"), f"{draft.day} {draft.time}"),
            SummaryLine(mark("Amount"), amount),
        )
        name = page.name if page else ""
        return Summary(mark("Credit a till slip"), name, lines, usable, usable + (earns or 0), amount_fen)

    def render(self) -> None:
        earns, steps = self._earns()
        found = self._found()
        looks = self._draft.shop is None and bool(self._shop_typed.strip())
        none_fits = looks and bool(self._shops) and not found
        self.screen.show_credit(
            CreditState(
                self._draft, self._shop_typed, found, none_fits, self._selected, self.page.usable if self.page else 0,
                earns, steps, self.sending.state, self._result if self.done else None,
            )
        )  # fmt: skip

    def _loaded(self, shops: tuple[ShopRow, ...]) -> None:
        self._shops = shops
        self.render()

    def _found(self) -> tuple[ShopRow, ...]:
        if self._draft.shop is not None:
            return ()
        return matching(self._shop_typed, self._shops)[:MOST_SHOPS]

    def _fresh(self) -> CreditDraft:
        now = self.services.now().astimezone(ZoneInfo(self.services.zone))
        return CreditDraft(new_id(), day=now.strftime("%Y-%m-%d"), time=now.strftime("%H:%M"))

    def _earns(self) -> tuple[int | None, tuple[str, ...]]:
        if self.page is None or not self._draft.amount.strip():
            return None, ()
        try:
            earned = points_for(parse_yuan(self._draft.amount), self.page.tier, self.services.policy())
        except Refused:
            return None, ()
        return earned.points, earned.steps

    def _sold_at(self) -> datetime:
        """Raises Refused("sale.time_unreadable")."""
        typed = f"{self._draft.day.strip()} {self._draft.time.strip()}".replace("/", "-").replace("：", ":")
        try:
            return datetime.strptime(typed, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(self.services.zone))
        except ValueError:
            raise Refused("sale.time_unreadable", typed=typed[:30]) from None

    def _edit(self, **changes: object) -> None:
        if not self.sending.state.editable:
            return
        self._draft = replace(self._draft, **changes)  # type: ignore[arg-type]  # the callers above name real fields
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()
