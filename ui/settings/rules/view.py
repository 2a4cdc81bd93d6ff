"""The rules screen: each figure with its unit, and before → after when it is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.ports.paper import SlipDesigner
from app.queries.slips import SlipQueries
from ui.catalogue.keeper_view import Field, KeeperView
from ui.catalogue.keeping import Form
from ui.counter.services import CounterServices
from ui.locale import mark, money, number, tr
from ui.settings.rules.presenter import Rule, RulesPresenter
from ui.settings.slips.view import SlipsView
from ui.shell.screen import Command
from ui.theme import Space
from ui.widgets import Column, SegmentedControl, Text

NAMES = {
    "redeem_approval_points": mark("Redemptions need approval above"),
    "redeem_approval_gift_fen": mark("Gifts need approval above"),
    "member_pin_points": mark("Members type their PIN above"),
    "credit_approval_days": mark("Slips older than this need approval"),
    "credit_approval_fen": mark("Slips above this need approval"),
    "points_per_yuan": mark("Points for each yuan"),
    "points_live_months": mark("Points last"),
    "returned_points_live_days": mark("Returned points last at least"),
    "adjust_cap_points": mark("Adjustments of one person in a day"),
    "undo_minutes": mark("A clerk can undo for"),
    "expiring_soon_days": mark("Expiring soon means within"),
    "reveal_seconds": mark("Personal data stays visible for"),
    "reveals_per_day": mark("Looks at personal data in a day"),
    "lookups_per_day": mark("Members shown to a desk in a day"),
    "desk_copy_days": mark("Desks keep whom they served for"),
    "desk_copy_everybody": mark("Known to desks while cut off"),
    "offline_approval_card": mark("Approving while cut off"),
    "tier_silver_fen": mark("Silver from"),
    "tier_gold_fen": mark("Gold from"),
    "tier_platinum_fen": mark("Platinum from"),
}
HINTS = {
    "redeem_approval_points": mark("A supervisor agrees with their own PIN."),
    "redeem_approval_gift_fen": mark("By the value of the dearest gift."),
    "member_pin_points": mark("A supervisor approves for members who have no PIN."),
    "points_live_months": mark("Counts for points earned from now on."),
    "returned_points_live_days": mark("For points that expired between redemption and undo."),
    "lookups_per_day": mark("In full, from the hub; when a desk asks for more, a supervisor gets a task."),
    "desk_copy_days": mark("With name and phone; afterwards only what tells nobody who it is."),
    "desk_copy_everybody": mark("1: by card or phone, without name. 0: only whom the desk served lately."),
    "offline_approval_card": mark("1: by approval card only. 0: a supervisor without one approves by PIN alone."),
    "tier_silver_fen": mark("Spending within 12 months."),
    "tier_gold_fen": mark("Spending within 12 months."),
    "tier_platinum_fen": mark("Spending within 12 months."),
}
_UNITS = (
    ("_points", mark("points"), mark("{n} point"), mark("{n} points")),
    ("_months", mark("months"), mark("{n} month"), mark("{n} months")),
    ("_days", mark("days"), mark("{n} day"), mark("{n} days")),
    ("_minutes", mark("minutes"), mark("{n} minute"), mark("{n} minutes")),
    ("_seconds", mark("seconds"), mark("{n} second"), mark("{n} seconds")),
    ("lookups_per_day", mark("members"), mark("{n} member"), mark("{n} members")),
    ("_per_day", mark("times"), mark("{n} time"), mark("{n} times")),
    ("_per_yuan", mark("points"), mark("{n} point"), mark("{n} points")),
)
_ONE_OR_NOUGHT = mark("1 or 0")


def unit(rule: Rule) -> str:
    """A message id; "" for money, which carries its sign."""
    if rule.name.endswith(("_card", "_everybody")):
        return _ONE_OR_NOUGHT
    return next((word for ending, word, _, _ in _UNITS if rule.name.endswith(ending)), "")


def said(rule: Rule, value: int) -> str:
    """A value with its unit."""
    if rule.is_money:
        return money(value)
    if rule.name.endswith("_card"):
        return tr("card only") if value else tr("card, or PIN")
    if rule.name.endswith("_everybody"):
        return tr("everybody") if value else tr("those served lately")
    one, many = next((one, many) for ending, _, one, many in _UNITS if rule.name.endswith(ending))
    return tr(one if value == 1 else many, n=number(value))


class RulesKeeperView(KeeperView):
    icon_of_nothing = "approval"
    columns = (
        Column("rule", lambda: tr("Rule"), lambda row: tr(NAMES[row.name]), width=330),
        Column("value", lambda: tr("In force"), lambda row: said(row, row.value), lambda row: row.value, True, 150),
        Column("first", lambda: tr("At first"), lambda row: said(row, row.at_first), lambda row: row.at_first, True,
               150, lambda row: "text_muted"),
    )  # fmt: skip

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        self.keeper = _ByWord(self, services)
        self.presenter = self.keeper
        super().__init__(parent)
        self.retranslate()

    def words(self) -> dict[str, str]:
        return {
            "find": tr("Find a rule"),
            "new": "",
            "nothing": tr("No rules here"),
            "nothing_hint": "",
            "choose": tr("Choose a rule to change it"),
            "choose_hint": tr("Each change is written down with your name."),
        }

    def may_add(self) -> bool:
        return False

    def form_title(self, form: Form[Any]) -> str:
        return tr(NAMES[form.whose().name])

    def form_hint(self, form: Form[Any]) -> str:
        hint = HINTS.get(form.whose().name, "")
        return tr(hint) if hint else ""

    def form_fields(self, form: Form[Any]) -> Sequence[Field]:
        rule: Rule = form.whose()
        label = tr("Value in yuan") if rule.is_money else tr("New figure ({unit})", unit=tr(unit(rule)))
        return (Field("value", label, "text" if rule.is_money else "digits", longest=12),)

    def form_extras(self, form: Form[Any]) -> Sequence[QWidget]:
        self._figures = Text("", "headline", wrap=True)
        return (self._figures,)

    def show_extras(self, form: Form[Any]) -> None:
        rule: Rule = form.whose()
        value = self.keeper.typed_value()
        now = said(rule, rule.value)
        self._figures.setText(now if value in (None, rule.value) else f"{now} → {said(rule, value or 0)}")
        self.save.setEnabled(self.save.isEnabled() and value != rule.value)

    def saved_words(self, saved: str, name: str) -> str:
        return super().saved_words(saved, tr(NAMES.get(name, name)))


class _ByWord(RulesPresenter):
    """Found by what it is called on the screen."""

    def fits(self, row: Rule, typed: str) -> bool:
        return typed in tr(NAMES[row.name]).lower() or super().fits(row, typed)


class RulesScreen(QWidget):
    """A `Screen` of the shell: the figures of the programme, and how its slips look. `rule_changed`: other screens
    read the figures anew. `said`: told in words what was done."""

    name = "rules"
    icon = "note"
    key = "Ctrl+8"

    rule_changed = Signal()

    def __init__(
        self,
        services: CounterServices,
        slips: SlipQueries,
        designer: SlipDesigner,
        said: Callable[[str], None],
        *,
        paper_mm: int = 80,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 0, Space.L, Space.L)
        column.setSpacing(Space.M)
        top = QHBoxLayout()
        top.setSpacing(Space.L)
        self._title = Text(role="headline")
        self.which = SegmentedControl((("figures", ""), ("slips", "")), "figures")
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self.which)
        column.addLayout(top)
        self.view = RulesKeeperView(services)
        self.view.keeper.on_changed = self.rule_changed.emit
        self.slips = SlipsView(services, slips, designer, said, paper_mm=paper_mm)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.slips)
        column.addWidget(self._pages, 1)
        self.which.changed.connect(self.choose)
        self.retranslate()

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Rules")

    def commands(self) -> Sequence[Command]:
        def slips() -> bool:
            return self.which.value == "slips"

        return (
            Command("rule_figures", lambda: tr("Figures of the programme"), lambda: self.choose("figures"), "Alt+1",
                    "note", everywhere=False),
            Command("rule_slips", lambda: tr("Look of slips"), lambda: self.choose("slips"), "Alt+2", "slip",
                    everywhere=False),
            Command("undo_slips", lambda: tr("One step back"), self.slips.presenter.undo, "", "undo", everywhere=False,
                    is_possible=lambda: slips() and self.slips.presenter.state.can_undo),
            Command("save_slips", lambda: tr("Save"), self.slips.presenter.save, "Ctrl+S", "save", everywhere=False,
                    is_possible=lambda: slips() and self.slips.save.isEnabled()),
        )  # fmt: skip

    def help(self) -> str:
        return tr(
            "The figures of the programme, and how its slips look. A change counts at once, at every counter of this "
            "store."
        )

    def choose(self, which: str) -> None:
        self.which.set_value(which)
        if which == "slips":
            self._pages.setCurrentWidget(self.slips)
            self.slips.presenter.open()
            self.slips.take_keyboard()
        else:
            self._pages.setCurrentWidget(self.view)
            self.view.presenter.open()
            self.view.take_keyboard()

    def entered(self) -> None:
        self.choose(self.which.value)

    def retranslate(self) -> None:
        self._title.setText(tr("Rules of the programme"))
        self.which.set_options((("figures", tr("Figures")), ("slips", tr("Look of slips"))))
        self.which.setAccessibleName(tr("Rules of the programme"))
        self.view.retranslate()
        self.slips.retranslate()

    def person_changed(self) -> None:
        self.view.presenter.person_changed()
        self.slips.presenter.blank()

    def blank(self) -> None:
        self.view.presenter.blank()
