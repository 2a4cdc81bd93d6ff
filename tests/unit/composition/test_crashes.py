"""What a bug leaves behind, also where nothing can be left."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.crash import CrashLog


def test_a_report_that_the_disk_does_not_take_is_a_line_and_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Path, _text: str, **_how: str) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    number = CrashLog(tmp_path).write(KeyError("whatever"))
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == f"crash {number}: KeyError, not written: OSError\n"


def test_a_report_names_the_type_and_the_place_and_nothing_that_somebody_typed(tmp_path: Path) -> None:
    try:
        raise KeyError("李𬭚")
    except KeyError as problem:
        number = CrashLog(tmp_path).write(problem)
    (file,) = tmp_path.iterdir()
    text = file.read_text(encoding="utf-8")
    assert number in file.name
    assert "KeyError" in text
    assert "test_crashes.py" in text
    assert "李𬭚" not in text
