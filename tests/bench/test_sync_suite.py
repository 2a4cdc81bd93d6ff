"""The suite runs, tiny, against real processes. How fast it all is, is not judged here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.composition.bench import applying, asking, copying, cutting, pushing, sync
from app.composition.bench.figures import Figure
from app.composition.postgres_wheel import NoServer

MEMBERS = 60


def quietly(_what: str) -> None: ...


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "ROUNDS", 1)
    monkeypatch.setattr(applying, "SECONDS", 0.5)
    monkeypatch.setattr(applying, "CLIENTS", 1)
    monkeypatch.setattr(applying, "HUBS", 1)
    monkeypatch.setattr(applying, "MALLS", 1)
    monkeypatch.setattr(pushing, "OPERATIONS", 10)
    monkeypatch.setattr(pushing, "SERVED", 3)
    monkeypatch.setattr(asking, "SECONDS", 0.2)
    monkeypatch.setattr(asking, "DESKS", 2)
    monkeypatch.setattr(copying, "TOUCHED", 10)
    monkeypatch.setattr(cutting, "SILENCES", ("cut",))
    monkeypatch.setattr(cutting, "told_by", lambda *_words: {"longest_block_ms": 7.0, "during": "late"})


def well_formed(figure: Figure) -> bool:
    json.dumps(figure.as_row("sync"), allow_nan=False)
    return bool(figure.name and figure.unit and figure.value and figure.value > 0)


@pytest.mark.full
def test_hub_and_desks_from_the_first_push_to_a_copy_of_everybody() -> None:
    figures = list(sync.figures(MEMBERS, None, quietly))
    if figures[0].value is None:
        pytest.skip(figures[0].note)
    assert all(well_formed(figure) for figure in figures), figures
    assert len([figure for figure in figures if figure.aim]) == 12
    assert figures[0].baseline is not None


def test_without_a_postgres_the_row_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def none_here() -> None:
        raise NoServer("there is none")

    monkeypatch.setattr(sync, "running_server", none_here)
    (figure,) = sync.figures(MEMBERS, None, quietly)
    assert (figure.value, figure.note) == (None, "there is none")
