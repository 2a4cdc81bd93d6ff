"""An exception in an event handler is a bug report, never the end of the program."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from ui.widgets import Text


class Clumsy(Text):
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Touches what Qt has deleted: the exception is raised by C code, which under 3.11 leaves it half made."""
        timer = QTimer()
        delete(timer)
        timer.isActive()


def test_what_c_code_raises_in_an_event_handler_arrives_as_an_exception(qtbot: QtBot) -> None:
    widget = Clumsy("")
    qtbot.addWidget(widget)
    widget.show()
    with pytest.raises(RuntimeError, match="already deleted"):
        QTest.keyPress(widget, Qt.Key.Key_A)
