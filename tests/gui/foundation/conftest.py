"""A calm desk: no motion, the shipped fonts, Chinese unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.calendar import DEFAULT_ZONE
from app.ports.devices import KeyboardReader
from app.ports.preferences import PreferencesInMemory
from tests.gui.foundation.fakes import NOW, FakeAuthority, FakeDevices, FakeQueries, sentence
from ui.jobs import QtJobs
from ui.locale import DEFAULT_LANGUAGE, set_language, set_time_zone
from ui.shell.messages import Messages
from ui.shell.window import MainWindow, ShellServices
from ui.theme import theme

FONTS = Path(__file__).resolve().parents[3] / "printing" / "fonts"


@pytest.fixture(autouse=True)
def calm(qapp: QApplication) -> Iterator[None]:
    theme().motion = False
    if theme().name != "light" or theme().scale != 1.0 or not theme().is_applied:
        theme().apply(qapp, "light", font_folder=FONTS)
    set_language(DEFAULT_LANGUAGE)
    set_time_zone(ZoneInfo(DEFAULT_ZONE))
    yield
    set_language(DEFAULT_LANGUAGE)


@dataclass
class Desk:
    """A window on an invented desk."""

    window: MainWindow
    authority: FakeAuthority
    devices: FakeDevices
    messages: Messages
    preferences: PreferencesInMemory
    jobs: QtJobs
    settle: Callable[[], None]
    keyboard: list[KeyboardReader]
    """The reader that types, where a test puts one here."""

    def sign_in(self, staff: str = "1001") -> None:
        presenter = self.window.sign_in.presenter
        presenter.choose_number(staff)
        presenter.enter("123456")
        self.settle()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    messages = Messages(sentence)
    jobs = QtJobs(messages.problem)
    authority, devices, preferences = FakeAuthority(), FakeDevices(), PreferencesInMemory()
    keyboard: list[KeyboardReader] = []
    window = MainWindow(
        ShellServices(
            authority,
            FakeQueries(),  # type: ignore[arg-type]
            jobs,
            preferences,
            messages,
            lambda: NOW,
            devices,
            keyboard=lambda: keyboard[-1] if keyboard else None,
        )
    )
    qtbot.addWidget(window)

    def settle() -> None:
        qtbot.waitUntil(lambda: jobs.is_idle)
        QApplication.processEvents()

    yield Desk(window, authority, devices, messages, preferences, jobs, settle, keyboard)
    window.stop()
    jobs.stop()
