"""The screen of a desk and its hub: what came back is looked after with one key, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.domain.mode import Mode
from app.operations.settle_task import SettleTask
from app.ports.hub import HubStatus
from tests.gui.admin.conftest import spoken
from tests.support.hub_link import CUT_OFF, FakeLink, some_tasks
from tests.unit.presenters.fakes import NOW, SUPERVISOR, Desk
from ui.locale import set_language
from ui.sync.view import SyncView, age


@pytest.fixture
def link() -> FakeLink:
    return FakeLink(CUT_OFF, some_tasks(3))


@pytest.fixture
def view(qtbot: QtBot, desk: Desk, link: FakeLink) -> SyncView:
    made = SyncView(spoken(desk.services), link)
    qtbot.addWidget(made)
    made.resize(1200, 760)
    made.show()
    made.entered()
    return made


def test_the_first_task_stands_there_with_what_to_do_and_what_to_say(view: SyncView) -> None:
    assert "欠 600 分" in view.sentence.text()
    assert "致电会员" in view.todo.text()
    assert "差额会从您以后的积分里抵扣" in view.call.text()
    assert view.count.text() == "3 项待办"


def test_one_key_looks_after_it_and_a_second_press_changes_nothing(view: SyncView, desk: Desk, link: FakeLink) -> None:
    task = link.tasks()[0]
    view.done.click()
    (operation,) = desk.authority.operations
    assert isinstance(operation, SettleTask)
    assert (operation.settles, operation.code, operation.outcome) == (task.operation, task.code, "called")
    assert view.settled.isVisible()


def test_a_refusal_is_said_and_the_task_stays(view: SyncView, desk: Desk) -> None:
    desk.authority.failures.append(Refused("task.settled"))
    view.done.click()
    assert view.problem.isVisible()
    assert not view.settled.isVisible()
    assert view.presenter.state.task is not None


def test_the_member_of_a_task_opens(view: SyncView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.member_wanted, timeout=1000) as wanted:
        qtbot.mouseClick(view.open_member, Qt.MouseButton.LeftButton)
    assert wanted.args == [UUID(int=1)]


def test_what_may_still_be_redeemed_is_the_supervisors_to_see(view: SyncView, desk: Desk) -> None:
    assert not view.exposure.isVisible()
    desk.person = SUPERVISOR
    view.presenter.opened()
    assert view.exposure.isVisible()
    assert view.exposure.value.text() == "48,800"


def test_connected_again_says_so_without_a_click(view: SyncView) -> None:
    assert view.again.isVisible()
    view.status_changed(HubStatus(Mode.ONLINE, floor_limit=50_000, open_tasks=3))
    assert not view.again.isVisible()
    assert view.unsent.value.text() == "0"


def test_locking_closes_what_was_chosen(view: SyncView) -> None:
    view.blank()
    assert not view.detail.isVisible()


def test_nothing_to_look_after_is_said(qtbot: QtBot, desk: Desk) -> None:
    made = SyncView(spoken(desk.services), FakeLink(HubStatus(Mode.ONLINE), ()))
    qtbot.addWidget(made)
    made.show()
    made.entered()
    assert made.empty.isVisible()
    assert not made.table.isVisible()


def test_every_mode_has_its_words_in_both_languages(view: SyncView) -> None:
    for name in ("zh_CN", "en"):
        set_language(name)
        for mode in Mode:
            view.status_changed(replace(CUT_OFF, mode=mode))
            view.retranslate()
    assert age(NOW, NOW - timedelta(minutes=1)) == "1 minute"
    assert age(NOW, NOW - timedelta(days=3)) == "3 days"
