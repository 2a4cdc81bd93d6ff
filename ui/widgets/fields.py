"""Where things are typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui.theme import Space, paint_icon, theme
from ui.widgets.dressed import LineEdit
from ui.widgets.keys import keycap_size, paint_keycap
from ui.widgets.text import Text
from ui.widgets.visibility import show_if


class SearchField(LineEdit):
    """One line with a magnifier; its key is shown while it is empty. `typed` fires as you type, `chosen` on Enter."""

    typed = Signal(str)
    chosen = Signal(str)
    moved = Signal(int)
    """Up or Down was pressed: -1 or 1, for the list of results below."""

    _key = ""  # being dressed asks for it before __init__ has come to it

    def __init__(self, placeholder: str = "", key: str = "F2", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.set_placeholder(placeholder)
        self.setMaxLength(200)
        self.setInputMethodHints(Qt.InputMethodHint.ImhPreferLatin)  # readers that type are not to be composed
        self._make_room()
        self.textEdited.connect(self.typed)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._make_room()
        super().changeEvent(event)

    def _make_room(self) -> None:
        """For the magnifier and the key, at the text size in force."""
        right = keycap_size(self._key).width() + Space.S if self._key else 0
        margins = QMargins(theme().px(28), 0, right, 0)
        if self.textMargins() != margins:
            self.setTextMargins(margins)

    def set_placeholder(self, text: str) -> None:
        self.setPlaceholderText(text)
        self.setAccessibleName(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.chosen.emit(self.text())
            case Qt.Key.Key_Up:
                self.moved.emit(-1)
            case Qt.Key.Key_Down:
                self.moved.emit(1)
            case Qt.Key.Key_Escape if self.text():
                self.clear()
                self.typed.emit("")
            case _:
                super().keyPressEvent(event)
                return
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.ShortcutFocusReason:
            self.selectAll()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            side = theme().px(20)
            middle = self.height() / 2
            ink = theme().colour("accent_text" if self.hasFocus() else "text_muted")
            paint_icon(painter, QRectF(theme().px(13), middle - side / 2, side, side), "search", ink)
            if self._key and not self.text():
                cap = keycap_size(self._key)
                at = QPointF(self.width() - cap.width() - theme().px(12), middle - cap.height() / 2)
                paint_keycap(painter, at, self._key, theme().colour("text_muted"))


class TextField(QWidget):
    """Label above, field, and below it a hint that gives way to the error sentence."""

    changed = Signal(str)
    submitted = Signal()

    def __init__(
        self,
        label: str,
        hint: str = "",
        *,
        placeholder: str = "",
        secret: bool = False,
        digits: bool = False,
        max_length: int = 120,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._hint = hint
        self._problem = ""
        self._digits = digits
        self.label = Text(label, "label")
        self.edit = LineEdit()
        self.edit.setPlaceholderText(placeholder)
        self.edit.setMaxLength(max_length)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.note = Text(hint, "small", tone="muted", wrap=True)
        show_if(self.note, bool(hint))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.label)
        column.addWidget(self.edit)
        column.addWidget(self.note)
        self.label.setBuddy(self.edit)
        self.setFocusProxy(self.edit)
        self.set_label(label)
        self.edit.textEdited.connect(self._on_edited)
        self.edit.returnPressed.connect(self.submitted)

    @property
    def value(self) -> str:
        return self.edit.text().strip()

    def set_value(self, text: str) -> None:
        self.edit.setText(text)

    def set_label(self, label: str) -> None:
        self.label.setText(label)
        self.edit.setAccessibleName(label)

    def set_hint(self, hint: str) -> None:
        self._hint = hint
        self._show_note()

    def set_placeholder(self, text: str) -> None:
        self.edit.setPlaceholderText(text)

    @property
    def problem(self) -> str:
        return self._problem

    def set_problem(self, sentence: str) -> None:
        """Show why the value will not do; "" takes it back."""
        self._problem = sentence
        self.edit.setProperty("problem", bool(sentence))
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)
        self.edit.setAccessibleDescription(sentence or self._hint)
        self._show_note()

    def _show_note(self) -> None:
        text = self._problem or self._hint
        self.note.setText(text)
        self.note.set_tone("danger" if self._problem else "muted")
        show_if(self.note, bool(text))

    def _on_edited(self, text: str) -> None:
        if self._digits:
            kept = "".join(c for c in text if c in "0123456789")
            if kept != text:
                self.edit.setText(kept)
                text = kept
        if self._problem:
            self.set_problem("")
        self.changed.emit(text)
