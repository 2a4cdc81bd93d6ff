"""The list of gifts, and the form of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.queries.rows import CatalogueGift
from ui.catalogue.gifts.presenter import COUPON, GOODS, GiftsPresenter, kind_of
from ui.catalogue.keeper_view import Field, KeeperView
from ui.catalogue.keeping import NEW, Form
from ui.counter.services import CounterServices
from ui.locale import mark, money, number, tr
from ui.theme import Space
from ui.widgets import Card, Column, Text, clear, show_if

LABELS = {
    "name": mark("Gift name"),
    "points": mark("Points it costs"),
    "value": mark("Value in yuan"),
    "on_offer": mark("On offer"),
    "kind": mark("Gift kind"),
    "coupon_days": mark("Days the coupon counts"),
    "coupon_shops": mark("Shops where it counts"),
    "coupon_terms": mark("Terms on the coupon"),
}
COUPON_FIELDS = ("coupon_days", "coupon_shops", "coupon_terms")
KINDS = {GOODS: mark("Goods"), COUPON: mark("Coupon")}


def _offer(row: CatalogueGift) -> str:
    return tr("On offer") if row.on_offer else tr("Not on offer")


class GiftsKeeperView(KeeperView):
    icon_of_nothing = "gift"
    columns = (
        Column("name", lambda: tr("Gift"), lambda row: row.name, lambda row: row.pinyin, width=220),
        Column("code", lambda: tr("Code"), lambda row: row.gift, width=110, whole=True),
        Column("kind", lambda: tr("Gift kind"), lambda row: tr(KINDS[kind_of(row)]), width=64),
        Column("points", lambda: tr("Points"), lambda row: number(row.points), lambda row: row.points, True, 96),
        Column("value", lambda: tr("Value"), lambda row: money(row.value_fen), lambda row: row.value_fen, True, 106),
        Column("offer", lambda: tr("State"), _offer, tone=lambda r: "" if r.on_offer else "text_muted", width=100),
    )

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        self.keeper = GiftsPresenter(self, services)
        self.presenter = self.keeper
        super().__init__(parent)
        self.retranslate()

    def words(self) -> dict[str, str]:
        return {
            "find": tr("Find a gift: code, name, pinyin or initials"),
            "new": tr("New gift"),
            "nothing": tr("No gifts yet"),
            "nothing_hint": tr("Add the first one; then each counter receives its stock on the gifts screen."),
            "choose": tr("Add a gift, or choose one"),
            "choose_hint": tr("A new price counts from the next redemption."),
        }

    def form_title(self, form: Form[Any]) -> str:
        return tr("New gift") if form.row is None else f"{form.row.name}  {form.row.gift}"

    def form_fields(self, form: Form[Any]) -> Sequence[Field]:
        code = Field("gift", tr("Code"), hint=tr("Typed to redeem it; it stays for ever."), longest=20)
        offer = [("yes", tr("On offer")), ("no", tr("Not on offer"))]
        fields = (
            Field("name", tr("Gift name")),
            Field("points", tr("Points it costs"), "digits", longest=8),
            Field("value", tr("Value in yuan"), hint=tr("Above a limit a supervisor approves."), longest=12),
            Field("on_offer", tr("On offer"), "segments", options=offer),
            Field("kind", tr("Gift kind"), "segments", options=[(kind, tr(word)) for kind, word in KINDS.items()]),
            Field("coupon_days", tr("Days the coupon counts"), "digits", longest=4,
                  hint=tr("The day it is given is the first.")),
            Field("coupon_shops", tr("Shops where it counts"), hint=tr("Empty: every shop of the mall."), longest=80),
            Field("coupon_terms", tr("Terms on the coupon"), hint=tr("Printed below the value."),
                  longest=200),
        )  # fmt: skip
        return (code, *fields) if form.kind == NEW else fields

    def form_extras(self, form: Form[Any]) -> Sequence[QWidget]:
        self._changes = Card(padding=Space.M, ground="sunken")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.XS)
        self._changes.body.addLayout(self._lines)
        self._changes.hide()
        return (self._changes,)

    def show_extras(self, form: Form[Any]) -> None:
        for name in COUPON_FIELDS:
            show_if(self.fields[name], form.value("kind") == COUPON)
        clear(self._lines)
        changes = self.keeper.changes()
        for name, before, after in changes:
            if name == "on_offer":
                change = " → ".join(tr("On offer") if each == "yes" else tr("Not on offer") for each in (before, after))
            elif name == "kind":
                change = " → ".join(tr(KINDS[each]) for each in (before, after))
            elif name == "points" and after.isascii() and after.isdigit():
                change = f"{number(int(before))} → {number(int(after))}"
            else:
                change = f"{before} → {after}"
            self._lines.addWidget(Text(f"{tr(LABELS[name])}: {change}", "small", wrap=True))
        show_if(self._changes, bool(changes))
        if form.kind != NEW:
            self.save.setEnabled(self.save.isEnabled() and bool(changes))
