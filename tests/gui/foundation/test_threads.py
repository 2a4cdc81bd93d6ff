from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.domain.errors import Refused
from app.ports.threads import off_gui_thread
from ui.guard import OnGuiThread, guarded
from ui.jobs import QtJobs
from ui.responsiveness import NOTICE_S, GuiWatch


@pytest.fixture
def unhandled() -> list[Exception]:
    return []


@pytest.fixture
def jobs(qtbot: QtBot, unhandled: list[Exception]) -> Iterator[QtJobs]:
    jobs = QtJobs(unhandled.append)
    yield jobs
    jobs.stop()


def test_work_runs_elsewhere_and_its_answer_comes_back_here(qtbot: QtBot, jobs: QtJobs) -> None:
    here = threading.get_ident()
    seen: list[tuple[int, int]] = []
    jobs.run(threading.get_ident, lambda there: seen.append((there, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(seen))
    there, back = seen[0]
    assert there != here
    assert back == here


def test_a_failure_goes_to_whoever_asked(qtbot: QtBot, jobs: QtJobs, unhandled: list[Exception]) -> None:
    heard: list[Exception] = []

    def refuse() -> None:
        raise Refused("points.not_enough", usable=1)

    jobs.run(refuse, lambda _none: None, heard.append)
    qtbot.waitUntil(lambda: bool(heard))
    assert isinstance(heard[0], Refused)
    assert unhandled == []


def test_without_anybody_it_goes_to_the_one_message_place(
    qtbot: QtBot, jobs: QtJobs, unhandled: list[Exception]
) -> None:
    jobs.run(lambda: 1 // 0, lambda _value: None)
    qtbot.waitUntil(lambda: bool(unhandled))
    assert isinstance(unhandled[0], ZeroDivisionError)


def test_a_bug_in_what_is_called_back_is_a_bug_and_no_crash(
    qtbot: QtBot, jobs: QtJobs, unhandled: list[Exception]
) -> None:
    def divide(value: int) -> None:
        1 // value

    jobs.run(lambda: 0, divide)
    qtbot.waitUntil(lambda: bool(unhandled))
    assert isinstance(unhandled[0], ZeroDivisionError)


def test_an_answer_for_a_view_that_is_gone_is_dropped(qtbot: QtBot, jobs: QtJobs) -> None:
    view, go = QObject(), threading.Event()
    heard: list[bool] = []
    jobs.for_view(view).run(go.wait, heard.append)
    delete(view)
    go.set()
    qtbot.waitUntil(lambda: jobs.is_idle)
    assert heard == []


def test_after_stop_nothing_is_delivered_and_nothing_begins(qtbot: QtBot) -> None:
    jobs = QtJobs(lambda problem: None)
    heard: list[int] = []
    jobs.run(lambda: 1, heard.append)
    jobs.stop()
    jobs.run(lambda: 2, heard.append)
    QApplication.processEvents()
    assert heard == []


def test_slow_work_on_the_gui_thread_is_stopped(qtbot: QtBot) -> None:
    with guarded() as guard, pytest.raises(OnGuiThread, match=r"store\.write"):
        off_gui_thread("store.write")
    assert guard.breaches == ["store.write"]


def test_slow_work_elsewhere_is_fine(qtbot: QtBot, jobs: QtJobs, unhandled: list[Exception]) -> None:
    heard: list[None] = []
    with guarded() as guard:
        jobs.run(lambda: off_gui_thread("store.write"), heard.append)
        qtbot.waitUntil(lambda: bool(heard))
    assert guard.breaches == []
    assert unhandled == []


def test_a_lenient_guard_only_writes_it_down(qtbot: QtBot) -> None:
    with guarded(strict=False) as guard:
        off_gui_thread("pin.hash")
    assert guard.breaches == ["pin.hash"]


def test_without_a_guard_nothing_happens() -> None:
    off_gui_thread("store.write")


def test_a_blocked_window_is_measured_and_its_place_known(qtbot: QtBot) -> None:
    watch = GuiWatch()
    watch.start()
    try:
        qtbot.waitUntil(lambda: watch.answers > 0)
        watch.mark("sleeping")
        # A question must be under way while this thread sleeps; on a busy machine other blocks come first.
        while not any("test_a_blocked_window" in block.where for block in watch.blocks):
            time.sleep(NOTICE_S * 3)
            QApplication.processEvents()
    finally:
        watch.stop()
    assert watch.longest_ms >= NOTICE_S * 1000
    assert all(block.duration_ms >= NOTICE_S * 1000 for block in watch.blocks)
