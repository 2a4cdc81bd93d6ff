"""PostgreSQL's archive command for a cluster (docs/operations/point-in-time-recovery.md): what went wrong with the one
that everybody uses, and must not with ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ARCHIVE_WAL = Path(__file__).resolve().parents[2] / "installer/high-availability/archive-wal"
NAME = "00000002000000000000000A"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell script for Debian")


class Archive:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "archive"
        self.folder.mkdir()
        self.log = folder / "log"

    def takes(self, content: bytes) -> bool:
        self.log.write_bytes(content)
        command = ["sh", str(ARCHIVE_WAL), str(self.log), NAME, str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def holds(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.iterdir()}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_a_new_leader_may_send_again_what_the_old_one_had_sent(archive: Archive) -> None:
    assert archive.takes(b"log" * 10_000)
    assert archive.takes(b"log" * 10_000)
    assert archive.holds() == {NAME: b"log" * 10_000}


def test_another_history_never_takes_the_place_of_what_is_there(archive: Archive) -> None:
    assert archive.takes(b"one")
    assert not archive.takes(b"two")
    assert archive.holds() == {NAME: b"one"}


def test_a_copy_that_was_broken_off_is_not_a_copy(archive: Archive) -> None:
    """The machine went down in the middle: PostgreSQL asks again when it is back."""
    (archive.folder / f".{NAME}.pg1.77.part").write_bytes(b"lo")
    assert archive.takes(b"log")
    assert archive.holds()[NAME] == b"log"


def test_an_archive_that_is_away_is_told(archive: Archive) -> None:
    archive.folder.rmdir()
    assert not archive.takes(b"log")
    assert not archive.folder.exists()
