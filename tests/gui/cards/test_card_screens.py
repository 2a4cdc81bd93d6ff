"""The card task and the enrolment form at a desk with an encoder, and a member whose card is in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.card import keyed_number
from app.operations.report_card_lost import ReportCardLost
from app.ports.devices import CardMade, CardOutcome, CardSeen, CardStep
from tests.gui.counter.a_mall import a_desk
from tests.gui.counter.conftest import Counter, services_of
from tests.unit.presenters.fakes import WANG, a_page
from tests.unit.presenters.test_making_cards import FakeMaker
from ui.cards.making_panel import NOW
from ui.counter.view import CounterView
from ui.locale import set_language

WANGS_CARD = "9900010000000019"


@pytest.fixture
def maker() -> FakeMaker:
    return FakeMaker()


@pytest.fixture
def counter(qtbot: QtBot, maker: FakeMaker) -> Counter:
    desk = a_desk()
    desk.queries.pages[WANG] = a_page(cards=())
    view = CounterView(replace(services_of(desk), card_maker=lambda: maker))
    qtbot.addWidget(view)
    view.resize(936, 668)
    view.show()
    view.activateWindow()
    QApplication.processEvents()
    return Counter(desk, view)


def begin_issuing(counter: Counter) -> None:
    counter.swipe(WANGS_CARD)
    counter.view.start("cards")
    counter.view.cards.issue.click()
    QApplication.processEvents()


def test_enter_writes_a_card_and_the_panel_says_what_to_do(counter: Counter, maker: FakeMaker) -> None:
    begin_issuing(counter)
    assert counter.view.cards.go.text() == "写卡"
    QTest.keyClick(counter.view.cards.go, Qt.Key.Key_Return)
    panel = counter.view.cards.making
    assert panel.isVisible()
    maker.step(CardStep.WAITING_FOR_CARD_AGAIN)
    assert panel.now.text() == "请再刷一次，核对写入"
    maker.done(CardMade(CardOutcome.WRITTEN))
    assert not panel.isVisible()
    assert counter.view.cards.result.isVisible()


def test_a_card_whose_number_only_the_hub_knows_can_be_reported_lost_and_nothing_else(counter: Counter) -> None:
    short = replace(a_page().cards[0], number="•••• ••••", card=keyed_number(bytes(32)))
    counter.desk.queries.pages[WANG] = a_page(cards=(short,))
    counter.swipe(WANGS_CARD)
    counter.view.start("cards")
    cards = counter.view.cards
    buttons = (cards.lose, cards.replace_, cards.rewrite)
    assert [button.isEnabled() for button in buttons] == [True, False, False]
    cards.lose.click()
    assert cards.what.text().endswith("本台没有此卡的卡号。")
    QTest.keyClick(cards.go, Qt.Key.Key_Return)
    (lost,) = counter.desk.authority.operations
    assert isinstance(lost, ReportCardLost)
    assert (lost.number, cards.result.isVisible(), cards.result.extra.isVisible()) == (short.card, True, False)


def test_escape_cancels_and_a_swipe_waits_meanwhile(counter: Counter, maker: FakeMaker) -> None:
    begin_issuing(counter)
    QTest.keyClick(counter.view.cards.go, Qt.Key.Key_Return)
    counter.swipe("9900010000000027")
    assert counter.view.waiting.isVisible()
    QTest.keyClick(counter.view.cards.making, Qt.Key.Key_Escape)
    assert maker.cancelled == 1
    maker.done(CardMade(CardOutcome.NOT_WRITTEN, "encoder.cancelled"))
    assert not counter.view.cards.making.isVisible()


def test_enter_tries_again_after_it_stopped(counter: Counter, maker: FakeMaker) -> None:
    begin_issuing(counter)
    QTest.keyClick(counter.view.cards.go, Qt.Key.Key_Return)
    maker.done(CardMade(CardOutcome.NOT_WRITTEN, "encoder.no_swipe"))
    panel = counter.view.cards.making
    assert panel.problem.isVisible()
    assert panel.retry.hasFocus()
    QTest.keyClick(panel.retry, Qt.Key.Key_Return)
    assert len(maker.asked) == 2


@pytest.mark.parametrize("speech", ["zh_CN", "en"])
def test_at_an_encoder_every_task_fits_the_smallest_window(qtbot: QtBot, maker: FakeMaker, speech: str) -> None:
    set_language(speech)
    view = CounterView(replace(services_of(a_desk()), card_maker=lambda: maker))
    qtbot.addWidget(view)
    view.resize(936, 668)
    view.show()
    view.presenter.card_seen(WANGS_CARD)
    for task in ("cards", "enrol"):
        view.start(task)
        QApplication.processEvents()
        assert (view.width(), view.height()) == (936, 668), task


def test_every_step_of_a_card_has_words() -> None:
    assert set(NOW) == set(CardStep)


def test_a_new_member_is_enrolled_with_a_card_that_is_written(counter: Counter, maker: FakeMaker) -> None:
    counter.view.start("enrol")
    enrol = counter.view.enrol
    assert enrol.go.text() == "写卡并入会"
    assert enrol.without.isVisible()
    for name, text in (("name", "张三丰"), ("phone", "13800001234")):
        enrol.fields[name].edit.setText(text)
        enrol.fields[name].changed.emit(text)
    enrol.ticks["adult"].setChecked(True)
    enrol.ticks["service"].setChecked(True)
    enrol.go.click()
    assert enrol.making.isVisible()
    maker.done(CardMade(CardOutcome.WRITTEN))
    assert enrol.result.isVisible()


def test_a_card_in_doubt_leaves_only_the_card_task(counter: Counter) -> None:
    counter.desk.queries.doubts[WANGS_CARD] = "code_wrong"
    counter.view.on_card(CardSeen(WANGS_CARD, "swipe", "000000"))
    QApplication.processEvents()
    assert counter.view.doubt.isVisible()
    assert counter.view.panes_stack.currentWidget() is counter.view.cards
    counter.view.start("redeem")
    assert counter.view.panes_stack.currentWidget() is counter.view.cards
    QTest.keyClick(counter.view.cards, Qt.Key.Key_Escape)
    assert not counter.view.doubt.isVisible()
