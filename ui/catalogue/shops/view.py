"""The list of shops, and the form of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from ui.catalogue.keeper_view import Field, KeeperView
from ui.catalogue.keeping import NEW, Form
from ui.catalogue.shops.presenter import ShopsPresenter
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.widgets import Column


class ShopsKeeperView(KeeperView):
    icon_of_nothing = "shop"
    columns = (
        Column("name", lambda: tr("Shop"), lambda row: row.name, lambda row: row.pinyin, width=300),
        Column("code", lambda: tr("Code"), lambda row: row.shop, width=110, whole=True),
        Column("category", lambda: tr("Trade"), lambda row: row.category, width=140),
    )

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        self.keeper = ShopsPresenter(self, services)
        self.presenter = self.keeper
        super().__init__(parent)
        self.retranslate()

    def words(self) -> dict[str, str]:
        return {
            "find": tr("Find a shop: code, name, pinyin or trade"),
            "new": tr("New shop"),
            "nothing": tr("No shops yet"),
            "nothing_hint": tr("Add the first one; then clerks can credit its till slips."),
            "choose": tr("Add a shop, or choose one"),
            "choose_hint": tr("Clerks choose the shop when they credit a till slip."),
        }

    def form_title(self, form: Form[Any]) -> str:
        return tr("New shop") if form.row is None else f"{form.row.name}  {form.row.shop}"

    def form_fields(self, form: Form[Any]) -> Sequence[Field]:
        trades = [(trade, trade) for trade in self.keeper.categories()]
        fields = (Field("name", tr("Shop name")), Field("category", tr("Trade"), "suggest", options=trades))
        return (Field("shop", tr("Code"), longest=20), *fields) if form.kind == NEW else fields
