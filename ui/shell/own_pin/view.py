"""Three short fields over the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.domain.staff import PIN_DIGITS
from ui.locale import tr
from ui.shell.own_pin.presenter import OwnPinPresenter
from ui.widgets import ConfirmPanel, TextField


class OwnPinPanel(ConfirmPanel):
    """Enter goes to the next field, and from the last one it changes the PIN."""

    def __init__(self, host: QWidget, make_presenter: Callable[[OwnPinPanel], OwnPinPresenter]) -> None:
        text = tr("Six digits that nobody guesses: no 123456, no 111111.")
        super().__init__(host, tr("Change my PIN"), text=text, confirm=tr("Change the PIN"), width=440)
        self.fields = {
            "own": TextField(tr("Your PIN now"), secret=True, digits=True, max_length=PIN_DIGITS),
            "new": TextField(tr("New PIN"), secret=True, digits=True, max_length=PIN_DIGITS),
            "again": TextField(tr("The new PIN again"), secret=True, digits=True, max_length=PIN_DIGITS),
        }
        for field in self.fields.values():
            self.content.addWidget(field)
        self._presenter = make_presenter(self)
        self.confirmed.connect(self._on_confirmed)
        self.setFocusProxy(self.fields["own"])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            event.accept()
            return
        super().keyPressEvent(event)

    # OwnPinScreen

    def show_busy(self, busy: bool) -> None:
        self.set_busy(busy)

    def show_problem(self, field: str, sentence: str) -> None:
        if not sentence:
            self.set_problem("")
            for each in self.fields.values():
                each.set_problem("")
        elif field in self.fields:
            self.fields[field].set_problem(sentence)
            self.fields[field].setFocus()
            self.fields[field].edit.selectAll()
        else:
            self.set_problem(sentence)

    def leave(self) -> None:
        self.close_overlay()

    def _on_confirmed(self) -> None:
        order = list(self.fields.values())
        for at, field in enumerate(order[:-1]):
            if field.edit.hasFocus() and field.value and not order[at + 1].value:
                order[at + 1].setFocus()
                return
        self._presenter.change(*(field.value for field in order))
