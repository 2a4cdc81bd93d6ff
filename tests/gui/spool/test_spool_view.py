from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.operations.open_drawer import OpenDrawer
from app.operations.reprint_slip import DOCUMENTS_OF, ReprintSlip
from app.ports.paper import PrintState
from printing.composing import composed
from printing.renderers.paper_profile import ROLL_80
from printing.renderers.preview import preview_png
from tests.gui.admin.conftest import spoken
from tests.gui.admin.test_keeping import MANAGER
from tests.unit.presenters.fakes import FACTS, WANG, Desk
from tests.unit.presenters.test_spool_queue import FakeSlips, PaperWithPictures, queued
from tests.unit.printing.all_slips import EVERY
from ui.locale import set_language
from ui.shell.messages import Messages
from ui.spool.drawer_panel import DrawerPanel
from ui.spool.view import SpoolScreen
from ui.spool.words import DOCUMENTS
from ui.widgets import Button, PaperPicture, Text


class PaperHere(PaperWithPictures):
    def preview_png(self, operation_id: object, document: str, language: str) -> bytes:
        return preview_png(composed(EVERY[document], language), ROLL_80, 1)


UNCERTAIN, PRINTED, WAITING = (
    queued(PrintState.UNCERTAIN, "printer.silent"),
    replace(queued(), document="statement"),
    queued(PrintState.WAITING, "printer.paper_end"),
)


@pytest.fixture
def paper() -> PaperHere:
    return PaperHere()


@pytest.fixture
def screen(qtbot: QtBot, desk: Desk, paper: PaperHere) -> SpoolScreen:
    FACTS.setdefault("reprint_slip", lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    services = replace(spoken(desk.services), paper=paper)
    slips = FakeSlips((UNCERTAIN, PRINTED, WAITING))
    screen = SpoolScreen(services, slips, Messages(services.sentence), lambda: WANG)
    qtbot.addWidget(screen)
    screen.resize(1196, 700)
    screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.entered()
    QApplication.processEvents()
    return screen


def buttons(screen: SpoolScreen) -> dict[str, Button]:
    return {button.text(): button for button in screen.findChildren(Button) if button.isVisible()}


def texts(screen: SpoolScreen) -> str:
    return "\n".join(label.text() for label in screen.findChildren(Text) if label.isVisible())


def press_down() -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Down)
    QApplication.processEvents()


def test_an_uncertain_slip_asks_and_says_why(screen: SpoolScreen, paper: PaperHere) -> None:
    assert "打印机没有应答" in texts(screen)
    assert {"已打印出来", "重打"} <= buttons(screen).keys()
    buttons(screen)["已打印出来"].click()
    assert paper.settled == [UNCERTAIN.job]


def test_arrows_go_through_the_queue_and_each_slip_shows_its_paper(screen: SpoolScreen) -> None:
    (picture,) = screen.findChildren(PaperPicture)
    first = picture.height()
    press_down()
    assert picture.height() > first  # a statement is longer
    assert {"重打一份", "另存为 PDF…"} <= buttons(screen).keys()
    assert "已打印出来" not in buttons(screen)
    press_down()
    assert not {"重打一份", "重打", "打印"} & buttons(screen).keys()  # it prints by itself


def test_a_slip_that_waits_for_paper_can_be_given_up(screen: SpoolScreen, paper: PaperHere) -> None:
    for _ in range(2):
        press_down()
    assert {"不再等待", "另存为 PDF…"} <= set(buttons(screen))
    assert "继续打印" not in buttons(screen)
    buttons(screen)["不再等待"].click()
    assert paper.settled == [WAITING.job]


def test_a_stuck_cutter_waits_for_a_persons_word(qtbot: QtBot, desk: Desk) -> None:
    told: list[bool] = []

    class Jammed(PaperHere):
        def after_jam(self, *, restart: bool) -> None:
            told.append(restart)

    services = replace(spoken(desk.services), paper=Jammed())
    slips = FakeSlips((queued(PrintState.WAITING, "printer.cutter"),))
    screen = SpoolScreen(services, slips, Messages(services.sentence), lambda: WANG)
    qtbot.addWidget(screen)
    screen.resize(940, 600)
    screen.show()
    screen.entered()
    QApplication.processEvents()
    buttons(screen)["继续打印"].click()
    buttons(screen)["清除剩余"].click()
    assert told == [True, False]


def test_a_copy_is_printed_and_said(screen: SpoolScreen, desk: Desk) -> None:
    press_down()
    buttons(screen)["重打一份"].click()
    (asked,) = desk.authority.operations
    assert isinstance(asked, ReprintSlip)
    assert asked.reprints == PRINTED.operation
    assert screen._messages.shown[-1].text == "已送打印。"


def test_a_pdf_is_named_after_its_document(
    screen: SpoolScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed: list[str] = []

    def choose(_parent: object, _title: str, name: str, _filter: str) -> tuple[str, str]:
        proposed.append(name)
        return str(tmp_path / "凭条"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    buttons(screen)["另存为 PDF…"].click()
    assert proposed == [f"兑换小票 {UNCERTAIN.operation.hex[-8:].upper()}.pdf"]
    assert (tmp_path / "凭条.pdf").read_bytes().startswith(b"%PDF")


def test_paper_is_never_wider_than_its_place(screen: SpoolScreen, qtbot: QtBot) -> None:
    (picture,) = screen.findChildren(PaperPicture)
    for width in (780, 1196, 700):
        screen.resize(width, 700)
        qtbot.waitUntil(lambda: 0 < picture.width() <= screen._scroll.viewport().width())


def test_the_queue_speaks_both_languages_and_knows_every_document(screen: SpoolScreen) -> None:
    set_language("en")
    screen.retranslate()
    assert "The printer does not answer" in texts(screen)
    assert "Print again" in buttons(screen)
    assert {name for names in DOCUMENTS_OF.values() for name in names} <= DOCUMENTS.keys()


def test_when_nobody_is_here_no_paper_is_shown(screen: SpoolScreen) -> None:
    screen.blank()
    (picture,) = screen.findChildren(PaperPicture)
    assert picture.height() == 0
    assert buttons(screen).keys() == {"刷新"}


def test_only_whoever_keeps_the_rules_is_led_to_the_look_of_slips(
    screen: SpoolScreen, desk: Desk, qtbot: QtBot
) -> None:
    assert "单据样式" not in buttons(screen)
    desk.person = MANAGER
    screen.entered()
    with qtbot.waitSignal(screen.look_wanted):
        buttons(screen)["单据样式"].click()


@pytest.mark.parametrize("by_key", [True, False])
def test_the_drawer_is_opened_for_a_reason(screen: SpoolScreen, desk: Desk, paper: PaperHere, by_key: bool) -> None:
    FACTS.setdefault("open_drawer", lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    {command.name: command for command in screen.commands()}["open_drawer"].run()
    (panel,) = screen.findChildren(DrawerPanel)
    if by_key:
        QTest.keyClick(panel.buttons[0], Qt.Key.Key_2)
    else:
        panel.buttons[1].click()
    QApplication.processEvents()
    (written,) = desk.authority.operations
    assert written == OpenDrawer(id=written.id, reason="change")
    assert paper.drawer_opened == 1
    assert not panel.is_open
