"""The start-of-shift self-test on its screen, over a test that says what it is told to say."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.domain.errors import Unavailable
from app.domain.self_test import Check, worst
from app.operations.record_self_test import RecordSelfTest
from app.operations.reprint_slip import ReprintSlip
from app.ports.devices import CardSeen
from app.ports.jobs import JobsAtOnce
from app.ports.self_test import SelfTestStep
from app.queries.self_tests import SelfTestRow
from tests.gui.foundation.fakes import NOW, FakeAuthority, FakeDevices, FakeSetup, sentence
from tests.gui.foundation.test_devices_screen import JobsLater
from tests.unit.presenters.fakes import FakePaper
from ui.devices.presenter import DevicesPresenter
from ui.devices.self_test.presenter import SelfTestPresenter
from ui.devices.view import DevicesView
from ui.locale import set_language
from ui.widgets import Text

WELL = Check("store", "good", "self_test.store_well")
PAPER = Check("printer", "bad", "printer.paper_end", "printer")
NO_CARD = Check("reader", "doubtful", "self_test.not_swiped", "reader-2")


class Test:
    __test__ = False

    def __init__(self) -> None:
        self.checks = (WELL, PAPER)
        self.meanwhile: Callable[[Callable[[SelfTestStep], None]], None] = lambda _step: None

    def run(
        self,
        language: str,
        step: Callable[[SelfTestStep], None],
        skipped: Callable[[], bool],
        cancelled: Callable[[], bool],
    ) -> tuple[Check, ...]:
        self.meanwhile(step)
        return self.checks


class Log:
    """Self-tests that were recorded, by way of the authority."""

    def __init__(self) -> None:
        self.authority = FakeAuthority()
        self.earlier: list[SelfTestRow] = []

    def recent(self, limit: int = 50) -> tuple[SelfTestRow, ...]:
        recorded = [each.operations[0] for each in self.authority.submitted]
        rows = [
            SelfTestRow(each.id, NOW, "1001 张丽", each.checks, each.took_ms)
            for each in recorded
            if isinstance(each, RecordSelfTest)
        ]
        return (*rows[::-1], *self.earlier)


class Counter:
    def __init__(self, qtbot: QtBot, jobs: Any = None) -> None:
        self.test, self.log, self.jobs = Test(), Log(), jobs or JobsAtOnce()
        self.session: UUID | None = uuid4()
        self.due: list[bool] = []
        self.bugs: list[Exception] = []
        self.failed: list[Exception] = []
        self.said: list[str] = []
        self.paper = FakePaper()
        devices, setup = FakeDevices(), FakeSetup()
        self.view = DevicesView(
            lambda view: DevicesPresenter(view, devices, JobsAtOnce(), setup=setup, session=lambda: self.session),
            sentence,
            failed=self.failed.append,
            said=self.said.append,
            make_self_test=lambda panel: SelfTestPresenter(
                panel,
                self.test,
                self.log,
                self.log.authority,
                self.paper,
                self.jobs,
                session=lambda: self.session,
                language=lambda: "zh_CN",
                now=lambda: NOW,
                day_of=datetime.date,
                due=self.due.append,
                failed=self.failed.append,
                bug=self.bugs.append,
            ),
        )
        qtbot.addWidget(self.view)
        self.view.resize(1000, 760)
        self.view.show()
        self.view.entered()
        self.view.testing.click()
        assert self.view.self_test is not None
        self.panel = self.view.self_test

    @property
    def presenter(self) -> SelfTestPresenter:
        return self.panel.presenter

    def texts(self) -> str:
        return "\n".join(label.text() for label in self.view.findChildren(Text) if label.isVisible())


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


def test_before_the_first_one_the_screen_says_what_it_will_look_at(counter: Counter) -> None:
    assert "还没有自检" in counter.texts()
    assert "打印队列" in counter.texts()
    assert counter.due == [True]


def test_it_is_run_by_one_key_and_written_down(qtbot: QtBot, counter: Counter) -> None:
    assert counter.view.window().focusWidget() is counter.panel.start
    qtbot.keyClick(counter.panel.start, Qt.Key.Key_Space)
    (submitted,) = counter.log.authority.submitted
    (operation,) = submitted.operations
    assert isinstance(operation, RecordSelfTest)
    assert operation.checks == (WELL, PAPER)
    assert submitted.session == counter.session
    assert counter.due == [True, False]
    assert counter.panel.lines.rows == (WELL, PAPER)
    assert "有项目异常" in counter.texts()
    assert "1001 张丽" in counter.panel.history.box.currentText()


def test_its_lines_come_one_by_one_and_a_swipe_meanwhile_brings_up_nobody(qtbot: QtBot) -> None:
    jobs = JobsLater()
    counter = Counter(qtbot, jobs)
    jobs.go_on()

    def meanwhile(step: Callable[[SelfTestStep], None]) -> None:
        step(SelfTestStep("reader", "reader-2", 2, 3, swipe=True, found=(WELL,)))
        counter.presenter.look()
        assert counter.panel.lines.rows == (WELL,)
        assert "读卡器 2：请现在刷、贴或扫任意一张卡" in counter.texts()
        assert counter.view.window().focusWidget() is counter.panel.skip
        assert counter.view.take_swipe(CardSeen("9900010000000019"))
        counter.panel.skip.click()
        assert counter.presenter._skipped.is_set()
        step(SelfTestStep("printer", "printer", 3, 3, found=(WELL, NO_CARD)))
        assert not counter.presenter._skipped.is_set()  # what was skipped was the reader
        assert counter.view.take_swipe(CardSeen("9900010000000019"))  # it may have been on its way

    counter.test.meanwhile = meanwhile
    counter.panel.start.click()
    assert counter.view.window().focusWidget() is counter.panel.cancel
    jobs.go_on()
    jobs.go_on()
    assert not counter.presenter.state.running
    assert not counter.view.take_swipe(CardSeen("9900010000000019"))
    assert counter.view.window().focusWidget() is counter.panel.start


def test_stopped_it_writes_nothing_down(counter: Counter) -> None:
    counter.test.meanwhile = lambda _step: counter.presenter.cancel()
    counter.panel.start.click()
    assert counter.log.authority.submitted == []
    assert counter.due[-1] is True


def test_what_could_not_be_written_down_is_shown_and_said(counter: Counter) -> None:
    counter.log.authority.refuse = Unavailable("store.full")
    counter.panel.start.click()
    assert counter.panel.lines.rows == (WELL, PAPER)
    assert "未能记录：store.full" in counter.texts()
    assert not counter.presenter.state.running
    assert counter.bugs == []


def test_a_bug_in_it_is_reported_and_the_screen_stays(counter: Counter) -> None:
    def broken(_step: object) -> None:
        raise ValueError("a bug")

    counter.test.meanwhile = broken
    counter.panel.start.click()
    assert [type(bug) for bug in counter.bugs] == [ValueError]
    assert counter.panel.start.isEnabled()


def test_nobody_signed_in_tests_nothing(counter: Counter) -> None:
    counter.session = None
    counter.panel.start.click()
    assert counter.log.authority.submitted == []


def test_earlier_ones_can_be_looked_at(qtbot: QtBot, counter: Counter) -> None:
    yesterday = SelfTestRow(uuid4(), NOW - timedelta(days=1), "1002 李建国", (WELL, NO_CARD), 900)
    counter.log.earlier = [yesterday]
    counter.presenter.open()
    assert counter.due[-1] is True
    counter.panel.start.click()
    assert counter.panel.history.box.count() == 2
    counter.panel.history.box.setFocus()
    qtbot.keyClick(counter.panel.history.box, Qt.Key.Key_Down)
    assert counter.panel.lines.rows == (WELL, NO_CARD)
    assert "可以营业，有几项请留意。" in counter.texts()


def test_lines_go_to_a_file(counter: Counter, tmp_path: Path) -> None:
    counter.panel.start.click()
    counter.panel.write_lines(tmp_path / "self-test.csv")
    with (tmp_path / "self-test.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:2] for row in rows] == [["项目", "结果"], ["数据", "正常"], ["打印机", "异常"]]
    counter.panel.write_lines(tmp_path / "no such folder" / "self-test.csv")
    assert isinstance(counter.failed[0], Unavailable)


def test_it_goes_onto_paper_and_into_a_sheet(counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not counter.panel.print.isEnabled()
    counter.panel.start.click()
    counter.panel.print.click()
    counter.panel.print.click()
    recorded, first, second = (each.operations[0] for each in counter.log.authority.submitted)
    assert first == ReprintSlip(id=first.id, reprints=recorded.id, document="self_test")
    assert second == ReprintSlip(id=second.id, reprints=recorded.id, document="self_test")
    assert first.id != second.id
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "shift"), "PDF (*.pdf)"))
    counter.panel.save.click()
    assert (tmp_path / "shift.pdf").exists()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "gone" / "shift"), "PDF (*.pdf)"))
    counter.panel.save.click()
    assert [type(failure) for failure in counter.failed] == [Unavailable]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "shift"), "CSV (*.csv)"))
    counter.panel.save.click()
    assert (tmp_path / "shift.csv").exists()
    assert counter.said == ["单据已送往打印机。", "单据已送往打印机。", "已另存为 PDF。"]


def test_a_machine_in_the_list_leads_back_to_the_machines(qtbot: QtBot, counter: Counter) -> None:
    row = counter.view._rows["reader"]
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Return)
    assert not counter.panel.isVisible()
    assert counter.view.page.isVisible()
    counter.view.person_changed()
    assert not counter.panel.isVisible()


def test_it_speaks_both_languages(counter: Counter) -> None:
    counter.panel.start.click()
    set_language("en")
    counter.view.retranslate()
    shown = counter.texts().replace("张丽", "")
    assert "Something does not work" in shown
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in shown)


def test_the_whole_is_as_good_as_its_worst_line() -> None:
    assert worst((WELL,)) == "good"
    assert worst((WELL, NO_CARD)) == "doubtful"
    assert worst((NO_CARD, PAPER, WELL)) == "bad"
    assert date(2026, 11, 20) == NOW.date()
