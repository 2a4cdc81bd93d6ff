"""The suite runs, small, from beginning to end, and says what it found in the shape that was promised. How fast it all
is, is not judged here: a test machine has other things to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.composition import bench
from app.composition.bench import core, generating, ground, redeeming, screens, searching
from app.composition.bench.figures import Figure, at_least, at_most, exactly, not_measured, p99
from app.composition.postgres_wheel import NoServer
from app.domain.errors import Refused, Unavailable
from app.domain.sentences import sentence
from app.settings import Home

MEMBERS = 500
KEYS = ["suite", "name", "value", "unit", "baseline", "ratio", "aim", "met"]


def quietly(_what: str) -> None: ...


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with ground.store_of(MEMBERS, tmp_path_factory.mktemp("bench") / "kept", quietly) as made:
        yield made


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """One short round of everything."""
    monkeypatch.setattr(generating, "ROUNDS", 1)
    monkeypatch.setattr(generating, "SAMPLE", MEMBERS)
    monkeypatch.setattr(redeeming, "ROUNDS", 1)
    monkeypatch.setattr(redeeming, "TIMES", 5)
    monkeypatch.setattr(redeeming, "SECONDS", 1.0)
    monkeypatch.setattr(screens, "STARTS", 1)
    monkeypatch.setattr(searching, "PAGES", 5)


def well_formed(figure: Figure) -> bool:
    row = figure.as_row("core")
    assert list(row)[: len(KEYS)] == KEYS
    assert figure.name
    assert figure.unit
    assert figure.value is None or figure.value > 0
    assert (figure.met is None) == (figure.aim is None or figure.value is None)
    assert figure.note or figure.value is not None
    json.dumps(row, allow_nan=False)
    return True


def test_generating_is_compared_with_the_drivers_own_inserts_of_the_same_rows(short: None) -> None:
    rate, memory = generating.figures(MEMBERS, quietly)
    assert well_formed(rate)
    assert well_formed(memory)
    assert rate.baseline is not None
    assert memory.baseline is not None


def test_searches_and_member_pages_are_timed(home: Home, short: None) -> None:
    assert all(well_formed(figure) for figure in searching.figures(home, MEMBERS, quietly))


def test_on_sqlite_one_account_gives_exactly_what_it_is_worth(home: Home, short: None) -> None:
    rate, latency, race = redeeming.on_sqlite(home, MEMBERS, quietly)
    assert well_formed(rate)
    assert well_formed(latency)
    assert race.value == redeeming.WORTH
    assert race.met


def test_on_postgres_four_desks_give_exactly_what_one_account_is_worth(short: None) -> None:
    rate, race = redeeming.on_postgres(MEMBERS, quietly)
    assert well_formed(rate)
    if rate.value is None:
        pytest.skip(rate.note)
    assert race.value == redeeming.WORTH
    assert race.met


def test_without_a_postgres_the_rows_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_here() -> None:
        raise NoServer("there is none")

    monkeypatch.setattr(redeeming, "running_server", none_here)
    found = list(redeeming.on_postgres(MEMBERS, quietly))
    assert [(figure.value, figure.met, figure.note) for figure in found] == [(None, None, "there is none")] * 2
    assert all(well_formed(figure) for figure in found)


def test_a_kept_store_is_found_again_and_another_one_is_left_alone(home: Home, tmp_path: Path) -> None:
    was = home.store_file.stat().st_ino
    with ground.store_of(MEMBERS, home.folder, quietly) as again:
        assert again.store_file.stat().st_ino == was
    (tmp_path / "letter.txt").write_text("not a bench's", encoding="utf-8")
    for folder, members in ((home.folder, MEMBERS + 1), (tmp_path, MEMBERS)):
        with pytest.raises(Unavailable) as refusal, ground.store_of(members, folder, quietly):
            pass
        assert refusal.value.code == "bench.other_store"


def test_an_unknown_suite_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(Refused) as refusal:
        bench.run("abacus", members=MEMBERS)
    said = sentence(refusal.value.code, refusal.value.facts, "en")
    assert "abacus" in said
    assert "core, devices" in said


def test_figures_compare_with_their_baseline_or_stand_alone() -> None:
    assert Figure("a", 3.0, "1/s", 10.0, at_least(0.3)).met is True
    assert Figure("a", 2.9, "1/s", 10.0, at_least(0.3)).met is False
    assert Figure("a", 51.0, "ms", aim=at_most(50, "value")).met is False
    assert Figure("a", 51.0, "ms").as_row("core")["met"] is None
    assert Figure("a", 100.0, "succeed", 100.0, exactly(100)).aim_in_words == "= 100 succeed"
    assert not_measured("a", "why", at_least(2)).as_row("core")["note"] == "why"
    assert p99(range(1, 101)) == 99
    assert p99([7.0]) == 7.0


def test_rows_are_written_as_they_come_so_that_a_run_that_is_stopped_leaves_what_it_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.json"
    seen: list[int] = []

    def two(_members: int, _keep: Path | None, _say: object) -> Iterator[Figure]:
        yield Figure("quick", 3.0, "1/s", 10.0, at_least(0.3))
        seen.append(len(json.loads(file.read_text(encoding="utf-8"))))
        yield not_measured("absent", "there is none", at_most(2))

    monkeypatch.setattr(core, "figures", two)
    assert bench.run("core", members=MEMBERS, json_file=file) == 0
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert seen == [1]
    assert [(row["name"], row["met"]) for row in rows] == [("quick", True), ("absent", None)]
    assert all(list(row)[: len(KEYS)] == KEYS for row in rows)
    shown = capsys.readouterr().out
    assert "quick" in shown
    assert "not measured" in shown
