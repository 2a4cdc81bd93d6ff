"""A screen of the shell that is one kept list under its title."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.catalogue.keeper_view import KeeperView
from ui.theme import Space
from ui.widgets import Text


class KeeperScreen(QWidget):
    """A `Screen`, apart from its name, icon, key, commands and help."""

    def __init__(self, view: KeeperView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 0, Space.L, Space.L)
        column.setSpacing(Space.M)
        self._title = Text(role="headline")
        column.addWidget(self._title)
        self.view = view
        column.addWidget(view, 1)
        self.retranslate()

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        raise NotImplementedError

    def entered(self) -> None:
        self.view.presenter.open()
        self.view.take_keyboard()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        self.view.retranslate()

    def person_changed(self) -> None:
        self.view.presenter.person_changed()

    def blank(self) -> None:
        self.view.presenter.blank()
