from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.domain.slip_look import LOOK_AT_FIRST, SlipLook
from printing.slip_design import SlipDesign
from tests.gui.admin.conftest import spoken
from tests.gui.admin.test_keeping import MANAGER
from tests.unit.presenters.fakes import FACTS, Desk
from tests.unit.presenters.test_slip_look import LookKept
from ui.locale import set_language
from ui.settings.rules.view import RulesScreen
from ui.settings.slips.view import SlipsView
from ui.theme import theme
from ui.widgets import PaperPicture

LONG = "上海市浦东新区星河路 88 号海棠广场购物中心一楼南区会员服务台，近三号门和下沉式广场"


@pytest.fixture
def slips() -> LookKept:
    return LookKept(kept=SlipLook(heading=(LONG,), footer=("服务热线 400-800-1234",)))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def screen(qtbot: QtBot, desk: Desk, slips: LookKept, said: list[str]) -> RulesScreen:
    for verb in ("set_slip_text", "set_slip_logo", "set_slip_lines"):
        FACTS.setdefault(verb, lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    desk.person = MANAGER
    screen = RulesScreen(spoken(desk.services), slips, SlipDesign(), said.append)
    qtbot.addWidget(screen)
    screen.resize(1196, 700)
    screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.choose("slips")
    QApplication.processEvents()
    return screen


def paper_of(view: SlipsView) -> bytes | None:
    (paper,) = view.findChildren(PaperPicture)
    return paper._png


def test_typing_is_seen_on_the_paper_before_anything_is_kept(screen: RulesScreen, desk: Desk) -> None:
    view = screen.slips
    before = paper_of(view)
    assert before is not None
    assert view.heading.fields[0].value == LONG[:60]
    view.footer.fields[1].setFocus()
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClicks(focused, "Welcome back")
    desk.timers.pass_once()
    assert paper_of(view) not in (None, before)
    assert desk.authority.submitted == []
    assert view.notice.text() == "尚未保存：单据仍按原样打印。"
    view.undo.click()
    assert view.footer.lines == ("服务热线 400-800-1234",)
    desk.timers.pass_once()
    assert paper_of(view) == before
    assert not view.save.isEnabled()


def test_ticks_logo_and_lines_are_kept_with_one_press(
    screen: RulesScreen, desk: Desk, slips: LookKept, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = screen.slips
    view.ticks["tier"].click()
    out = BytesIO()
    Image.new("L", (200, 80), 0).save(out, "PNG")
    (tmp_path / "logo.png").write_bytes(out.getvalue())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "logo.png"), ""))
    assert not view.remove.isVisible()
    view.choose.click()
    assert view.remove.isVisible()
    slips.kept = view.presenter.state.look
    commands = {command.name: command for command in screen.commands()}
    assert commands["save_slips"].is_possible()
    commands["save_slips"].run()
    assert [operation.verb for operation in desk.authority.operations] == ["set_slip_logo", "set_slip_lines"]
    assert said == ["单据样式已保存，各柜台即时生效。"]
    assert not commands["save_slips"].is_possible()
    assert not view.ticks["tier"].isChecked()


def test_one_document_gets_lines_of_its_own_and_says_so(screen: RulesScreen, desk: Desk) -> None:
    view = screen.slips
    view.document.set_value("credit")
    view.document.changed.emit("credit")
    QTest.keyClick(view.scope, Qt.Key.Key_Right)
    assert view.presenter.state.alone
    assert not view.ticks["points_before"].isVisible()
    assert view.ticks["capitals"].isVisible()
    view.ticks["capitals"].click()
    assert view.presenter.state.look.own == (("credit", ()),)
    assert view.document.box.currentText() == "积分凭条 · 单独设置"
    assert view.as_all.isVisible()
    view.as_all.click()
    assert view.presenter.state.look.own == ()
    assert not view.as_all.isVisible()
    QTest.keyClick(view.scope, Qt.Key.Key_Left)
    assert view.ticks["points_before"].isVisible()


def test_a_file_that_is_no_picture_is_refused_in_words(
    screen: RulesScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logo.png").write_bytes(b"MZ")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "logo.png"), ""))
    screen.slips.choose.click()
    assert screen.slips.problem.isVisible()
    assert screen.slips.presenter.state.problem is not None
    assert screen.slips.presenter.state.problem.code == "logo.unreadable"
    assert not screen.slips.save.isEnabled()


def test_the_default_comes_back_with_one_press_and_counts_once_it_is_kept(screen: RulesScreen, desk: Desk) -> None:
    view = screen.slips
    view.default.click()
    assert view.presenter.state.look == LOOK_AT_FIRST
    assert view.heading.lines == ()
    assert not view.default.isEnabled()
    assert desk.authority.submitted == []


def test_a_field_more_appears_while_there_is_room(screen: RulesScreen) -> None:
    fields = screen.slips.footer.fields
    assert [field.isVisible() for field in fields] == [True, True, False, False]
    for shown in (3, 4, 4):
        fields[shown - 2].setFocus()
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClicks(focused, "x")
        assert sum(field.isVisible() for field in fields) == shown


@pytest.mark.parametrize("speech", ["zh_CN", "en"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_everything_fits_the_smallest_window(screen: RulesScreen, speech: str, scale: float, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme().apply(app, "light", scale=scale)
    set_language(speech)
    screen.retranslate()
    screen.slips._arrange(0)
    screen.resize(1024 - theme().px(84), 768 - theme().px(112))
    view = screen.slips

    def nothing_is_under_the_sample() -> bool:
        """Columns change places once the layout has had its turn."""
        parts = (view.heading, view.choose, view.remove, view.scope, view.as_all, *view.ticks.values())
        edge = view._scroll.mapTo(view, view._scroll.rect().topLeft()).x()
        return all(part.mapTo(view, part.rect().topRight()).x() < edge for part in parts if part.isVisible())

    qtbot.waitUntil(nothing_is_under_the_sample)
    assert screen.width() == 1024 - theme().px(84)
    for button in (view.undo, view.default, view.save):
        assert button.width() >= button.sizeHint().width()


def test_who_signs_out_leaves_nothing_behind(screen: RulesScreen, desk: Desk) -> None:
    screen.slips.ticks["tier"].click()
    desk.person = replace(MANAGER, staff="3002")
    screen.person_changed()
    assert paper_of(screen.slips) is None
    assert not screen.slips.save.isEnabled()
    screen.entered()
    assert screen.slips.ticks["tier"].isChecked()


def test_the_figures_and_the_slips_are_one_key_apart(screen: RulesScreen, qtbot: QtBot) -> None:
    commands = {command.key: command for command in screen.commands() if command.key}
    commands["Alt+1"].run()
    assert screen.view.isVisible()
    commands["Alt+2"].run()
    assert screen.slips.isVisible()
    assert screen.slips.heading.fields[0].edit.hasFocus()
    QTest.keyClick(screen.slips.heading.fields[0].edit, Qt.Key.Key_Tab)
    assert screen.slips.heading.fields[1].edit.hasFocus()
