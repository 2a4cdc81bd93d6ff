from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.ports.preferences import PreferencesInMemory
from ui.widgets import Column, DataTable, RowsModel
from ui.widgets.table import harmless


@dataclass(frozen=True)
class Gift:
    name: str
    stock: int


GIFTS = (Gift("保温杯", 12), Gift("=HYPERLINK(1)", 3), Gift("雨\t伞", 100))


def columns() -> tuple[Column[Gift], ...]:
    return (
        Column("name", lambda: "礼品", lambda g: g.name),
        Column("stock", lambda: "库存", lambda g: str(g.stock), sort_by=lambda g: g.stock, right=True),
    )


@pytest.fixture
def table(qtbot: QtBot) -> DataTable:
    table = DataTable("gifts", PreferencesInMemory())
    qtbot.addWidget(table)
    table.show_model(RowsModel(columns(), GIFTS))
    table.resize(400, 300)
    table.show()
    return table


def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(RowsModel(columns(), GIFTS))


def test_sorting_goes_by_the_value_and_then_turns_round(table: DataTable) -> None:
    model = table.model()
    assert isinstance(model, RowsModel)
    table.sort_by(1)
    assert [gift.stock for gift in model.rows] == [3, 12, 100]
    table.sort_by(1)
    assert [gift.stock for gift in model.rows] == [100, 12, 3]


def test_copy_gives_tab_separated_text_whose_cells_hold(qtbot: QtBot, table: DataTable) -> None:
    table.selectRow(2)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "礼品\t库存\n雨 伞\t100"


def test_no_cell_of_an_export_is_a_formula(table: DataTable, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "gifts.csv")
    text = (tmp_path / "gifts.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "\n保温杯,12" in text


@pytest.mark.parametrize(("cell", "written"), [("-20", "-20"), ("+1,200", "+1,200"), ("-cmd", "'-cmd"), ("@x", "'@x")])
def test_numbers_stay_numbers_in_an_export(cell: str, written: str) -> None:
    assert harmless(cell) == written


def test_widths_are_remembered(qtbot: QtBot) -> None:
    kept = PreferencesInMemory()
    first = DataTable("gifts", kept)
    qtbot.addWidget(first)
    first.show_model(RowsModel(columns(), GIFTS))
    first.show()
    first.setColumnWidth(0, 233)
    second = DataTable("gifts", kept)
    qtbot.addWidget(second)
    second.show_model(RowsModel(columns(), GIFTS))
    assert second.columnWidth(0) == 233


def test_more_rows_are_fetched_when_the_end_comes_in_sight() -> None:
    asked: list[int] = []
    model = RowsModel(columns(), GIFTS, more=asked.append)
    model.set_rows(GIFTS, complete=False)
    assert model.canFetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    assert asked == [3]
    assert not model.canFetchMore(QModelIndex())
    model.append((Gift("抱枕", 1),), complete=True)
    assert model.rowCount() == 4
    assert not model.canFetchMore(QModelIndex())


def test_enter_opens_the_row(qtbot: QtBot, table: DataTable) -> None:
    table.selectRow(1)
    with qtbot.waitSignal(table.opened) as heard:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert heard.args == [1]
