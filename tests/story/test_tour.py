"""The whole story, from click to ledger to paper: the guided tour through the real window, serial lines and store."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from app.composition.demo import demo_desk
from app.composition.desk import Desk, open_desk
from app.composition.tour import play
from app.settings import Home
from db.verify import verify
from devices.simulators.printer import PrinterModel

# Enough for every character of the story; the demo itself has twenty thousand.
MEMBERS = 200


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("demo") / "home")
    _made(home).close()
    return home


def _made(home: Home) -> Desk:
    return demo_desk(home, members=MEMBERS, seed=1, today=date(2026, 11, 22))


def test_the_guided_tour_plays_from_sign_in_to_sign_out_and_everything_adds_up(demo: Home, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert play(open_desk(demo), out, pictures=False) == 0
    story = json.loads((out / "tour.json").read_text(encoding="utf-8"))
    assert [step["name"] for step in story["steps"] if not step["ok"]] == []
    slips = sorted(out.glob("*.escpos"))
    assert len(slips) == 3
    for slip in slips:
        paper = PrinterModel()
        paper.feed(slip.read_bytes())
        assert paper.errors == []
        assert paper.cuts == 1
        assert len(paper.codes) == 1
    pdf = pypdfium2.PdfDocument(next(out.glob("*-zh_CN.pdf")))
    assert "积分兑换" in pdf[0].get_textpage().get_text_range()


def test_the_invented_mall_is_founded_the_way_any_history_enters_and_verifies(demo: Home) -> None:
    desk = open_desk(demo)
    try:
        assert verify(desk.store, desk.settings.mall) == []
    finally:
        desk.close()


def test_a_folder_that_is_no_demo_is_never_cleared(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Exception, match=r"demo\.not_a_demo"):
        _made(Home(tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "mine"
