"""The screen of a desk and its hub: what came back is looked after with one key, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.domain.conflicts import Conflict
from app.domain.errors import Refused
from app.domain.mode import Mode
from app.operations.assign_task import AssignTask
from app.operations.settle_task import SettleTask
from app.ports.hub import HubStatus
from tests.gui.admin.conftest import spoken
from tests.support.hub_link import CUT_OFF, FakeLink, some_tasks
from tests.unit.presenters.fakes import NOW, SUPERVISOR, Desk
from ui.locale import set_language, tr
from ui.sync.view import SyncView, age
from ui.sync.words import ACTIONS, ADVICE, CALL, OUTCOMES


@pytest.fixture
def link() -> FakeLink:
    return FakeLink(CUT_OFF, some_tasks(3))


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


def at(view: SyncView, code: str) -> None:
    """The first task of that kind is chosen."""
    view.presenter.select(next(place for place, task in enumerate(view.presenter.state.tasks) if task.code == code))


@pytest.fixture
def many(qtbot: QtBot, desk: Desk) -> SyncView:
    made = SyncView(spoken(desk.services), FakeLink(CUT_OFF, some_tasks(9)))
    qtbot.addWidget(made)
    made.resize(1400, 800)
    made.show()
    made.entered()
    return made


def test_every_code_has_its_key_and_its_advice_in_both_languages(many: SyncView) -> None:
    codes = {conflict.value for conflict in Conflict}
    assert codes == ACTIONS.keys() == ADVICE.keys()
    assert CALL.keys() < codes
    for name in ("zh_CN", "en"):
        set_language(name)
        for text in (*ADVICE.values(), *CALL.values(), *OUTCOMES.values(), *(each.label for each in ACTIONS.values())):
            assert (tr(text) == text) is (name == "en")


@pytest.mark.parametrize(
    ("code", "task"),
    [
        ("conflict.card", "cards"),
        ("conflict.policy_stale", "adjust"),
        ("conflict.not_applied", "reverse"),
        ("conflict.merge_candidate", ""),
    ],
)
def test_one_key_goes_where_it_is_put_right(many: SyncView, qtbot: QtBot, code: str, task: str) -> None:
    at(many, code)
    with qtbot.waitSignal(many.task_wanted, timeout=1000) as wanted:
        many.done.click()
    assert wanted.args == [task, UUID(int=1)]


def test_a_short_shelf_is_counted_at_the_shelf_and_closed_afterwards(many: SyncView, qtbot: QtBot, desk: Desk) -> None:
    at(many, "conflict.stock_short")
    with qtbot.waitSignal(many.shelf_wanted, timeout=1000):
        many.done.click()
    assert desk.authority.operations == []
    many.nothing.click()
    (settled,) = desk.authority.operations
    assert isinstance(settled, SettleTask)
    assert settled.outcome == "put_right"


def test_what_nobody_might_approve_is_confirmed_by_a_supervisor_alone(many: SyncView, desk: Desk) -> None:
    at(many, "conflict.approver_invalid")
    assert not many.done.isEnabled()
    assert many.todo.text().startswith("须由未经办")
    many.presenter.settle("confirmed")
    assert desk.authority.operations == []
    desk.person = SUPERVISOR
    many.presenter.opened()
    at(many, "conflict.approver_invalid")
    many.done.click()
    (settled,) = desk.authority.operations
    assert isinstance(settled, SettleTask)
    assert settled.outcome == "confirmed"


def test_a_task_is_taken_over_or_handed_to_a_colleague(many: SyncView, desk: Desk) -> None:
    desk.person = SUPERVISOR
    many.presenter.opened()
    many.take.click()
    many.presenter.hand_to("2002")
    taken, handed = desk.authority.operations
    assert isinstance(taken, AssignTask)
    assert isinstance(handed, AssignTask)
    assert (taken.owner, handed.owner) == ("2001", "2002")
    assert many.settled.text.text() == "已交由 陈静 负责。"


def test_what_has_waited_for_long_is_counted_and_coloured(many: SyncView) -> None:
    assert many.count.text() == "9 项待办，其中 5 项超过一天"
    tones = [many._old(task) for task in many.presenter.state.tasks]
    assert tones[0] == ""
    assert tones[-1] == "warning_text"
    assert many._old(replace(many.presenter.state.tasks[0], raised_at=NOW - timedelta(days=4))) == "danger_text"


def test_what_was_closed_lately_says_by_whom_and_how(qtbot: QtBot, desk: Desk) -> None:
    done = replace(some_tasks(1)[0], closed_at=NOW, closed_by="李强", outcome="called")
    made = SyncView(spoken(desk.services), FakeLink(CUT_OFF, (done,)))
    qtbot.addWidget(made)
    made.show()
    made.entered()
    assert made.presenter.state.tasks == ()
    made.which.changed.emit("closed")
    assert made.presenter.state.tasks == (done,)
    told = [part.text() for part in made.findChildren(QLabel)]
    assert {"李强", "已告知会员"} <= set(told)
    assert not made.done.isVisible()


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
