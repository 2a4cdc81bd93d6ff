"""What `installer/bootstrap.py` says when a machine is not ready; the whole of it runs in every CI job."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from installer import bootstrap
from installer.bootstrap import CannotSetUp

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_each_python_of_the_locks_is_welcome(version: tuple[int, int]) -> None:
    bootstrap.check_python(version, bits=64)


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14)])
def test_another_python_is_refused_with_what_to_do(version: tuple[int, int]) -> None:
    with pytest.raises(CannotSetUp, match=r"needs Python 3\.11, 3\.12 or 3\.13; this is \d\.\d+.*make PYTHON="):
        bootstrap.check_python(version, bits=64)


def test_a_32_bit_python_is_refused() -> None:
    with pytest.raises(CannotSetUp, match="64-bit"):
        bootstrap.check_python((3, 11), bits=32)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one the lock names"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "Check the network"),
        ("ERROR: No matching distribution found for sqlcipher3==0.6.4", "no ready-made build for this system"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("something new", "pip could not install"),
    ],
)
def test_a_failed_download_is_explained(words: str, sentence: str) -> None:
    assert sentence in bootstrap.why_pip_failed(words)


def test_a_failure_ends_with_a_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nowhere(*, test: bool) -> None:
        raise PermissionError(13, "Permission denied", f"/srv/desk/.venv{'-test' * test}")

    monkeypatch.setattr(bootstrap, "set_up", nowhere)
    assert bootstrap.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("setup: could not go on: ")
    assert "/srv/desk/.venv" in said
    assert "Traceback" not in said


def test_a_changed_lock_is_installed_anew(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("one")
    before = bootstrap.fingerprint(lock)
    lock.write_text("two")
    assert bootstrap.fingerprint(lock) != before


def test_a_second_run_finds_everything_done() -> None:
    if not bootstrap.STAMP.exists():
        pytest.skip("this environment was not made by installer/bootstrap.py")
    done = subprocess.run(
        [sys.executable, str(ROOT / "installer/bootstrap.py")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "making" not in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="a shell script; Windows has memberdesk.cmd")
def test_without_a_display_programs_draw_into_memory() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    environment.pop("QT_QPA_PLATFORM", None)
    asked = subprocess.run(
        [ROOT / "installer/in-venv", "sh", "-c", "echo $QT_QPA_PLATFORM"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert asked.stdout == ("offscreen\n" if sys.platform == "linux" else "\n")
