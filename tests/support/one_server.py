"""A PostgreSQL of its own that can be killed in the middle of anything and started again; it syncs as in operation."""

from __future__ import annotations

from tests.support.cluster import Cluster


class OneServer(Cluster):
    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}&port=6001"

    def start(self) -> None:
        self._run("initdb", "-D", self._data(1), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._configure(1)
        self._ctl(1, "start")

    def again(self) -> None:
        self._ctl(1, "start")
