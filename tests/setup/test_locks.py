"""The locks install the same files everywhere, and follow from what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
RUN, TEST = ROOT / "requirements.lock", ROOT / "requirements-test.lock"
LOCKS = pytest.mark.parametrize("lock", [RUN, TEST], ids=lambda path: path.name)


def locked(lock: Path) -> dict[str, list[tuple[Version, int]]]:
    """Name → (version, number of hashes) for each line; a name may stand twice, for two Pythons."""
    found: dict[str, list[tuple[Version, int]]] = {}
    for block in re.split(r"(?m)^(?=\S)", lock.read_text(encoding="utf-8")):
        if not block.strip() or block.startswith("#"):
            continue
        first, *rest = block.splitlines()
        requirement = Requirement(first.rstrip("\\ "))
        (pin,) = requirement.specifier
        assert pin.operator == "==", f"{first} is no pin"
        hashes = sum(bool(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}( \\)?", line)) for line in rest)
        found.setdefault(canonicalize_name(requirement.name), []).append((Version(pin.version), hashes))
    return found


def asked_for(*, test: bool) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [
        Requirement(line) for line in project["dependencies"] + (project["optional-dependencies"]["test"] * bool(test))
    ]


@LOCKS
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    versions = locked(lock)
    assert len(versions) > 20
    assert [name for name, lines in versions.items() if not all(hashes for _, hashes in lines)] == []


@LOCKS
def test_no_lock_names_an_index(lock: Path) -> None:
    assert re.findall(r"(?i)https?:|file:|--index|--find-links", lock.read_text(encoding="utf-8")) == []


@LOCKS
def test_the_locks_satisfy_the_ranges_of_the_project(lock: Path) -> None:
    versions = locked(lock)
    for requirement in asked_for(test=lock == TEST):
        lines = versions.get(canonicalize_name(requirement.name))
        assert lines, f"{requirement} is not locked: make lock"
        assert all(version in requirement.specifier for version, _ in lines), f"{requirement}: make lock"


def test_the_test_lock_holds_the_run_lock_and_more() -> None:
    run, test = locked(RUN), locked(TEST)
    assert {name: lines for name, lines in test.items() if name in run} == run
    assert len(test) > len(run)
