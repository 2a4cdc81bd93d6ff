"""What `installer/smoke.py` calls a passed tour, and what it does not let pass."""

import json
import os
import sys
from pathlib import Path

import pytest

from installer import smoke


def a_tour(out: Path, **step: object) -> Path:
    out.mkdir()
    (out / "tour.json").write_text(json.dumps({"steps": [{"name": "sign in", "ok": True, "ms": 12, **step}]}))
    (out / "01-sign-in.zh_CN.png").write_bytes(b"\x89PNG\r\n\x1a\n rest")
    (out / "slip.pdf").write_bytes(b"%PDF-1.7 rest")
    return out


def test_a_tour_without_a_fault_passes(tmp_path: Path) -> None:
    assert smoke.complaints(0, set(), a_tour(tmp_path / "tour")) == []


def test_a_step_that_failed_is_named(tmp_path: Path) -> None:
    assert smoke.complaints(1, set(), a_tour(tmp_path / "tour", name="redeem", ok=False)) == [
        "the program ended with 1",
        "step failed: redeem",
    ]


def test_a_tour_that_left_nothing_does_not_pass(tmp_path: Path) -> None:
    (complaint,) = smoke.complaints(0, set(), tmp_path)
    assert complaint.startswith("no tour.json that can be read")


def test_a_picture_that_is_none_does_not_pass(tmp_path: Path) -> None:
    out = a_tour(tmp_path / "tour")
    (out / "02-swipe.en.png").write_bytes(b"")
    assert smoke.complaints(0, set(), out) == ["02-swipe.en.png is no .png file"]


def test_reading_from_the_source_does_not_pass(tmp_path: Path) -> None:
    source = smoke.ROOT / "app/__init__.py"
    assert smoke.complaints(0, {source}, a_tour(tmp_path / "tour")) == [f"read from the source tree: {source}"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_an_open_source_file_is_noticed() -> None:
    source = smoke.ROOT / "app/__init__.py"
    with source.open("rb"):
        assert source in smoke.touched_by(os.getpid())


def test_the_built_program_inherits_nothing_of_the_builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    environment = smoke.bare_environment(tmp_path)
    assert not {"PYTHONPATH", "VIRTUAL_ENV"} & set(environment)
    assert environment["HOME"] == str(tmp_path)
