"""One of a few reasons, as large buttons."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ui.locale import tr
from ui.theme import Space
from ui.widgets import Button, Text


class Choice(QWidget):
    """`options`: value to message id. Nothing is chosen until a person does."""

    chosen = Signal(str)

    def __init__(
        self,
        label: str,
        options: Mapping[str, str],
        *,
        columns: int = 3,
        titled: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._buttons: dict[str, Button] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        if titled:
            column.addWidget(Text(label, "label"))
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        for at, (value, words) in enumerate(options.items()):
            button = Button(tr(words))
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, chosen=value: self.chosen.emit(chosen))
            grid.addWidget(button, at // columns, at % columns)
            self._buttons[value] = button
        column.addLayout(grid)
        self.setAccessibleName(label)

    def show_value(self, value: str | None) -> None:
        for name, button in self._buttons.items():
            button.setChecked(name == value)

    def focus_first(self) -> None:
        next(iter(self._buttons.values())).setFocus()
