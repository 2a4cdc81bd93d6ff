"""The navigation at the left: a few places, each with its icon, its word and its key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from ui.shell.brand import Mark
from ui.theme import Radius, Space, fill_rounded, focus_ring, paint_icon, theme

WIDTH_PX = 84


class Rail(QWidget):
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(theme().px(WIDTH_PX))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(Space.S, Space.M, Space.S, Space.M)
        self._column.setSpacing(Space.XS)
        self._column.addWidget(Mark(40), 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(Space.M)
        self._column.addStretch(1)
        self._items: dict[str, RailItem] = {}

    def add(self, name: str, icon: str, title: str, key: str) -> None:
        item = RailItem(icon, title, key)
        item.clicked.connect(lambda _checked=False, chosen=name: self.chosen.emit(chosen))
        self._items[name] = item
        self._column.insertWidget(self._column.count() - 1, item)

    def set_current(self, name: str) -> None:
        for known, item in self._items.items():
            item.setChecked(known == name)

    def set_shown(self, name: str, shown: bool) -> None:
        self._items[name].setVisible(shown)

    def shown(self) -> tuple[str, ...]:
        """Names of the places that whoever is signed in can go to."""
        return tuple(name for name, item in self._items.items() if not item.isHidden())

    def set_title(self, name: str, title: str, key: str) -> None:
        self._items[name].set_title(title, key)

    def set_badge(self, name: str, count: int) -> None:
        self._items[name].set_badge(count)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedWidth(theme().px(WIDTH_PX))
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(self.width() - 1, 0, 1, self.height(), theme().colour("line"))


class RailItem(QAbstractButton):
    def __init__(self, icon: str, title: str, key: str) -> None:
        super().__init__()
        self._icon = icon
        self._badge = 0
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_title(title, key)

    def set_title(self, title: str, key: str) -> None:
        self.setText(title)
        self.setAccessibleName(title)
        self.setToolTip(f"{title}  {key}")

    def set_badge(self, count: int) -> None:
        self._badge = count
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(68), theme().px(62))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            if self.isChecked():
                fill_rounded(painter, rect, Radius.CARD, t.colour("accent_soft"))
            elif self.underMouse():
                fill_rounded(painter, rect, Radius.CARD, t.colour("hover"))
            ink = t.colour("accent_text" if self.isChecked() else "text_muted")
            side = t.px(24)
            icon_at = QRectF(rect.center().x() - side / 2, t.px(9), side, side)
            paint_icon(painter, icon_at, self._icon, ink)
            painter.setFont(t.font("label" if self.isChecked() else "small"))
            painter.setPen(ink)
            words = QRectF(0, icon_at.bottom() + 2, rect.width(), rect.height() - icon_at.bottom() - 6)
            shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(words.width()) - 4)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, shown)
            if self._badge:
                self._paint_badge(painter, icon_at)
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CARD)

    def _paint_badge(self, painter: QPainter, icon_at: QRectF) -> None:
        t = theme()
        text = str(self._badge) if self._badge < 100 else "99+"
        painter.setFont(t.font("caption"))
        width = max(t.px(18), painter.fontMetrics().horizontalAdvance(text) + t.px(8))
        badge = QRectF(icon_at.right() - t.px(6), icon_at.top() - t.px(6), width, t.px(18))
        fill_rounded(painter, badge, badge.height() / 2, t.colour("danger"))
        painter.setPen(t.colour("on_danger"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
