"""What can be done for the member, with its keys: one row above the task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from ui.locale import tr
from ui.theme import Radius, Space, fill_rounded, focus_ring, paint_icon, theme


@dataclass(frozen=True)
class Tab:
    task: str
    title: str  # message id
    key: str
    icon: str


class _TabButton(QAbstractButton):
    def __init__(self, tab: Tab) -> None:
        super().__init__()
        self.tab = tab
        self.setText(tr(tab.title))
        self.setAccessibleName(f"{tr(tab.title)} {tab.key}".strip())
        self.setToolTip(self.accessibleName())
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        width = theme().metrics("label").horizontalAdvance(self.text())
        return QSize(max(theme().px(64), width + theme().px(16)), theme().px(60))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(56), theme().px(60))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            chosen = self.isChecked()
            if chosen:
                fill_rounded(painter, rect, Radius.CONTROL, t.colour("accent_soft"))
            elif self.underMouse() and self.isEnabled():
                fill_rounded(painter, rect, Radius.CONTROL, t.colour("hover"))
            ink = "accent_text" if chosen else "text_muted" if self.isEnabled() else "text_disabled"
            side = t.px(20)
            key_width = t.metrics("caption").horizontalAdvance(self.tab.key) if self.tab.key else 0
            gap = 6 if self.tab.key else 0
            left = rect.center().x() - (side + gap + key_width) / 2
            icon = QRectF(left, rect.top() + t.px(9), side, side)
            paint_icon(painter, icon, self.tab.icon, t.colour(ink))
            if self.tab.key:
                painter.setFont(t.font("caption"))
                painter.setPen(t.colour("text_muted" if self.isEnabled() else "text_disabled"))
                area = QRectF(icon.right() + gap, icon.top(), key_width + 2, side)
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.tab.key)
            painter.setFont(t.font("label"))
            painter.setPen(t.colour(ink if not chosen else "accent_text"))
            words = QRectF(rect.left() + 4, rect.bottom() - t.px(28), rect.width() - 8, t.px(22))
            shown = t.metrics("label").elidedText(self.text(), Qt.TextElideMode.ElideRight, int(words.width()))
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, shown)
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CONTROL)


class TaskTabs(QWidget):
    chosen = Signal(str)

    def __init__(self, tabs: Sequence[Tab], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, _TabButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.XS, Space.XS, Space.XS, Space.XS)
        row.setSpacing(2)
        for tab in tabs:
            button = _TabButton(tab)
            button.clicked.connect(lambda _checked=False, task=tab.task: self._on_clicked(task))
            row.addWidget(button, 1)
            self._buttons[tab.task] = button
        self._current = ""
        self.setAccessibleName(tr("What is done"))

    def show_current(self, task: str, *, enabled: bool, hidden: frozenset[str] = frozenset()) -> None:
        self._current = task
        for name, button in self._buttons.items():
            button.setChecked(name == task)
            button.setEnabled(enabled or name == task)
            button.setVisible(name not in hidden)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            fill_rounded(painter, QRectF(self.rect()), Radius.CARD, theme().colour("surface"), theme().colour("line"))

    def _on_clicked(self, task: str) -> None:
        self.show_current(self._current, enabled=True, hidden=self._hidden())
        self.chosen.emit(task)

    def _hidden(self) -> frozenset[str]:
        return frozenset(name for name, button in self._buttons.items() if button.isHidden())
