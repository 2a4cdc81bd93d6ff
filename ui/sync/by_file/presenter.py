"""Where no network reaches: what is unsent goes into a file, and the hub's answers come back in one. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from app.ports.hub import BundleRead, HubLink
from ui.counter.services import CounterServices, Problem


@dataclass(frozen=True)
class ByFileState:
    """`written`: how many operations the file has that was just written, and where it is; `read`: what the file has
    told that was just read."""

    unsent: int
    busy: Literal["", "writing", "reading"] = ""
    written: int | None = None
    file: str = ""
    read: BundleRead | None = None
    problem: Problem | None = None


class ByFileScreen(Protocol):
    def show_by_file(self, state: ByFileState) -> None: ...


class ByFilePresenter:
    def __init__(self, screen: ByFileScreen, services: CounterServices, link: HubLink) -> None:
        self._screen = screen
        self._services = services
        self._link = link
        self.state = ByFileState(link.status().unsent)

    def suggested_name(self) -> str:
        """By day and hour, so that a later file does not take the place of one that is on its way."""
        return f"memberdesk {self._services.now():%Y%m%d-%H%M}"

    def write(self, file: Path) -> None:
        if not self.state.busy:
            self._set(busy="writing", written=None, read=None, problem=None, file=str(file))
            self._services.jobs.run(lambda: self._link.write_bundle(file), self._written, self._failed)

    def read(self, file: Path) -> None:
        if not self.state.busy:
            self._set(busy="reading", written=None, read=None, problem=None, file=str(file))
            self._services.jobs.run(lambda: self._link.read_bundle(file), self._was_read, self._failed)

    def render(self) -> None:
        self._screen.show_by_file(self.state)

    def _written(self, count: int) -> None:
        self._set(busy="", written=count)

    def _was_read(self, read: BundleRead) -> None:
        self._set(busy="", read=read)

    def _failed(self, failure: Exception) -> None:
        self._set(busy="", problem=self._services.problem(failure))

    def _set(self, **changes: object) -> None:
        self.state = replace(self.state, unsent=self._link.status().unsent, **changes)  # type: ignore[arg-type]
        self.render()
