"""The figures of the programme: above what a supervisor approves, how long points live, where tiers begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.policy import RANGES, Policy
from app.operations.set_up import ChangeSetting
from app.ports.authority import Answer, Submission
from ui.catalogue.gifts.presenter import fen_of, points_of, yuan_of
from ui.catalogue.keeping import Form, Invalid, Keeper, KeepingScreen, Request
from ui.counter.services import CounterServices, SignedIn

TIER_ORDER = ("tier_silver_fen", "tier_gold_fen", "tier_platinum_fen")


@dataclass(frozen=True)
class Rule:
    """One figure in force, and what it was at first. Money is in fen."""

    name: str
    value: int
    at_first: int

    @property
    def is_money(self) -> bool:
        return self.name.endswith("_fen")


class RulesPresenter(Keeper[Rule]):
    """`on_changed` is told after each change: other screens show these figures too."""

    def __init__(self, screen: KeepingScreen, services: CounterServices) -> None:
        super().__init__(screen, services)
        self.on_changed: Callable[[], None] = lambda: None

    def load(self) -> tuple[Rule, ...]:
        now, first = self.services.queries.policy(), Policy()
        return tuple(Rule(name, getattr(now, name), getattr(first, name)) for name in RANGES)

    def fits(self, row: Rule, typed: str) -> bool:
        return typed in row.name

    def filled(self, kind: str, row: Rule | None) -> Mapping[str, str]:
        if row is None:
            return {}
        return {"value": yuan_of(row.value) if row.is_money else str(row.value)}

    def typed_value(self) -> int | None:
        """What the open form says, in the unit that is stored; None while it cannot be read."""
        form = self.state.form
        if form is None or form.row is None:
            return None
        typed = form.value("value")
        return fen_of(typed) if form.row.is_money else points_of(typed)

    def request(self, form: Form[Rule], person: SignedIn) -> Request:
        rule = form.whose()
        value = self.typed_value()
        lowest, highest = RANGES[rule.name]
        if value is None or not lowest <= value <= highest:
            shown = [yuan_of(each) if rule.is_money else str(each) for each in (lowest, highest)]
            raise Invalid("value", "setting.out_of_range", lowest=shown[0], highest=shown[1])
        if rule.name in TIER_ORDER:
            self._check_order(rule, value)
        operation = ChangeSetting(name=rule.name, value=str(value))
        return Request(Submission((operation,), person.session), "changed", rule.name)

    def after(self, answers: tuple[Answer, ...]) -> None:
        self.on_changed()

    def _check_order(self, rule: Rule, value: int) -> None:
        """Silver begins below gold, gold below platinum."""
        limits = {row.name: row.value for row in self._rows} | {rule.name: value}
        in_order = [limits[name] for name in TIER_ORDER if name in limits]
        if in_order != sorted(set(in_order)):
            raise Invalid("value", "setting.tiers_out_of_order")
