"""The navigation at the left: a few places, each with its icon, its word and its key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from ui.shell.brand import Mark
from ui.theme import Radius, Space, fill_rounded, focus_ring, paint_icon, theme
from ui.widgets.surfaces import ScrollColumn
from ui.widgets.visibility import show_if

WIDTH_PX = 84
TALL_PX, LOW_PX, LEAST_PX = 62, 42, 36  # an item at its best; with its word close below the icon; its icon alone
_MARK_PX = 40


class Rail(QWidget):
    """Items give way as the window gets lower: first their room, then the mark above them, then their words, which stay
    as tool tips. What is still too much scrolls."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(theme().px(WIDTH_PX))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, Space.M, 0, Space.M)
        outer.setSpacing(Space.M)
        self._mark = Mark(_MARK_PX)
        outer.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        self._places = ScrollColumn(spacing=Space.XS)
        self._places.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._places.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._places.column.setContentsMargins(Space.XS, 0, Space.XS, 0)
        outer.addWidget(self._places, 1)
        self._items: dict[str, RailItem] = {}

    def add(self, name: str, icon: str, title: str, key: str) -> None:
        item = RailItem(icon, title, key)
        item.clicked.connect(lambda _checked=False, chosen=name: self.chosen.emit(chosen))
        item.focused.connect(self._places.ensureWidgetVisible)
        self._items[name] = item
        self._places.column.addWidget(item)
        self._fit()

    def set_current(self, name: str) -> None:
        for known, item in self._items.items():
            item.setChecked(known == name)
        if name in self._items:
            self._places.ensureWidgetVisible(self._items[name])

    def set_shown(self, name: str, shown: bool) -> None:
        self._items[name].setVisible(shown)
        self._fit()

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
            self._fit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = max(1, len(self.shown()))
        room = self.height() - 2 * Space.M + Space.XS
        below_mark = (room - self._mark.sizeHint().height() - Space.M) // shown - Space.XS
        has_mark = below_mark >= theme().px(LOW_PX)
        show_if(self._mark, has_mark)
        high = below_mark if has_mark else room // shown - Space.XS
        high = max(theme().px(LEAST_PX), min(theme().px(TALL_PX), high))
        for item in self._items.values():
            item.setFixedHeight(high)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(self.width() - 1, 0, 1, self.height(), theme().colour("line"))


class RailItem(QAbstractButton):
    focused = Signal(QWidget)
    """The keyboard came to this item."""

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

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            if self.isChecked():
                fill_rounded(painter, rect, Radius.CARD, t.colour("accent_soft"))
            elif self.underMouse():
                fill_rounded(painter, rect, Radius.CARD, t.colour("hover"))
            ink = t.colour("accent_text" if self.isChecked() else "text_muted")
            side, has_word = t.px(24 if rect.height() >= t.px(54) else 20), rect.height() >= t.px(LOW_PX)
            room = rect.height() - side - (t.px(20) if has_word else 0)
            icon_at = QRectF(rect.center().x() - side / 2, room / 2 if room > 0 else 0, side, side)
            paint_icon(painter, icon_at, self._icon, ink)
            if has_word:
                painter.setFont(t.font("label" if self.isChecked() else "small"))
                painter.setPen(ink)
                words = QRectF(0, icon_at.bottom(), rect.width(), t.px(20))
                wide = round(words.width()) - 2
                shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, wide)
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
        badge = QRectF(icon_at.right() - t.px(6), max(0.0, icon_at.top() - t.px(6)), width, t.px(18))
        fill_rounded(painter, badge, badge.height() / 2, t.colour("danger"))
        painter.setPen(t.colour("on_danger"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
