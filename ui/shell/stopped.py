"""A desk that does not run: the window that says why, with the way out and the way back."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.locale import LANGUAGES, language, set_language, tr
from ui.shell.brand import Brand
from ui.theme import Space, theme
from ui.widgets import Button, EmptyState, SegmentedControl

SIZE = QSize(760, 520)


class StoppedWindow(QWidget):
    """`again` when the desk is to be tried again. Whoever inherits says its words in `retranslate`, and calls it when
    it is made; `parts` stand between what is said and the buttons."""

    again = Signal()

    def __init__(self, icon: str, *parts: QWidget) -> None:
        super().__init__()
        self.resize(theme().px(SIZE.width()), theme().px(SIZE.height()))
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.M)
        top = QHBoxLayout()
        self._brand = Brand()
        self._languages = SegmentedControl(tuple(LANGUAGES.items()), language())
        top.addWidget(self._brand)
        top.addStretch(1)
        top.addWidget(self._languages)
        column.addLayout(top)
        self.state = EmptyState(icon, "", "")
        column.addWidget(self.state, 1)
        for part in parts:
            column.addWidget(part)
        buttons = QHBoxLayout()
        self.close_button = Button("", "secondary", key="Esc")
        self.way_back = Button("", "primary", large=True)
        buttons.addWidget(self.close_button)
        buttons.addStretch(1)
        buttons.addWidget(self.way_back)
        column.addLayout(buttons)
        self._languages.changed.connect(self._on_language)
        self.close_button.clicked.connect(self.close)

    def retranslate(self) -> None:
        self.setWindowTitle(tr("MemberDesk"))
        self._brand.retranslate()
        self.close_button.setText(tr("Close"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))

    def _on_language(self, name: str) -> None:
        set_language(name)
        self.retranslate()

    def _try_again(self) -> None:
        self.again.emit()
        self.close()
