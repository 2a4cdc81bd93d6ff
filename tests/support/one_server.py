"""A PostgreSQL of its own that can be killed in the middle of anything and started again; it syncs as in operation."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.cluster import Cluster


class OneServer(Cluster):
    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}&port=6001"

    def start(self) -> None:
        self._run("initdb", "-D", self._data(1), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._configure(1)
        self._ctl(1, "start")

    def again(self) -> bool:
        """As its service manager starts it, which may fail: there is no room for what it has to write first."""
        self._ctl(1, "start", check=False)
        return self.is_up()

    def is_up(self) -> bool:
        try:
            os.kill(int((Path(self._data(1)) / "postmaster.pid").read_text().split()[0]), 0)
        except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
            return False
        return True

    def _configure(self, server: int) -> None:
        """Little room for what is written ahead: a disk that is full is soon met there as well."""
        super()._configure(server)
        with (Path(self._data(server)) / "postgresql.auto.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("max_wal_size = 96MB\nmin_wal_size = 32MB\n")
