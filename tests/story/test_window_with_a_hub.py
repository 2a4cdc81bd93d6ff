"""The whole window of a desk with a hub: it says how it stands by itself, and "Sync" is one key away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.composition import desk as desks
from app.composition import window
from app.composition.following import Link
from app.composition.window import Running
from app.composition.wiping import wiped
from app.domain.errors import Refused
from app.keys import FileKeys
from app.operations.close_staff import CloseStaff
from app.operations.sign_in import SignIn
from app.ports.authority import Submission
from app.ports.preferences import PreferencesInMemory
from app.settings import DeskSettings, Home
from app.sync.protocol import DeskState
from db.following.place import SqlFollowing
from db.store import Store
from tests.support.fake_hub import FakeHub
from tests.support.mall import CHEAP_PINS, CLERK, PINS, Mall
from ui.locale import moment
from ui.shell.given_up import GivenUpWindow
from ui.shell.session import Session
from ui.shell.wiped import WipedWindow
from ui.sync.view import SyncView


def test_cut_off_and_back_without_a_click(qtbot: QtBot, tmp_path: Path) -> None:
    home = Home(tmp_path)
    store = Store.open(f"sqlite:///{home.store_file}", bytes(32), durable=False, create=True, whole=False)
    mall = Mall(store)
    hub = FakeHub(mall.name, "D1")
    SqlFollowing(store, mall.name, "D1", mall.clock).put(search_key="00", hub_key=hub.key.public.hex())
    settings = DeskSettings(mall=mall.name, desk="D1", store="", hub="https://hub.test")
    link = Link(home, settings, store, mall.keys["D1"], FileKeys(tmp_path / "keys"), mall.clock, hub=hub)
    desk = desks.assembled(home, settings, store, mall.keys["D1"], mall.clock, CHEAP_PINS, link)
    running = Running(desk, settings, PreferencesInMemory())
    qtbot.addWidget(running.window)
    try:
        running.start()
        running.window.show()
        bar = running.window.status
        qtbot.waitUntil(lambda: bar.connection.text == "在线", timeout=20_000)
        hub.down = True
        mall.clock.advance(timedelta(seconds=11))
        link.hurry()
        qtbot.waitUntil(lambda: "起离线" in bar.connection.text, timeout=20_000)
        hub.down = False
        link.hurry()
        qtbot.waitUntil(lambda: bar.connection.text == "在线", timeout=20_000)
        running.build_screens()
        assert running.window.findChildren(SyncView)
    finally:
        running.stop()
        desk.close()


def test_whoever_works_here_no_more_is_signed_out_when_their_desk_hears_of_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "WHO_WORKS_HERE_MS", 20)
    home = Home(tmp_path)
    store = Store.open(f"sqlite:///{home.store_file}", bytes(32), durable=False, create=True)
    mall = Mall(store)
    settings = DeskSettings(mall=mall.name, desk="D1", store="")
    desk = desks.assembled(home, settings, store, mall.keys["D1"], mall.clock, CHEAP_PINS)
    running = Running(desk, settings, PreferencesInMemory())
    qtbot.addWidget(running.window)
    try:
        running.start()
        running.window.show()
        (answer,) = mall.authority().submit(Submission((SignIn(staff=CLERK),), None, pin=PINS[CLERK]))
        running.window._on_signed_in(Session.of(answer, mall.clock.now))
        mall.do(CloseStaff(staff=CLERK), by="9001")
        qtbot.waitUntil(lambda: running.window.session is None, timeout=20_000)
    finally:
        running.stop()
        desk.close()


def test_a_desk_that_was_reported_lost_ends_its_window_and_says_so_calmly(qtbot: QtBot, tmp_path: Path) -> None:
    home = Home(tmp_path)
    store = Store.open(f"sqlite:///{home.store_file}", bytes(32), durable=False, create=True, whole=False)
    mall = Mall(store)
    hub = FakeHub(mall.name, "D1")
    SqlFollowing(store, mall.name, "D1", mall.clock).put(search_key="00", hub_key=hub.key.public.hex())
    settings = DeskSettings(mall=mall.name, desk="D1", store="", hub="https://hub.test")
    home.save(settings)
    link = Link(home, settings, store, mall.keys["D1"], FileKeys(tmp_path / "keys"), mall.clock, hub=hub)
    desk = desks.assembled(home, settings, store, mall.keys["D1"], mall.clock, CHEAP_PINS, link)
    running = Running(desk, settings, PreferencesInMemory())
    qtbot.addWidget(running.window)
    try:
        hub.state, hub.wipe = DeskState.LOST, True
        with qtbot.waitSignal(running.gone, timeout=20_000):
            running.start()
            running.window.show()
    finally:
        running.stop()
        desk.close()
    assert not home.store_file.exists()
    gone = wiped(home)
    assert gone is not None
    said = WipedWindow(gone.desk, moment(gone.at))
    qtbot.addWidget(said)
    with qtbot.waitSignal(said.again):
        said.way_back.click()


def test_what_stops_a_desk_from_being_given_up_is_said_and_it_opens_again(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.save(DeskSettings(mall="m", desk="D1", store="", hub="https://hub.test"))
    said: list[str] = []

    def unsent(_home: Home) -> None:
        raise Refused("hub.unsent", count=1)

    def click() -> None:
        try:
            (shown,) = (each for each in qapp.topLevelWidgets() if isinstance(each, GivenUpWindow) and each.isVisible())
            for other in qapp.topLevelWidgets():
                other.setVisible(other is shown)  # the program goes on when its last window closes
            said.append(shown.windowTitle() and shown.state.hint.text())
            shown.way_back.click()
        except BaseException:
            qapp.exit()  # or nothing would end it
            raise

    monkeypatch.setattr("app.composition.following.forget_as_agreed", unsent)
    QTimer.singleShot(0, click)
    assert window._given_up_and_on(qapp, home)
    assert said == ["还有 1 笔业务未发送到中心，请先发送或导出"]
