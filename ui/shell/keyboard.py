"""Where the keyboard is, kept over a rebuilding of the screen: a language switch must not throw out who is typing."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid


class KeyboardPlace:
    """Remembers the focused widget of a window; `restore` goes back to it, or to the one that took its place."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._widget: QWidget | None = window.focusWidget()
        self._kind = type(self._widget)
        self._place = -1
        self._typed = ""
        self._cursor = 0
        if self._widget is not None:
            self._place = self._alike().index(self._widget) if self._widget in self._alike() else -1
        if isinstance(self._widget, QLineEdit):
            self._typed, self._cursor = self._widget.text(), self._widget.cursorPosition()

    def restore(self) -> None:
        widget = self._widget
        if widget is None or self._place < 0:
            return
        if not isValid(widget) or not widget.isVisibleTo(self._window) or not self._window.isAncestorOf(widget):
            alike = self._alike()
            if self._place >= len(alike):
                return
            widget = alike[self._place]
        if widget is not self._window.focusWidget():
            widget.setFocus()
        if isinstance(widget, QLineEdit):
            if not widget.text() and self._typed:
                widget.setText(self._typed)
                widget.textEdited.emit(self._typed)
            widget.setCursorPosition(min(self._cursor, len(widget.text())))

    def _alike(self) -> list[QWidget]:
        """All that are shown of that kind. Old ones that wait to be deleted are hidden already."""
        found: list[QWidget] = self._window.findChildren(self._kind)
        return [widget for widget in found if widget.isVisibleTo(self._window)]
