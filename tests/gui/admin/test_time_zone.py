"""A mall far from Shanghai: its screens, its forms and its paper keep its own time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.composition.desk import set_up
from app.composition.window import Running
from app.domain.calendar import DEFAULT_ZONE
from app.ports.first_start import FirstStartAnswers
from app.ports.preferences import PreferencesInMemory
from app.settings import Home
from tests.support.clocks import SetClock
from tests.support.mall import CHEAP_PINS
from ui.locale import moment, set_time_zone

LATE = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)  # the 22nd, 13:30, in Shanghai; the evening before in Vancouver


@pytest.mark.parametrize(
    ("zone", "today", "bar", "day_and_time"),
    [
        ("America/Vancouver", "2026-11-21", "21:30 UTC-08:00", ("2026-11-21", "21:30")),
        ("Asia/Urumqi", "2026-11-22", "11:30 UTC+06:00", ("2026-11-22", "11:30")),
    ],
)
def test_screens_keep_the_malls_time(
    qtbot: QtBot, tmp_path: Path, zone: str, today: str, bar: str, day_and_time: tuple[str, str]
) -> None:
    answers = FirstStartAnswers("天山广场", "1 号服务台", 1, "9001", "周敏", "924680", zone=zone)
    clock = SetClock(LATE)
    desk = set_up(Home(tmp_path / "home"), answers, keys_kind="file", clock=clock, pins=CHEAP_PINS)
    running = Running(desk, desk.settings, PreferencesInMemory())
    qtbot.addWidget(running.window)
    try:
        running.start()
        qtbot.waitUntil(lambda: running.jobs.is_idle)
        QApplication.processEvents()
        assert running.services.zone == desk.zone == zone
        assert running.services.today().isoformat() == today
        assert moment(LATE) == " ".join(day_and_time)
        status: Any = running.window.status
        assert status._clock.text() == bar
        running.build_screens()
        counter: Any = running.window._screens["counter"]
        draft = counter.credit.presenter._fresh()
        assert (draft.day, draft.time) == day_and_time
    finally:
        running.stop()
        desk.close()
        set_time_zone(ZoneInfo(DEFAULT_ZONE))
