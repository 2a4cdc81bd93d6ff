"""Our top-level names are ours: python-barcode brings a `tests`, and any package may bring an `app` or a `db`."""

import importlib
import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ("tests/architecture/", "tests/setup/")  # these name what they look for
NAMES = ("app", "ui", "db", "printing", "devices")


@pytest.mark.parametrize("name", [*NAMES, "tests"])
def test_a_top_level_name_resolves_inside_the_repository(name: str) -> None:
    file = importlib.import_module(name).__file__
    assert file is not None
    assert Path(file).resolve().is_relative_to(ROOT)
    assert ".venv" not in Path(file).parts


@pytest.mark.parametrize("name", NAMES)
def test_a_top_level_name_belongs_to_no_other_distribution(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"memberdesk"}


def test_nothing_is_left_to_do_later_in_the_code() -> None:
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")  # in pieces, or this line would be found
    assert [where for where, text in _tracked_lines() if marks.search(text)] == []


def test_nothing_committed_names_an_index_or_a_machine() -> None:
    private = re.compile(
        r"--(extra-)?index-url\s+\S|--find-links|https?://pypi\.|https?://files\.pythonhosted|/(?:root|home/[a-z]+)/"
    )
    assert [where for where, text in _tracked_lines() if private.search(text) and not where.startswith(CHECKS)] == []


def _tracked_lines() -> list[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    written = {".py", ".md", ".toml", ".lock", ".yaml", ".yml", ".spec", ".cfg", ".ini", ".sh", ""}
    lines = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in written and path.is_file():
            for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                lines.append((f"{name}:{number}", text))
    return lines
