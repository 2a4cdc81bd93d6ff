"""The programme manager's screen: gifts and shops."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.domain.staff import Right
from ui.catalogue.gifts.view import GiftsKeeperView
from ui.catalogue.keeper_view import KeeperView
from ui.catalogue.shops.view import ShopsKeeperView
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.shell.screen import Command
from ui.theme import Space
from ui.widgets import SegmentedControl, Text, show_if


class CatalogueScreen(QWidget):
    """A `Screen` of the shell."""

    name = "catalogue"
    icon = "list"
    key = "Ctrl+4"

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 0, Space.L, Space.L)
        column.setSpacing(Space.M)
        top = QHBoxLayout()
        top.setSpacing(Space.L)
        self._title = Text(role="headline")
        self.which = SegmentedControl((("gifts", ""), ("shops", "")), "gifts")
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self.which)
        column.addLayout(top)
        self.gifts = GiftsKeeperView(services)
        self.shops = ShopsKeeperView(services)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.gifts)
        self._pages.addWidget(self.shops)
        column.addWidget(self._pages, 1)
        self.which.changed.connect(self.choose)
        self.retranslate()

    @property
    def widget(self) -> QWidget:
        return self

    @property
    def view(self) -> KeeperView:
        return self.shops if self.which.value == "shops" else self.gifts

    def title(self) -> str:
        return tr("Catalogue")

    def commands(self) -> Sequence[Command]:
        return (
            Command("keep_gifts", lambda: tr("Gifts of the programme"), lambda: self.choose("gifts"), "Alt+1", "gift",
                    everywhere=False, is_possible=lambda: self.services.may(Right.GIFTS)),
            Command("keep_shops", lambda: tr("Shops of the mall"), lambda: self.choose("shops"), "Alt+2", "shop",
                    everywhere=False, is_possible=lambda: self.services.may(Right.RULES)),
            Command("add_to_list", lambda: tr("New in this list"), self._start_new, "Ctrl+N", "plus",
                    everywhere=False),
        )  # fmt: skip

    def help(self) -> str:
        return tr("What members can redeem, and the shops whose slips earn points. Changes count at once.")

    def choose(self, which: str) -> None:
        self.which.set_value(which)
        self._pages.setCurrentWidget(self.view)
        self.view.presenter.open()
        self.view.take_keyboard()

    def _start_new(self) -> None:
        self.view.start_new()

    def entered(self) -> None:
        gifts, shops = self.services.may(Right.GIFTS), self.services.may(Right.RULES)
        show_if(self.which, gifts and shops)
        self.choose(self.which.value if gifts and shops else "gifts" if gifts else "shops")

    def retranslate(self) -> None:
        self._title.setText(tr("Gifts and shops"))
        self.which.set_options((("gifts", tr("Gifts")), ("shops", tr("Shops"))))
        self.which.setAccessibleName(tr("Gifts and shops"))
        for view in (self.gifts, self.shops):
            view.retranslate()

    def person_changed(self) -> None:
        for view in (self.gifts, self.shops):
            view.presenter.person_changed()

    def blank(self) -> None:
        for view in (self.gifts, self.shops):
            view.presenter.blank()
