"""One page in front of others."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget


class Pages(QWidget):
    """A stack that takes the room it is given and asks for none: a tall question must not stretch a short form.

    It has no layout, so what changes in a page is laid out in that page and nowhere else. A plain QStackedWidget makes
    the whole window ask each page, hidden or not, how high it would be at each width (measured: half of the time from
    a swipe to the member's page)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = QStackedWidget(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def addWidget(self, page: QWidget) -> None:
        self._stack.addWidget(page)

    def currentWidget(self) -> QWidget | None:
        return self._stack.currentWidget()

    def setCurrentWidget(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._stack.resize(self.size())
