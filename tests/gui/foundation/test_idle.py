"""Who watches a window goes with it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from ui.shell.idle import IdleWatch


def test_a_window_that_is_gone_is_not_watched_any_more(qtbot: QtBot) -> None:
    window = QWidget()
    watch = IdleWatch(lambda: None, parent=window)
    delete(window)
    assert not isValid(watch)
