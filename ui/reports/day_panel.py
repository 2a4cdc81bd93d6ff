"""Choosing a day: a month to look at, over the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.locale import day, tr
from ui.theme import Radius, Space, fill_rounded, focus_ring, theme
from ui.widgets import Button, IconButton, Overlay, Text

_CELL_PX = 44
_WEEKS = 6
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}


class DayPanel(Overlay):
    """`chosen` gets the day; none after `last`."""

    def __init__(self, host: QWidget, day: date, last: date, chosen: Callable[[date], None]) -> None:
        super().__init__(host, width=380)
        self._chosen = chosen
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        self._month = Text(role="title")
        before = IconButton("arrow_left", tr("Month before"))
        after = IconButton("arrow_right", tr("Month after"))
        top.addWidget(self._month, 1)
        top.addWidget(before)
        top.addWidget(after)
        self.body.addLayout(top)
        self.grid = MonthGrid(day, last)
        self.body.addWidget(self.grid, 0, Qt.AlignmentFlag.AlignHCenter)
        close = Button(tr("Cancel"), "quiet", key="Esc")
        self.body.addWidget(close)
        before.clicked.connect(lambda: self.grid.turn(-1))
        after.clicked.connect(lambda: self.grid.turn(1))
        close.clicked.connect(self.cancel)
        self.grid.turned.connect(self._on_turned)
        self.grid.chosen.connect(self._on_chosen)
        self._on_turned()

    def open(self) -> None:
        super().open()
        self.grid.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_turned(self) -> None:
        at = self.grid.day
        self._month.setText(tr("{year}-{month}", year=at.year, month=f"{at.month:02}"))

    def _on_chosen(self) -> None:
        picked = self.grid.day
        self.close_overlay()
        self._chosen(picked)


class MonthGrid(QWidget):
    """Six weeks from a Monday on. Arrows move, PgUp and PgDn turn months, Enter or a click chooses."""

    chosen = Signal()
    turned = Signal()

    def __init__(self, at: date, last: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.day = min(at, last)
        self._last = last
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(self.sizeHint())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._go(self.day)

    def sizeHint(self) -> QSize:
        side = theme().px(_CELL_PX)
        return QSize(7 * side, (_WEEKS + 1) * side)

    def turn(self, months: int) -> None:
        index = self.day.year * 12 + self.day.month - 1 + months
        year, month = divmod(index, 12)
        if year < 2000:
            return
        first = date(year, month + 1, 1)
        self._go(min(self._last, first + timedelta(days=min(self.day.day, _days_of(first)) - 1)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._go(self.day + timedelta(days=_STEPS[key]))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turn(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key == Qt.Key.Key_Home:
            self._go(self._last)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        side = theme().px(_CELL_PX)
        column, row = int(event.position().x()) // side, int(event.position().y()) // side - 1
        if 0 <= column < 7 and 0 <= row < _WEEKS:
            clicked = self._first() + timedelta(days=7 * row + column)
            if clicked <= self._last:
                self._go(clicked)
                self.chosen.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        side = float(t.px(_CELL_PX))
        names = tr("Mo Tu We Th Fr Sa Su").split()
        with QPainter(self) as painter:
            painter.setFont(t.font("small"))
            painter.setPen(t.colour("text_muted"))
            for column, name in enumerate(names):
                painter.drawText(QRectF(column * side, 0, side, side), Qt.AlignmentFlag.AlignCenter, name)
            painter.setFont(t.font("body"))
            for place in range(7 * _WEEKS):
                row, column = divmod(place, 7)
                cell = QRectF(column * side, (row + 1) * side, side, side).adjusted(2, 2, -2, -2)
                shown = self._first() + timedelta(days=place)
                self._paint_day(painter, cell, shown)

    def _paint_day(self, painter: QPainter, cell: QRectF, shown: date) -> None:
        t = theme()
        ink = "text" if shown.month == self.day.month else "text_muted"
        if shown == self.day:
            fill_rounded(painter, cell, Radius.CARD, t.colour("accent"))
            ink = "on_accent"
            if self.hasFocus():
                focus_ring(painter, cell.adjusted(-2, -2, 2, 2), Radius.CARD)
        elif shown == self._last:
            fill_rounded(painter, cell, Radius.CARD, t.colour("accent_soft"))
            ink = "accent_text"
        elif shown > self._last:
            ink = "text_disabled"
        painter.setPen(t.colour(ink))
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(shown.day))

    def _first(self) -> date:
        first = self.day.replace(day=1)
        return first - timedelta(days=first.weekday())

    def _go(self, to: date) -> None:
        if to > self._last:
            return
        self.day = to
        self.setAccessibleName(day(to))
        self.turned.emit()
        self.update()


def _days_of(first: date) -> int:
    return ((first.replace(day=28) + timedelta(days=4)).replace(day=1) - first).days
