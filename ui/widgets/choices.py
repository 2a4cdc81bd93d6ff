"""Choosing among few: segments, switches, ticks, lists, steps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.locale import number, tr
from ui.theme import TARGET_PX, Radius, Space, dress, fill_rounded, focus_ring, paint_icon, stylesheet, theme
from ui.widgets.button import IconButton
from ui.widgets.text import Text
from ui.widgets.visibility import show_if


class SegmentedControl(QWidget):
    """A few choices side by side, of which one holds. Left and Right move."""

    changed = Signal(str)

    def __init__(
        self, options: Sequence[tuple[str, str]], value: str = "", *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._options = tuple(options)
        self._value = value or (self._options[0][0] if self._options else "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        """Show `value` without a signal."""
        self._value = value
        self.update()

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        self._options = tuple(options)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 8, theme().px(TARGET_PX))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        values = [value for value, _ in self._options]
        at = values.index(self._value) + step
        if 0 <= at < len(values):
            self._choose(values[at])
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        left = 4.0
        for (value, _), width in zip(self._options, self._widths(), strict=True):
            if left <= event.position().x() < left + width:
                self._choose(value)
            left += width

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, Radius.CONTROL, t.colour("sunken"))
            left = 4.0
            for (value, text), width in zip(self._options, self._widths(), strict=True):
                part = QRectF(left, 4, width, rect.height() - 8)
                chosen = value == self._value
                if chosen:
                    fill_rounded(painter, part, Radius.SMALL, t.colour("surface"), t.colour("line"))
                painter.setFont(t.font("strong" if chosen else "body"))
                painter.setPen(t.colour("accent_text" if chosen else "text_muted"))
                painter.drawText(part, Qt.AlignmentFlag.AlignCenter, text)
                left += width
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CONTROL)

    def _widths(self) -> list[int]:
        return [theme().metrics("strong").horizontalAdvance(text) + theme().px(32) for _, text in self._options]

    def _choose(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self.update()
            self.changed.emit(value)


class _Toggle(QAbstractButton):
    """What tick and switch share: text beside a mark, checkable, one focus ring."""

    _mark_width = 22

    def __init__(self, text: str, checked: bool, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(checked)
        self.set_text(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        words = theme().metrics("body").horizontalAdvance(self.accessibleName())
        return QSize(theme().px(self._mark_width) + Space.M + words + 8, theme().px(TARGET_PX))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            self._paint_mark(painter, rect)
            painter.setFont(t.font("body"))
            painter.setPen(t.colour("text" if self.isEnabled() else "text_disabled"))
            words = rect.adjusted(4 + t.px(self._mark_width) + Space.M, 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.accessibleName())
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CONTROL)

    def _paint_mark(self, painter: QPainter, rect: QRectF) -> None:
        raise NotImplementedError


class CheckBox(_Toggle):
    """A tick with words."""

    def __init__(self, text: str = "", checked: bool = False, *, parent: QWidget | None = None) -> None:
        super().__init__(text, checked, parent)

    def _paint_mark(self, painter: QPainter, rect: QRectF) -> None:
        t = theme()
        side = t.px(22)
        box = QRectF(4, rect.center().y() - side / 2, side, side)
        if self.isChecked():
            fill_rounded(painter, box, 5, t.colour("accent"))
            paint_icon(painter, box.adjusted(3, 3, -3, -3), "check", t.colour("on_accent"), 3.0)
        else:
            fill_rounded(painter, box, 5, t.colour("surface"), t.colour("line_strong"), 1.5)


class Switch(_Toggle):
    """On or off, at once."""

    _mark_width = 44

    def __init__(self, text: str = "", checked: bool = False, *, parent: QWidget | None = None) -> None:
        super().__init__(text, checked, parent)

    def _paint_mark(self, painter: QPainter, rect: QRectF) -> None:
        t = theme()
        width, height = t.px(44), t.px(24)
        track = QRectF(4, rect.center().y() - height / 2, width, height)
        on = self.isChecked()
        fill_rounded(painter, track, height / 2, t.colour("accent" if on else "line_strong"))
        knob = height - 6
        x = track.right() - knob - 3 if on else track.left() + 3
        fill_rounded(
            painter, QRectF(x, track.top() + 3, knob, knob), knob / 2, t.colour("on_accent" if on else "surface")
        )


class SelectField(QWidget):
    """A label over a list to choose one from."""

    changed = Signal(str)

    def __init__(
        self,
        label: str,
        options: Sequence[tuple[str, str]] = (),
        value: str = "",
        *,
        editable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.label = Text(label, "label")
        self.box = _Box()
        self.box.setEditable(editable)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        if editable:
            # Qt takes a null pointer here; a completer would finish what is typed as the first port of the list.
            self.box.setCompleter(None)  # type: ignore[arg-type]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.label)
        column.addWidget(self.box)
        show_if(self.label, bool(label))
        self.setFocusProxy(self.box)
        self.box.setAccessibleName(label)
        self.set_options(options, value)
        self.box.activated.connect(self._on_chosen)
        if editable:
            self.box.editTextChanged.connect(self._on_typed)

    @property
    def value(self) -> str:
        if self.box.isEditable() and self.box.currentText() != self.box.itemText(self.box.currentIndex()):
            return self.box.currentText().strip()
        return str(self.box.currentData() or "")

    def set_options(self, options: Sequence[tuple[str, str]], value: str = "") -> None:
        kept = value or self.value
        self.box.blockSignals(True)
        self.box.clear()
        for name, text in options:
            self.box.addItem(text, name)
        self.set_value(kept)
        self.box.blockSignals(False)

    def set_value(self, value: str) -> None:
        at = self.box.findData(value)
        if at < 0 and self.box.isEditable():
            self.box.setEditText(value)
        else:
            self.box.setCurrentIndex(max(0, at))

    def set_label(self, label: str) -> None:
        self.label.setText(label)
        show_if(self.label, bool(label))
        self.box.setAccessibleName(label)

    def _on_chosen(self, _index: int) -> None:
        self.changed.emit(self.value)

    def _on_typed(self, _text: str) -> None:
        self.changed.emit(self.value)


class _Box(QComboBox):
    def __init__(self) -> None:
        super().__init__()
        dress(self, stylesheet.choice)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self.isVisible():
            dress(self, stylesheet.choice)

    def showEvent(self, event: QShowEvent) -> None:
        dress(self, stylesheet.choice)
        super().showEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            side = theme().px(18)
            at = QRectF(self.width() - side - theme().px(12), (self.height() - side) / 2, side, side)
            paint_icon(painter, at, "chevron_down", theme().colour("text_muted"))

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a page must not change what is chosen on it.
        event.ignore()


class Stepper(QWidget):
    """− 2 +: a small whole number. Up, Down, plus and minus keys work; digits replace."""

    changed = Signal(int)

    def __init__(
        self, value: int = 1, *, minimum: int = 1, maximum: int = 99, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._value, self._minimum, self._maximum = value, minimum, maximum
        self._typed = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._less = IconButton("minus", tr("One less"))
        self._more = IconButton("plus", tr("One more"))
        for part in (self._less, self._more):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._figure = Text(role="strong", align=Qt.AlignmentFlag.AlignHCenter)
        self._figure.setMinimumWidth(theme().px(32))
        row.addWidget(self._less)
        row.addWidget(self._figure)
        row.addWidget(self._more)
        self._less.clicked.connect(self._one_less)
        self._more.clicked.connect(self._one_more)
        self._name = name
        self._show()

    @property
    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        """Show `value` without a signal."""
        self._value = min(self._maximum, max(self._minimum, value))
        self._show()

    def set_maximum(self, maximum: int) -> None:
        self._maximum = max(self._minimum, maximum)
        self.set_value(self._value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Plus):
            self._one_more()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Minus):
            self._one_less()
        elif event.text() and event.text() in "0123456789":
            self._typed = (self._typed + event.text())[-len(str(self._maximum)) :]
            self._put(int(self._typed))
        else:
            self._typed = ""
            super().keyPressEvent(event)
            return
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, Radius.CONTROL, None, theme().colour("line"))
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CONTROL)

    def _one_less(self) -> None:
        self._typed = ""
        self._put(self._value - 1)

    def _one_more(self) -> None:
        self._typed = ""
        self._put(self._value + 1)

    def _put(self, value: int) -> None:
        value = min(self._maximum, max(self._minimum, value))
        if value != self._value:
            self._value = value
            self._show()
            self.changed.emit(value)

    def _show(self) -> None:
        self._figure.setText(number(self._value))
        self._less.setEnabled(self._value > self._minimum)
        self._more.setEnabled(self._value < self._maximum)
        self.setAccessibleName(f"{self._name} {self._value}".strip())
