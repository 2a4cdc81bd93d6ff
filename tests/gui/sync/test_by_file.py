"""Without a network: what is unsent is saved for the hub, and its answers are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused, Unavailable
from app.ports.hub import BundleRead
from tests.gui.admin.conftest import spoken
from tests.support.hub_link import CUT_OFF, FakeLink, some_tasks
from tests.unit.presenters.fakes import Desk
from ui.locale import set_language
from ui.sync.by_file.view import ByFilePanel
from ui.sync.view import SyncView


@pytest.fixture
def link() -> FakeLink:
    return FakeLink(CUT_OFF, some_tasks(3))


@pytest.fixture
def panel(view: SyncView) -> ByFilePanel:
    view.by_file.click()
    (made,) = view.findChildren(ByFilePanel)
    return made


def chosen(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    for dialog in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, dialog, lambda *_: (file, ""))


def test_what_is_unsent_is_saved_and_nothing_is_called_sent(
    panel: ByFilePanel, link: FakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert panel.unsent.text() == "还有 12 笔未上传"
    chosen(monkeypatch, "/media/stick/k1")
    panel.save.click()
    assert link.written == [Path("/media/stick/k1.mdbundle")]
    assert panel.said.text.text() == "已写入 12 笔：/media/stick/k1.mdbundle。 请交给中心管理员。"
    chosen(monkeypatch, "")
    panel.save.click()
    assert len(link.written) == 1, "nobody chose a file"


def test_answers_are_read_and_said(panel: ByFilePanel, link: FakeLink, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen(monkeypatch, "/media/stick/back.mdbundle")
    for read, words in (
        (BundleRead(12, news=True), "中心已答复 12 笔，本机已更新。"),
        (BundleRead(0, news=False), "这份文件里没有新内容。"),
        (BundleRead(0, news=True, gap=True), "之前导出的数据包还没有送到中心"),
    ):
        link.reads = read
        panel.take.click()
        assert panel.said.text.text().startswith(words)


@pytest.mark.parametrize("problem", [Unavailable("bundle.not_written", file="/x", why=""), Refused("bundle.damaged")])
def test_what_is_wrong_with_a_file_is_said(
    panel: ByFilePanel, link: FakeLink, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    chosen(monkeypatch, "/x")
    link.fails = problem
    panel.save.click()
    panel.take.click()
    assert panel.said.isVisible()
    assert panel.save.isEnabled()


def test_both_languages(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    set_language("en")
    view = SyncView(spoken(desk.services), link)
    qtbot.addWidget(view)
    panel = ByFilePanel(view, view.services, link)
    assert panel.unsent.text() == "12 operations are not sent yet"
