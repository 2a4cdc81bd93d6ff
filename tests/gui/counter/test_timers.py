"""Qt's clock for presenters."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.counter.timers import QtTimers


def test_stopping_a_timer_long_after_it_fired_does_no_harm(qtbot: QtBot) -> None:
    timers, fired = QtTimers(), []
    stop = timers.after(1, lambda: fired.append("now"))
    qtbot.waitUntil(lambda: bool(fired))
    qtbot.wait(20)  # by now Qt has deleted the timer
    stop()
    assert fired == ["now"]


def test_a_stopped_timer_never_fires(qtbot: QtBot) -> None:
    timers, fired = QtTimers(), []
    timers.after(5, lambda: fired.append("now"))()
    qtbot.wait(30)
    assert fired == []
