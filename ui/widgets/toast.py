"""Said in passing, at the bottom of the window, with undo where there is one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPropertyAnimation, QRectF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ui.theme import Motion, Radius, Space, fill_rounded, paint_icon, soft_shadow, theme
from ui.widgets.surfaces import Icon
from ui.widgets.text import Text
from ui.widgets.visibility import show_if

TOAST_ICONS = {"info": "info", "success": "check", "warning": "warning", "danger": "problem"}
SHADOW_PX = 20


class Toast(QWidget):
    """One message over `host`. It leaves by itself after `stays_ms`, twice that with an action."""

    def __init__(
        self,
        host: QWidget,
        text: str,
        tone: str = "info",
        *,
        action: str = "",
        act: Callable[[], None] | None = None,
        key: str = "",
        stays_ms: int = 5000,
    ) -> None:
        super().__init__(host)
        self._host = host
        self._act = act
        self._row = row = QHBoxLayout(self)
        edge = SHADOW_PX
        row.setContentsMargins(edge + Space.L, edge + Space.XS, edge + Space.S, edge + Space.XS)
        row.setSpacing(Space.M)
        row.addWidget(Icon(TOAST_ICONS[tone], size=20, tone="toast_accent"))
        self.text = Text(text, tone="toast")
        row.addWidget(self.text, 1)
        self.action = _ToastButton(action)
        show_if(self.action, bool(action) and act is not None)
        if key and act is not None:
            self.action.setShortcut(QKeySequence(key))
        row.addWidget(self.action)
        self._close = _ToastButton("", icon="close")
        row.addWidget(self._close)
        self.action.clicked.connect(self._on_action)
        self._close.clicked.connect(self.leave)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.leave)
        self._timer.setInterval(stays_ms * 2 if act is not None else stays_ms)
        self._slide = QPropertyAnimation(self, b"pos", self)
        host.installEventFilter(self)
        self.setAccessibleName(text)

    def come(self) -> None:
        self._place()
        end = self.pos()
        self.show()
        self.raise_()
        duration = theme().motion_ms(Motion.SLOW)
        if duration:
            self._slide.setDuration(duration)
            self._slide.setStartValue(end + QPoint(0, 24))
            self._slide.setEndValue(end)
            self._slide.start()
        self._timer.start()

    def leave(self) -> None:
        self._timer.stop()
        self._slide.stop()
        self._host.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._slide.stop()
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect()).adjusted(SHADOW_PX, SHADOW_PX, -SHADOW_PX, -SHADOW_PX)
            soft_shadow(painter, rect, Radius.CARD, SHADOW_PX - 2)
            fill_rounded(painter, rect, Radius.CARD, theme().colour("toast"))

    def _place(self) -> None:
        room = self._host.width() - 2 * Space.L
        self.text.setWordWrap(False)
        natural = self.sizeHint().width()
        width = min(natural, room, theme().px(640) + 2 * SHADOW_PX)
        self.text.setWordWrap(width < natural)
        height = self._row.heightForWidth(width) if width < natural else self.sizeHint().height()
        self.resize(width, max(height, self.minimumSizeHint().height()))
        self.move((self._host.width() - width) // 2, self._host.height() - self.height() - Space.XXL)

    def _on_action(self) -> None:
        act = self._act
        self.leave()
        if act is not None:
            act()


class _ToastButton(QToolButton):
    def __init__(self, text: str, icon: str = "") -> None:
        super().__init__()
        self._icon = icon
        self.setText(text)
        self.setAccessibleName(text or "×")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        width = theme().px(44) if icon else theme().metrics("strong").horizontalAdvance(text) + theme().px(24)
        self.setFixedSize(width, theme().px(44))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            ink = theme().colour("toast_accent" if self.text() else "toast_text")
            if self.hasFocus() or self.underMouse():
                fill_rounded(painter, QRectF(self.rect()), Radius.SMALL, None, ink, 1.5)
            if self._icon:
                side = theme().px(18)
                at = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
                paint_icon(painter, at, self._icon, ink)
                return
            painter.setFont(theme().font("strong"))
            painter.setPen(ink)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
