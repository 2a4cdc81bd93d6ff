"""The suite runs, small, from beginning to end. How fast it all is, is not judged here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.composition.bench import devices, in_the_window, reports
from app.composition.bench.figures import Figure


def quietly(_what: str) -> None: ...


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "TIMES", 2)
    monkeypatch.setattr(devices, "BAUD", 460_800)
    monkeypatch.setattr(devices, "SLIPS", 2)
    monkeypatch.setattr(devices, "PARSED_BYTES", 1)
    monkeypatch.setattr(devices, "REPLUGS", 1)
    monkeypatch.setattr(devices, "PDF_ROUNDS", 1)
    monkeypatch.setattr(reports, "PAGES", 3)


def well_formed(figure: Figure) -> bool:
    json.dumps(figure.as_row("devices"), allow_nan=False)
    return bool(figure.name and figure.unit and figure.aim and figure.value and figure.value > 0)


def test_a_slip_is_made_sent_without_gaps_and_a_port_comes_back(tmp_path: Path) -> None:
    assert well_formed(devices.slip_bytes(quietly))
    gap = devices.idle_gap(tmp_path, quietly)
    assert well_formed(gap)
    assert "confirmed" in gap.note
    assert well_formed(devices.reconnecting(tmp_path, quietly))


def test_each_parser_is_fed_frames_of_its_own_machine() -> None:
    assert all(well_formed(figure) for figure in devices.parsing(quietly))
    for name, make, frame in devices.parsers():
        found = make()(frame)
        assert found not in ([], ([], b"")), name
        assert "Broken" not in repr(found), name
        assert "Unreadable" not in repr(found), name


def test_a_long_report_is_compared_with_the_bare_library() -> None:
    assert well_formed(devices.long_pdf(quietly))


def test_every_fault_is_tried_behind_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def told(*words: str) -> dict[str, object]:
        asked.append(words)
        return {"longest_block_ms": 7.0, "during": "printer: paper"}

    monkeypatch.setattr(devices, "told_by", told)
    figure = devices.gui_block(50, quietly)
    assert well_formed(figure)
    assert figure.note == "printer: paper"
    assert [words[0] for words in asked] == ["faults"]
    assert callable(in_the_window.faults)
