"""Card stock, without a window."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import Refused
from app.operations.export_card_numbers import ExportCardNumbers
from app.operations.set_up import AddCardBatch
from app.operations.void_card_batch import VoidCardBatch
from app.queries.rows import CardBatchRow, ExportedCard
from tests.unit.presenters.fakes import NOW, SUPERVISOR, Desk, JobsLater
from ui.cards.stock.presenter import BATCH, EXPORT, VOID, StockPresenter, as_csv
from ui.catalogue.keeping import NEW

BATCHES = (
    CardBatchRow(
        first_serial=1_000_000_001, count=10_000, label="", kind="any", desk_name="1 号服务台", made_at=None,
        first_number="9900010000000019", in_stock=9_400, issued=520, lost=30, replaced=40, void=10,
    ),
    CardBatchRow(
        first_serial=1_000_010_001, count=2_000, label="红卡 2026", kind="physical", desk_name="1 号服务台",
        made_at=NOW, first_number="9900010000000027", in_stock=150, issued=1_800, lost=20, replaced=25, void=5,
    ),
)  # fmt: skip


@dataclass
class Screen:
    where: Path | None = None
    asked: list[str] = field(default_factory=list)
    state: Any = None

    def show_state(self, state: Any) -> None:
        self.state = state

    def ask_for_file(self, name: str) -> Path | None:
        self.asked.append(name)
        return self.where


def stock(where: Path | None = None) -> tuple[Desk, Screen, StockPresenter]:
    desk = Desk(person=SUPERVISOR)
    desk.queries.batches = BATCHES
    screen = Screen(where)
    presenter = StockPresenter(screen, desk.services)
    presenter.open()
    return desk, screen, presenter


def fill(presenter: StockPresenter, **typed: str) -> None:
    for name, value in typed.items():
        presenter.put(name, value)


def test_batches_are_found_by_name_serial_and_desk() -> None:
    _, screen, presenter = stock()
    assert screen.state.rows == BATCHES
    for typed, rows in (("红卡", BATCHES[1:]), ("1000010", BATCHES[1:]), ("1 号", BATCHES), ("蓝", ())):
        presenter.type_filter(typed)
        assert screen.state.rows == rows


def test_a_new_batch_begins_behind_the_last_one() -> None:
    desk, screen, presenter = stock()
    presenter.start(NEW)
    fill(presenter, count="500", kind="virtual", label="电子卡")
    presenter.save()
    (made,) = desk.authority.operations
    assert isinstance(made, AddCardBatch)
    assert (made.first_serial, made.count, made.kind, made.label) == (1_000_010_001, 500, "virtual", "电子卡")
    assert (screen.state.saved, screen.state.form) == ("added", None)


@pytest.mark.parametrize("count", ["", "0", "100001", "-1", "٣", "1e3"])
def test_a_batch_has_a_number_of_numbers(count: str) -> None:
    desk, screen, presenter = stock()
    presenter.start(NEW)
    fill(presenter, count=count)
    presenter.save()
    assert (screen.state.problem.code, screen.state.problem_field) == ("card.batch_count", "count")
    assert desk.authority.operations == []


def test_numbers_are_written_for_the_factory_once_that_is_on_record(tmp_path: Path) -> None:
    file = tmp_path / "卡号.csv"
    desk, screen, presenter = stock(file)
    presenter.start(EXPORT, BATCHES[1])
    fill(presenter, reason="交制卡厂", own_pin="246801")
    presenter.save()
    (export,) = desk.authority.operations
    assert isinstance(export, ExportCardNumbers)
    assert (export.first_serial, export.reason) == (1_000_010_001, "交制卡厂")
    assert desk.authority.submitted[0].pin == "246801"
    assert screen.state.saved == "exported"
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))
    assert [row["serial"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["printed"] == "9900 0000 0000 0001"


def test_who_would_rather_not_gets_no_file(tmp_path: Path) -> None:
    _, screen, presenter = stock()
    presenter.start(EXPORT, BATCHES[1])
    fill(presenter, reason="交制卡厂", own_pin="246801")
    presenter.save()
    assert len(screen.asked) == 1
    assert not screen.state.busy


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    desk = Desk(person=SUPERVISOR, jobs=JobsLater())
    screen = Screen(tmp_path / "nowhere" / "x.csv")
    presenter = StockPresenter(screen, desk.services)
    presenter.start(EXPORT, BATCHES[1])
    fill(presenter, reason="交制卡厂", own_pin="246801")
    presenter.save()
    desk.jobs.answer_all()
    assert screen.state.load_problem.code == "file.not_written"


@pytest.mark.parametrize("kind", [EXPORT, VOID])
def test_both_ask_for_a_reason_and_the_own_pin(kind: str) -> None:
    desk, screen, presenter = stock()
    presenter.start(kind, BATCHES[1])
    presenter.save()
    assert screen.state.problem_field == "own_pin"
    fill(presenter, own_pin="246801", reason=" ")
    presenter.save()
    assert screen.state.problem_field == "reason"
    assert desk.authority.operations == []


def test_the_rest_of_a_batch_is_voided() -> None:
    desk, screen, presenter = stock()
    presenter.start(BATCH, BATCHES[1])
    presenter.start(VOID, BATCHES[1])
    fill(presenter, own_pin="246801", reason="整箱受潮")
    presenter.save()
    (void,) = desk.authority.operations
    assert isinstance(void, VoidCardBatch)
    assert void.first_serial == 1_000_010_001
    assert (screen.state.saved, screen.state.saved_name) == ("voided", "红卡 2026")


def test_a_wrong_pin_is_said_at_its_field() -> None:
    desk, screen, presenter = stock()
    desk.authority.failures = [Refused("pin.wrong", left=4)]
    presenter.start(VOID, BATCHES[1])
    fill(presenter, own_pin="111222", reason="整箱受潮")
    presenter.save()
    assert (screen.state.problem_field, screen.state.form.kind) == ("own_pin", VOID)


def test_the_file_holds_nothing_that_a_spreadsheet_would_run() -> None:
    text = as_csv((ExportedCard(7, "9900010000000019", "012345", "9900010000000019=3612101012345"),)).decode(
        "utf-8-sig"
    )
    assert text.splitlines() == [
        "serial,number,printed,card_code,track_2",
        "7,9900010000000019,9900 0100 0000 0019,012345,9900010000000019=3612101012345",
    ]
