"""A PIN: dots, digits only, a keypad for fingers. The digits leave it once and are forgotten."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from ui.locale import tr
from ui.theme import Radius, Space, fill_rounded, focus_ring, paint_icon, theme
from ui.widgets.text import Text


class PinDots(QWidget):
    """How many digits stand."""

    def __init__(self, slots: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slots = slots
        self._filled = 0
        self._problem = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_state(self, filled: int, problem: bool) -> None:
        self._filled, self._problem = filled, problem
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(32) * self._slots, theme().px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            slots = max(self._slots, self._filled)
            step, side = t.px(28), t.px(14)
            left = (self.width() - step * (slots - 1) - side) / 2
            for at in range(slots):
                dot = QRectF(left + at * step, (self.height() - side) / 2, side, side)
                if at < self._filled:
                    fill_rounded(painter, dot, side / 2, t.colour("text"))
                else:
                    line = t.colour("danger" if self._problem else "line_strong")
                    fill_rounded(painter, dot, side / 2, None, line, 1.5)


class _Key(QAbstractButton):
    def __init__(self, text: str, icon: str, name: str, accent: bool = False) -> None:
        super().__init__()
        self._icon, self._accent = icon, accent
        self.setText(text)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(84), theme().px(56))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(60), theme().px(48))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            if self._accent and self.isEnabled():
                ink = "on_accent"
                ground = "accent_pressed" if self.isDown() else "accent_hover" if self.underMouse() else "accent"
                fill_rounded(painter, rect, Radius.CONTROL, t.colour(ground))
            else:
                ground = "sunken" if self.isDown() else "hover" if self.underMouse() else "surface"
                ink = "text" if self.isEnabled() else "text_disabled"
                fill_rounded(painter, rect, Radius.CONTROL, t.colour(ground), t.colour("line"))
            if self._icon:
                side = t.px(24)
                at = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
                paint_icon(painter, at, self._icon, t.colour(ink), 2.0)
            else:
                painter.setFont(t.font("keypad"))
                painter.setPen(t.colour(ink))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())


class PinField(QWidget):
    """Dots over a keypad. `entered(str)` fires with the last digit where the length is fixed, otherwise on Enter or ✓
    from `shortest` digits on; then the field is empty."""

    entered = Signal(str)

    def __init__(self, *, shortest: int = PIN_DIGITS, longest: int = PIN_DIGITS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digits = ""
        self._shortest, self._longest = shortest, longest
        self._busy = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        column.setSpacing(Space.S)
        self.dots = PinDots(shortest)
        self.problem = Text("", "small", tone="danger", wrap=True, align=Qt.AlignmentFlag.AlignHCenter)
        self.problem.setMinimumHeight(theme().px(40))
        column.addWidget(self.dots)
        column.addWidget(self.problem)
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        for at, digit in enumerate("123456789"):
            key = _Key(digit, "", digit)
            key.clicked.connect(lambda _checked=False, d=digit: self.type_digit(d))
            grid.addWidget(key, at // 3, at % 3)
        self._erase = _Key("", "backspace", tr("Delete the last digit"))
        zero = _Key("0", "", "0")
        self._enter = _Key("", "check", tr("Confirm"), accent=True)
        self._erase.clicked.connect(self.erase)
        zero.clicked.connect(lambda _checked=False: self.type_digit("0"))
        self._enter.clicked.connect(self.enter)
        for at, last in enumerate((self._erase, zero, self._enter)):
            grid.addWidget(last, 3, at)
        column.addLayout(grid, 1)
        self.setAccessibleName(tr("PIN"))
        self._show()

    @property
    def length(self) -> int:
        return len(self._digits)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("PIN"))
        self._erase.setAccessibleName(tr("Delete the last digit"))
        self._enter.setAccessibleName(tr("Confirm"))

    def type_digit(self, digit: str) -> None:
        if self._busy or len(self._digits) >= self._longest:
            return
        self.set_problem("")
        self._digits += digit
        self._show()
        if self._shortest == self._longest == len(self._digits):
            self.enter()

    def erase(self) -> None:
        self._digits = self._digits[:-1]
        self._show()

    def clear(self) -> None:
        self._digits = ""
        self._show()

    def enter(self) -> None:
        if self._busy or len(self._digits) < self._shortest:
            return
        pin, self._digits = self._digits, ""
        self._show()
        self.entered.emit(pin)

    def set_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.setAccessibleDescription(sentence)
        self._show()

    def set_busy(self, busy: bool) -> None:
        """While the PIN is being checked nothing can be typed."""
        self._busy = busy
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter()
        elif event.key() == Qt.Key.Key_Backspace:
            self.erase()
        elif len(event.text()) == 1 and event.text() in "0123456789":
            self.type_digit(event.text())
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            with QPainter(self) as painter:
                focus_ring(painter, QRectF(0, 0, self.width(), self.dots.geometry().bottom() + 4), Radius.CONTROL)

    def _show(self) -> None:
        self.dots.show_state(len(self._digits), bool(self.problem.text()))
        self._enter.setEnabled(not self._busy and len(self._digits) >= self._shortest)
