"""A store that was restored or copied: the code is typed at its own screen, and the loss is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.domain.mode import Mode
from tests.support.hub_link import CUT_OFF, FakeLink, some_tasks
from ui.sync.enrol_again.view import EnrolAgainPanel
from ui.sync.view import SyncView

FOUND = replace(CUT_OFF, mode=Mode.REVOKED, trouble="hub.re_enrol", unsent=14)


@pytest.fixture
def link() -> FakeLink:
    return FakeLink(FOUND, some_tasks(1))


def opened(view: SyncView) -> EnrolAgainPanel:
    view.enrol_again.click()
    return view.findChildren(EnrolAgainPanel)[-1]


def test_only_where_nothing_of_this_desk_is_taken_is_it_offered(view: SyncView, link: FakeLink) -> None:
    assert view.enrol_again.isVisible()
    view.status_changed(replace(FOUND, trouble="hub.retired", unsent=0))
    assert view.enrol_again.isVisible()
    assert not view.by_file.isVisible(), "nobody takes what this store has"
    view.status_changed(replace(FOUND, mode=Mode.FRESH, trouble=None))
    assert not view.enrol_again.isVisible()


def test_the_code_enrols_it_and_the_loss_is_said_before_it_starts_again(view: SyncView, qtbot: QtBot) -> None:
    panel = opened(view)
    assert "14 笔" in panel.unsent.text()
    assert not panel.go.isEnabled()
    panel.code.edit.setText("JD3G-84ZZ-TSBM")
    panel.presenter.put("JD3G-84ZZ-TSBM")
    qtbot.keyClick(panel.code.edit, Qt.Key.Key_Return)
    assert "14 笔业务从未被中心接收" in panel.said.text.text()
    with qtbot.waitSignal(view.enrolled_again):
        panel.restart.click()


def test_a_wrong_code_is_said_and_may_be_typed_again(view: SyncView, link: FakeLink) -> None:
    link.fails = Refused("hub.code_wrong")
    panel = opened(view)
    panel.presenter.put("JD3G-84ZZ-TSBX")
    panel.go.click()
    assert panel.said.isVisible()
    assert panel.code.isEnabled()
    assert panel.go.isVisible()
