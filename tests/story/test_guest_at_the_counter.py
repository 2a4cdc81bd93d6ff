"""A member of the north mall at a counter of the south mall: from the search to both malls' books and the slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.sentences import sentence
from app.headless.asking import QUERIES
from app.operations.receive_stock import ReceiveStock, StockLine
from app.ports.jobs import JobsAtOnce
from app.ports.paper import PrintState
from db.queries.slips import SqlSlips
from db.verify.copies import verify_copy
from printing.composing import composed
from printing.document import Pair
from tests.support.following_desks import FollowingDesk
from tests.support.group import PHONE, Malls, two_malls
from tests.support.mall import CLERK, PINS, SUPERVISOR, refused
from tests.support.stores import a_database
from tests.unit.presenters.fakes import FakePaper, FakeTimers
from ui.counter.services import CounterServices, SignedIn
from ui.counter.view import CounterView
from ui.locale import language

ENTER = Qt.Key.Key_Return


@dataclass
class SouthCounter:
    """A desk of the south mall with its screen. The home mall is called 北区店."""

    malls: Malls
    desk: FollowingDesk
    view: CounterView

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.view.window().focusWidget() or self.view, key)
        QApplication.processEvents()

    def type(self, text: str) -> None:
        QTest.keyClicks(self.view.window().focusWidget() or self.view, text)
        QApplication.processEvents()

    def find(self) -> None:
        self.view.search_typed(PHONE)
        self.view.search_chosen(PHONE)
        QApplication.processEvents()

    def redeem_a_cup(self) -> None:
        self.type("bwb")
        self.key(ENTER)
        self.key(ENTER)

    def approve(self) -> None:
        self.view.guest.approval.choose(SUPERVISOR)
        self.view.guest.approval.pin.setFocus()
        self.type(PINS[SUPERVISOR])


@pytest.fixture
def south(
    qtbot: QtBot, postgres_url: str, newest_schema: str, fresh_postgres: str, tmp_path: Path
) -> Iterator[SouthCounter]:
    with two_malls(fresh_postgres, a_database(postgres_url, newest_schema)) as malls:
        desk = FollowingDesk(malls.guest.mall, "K21", 21, tmp_path)
        desk.do(ReceiveStock(lines=(StockLine("CUP", 5),)))
        desk.sync()
        person = SignedIn(desk.session, CLERK, "张丽", "clerk")
        services = CounterServices(
            authority=desk.desk.authority,
            queries=desk.desk.queries,
            jobs=JobsAtOnce(),
            paper=FakePaper(),
            timers=FakeTimers(),
            who=lambda: person,
            now=lambda: datetime.now(UTC),
            sentence=lambda code, facts: sentence(code, facts, language()),
            has_hub=True,
        )
        desk.link.signed_in(desk.desk.queries.session_staff(desk.session), desk.session)
        view = CounterView(services)
        qtbot.addWidget(view)
        view.resize(936, 668)
        view.show()
        view.activateWindow()
        yield SouthCounter(malls, desk, view)
        desk.desk.close()


def test_a_guest_takes_a_cup_along_and_both_malls_and_the_slip_say_so(south: SouthCounter) -> None:
    malls, view = south.malls, south.view
    south.find()
    page = view.guest.page
    assert (page.name.text(), page.usable.text()) == ("李*", "500")
    find = QUERIES["find"]
    with refused("member.of_other_mall", home=malls.home.mall.name, guest=str(malls.member)):  # to another program
        find.ask(south.desk.desk.queries, find.args(text=PHONE), CLERK)  # type: ignore[call-arg]
    south.redeem_a_cup()
    assert view.guest.approval.isVisible()
    south.approve()
    assert view.guest.result.isVisible(), view.guest.guests.sending.state
    (job,) = [job for job in south.desk.desk.spool.recent(10) if job.document == "guest_redemption"]
    assert (job.state, job.copy) == (PrintState.QUEUED, 0)
    slip = SqlSlips(south.desk.store, malls.guest.mall.name, "K21").slip(job.operation_id, job.document)
    pairs = [(line.label, line.value) for line in composed(slip, "zh_CN") if isinstance(line, Pair)]
    assert ("所属商场", "北区店") in pairs
    assert ("合计积分", "100") in pairs
    south.desk.sync()
    assert malls.home.mall.points(malls.member).held == 100, "held at home until the hubs have spoken"
    south.view.guest.guests.finish()
    south.view.guest.guests.ask_again()
    assert (page.usable.text(), page.unposted.isVisible()) == ("400", True)
    malls.settle_both()
    south.view.guest.guests.ask_again()
    assert (page.usable.text(), page.unposted.isVisible()) == ("400", False)
    account = malls.home.mall.points(malls.member)
    assert (account.posted, account.held, account.owed) == (400, 0, 0)
    assert malls.guest.mall.stock("CUP", "K21") == (4, 0)
    malls.checked()
    assert verify_copy(south.desk.store, malls.guest.mall.name, "K21") == []


def test_with_the_line_between_the_hubs_cut_nothing_happens_and_the_basket_is_still_there(south: SouthCounter) -> None:
    malls, view = south.malls, south.view
    south.find()
    south.redeem_a_cup()
    malls.line.lost = 1  # held at home, and the answer does not come back
    south.approve()
    assert "北区店" in view.guest.approval.pin.problem.text()
    malls.line.cut = True
    south.approve()
    south.key(Qt.Key.Key_Escape)
    assert [line.quantity for line in view.guest.guests.basket.lines] == [1]
    assert malls.guest.mall.stock("CUP", "K21") == (5, 0)
    view.guest.page.again.click()
    assert "北区店" in view.guest.page.problem.text.text()
    view.presenter.leave_member()
    south.find()
    assert "北区店" in view.found.problem.text.text(), "who is there is no stranger, only out of reach"
    malls.line.cut = False
    view.presenter.continue_unfinished()
    south.key(ENTER)
    south.approve()
    assert view.guest.result.isVisible()
    south.desk.sync()
    malls.settle_both()
    assert malls.home.mall.points(malls.member).posted == 400, "once, whatever was asked before"
    malls.checked()
