"""The screen of desks and of the offline rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.admin.conftest import Rolls, spoken
from tests.support.hub_link import FakeRoll, some_desks
from tests.unit.presenters.fakes import Desk
from ui.counter.services import SignedIn
from ui.desks.presenter import CODE, DESK
from ui.desks.view import DesksScreen
from ui.locale import set_language
from ui.widgets import Text

ADMINISTRATOR = SignedIn(UUID(int=7), "9001", "周敏", "administrator")


@pytest.fixture
def screen(qtbot: QtBot) -> DesksScreen:
    desk = Desk(queries=Rolls())
    desk.person = ADMINISTRATOR
    made = DesksScreen(spoken(desk.services), FakeRoll())
    qtbot.addWidget(made)
    made.resize(1180, 760)
    made.show()
    made.entered()
    return made


def column(screen: DesksScreen, name: str) -> list[str]:
    found = next(each for each in screen.view.columns if each.name == name)
    return [found.text(row) for row in screen.view.model.rows]


def test_each_desk_says_in_a_word_how_it_is(screen: DesksScreen) -> None:
    assert column(screen, "state") == [
        *("在线", "断网", "在线", "数据被复制", "已停用", "已注销", "已报失", "在线", "尚未联系"),
    ]
    assert column(screen, "clock")[2] == "慢 9 分钟"
    assert column(screen, "program")[7] == "0.0.9（过旧）"


def test_a_copied_store_says_what_to_do_and_offers_it_first(screen: DesksScreen) -> None:
    screen.view.presenter.start(DESK, screen.view.model.row(3))
    assert "重新接入" in screen.view.told.text.text()
    assert [kind for kind, button in screen.view.deeds.items() if button.isVisible()] == ["enrol", "retire", "lost"]


def test_the_code_stands_large_on_its_sheet(screen: DesksScreen) -> None:
    screen.view.keeper._code = "JD3G-84ZZ-TSBM"
    screen.view.presenter.start(CODE)
    assert not screen.view.save.isVisible()
    assert screen.view.form.isVisible()


def test_the_rules_say_in_words_what_they_bound_while_they_are_typed(screen: DesksScreen) -> None:
    screen.choose("offline")
    view = screen.offline
    view.fields["per_member"].edit.setText("3000")
    view.presenter.put("per_member", "3000")
    text = " ".join(sentence.text() for sentence in view.means.findChildren(Text))
    assert "5 × 3,000 = 15,000" in text
    assert view.change.isVisible()
    assert view.save.isEnabled()
    view.presenter.undo()
    assert not view.change.isVisible()


def test_what_the_hub_itself_found_stands_above_the_list(screen: DesksScreen) -> None:
    view = screen.view
    assert not view.of_hub.isVisible()
    found = replace(some_desks(), reconciled_on=date(2026, 11, 21), findings=3, late=("expire",))
    assert isinstance(view.keeper._roll, FakeRoll)
    view.keeper._roll.answers = [found]
    view.keeper.refresh()
    assert view.of_hub.isVisible()
    text = view.of_hub.text.text()
    assert "2026-11-21 对账发现账目有 3 处不一致" in text
    assert "例行工作未按时完成" in text
    view.keeper._roll.answers = [some_desks()]
    view.keeper.refresh()
    assert not view.of_hub.isVisible()


def test_it_speaks_english(screen: DesksScreen) -> None:
    set_language("en")
    screen.retranslate()
    assert column(screen, "state")[:2] == ["Connected", "Cut off"]
    screen.choose("offline")
    assert screen.offline.means.isVisible()
