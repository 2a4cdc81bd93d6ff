"""A desk is given up from its own window: by who keeps desks, with their PIN, and only when all of it was sent."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.domain.mode import Mode
from tests.support.hub_link import CUT_OFF, FakeLink, some_tasks
from tests.unit.presenters.fakes import Desk
from ui.counter.services import SignedIn
from ui.shell.given_up import GivenUpWindow
from ui.sync.by_file.view import ByFilePanel
from ui.sync.give_up.view import GiveUpPanel
from ui.sync.view import SyncView
from ui.sync.words import left_at_closing, left_unsent

ADMINISTRATOR = SignedIn(UUID(int=7), "9001", "周敏", "administrator")
SENT = replace(CUT_OFF, mode=Mode.ONLINE, since=None, unsent=0, oldest=None)


@pytest.fixture
def link() -> FakeLink:
    return FakeLink(SENT, some_tasks(2))


@pytest.fixture(autouse=True)
def administrator(desk: Desk) -> None:
    desk.person = ADMINISTRATOR


def opened(view: SyncView) -> GiveUpPanel:
    view.give_up.click()
    return view.findChildren(GiveUpPanel)[-1]


def test_with_all_sent_and_the_own_pin_the_window_is_told(view: SyncView, link: FakeLink, qtbot: QtBot) -> None:
    panel = opened(view)
    assert not panel.go.isEnabled()
    qtbot.keyClicks(panel.pin.edit, "190019")
    with qtbot.waitSignal(view.given_up):
        qtbot.keyClick(panel.pin.edit, Qt.Key.Key_Return)
    assert link.leaving == [("9001", "190019")]


def test_while_anything_is_unsent_it_is_refused_with_both_ways_out(view: SyncView, link: FakeLink) -> None:
    link.tell(CUT_OFF)
    panel = opened(view)
    assert "还有 12 笔业务未发送到中心" in panel.said.text.text()
    assert not panel.go.isVisible()
    assert not panel.pin.isVisible()
    panel.send.click()
    assert link.hurried == 1
    view.status_changed(SENT)
    assert panel.pin.isVisible(), "it went out meanwhile, and nobody has to come back"
    view.status_changed(CUT_OFF)
    panel.by_file.click()
    assert view.findChildren(ByFilePanel)


def test_what_was_written_between_the_look_and_the_key_still_refuses(
    view: SyncView, link: FakeLink, qtbot: QtBot
) -> None:
    panel = opened(view)
    qtbot.keyClicks(panel.pin.edit, "190019")
    link.tell(replace(SENT, unsent=1))
    with qtbot.assertNotEmitted(view.given_up):
        panel.go.click()
    assert "还有 1 笔业务未发送到中心" in panel.said.text.text()


def test_a_wrong_pin_gives_nothing_up(view: SyncView, link: FakeLink, qtbot: QtBot) -> None:
    link.fails = Refused("pin.wrong", left=4)
    panel = opened(view)
    qtbot.keyClicks(panel.pin.edit, "190010")
    with qtbot.assertNotEmitted(view.given_up):
        panel.go.click()
    assert panel.said.isVisible()
    assert panel.pin.value == ""


def test_only_who_keeps_desks_is_offered_it_and_sees_no_member_here(view: SyncView, desk: Desk) -> None:
    assert view.give_up.isVisible()
    assert not view.table.isVisible()
    assert not view.side.isVisible()
    desk.person = SignedIn(UUID(int=8), "2001", "李强", "supervisor")
    view.entered()
    assert not view.give_up.isVisible()
    assert view.table.isVisible()


def test_whoever_signs_out_while_cut_off_is_told_what_stays_here() -> None:
    assert "还有 12 笔业务未上传" in left_unsent(CUT_OFF)
    assert left_unsent(replace(CUT_OFF, unsent=0)) == ""
    assert left_unsent(replace(CUT_OFF, mode=Mode.ONLINE)) == "", "it goes out in a moment"


def test_whoever_closes_the_program_is_told_that_nothing_is_lost() -> None:
    said = left_at_closing(CUT_OFF)
    assert said.startswith("还有 12 笔业务未发送到中心。现在关闭也不会丢失")
    assert left_at_closing(replace(CUT_OFF, mode=Mode.ONLINE)) == said, "a program that is closed sends nothing"
    assert left_at_closing(SENT) == ""


def test_afterwards_the_window_says_so_and_shows_the_way_back(qtbot: QtBot) -> None:
    window = GivenUpWindow("D1")
    qtbot.addWidget(window)
    assert window.windowTitle()
    with qtbot.waitSignal(window.again):
        window.way_back.click()
