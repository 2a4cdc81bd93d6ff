"""Showing, hiding and taking away parts of something that is still being put together."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def show_if(widget: QWidget, wanted: bool) -> None:
    """As `setVisible`, but a widget that has no parent yet does not flash up as a window of its own.

    Such a window takes the keyboard from the real one, and costs a native window each. Once the widget is laid out
    its parent shows it."""
    if wanted and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
        return
    widget.setVisible(wanted)


def clear(layout: QLayout) -> None:
    """Take all widgets out for good. They are gone from the screen at once, not when the event loop deletes them."""
    while (item := layout.takeAt(0)) is not None:
        part: QWidget | None = item.widget()
        if part is not None:
            part.hide()
            part.deleteLater()
