"""What things lie on, and small marks: cards, dividers, chips, avatars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import Radius, Space, fill_rounded, paint_icon, theme
from ui.theme.tokens import TIERS
from ui.widgets.dressed import ThinScrollBar
from ui.widgets.text import Text
from ui.widgets.visibility import show_if


class Card(QFrame):
    """A white surface with a hairline. Put things into `body`; `header` holds the title and may take more."""

    def __init__(
        self, title: str = "", *, padding: int = Space.L, ground: str = "surface", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ground = ground
        outer = QVBoxLayout(self)
        outer.setContentsMargins(padding, padding, padding, padding)
        outer.setSpacing(Space.M)
        self.title = Text(title, "title")
        show_if(self.title, bool(title))
        self.header = QHBoxLayout()
        self.header.setSpacing(Space.S)
        self.header.addWidget(self.title)
        self.header.addStretch(1)
        outer.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.M)
        outer.addLayout(self.body, 1)

    def set_title(self, title: str) -> None:
        self.title.setText(title)
        show_if(self.title, bool(title))

    def set_ground(self, role: str) -> None:
        """A role of `Colours` to lie on: "surface", "sunken", "accent_soft", …"""
        self._ground = role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            line = theme().colour("line") if self._ground in ("surface", "raised") else None
            fill_rounded(painter, QRectF(self.rect()), Radius.CARD, theme().colour(self._ground), line)


class Divider(QWidget):
    """A hairline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("line"))


class Chip(QWidget):
    """A short word in a pill. `tone`: a tier (bronze, silver, gold, platinum), or neutral, accent, success, warning,
    danger, info. The word says it; the colour only helps."""

    def __init__(self, text: str = "", tone: str = "neutral", *, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._tone = tone
        self._icon = icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        return self._text

    def set(self, text: str, tone: str | None = None) -> None:
        self._text = text
        self._tone = tone or self._tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = theme().metrics("label").horizontalAdvance(self._text) + theme().px(20)
        mark = theme().px(18) if self._mark() else 0
        return QSize(width + mark, theme().px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            soft, ink = self._colours()
            fill_rounded(painter, rect, rect.height() / 2, theme().colour(soft))
            left = theme().px(10)
            mark = self._mark()
            if mark:
                side = theme().px(15)
                paint_icon(
                    painter, QRectF(left, (rect.height() - side) / 2, side, side), mark, theme().colour(ink), 2.0
                )
                left += theme().px(18)
            painter.setFont(theme().font("label"))
            painter.setPen(theme().colour(ink))
            painter.drawText(rect.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)

    def _mark(self) -> str:
        return self._icon or ("points" if self._tone in TIERS else "")

    def _colours(self) -> tuple[str, str]:
        if self._tone == "neutral":
            return "sunken", "text_muted"
        return f"{self._tone}_soft", f"{self._tone}_text"


class Avatar(QWidget):
    """A disc with the surname, so that the clerk has something to hold on to besides masked text."""

    def __init__(self, surname: str = "", *, size: int = 48, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surname = surname
        self._size = size
        self._ground = "accent_soft"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_surname(self, surname: str) -> None:
        self._surname = surname
        self.update()

    def set_ground(self, role: str) -> None:
        """A role of `Colours` for the disc, where it lies on something of its own colour."""
        self._ground = role
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._size), theme().px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, rect.height() / 2, theme().colour(self._ground))
            if not self._surname:
                side = rect.width() * 0.55
                at = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
                paint_icon(painter, at, "member", theme().colour("accent_text"))
                return
            font = theme().font("strong")
            font.setPixelSize(round(rect.height() * (0.42 if len(self._surname) == 1 else 0.32)))
            painter.setFont(font)
            painter.setPen(theme().colour("accent_text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._surname[:2])


class Icon(QWidget):
    """An icon of its own, tinted by `tone` (a role of Colours)."""

    def __init__(self, name: str, *, size: int = 24, tone: str = "text_muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._size = size
        self._tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set(self, name: str, tone: str | None = None) -> None:
        self._name = name
        self._tone = tone or self._tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._size), theme().px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_icon(painter, QRectF(self.rect()), self._name, theme().colour(self._tone))


class ScrollColumn(QScrollArea):
    """A column that scrolls when it must. Put things into `column`; it ends in a stretch."""

    def __init__(self, *, spacing: int = Space.M, margins: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBar(ThinScrollBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        inner = QWidget()
        inner.setAutoFillBackground(False)
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(margins, margins, margins, margins)
        outer.setSpacing(0)
        self.column = QVBoxLayout()
        self.column.setSpacing(spacing)
        outer.addLayout(self.column)
        outer.addStretch(1)
        self.setWidget(inner)
        inner.setAutoFillBackground(False)  # setWidget switched it on
