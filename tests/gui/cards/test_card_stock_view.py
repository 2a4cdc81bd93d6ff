"""The screen of card stock, with a person's fingers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.operations.set_up import AddCardBatch
from tests.gui.counter.conftest import services_of
from tests.unit.presenters.fakes import SUPERVISOR, Desk
from tests.unit.presenters.test_card_stock import BATCHES
from ui.cards.stock.presenter import BATCH, EXPORT
from ui.cards.stock.view import CardStockScreen
from ui.locale import set_language


@pytest.fixture
def desk() -> Desk:
    desk = Desk(person=SUPERVISOR)
    desk.queries.batches = BATCHES
    return desk


def shown(qtbot: QtBot, desk: Desk, size: tuple[int, int] = (936, 668)) -> CardStockScreen:
    screen = CardStockScreen(services_of(desk))
    qtbot.addWidget(screen)
    screen.resize(*size)
    screen.show()
    screen.activateWindow()
    screen.entered()
    QApplication.processEvents()
    return screen


def test_a_batch_is_made(qtbot: QtBot, desk: Desk) -> None:
    screen = shown(qtbot, desk)
    screen.view.start_new()
    QApplication.processEvents()
    QTest.keyClicks(screen.window().focusWidget(), "VIP 7")
    screen.view.save.click()
    (made,) = desk.authority.operations
    assert isinstance(made, AddCardBatch)
    assert (made.label, made.count) == ("VIP 7", 1000)
    assert screen.view.saved.isVisible()


def test_a_batch_opens_and_its_numbers_go_into_a_file(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = shown(qtbot, desk)
    asked: list[str] = []

    def choose(_parent: object, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        asked.append(name)
        return str(tmp_path / name), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    screen.view.presenter.start(BATCH, BATCHES[1])
    QApplication.processEvents()
    screen.view.export.click()
    assert screen.view.presenter.state.form is not None
    assert screen.view.presenter.state.form.kind == EXPORT
    screen.view.presenter.put("reason", "交制卡厂")
    screen.view.presenter.put("own_pin", "246801")
    screen.view.save.click()
    assert asked == ["红卡.csv"]
    assert len((tmp_path / "红卡.csv").read_bytes().splitlines()) == 4


@pytest.mark.parametrize("speech", ["zh_CN", "en"])
@pytest.mark.parametrize("size", [(936, 668), (1832, 980)])
def test_every_form_fits(qtbot: QtBot, desk: Desk, speech: str, size: tuple[int, int]) -> None:
    set_language(speech)
    screen = shown(qtbot, desk, size)
    for kind, row in (("new", None), ("batch", BATCHES[0]), ("export", BATCHES[0]), ("void", BATCHES[1])):
        screen.view.presenter.start(kind, row)
        QApplication.processEvents()
        assert (screen.width(), screen.height()) == size, kind
