"""The counter on an invented desk: everything runs at once, nothing moves by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.domain.sentences import sentence
from tests.gui.counter.a_mall import a_desk
from tests.unit.presenters.fakes import Desk
from ui.counter.services import CounterServices
from ui.counter.view import CounterView
from ui.locale import DEFAULT_LANGUAGE, language, set_language
from ui.theme import theme

FONTS = Path(__file__).resolve().parents[3] / "printing" / "fonts"


@pytest.fixture(autouse=True)
def calm(qapp: QApplication) -> Iterator[None]:
    # Widgets of earlier tests wait for an event loop to be deleted; until then every change of theme dresses them too.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme().motion = False
    if theme().name != "light" or theme().scale != 1.0 or not theme().is_applied:
        theme().apply(qapp, "light", font_folder=FONTS)
    set_language(DEFAULT_LANGUAGE)
    yield
    set_language(DEFAULT_LANGUAGE)


def services_of(desk: Desk) -> CounterServices:
    """The desk's services with the program's own sentences."""
    known = desk.services
    return replace(known, sentence=lambda code, facts: sentence(code, facts, language()))


@dataclass
class Counter:
    """The counter in a window of its own, and a person's fingers."""

    desk: Desk
    view: CounterView

    def swipe(self, number: str = "9900010000000019") -> None:
        self.view.presenter.card_seen(number)
        QApplication.processEvents()

    def type(self, text: str) -> None:
        """Into whatever has the keyboard, key by key."""
        for character in text:
            self.key(Qt.Key(0), character)

    def key(self, key: Qt.Key, text: str = "") -> None:
        focused: QWidget | None = self.view.window().focusWidget()
        target = self.view if focused is None else focused
        if text:
            QTest.keyClicks(target, text)
        else:
            QTest.keyClick(target, key)
        QApplication.processEvents()


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    desk = a_desk()
    view = CounterView(services_of(desk))
    qtbot.addWidget(view)
    view.resize(936, 668)  # what is left of 1024 × 768
    view.show()
    view.activateWindow()
    QApplication.processEvents()
    return Counter(desk, view)
