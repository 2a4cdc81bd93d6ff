"""Why the drawer is opened: one press, or a digit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.operations.open_drawer import DRAWER_REASONS, DrawerReason
from ui.locale import mark, tr
from ui.widgets import Button, Overlay, Text

REASONS: dict[DrawerReason, str] = {
    "card_fee": mark("Fee for a card"),
    "change": mark("Change money"),
    "count": mark("Count the drawer"),
    "test": mark("Try the drawer"),
    "other": mark("Something else"),
}


class DrawerPanel(Overlay):
    """`chosen` is told the reason, once."""

    def __init__(self, host: QWidget, chosen: Callable[[DrawerReason], None]) -> None:
        super().__init__(host, width=420)
        self._chosen = chosen
        self.body.addWidget(Text(tr("Open the drawer: what for?"), "title"))
        self.body.addWidget(Text(tr("It is written down with your name."), "small", tone="muted", wrap=True))
        self.buttons = []
        for number, reason in enumerate(DRAWER_REASONS, 1):
            button = Button(tr(REASONS[reason]), "secondary", key=str(number), large=True)
            button.clicked.connect(partial(self._on_chosen, reason))
            self.body.addWidget(button)
            self.buttons.append(button)
        self.setAccessibleName(tr("Open the drawer: what for?"))

    def open(self) -> None:
        super().open()
        self.buttons[0].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = int(event.text()) if event.text() in tuple("12345") else 0
        if number and not event.isAutoRepeat():
            self._on_chosen(DRAWER_REASONS[number - 1])
            event.accept()
        else:
            super().keyPressEvent(event)

    def _on_chosen(self, reason: DrawerReason) -> None:
        self.close_overlay()
        self._chosen(reason)
