"""A desk that cannot start says why in a window, and offers the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.errors import Unavailable
from ui.jobs import QtJobs
from ui.shell.start_problem import StartProblem


def _window(qtbot: QtBot, restore: Callable[[], object] | None = None) -> StartProblem:
    jobs = QtJobs(lambda problem: None)
    window = StartProblem(lambda: "the file is damaged", jobs, restore, str)
    qtbot.addWidget(window)
    window.show()
    return window


def test_the_newest_backup_is_put_in_place_and_the_desk_is_tried_again(qtbot: QtBot) -> None:
    restored: list[str] = []
    window = _window(qtbot, lambda: restored.append("done"))
    with qtbot.waitSignal(window.again):
        window.way_back.click()
    assert restored == ["done"]


def test_a_backup_that_is_damaged_too_is_said_and_can_be_tried_again(qtbot: QtBot) -> None:
    def broken() -> None:
        raise Unavailable("backup.broken", file="store.db")

    window = _window(qtbot, broken)
    window.way_back.click()
    qtbot.waitUntil(window.way_back.isEnabled)
    assert window.isVisible()


def test_without_a_backup_there_is_only_the_way_out(qtbot: QtBot) -> None:
    window = _window(qtbot)
    assert not window.way_back.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isVisible())
