"""Confirmations lie over the window they belong to: nothing flies off, and nothing else can be hit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from ui.locale import tr
from ui.theme import Radius, Space, fill_rounded, soft_shadow, theme
from ui.widgets.button import Button
from ui.widgets.pin import PinField
from ui.widgets.text import Text
from ui.widgets.visibility import show_if


class Sheet(QFrame):
    """The raised surface in the middle of an overlay."""

    def __init__(self, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(theme().px(width))
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        self.body.setSpacing(Space.M)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            fill_rounded(painter, QRectF(self.rect()), Radius.PANEL, theme().colour("raised"), theme().colour("line"))


class Overlay(QWidget):
    """Covers `host` with a scrim and holds the keyboard until it is closed. Esc calls `cancelled`."""

    cancelled = Signal()
    closed = Signal()

    def __init__(self, host: QWidget, *, width: int = 480, cancellable: bool = True) -> None:
        super().__init__(host)
        self._host = host
        self._cancellable = cancellable
        self._open = True
        self._before: QWidget | None = host.window().focusWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        self.sheet = Sheet(width)
        column.addStretch(1)
        column.addWidget(self.sheet, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.body = self.sheet.body
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        host.installEventFilter(self)
        self.setGeometry(host.rect())

    @property
    def is_open(self) -> bool:
        return self._open

    def open(self) -> None:
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_overlay(self) -> None:
        """Take it away and give the keyboard back to where it was."""
        if not self._open:
            return
        self._open = False
        before = self._before
        self.hide()
        self._host.removeEventFilter(self)
        self.closed.emit()
        self.deleteLater()
        if before is not None:
            with suppress(RuntimeError):  # it may have been deleted meanwhile
                before.setFocus(Qt.FocusReason.PopupFocusReason)

    def cancel(self) -> None:
        if self._cancellable and self._open:
            self.cancelled.emit()
            self.close_overlay()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._open:
            self.setGeometry(self._host.rect())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside."""
        inside = [
            w
            for w in self.findChildren(QWidget)
            if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible() and w.isEnabled() and w.focusProxy() is None
        ]
        if not inside:
            return True
        focused = self.window().focusWidget()
        at = inside.index(focused) if focused in inside else -1 if forward else 0
        inside[(at + (1 if forward else -1)) % len(inside)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("scrim"))
            soft_shadow(painter, QRectF(self.sheet.geometry()), Radius.PANEL)


class ConfirmPanel(Overlay):
    """Asks once, with everything that will happen in sight. Enter confirms, Esc goes back.

    `lines` are (label, value) pairs; more widgets may be added to `content` before `open()`.
    """

    confirmed = Signal()

    def __init__(
        self,
        host: QWidget,
        title: str,
        *,
        text: str = "",
        lines: Sequence[tuple[str, str]] = (),
        confirm: str = "",
        kind: str = "primary",
        width: int = 480,
    ) -> None:
        super().__init__(host, width=width)
        self.title = Text(title, "headline", wrap=True)
        self.body.addWidget(self.title)
        self.text = Text(text, "body", tone="muted", wrap=True)
        show_if(self.text, bool(text))
        self.body.addWidget(self.text)
        for label, value in lines:
            row = QHBoxLayout()
            row.setSpacing(Space.L)
            row.addWidget(Text(label, "body", tone="muted"), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(value, "strong", wrap=True, align=Qt.AlignmentFlag.AlignRight), 1)
            self.body.addLayout(row)
        self.content = QVBoxLayout()
        self.content.setSpacing(Space.M)
        self.body.addLayout(self.content)
        self.problem = Text("", "body", tone="danger", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        self.back = Button(tr("Go back"), "quiet", key="Esc")
        self.confirm = Button(confirm or tr("Confirm"), kind, key="Enter", large=True)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.confirm)
        self.body.addSpacing(Space.S)
        self.body.addLayout(buttons)
        self.back.clicked.connect(self.cancel)
        self.confirm.clicked.connect(self._on_confirm)
        self.setAccessibleName(title)

    def set_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        show_if(self.problem, bool(sentence))

    def set_busy(self, busy: bool) -> None:
        self.confirm.setEnabled(not busy)
        self.back.setEnabled(not busy)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.back.hasFocus():
                self.cancel()
            elif self.confirm.isEnabled():
                self._on_confirm()
            event.accept()
            return
        super().keyPressEvent(event)

    def _on_confirm(self) -> None:
        self.confirmed.emit()


class PinDialog(Overlay):
    """Asks one person for a PIN. It stays until `close_overlay()`, so that a wrong PIN can be said in place."""

    entered = Signal(str)

    def __init__(
        self, host: QWidget, title: str, text: str = "", *, shortest: int = PIN_DIGITS, longest: int = PIN_DIGITS
    ) -> None:
        super().__init__(host, width=360)
        self.title = Text(title, "title", wrap=True, align=Qt.AlignmentFlag.AlignHCenter)
        self.body.addWidget(self.title)
        self.text = Text(text, "small", tone="muted", wrap=True, align=Qt.AlignmentFlag.AlignHCenter)
        show_if(self.text, bool(text))
        self.body.addWidget(self.text)
        self.pin = PinField(shortest=shortest, longest=longest)
        self.body.addWidget(self.pin)
        self.back = Button(tr("Go back"), "quiet", key="Esc")
        self.body.addWidget(self.back)
        self.back.clicked.connect(self.cancel)
        self.pin.entered.connect(self.entered)
        self.setFocusProxy(self.pin)
        self.setAccessibleName(title)

    def set_problem(self, sentence: str) -> None:
        self.pin.set_problem(sentence)
        self.pin.set_busy(False)
        self.pin.setFocus()

    def set_busy(self, busy: bool) -> None:
        self.pin.set_busy(busy)


def confirm(
    host: QWidget,
    title: str,
    *,
    text: str = "",
    lines: Sequence[tuple[str, str]] = (),
    button: str = "",
    kind: str = "primary",
    then: Callable[[], None],
) -> ConfirmPanel:
    """Open a ConfirmPanel that closes itself and calls `then` when confirmed."""
    panel = ConfirmPanel(host, title, text=text, lines=lines, confirm=button, kind=kind)

    def done() -> None:
        panel.close_overlay()
        then()

    panel.confirmed.connect(done)
    panel.open()
    return panel
