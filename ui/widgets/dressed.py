"""Qt's own controls under the sheets of `ui.theme.stylesheet`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QScrollBar, QWidget

from ui.theme import dress, stylesheet


class LineEdit(QLineEdit):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dress(self, stylesheet.field)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self.isVisible():
            dress(self, stylesheet.field)

    def showEvent(self, event: QShowEvent) -> None:
        dress(self, stylesheet.field)
        super().showEvent(event)


class LongText(QPlainTextEdit):
    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        dress(self, stylesheet.long_text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self.isVisible():
            dress(self, stylesheet.long_text)

    def showEvent(self, event: QShowEvent) -> None:
        dress(self, stylesheet.long_text)
        super().showEvent(event)


class ThinScrollBar(QScrollBar):
    """For what scrolls without a sheet of its own."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Vertical, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        dress(self, stylesheet.scroll_bar)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self.isVisible():
            dress(self, stylesheet.scroll_bar)

    def showEvent(self, event: QShowEvent) -> None:
        dress(self, stylesheet.scroll_bar)
        super().showEvent(event)
