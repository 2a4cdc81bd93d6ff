from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.operations.print_report import PrintReport
from app.ports.preferences import PreferencesInMemory
from tests.gui.admin.conftest import spoken
from tests.unit.presenters.fakes import FACTS, SUPERVISOR, Desk
from tests.unit.presenters.test_reports import TODAY, FakeReports
from tests.unit.presenters.test_spool_queue import PaperWithPictures
from tests.unit.printing.reports import QUIET, a_closed_day, a_day
from ui.locale import set_language
from ui.reports.bars import HourBars
from ui.reports.day_panel import DayPanel
from ui.reports.view import ReportsScreen
from ui.shell.messages import Messages
from ui.widgets import Banner, Button, DataTable, EmptyState, Stat


@pytest.fixture
def preferences() -> PreferencesInMemory:
    return PreferencesInMemory()


@pytest.fixture
def reports() -> FakeReports:
    return FakeReports()


@pytest.fixture
def screen(qtbot: QtBot, desk: Desk, reports: FakeReports, preferences: PreferencesInMemory) -> Iterator[ReportsScreen]:
    FACTS.setdefault("print_report", lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    desk.person = SUPERVISOR
    services = replace(spoken(desk.services), paper=PaperWithPictures())
    screen = ReportsScreen(services, reports, Messages(services.sentence), preferences)
    window = QWidget()
    QVBoxLayout(window).addWidget(screen)
    qtbot.addWidget(window)
    window.resize(1196, 760)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    screen.entered()
    QApplication.processEvents()
    yield screen
    window.close()


def table(screen: ReportsScreen) -> DataTable:
    (shown,) = (each for each in screen.findChildren(DataTable) if each.isVisible())
    return shown


def cells(screen: ReportsScreen) -> list[list[str]]:
    return [line.split("\t") for line in table(screen).copied().split("\n")]


def test_the_sums_of_the_day_stand_on_top(screen: ReportsScreen) -> None:
    shown = [stat.accessibleName() for stat in screen.findChildren(Stat) if stat.isVisible()]
    assert len(shown) == 6
    assert any("75,664" in name for name in shown)


def test_what_stands_below_the_sums_follows_the_language_too(screen: ReportsScreen) -> None:
    screen.show()
    set_language("en")
    screen.retranslate()
    assert [stat.detail.text()[:7] for stat in screen._stats][:2] == ["expired", "given b"]


@pytest.mark.parametrize("part", ["desks", "verbs", "staff", "gifts", "stock", "hours"])
def test_each_table_has_its_rows_and_headings_in_both_languages(screen: ReportsScreen, part: str) -> None:
    screen.presenter.show_part(part)  # type: ignore[arg-type] # as parametrised
    chinese = cells(screen)
    assert len(chinese) > 2
    set_language("en")
    screen.retranslate()
    english = cells(screen)
    assert len(english) == len(chinese)
    assert not set(english[0]) & set(chinese[0])
    assert all(cell for cell in english[0])


def test_the_arrows_walk_through_the_days(screen: ReportsScreen, reports: FakeReports) -> None:
    commands = {command.name: command for command in screen.commands()}
    assert not commands["report_after"].is_possible()
    commands["report_before"].run()
    assert reports.asked[-1].isoformat() == "2026-11-21"
    assert commands["report_after"].is_possible()
    commands["report_today"].run()
    assert reports.asked[-1] == TODAY


def test_a_day_is_chosen_in_the_calendar_by_keys_and_by_mouse(screen: ReportsScreen, reports: FakeReports) -> None:
    screen.choose_day()
    panel = screen.findChild(DayPanel)
    assert panel is not None
    for key in (Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Left, Qt.Key.Key_Return):
        QTest.keyClick(panel.grid, key)
    assert reports.asked[-1].isoformat() == "2026-10-21"  # nothing lies to the right of today
    assert not panel.is_open
    QApplication.processEvents()
    screen.choose_day()
    other = next(each for each in screen.findChildren(DayPanel) if each.is_open)
    side = other.grid.width() // 7
    QTest.mouseClick(other.grid, Qt.MouseButton.LeftButton, pos=QPoint(side // 2, side + side // 2))
    assert reports.asked[-1].isoformat() == "2026-09-28"  # the Monday before 1 October
    assert not other.is_open


def test_a_quiet_day_says_so_and_shows_no_empty_tables(screen: ReportsScreen, reports: FakeReports) -> None:
    reports.daily = lambda session, day: QUIET  # type: ignore[method-assign]
    screen.presenter.refresh()
    assert [each for each in screen.findChildren(DataTable) if each.isVisible()] == []
    assert screen.findChildren(EmptyState)[0].isVisible()
    assert not screen.findChildren(HourBars)[0].isVisible()


def test_the_tip_of_an_hour_has_its_figures() -> None:
    assert HourBars.tip(a_day().hours[18]) == "18:00–18:59  发放 12,450，使用 9,600"


def test_print_and_pdf_are_operations(screen: ReportsScreen, desk: Desk, tmp_path: Path,
                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    asked: list[str] = []

    def ask(_parent: object, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        asked.append(name)
        return str(tmp_path / "out"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    commands = {command.name: command for command in screen.commands()}
    commands["print_report"].run()
    commands["save_report"].run()
    assert [operation.onto for operation in desk.authority.operations if isinstance(operation, PrintReport)] == [
        "paper",
        "file",
    ]
    assert (tmp_path / "out.pdf").exists()
    commands["export_table"].run()
    written = (tmp_path / "out.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert "一楼会员服务台" in written.decode("utf-8-sig")
    assert asked == ["日报 2026-11-22.pdf", "日报 柜台 2026-11-22.csv"]
    commands["copy_table"].run()
    assert QApplication.clipboard().text().startswith("服务台\t")


def test_columns_stay_as_wide_as_they_were_left(screen: ReportsScreen, preferences: PreferencesInMemory) -> None:
    shown = table(screen)
    assert not any(key.startswith("table.report") for key in preferences.values)
    shown.setColumnWidth(0, 333)
    screen.window().resize(1500, 800)
    QApplication.processEvents()
    assert shown.columnWidth(0) == 333
    assert preferences.get("table.report_desks.desk") == "333"


def test_the_smallest_window_holds_it(screen: ReportsScreen) -> None:
    set_language("en")
    screen.retranslate()
    screen.window().resize(940, 660)
    QApplication.processEvents()
    assert screen.window().width() == 940
    for button in screen.findChildren(Button):
        if button.isVisible():
            right = button.mapTo(screen, QPoint(button.width(), 0)).x()
            assert right <= screen.width()
            assert button.width() >= button.sizeHint().width()


def test_what_came_late_has_a_table_of_its_own_on_the_days_on_which_there_is_any(
    screen: ReportsScreen, reports: FakeReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen.presenter.show_part("late")
    assert table(screen).as_csv().startswith("服务台"), "nothing came late: that table is not there"
    closed = a_closed_day()
    monkeypatch.setattr(reports, "daily", lambda session, day: replace(closed, day=day))
    screen.presenter.refresh()
    QApplication.processEvents()
    said = table(screen).as_csv()
    assert "2026-11-20 14:12" in said
    assert "2026-11-23 09:05" in said
    assert len(said.splitlines()) == 1 + len(closed.late) + len(closed.later)
    (notice,) = (each.text.text() for each in screen.findChildren(Banner) if each.isVisible())
    assert "4 笔往日的补传业务（积分净变动 +480）" in notice
    assert "本日数字不变" in notice
