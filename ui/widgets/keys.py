"""Keys as little caps: what to press, shown where it acts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.theme import Radius, Space, fill_rounded, theme
from ui.widgets.text import Text

SYMBOLS = {"Return": "Enter", "Escape": "Esc", "Backspace": "⌫", "Up": "↑", "Down": "↓", "Left": "←", "Right": "→"}


def keycap_size(key: str) -> QSize:
    """The room that `paint_keycap` needs."""
    metrics = theme().metrics("caption")
    return QSize(metrics.horizontalAdvance(SYMBOLS.get(key, key)) + theme().px(12), theme().px(22))


def paint_keycap(painter: QPainter, top_left: QPointF, key: str, ink: QColor, fill: QColor | None = None) -> None:
    """Draw one cap; `ink` for letters and, thinned, for the edge."""
    size = keycap_size(key)
    rect = QRectF(top_left, size.toSizeF())
    edge = QColor(ink)
    edge.setAlphaF(0.42)
    fill_rounded(painter, rect, Radius.SMALL - 1, fill, edge)
    painter.setFont(theme().font("caption"))
    painter.setPen(ink)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, SYMBOLS.get(key, key))


class Keycap(QWidget):
    """One key."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(key)

    def sizeHint(self) -> QSize:
        return keycap_size(self._key)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_keycap(painter, QPointF(0, 0), self._key, theme().colour("text_muted"), theme().colour("surface"))


class KeyHint(QWidget):
    """A key and what it does: [F6] 兑换."""

    def __init__(self, key: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        self.label = Text(text, "small", tone="muted")
        row.addWidget(Keycap(key))
        row.addWidget(self.label)
        row.addStretch(1)

    def set_text(self, text: str) -> None:
        self.label.setText(text)
