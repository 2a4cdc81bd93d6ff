"""Nothing here yet, something to know, something going on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.locale import tr
from ui.theme import Radius, Space, fill_rounded, theme
from ui.widgets.button import Button, IconButton
from ui.widgets.surfaces import Icon
from ui.widgets.text import Text
from ui.widgets.visibility import show_if

TONE_ICONS = {"info": "info", "success": "check", "warning": "warning", "danger": "problem"}


class EmptyState(QWidget):
    """Says what to do first."""

    def __init__(
        self, icon: str, title: str, hint: str = "", *, action: Button | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.S)
        column.addStretch(1)
        column.addWidget(_Disc(icon), 0, centre)
        column.addSpacing(Space.S)
        self.title = Text(title, "title", align=centre, wrap=True)
        self.hint = Text(hint, "body", tone="muted", align=centre, wrap=True)
        show_if(self.hint, bool(hint))
        column.addWidget(self.title)
        column.addWidget(self.hint)
        if action is not None:
            column.addSpacing(Space.S)
            column.addWidget(action, 0, centre)
        column.addStretch(1)

    def set(self, title: str, hint: str = "") -> None:
        self.title.setText(title)
        self.hint.setText(hint)
        show_if(self.hint, bool(hint))


class _Disc(QWidget):
    def __init__(self, icon: str) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        inside = QHBoxLayout(self)
        inside.setContentsMargins(20, 20, 20, 20)
        inside.addWidget(Icon(icon, size=32, tone="accent_text"))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, rect.height() / 2, theme().colour("accent_soft"))


class Banner(QWidget):
    """A sentence that stays until it is settled, in the place it is about."""

    acted = Signal()
    dismissed = Signal()

    def __init__(
        self,
        text: str = "",
        tone: str = "info",
        *,
        action: str = "",
        dismissable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        row.setSpacing(Space.S)
        self._icon = Icon(TONE_ICONS[tone], size=20, tone=f"{tone}_text")
        self.text = Text(text, "body", wrap=True)
        self.action = Button(action, "quiet")
        show_if(self.action, bool(action))
        self._close = IconButton("close", tr("Close"), size=36)
        show_if(self._close, dismissable)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.action)
        row.addWidget(self._close)
        self.setMinimumHeight(theme().px(48))
        self.action.clicked.connect(self.acted)
        self._close.clicked.connect(self._dismiss)
        self.setAccessibleName(text)

    def set(self, text: str, tone: str | None = None, action: str = "") -> None:
        self._tone = tone or self._tone
        self._icon.set(TONE_ICONS[self._tone], f"{self._tone}_text")
        self.text.setText(text)
        self.action.setText(action)
        show_if(self.action, bool(action))
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            fill_rounded(painter, QRectF(self.rect()), Radius.CONTROL, theme().colour(f"{self._tone}_soft"))

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()


class ProgressLine(QWidget):
    """Nothing under 100 ms, a quiet line up to 1 s, then what it is doing, how far, and a way to cancel."""

    cancelled = Signal()

    QUIET_AFTER_MS = 100
    LOUD_AFTER_MS = 1000

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share: float | None = None
        self._phase = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        row = QHBoxLayout()
        self._text = Text("", "small", tone="muted")
        self._cancel = Button("", "quiet", icon="close")
        row.addWidget(self._text, 1)
        row.addWidget(self._cancel)
        column.addLayout(row)
        self._cancel.clicked.connect(self._on_cancel)
        self._quiet = self._timer(self.QUIET_AFTER_MS, self._show_quiet)
        self._loud = self._timer(self.LOUD_AFTER_MS, self._show_loud)
        self._tick = QTimer(self)
        self._tick.setInterval(33)
        self._tick.timeout.connect(self._on_tick)
        self._can_cancel = False
        self.finish()

    def start(self, doing: str, *, can_cancel: bool = False) -> None:
        """Something has begun: `doing` is its name in the present ("正在生成数据")."""
        self.finish()
        self._text.setText(doing)
        self._can_cancel = can_cancel
        self._quiet.start()
        self._loud.start()

    def say(self, doing: str) -> None:
        """The same work, further on."""
        self._text.setText(doing)

    def set_progress(self, done: int, total: int) -> None:
        self._share = min(1.0, done / total) if total > 0 else None
        self.update()

    def finish(self) -> None:
        self._quiet.stop()
        self._loud.stop()
        self._tick.stop()
        self._share = None
        self._text.hide()
        self._cancel.hide()
        self.setVisible(False)

    def sizeHint(self) -> QSize:
        return QSize(120, super().sizeHint().height() if not self._text.isHidden() else 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(0, 0, self.width(), 3)
            fill_rounded(painter, rect, 1.5, t.colour("sunken"))
            if self._share is not None:
                fill_rounded(painter, QRectF(0, 0, rect.width() * self._share, 3), 1.5, t.colour("accent"))
                return
            width = rect.width() * 0.3
            left = (rect.width() + width) * self._phase - width
            painter.setClipRect(rect)
            fill_rounded(painter, QRectF(left, 0, width, 3), 1.5, t.colour("accent"))

    def _timer(self, after_ms: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(then)
        return timer

    def _show_quiet(self) -> None:
        self.setVisible(True)
        if theme().motion:
            self._tick.start()

    def _show_loud(self) -> None:
        self._text.show()
        self._cancel.setText(tr("Cancel"))
        show_if(self._cancel, self._can_cancel)
        self.updateGeometry()

    def _on_tick(self) -> None:
        self._phase = (self._phase + 0.02) % 1.0
        self.update()

    def _on_cancel(self) -> None:
        self.cancelled.emit()
