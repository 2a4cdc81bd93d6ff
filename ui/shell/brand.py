"""The mark and the name."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.locale import tr
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets import Text, show_if


class Mark(QWidget):
    """The sign of the program: a folded card in the accent."""

    def __init__(self, size: int = 40, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._size), theme().px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, rect.width() * 0.28, theme().colour("accent"))
            inset = rect.width() * 0.2
            mark = rect.adjusted(inset, inset, -inset, -inset)
            paint_icon(painter, mark, "brand", theme().colour("on_accent"), 2.4)


class Brand(QWidget):
    """Mark, name, and which mall."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(Mark(44))
        words = QVBoxLayout()
        words.setSpacing(0)
        self._name = Text(role="title")
        self._where = Text(role="small", tone="muted")
        words.addWidget(self._name)
        words.addWidget(self._where)
        row.addLayout(words, 1)
        self.set_where("")
        self.retranslate()

    def set_where(self, where: str) -> None:
        self._where.setText(where)
        show_if(self._where, bool(where))

    def retranslate(self) -> None:
        self._name.setText(tr("MemberDesk"))
