"""Showing and hiding parts of something that is still being put together."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def show_if(widget: QWidget, wanted: bool) -> None:
    """As `setVisible`, but a widget that has no parent yet does not flash up as a window of its own.

    Such a window takes the keyboard from the real one, and costs a native window each. Once the widget is laid out
    its parent shows it."""
    if wanted and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
        return
    widget.setVisible(wanted)
