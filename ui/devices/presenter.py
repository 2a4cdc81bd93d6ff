"""Machines and slips of this desk: how they are, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol
from uuid import UUID

from app.domain.errors import Fact
from app.ports.devices import DeviceHealth, Devices
from app.ports.jobs import Jobs
from app.ports.paper import Paper, PrintJob

SLIPS_SHOWN = 20


class DevicesScreen(Protocol):
    def show_device(self, health: DeviceHealth, cause: str) -> None: ...
    def show_slips(self, slips: tuple[PrintJob, ...]) -> None: ...


class DevicesPresenter:
    """`sentence` says causes; failures of a job go to the one message place."""

    def __init__(
        self,
        screen: DevicesScreen,
        devices: Devices | None,
        paper: Paper | None,
        jobs: Jobs,
        sentence: Callable[[str, Mapping[str, Fact]], str],
    ) -> None:
        self._screen = screen
        self._devices = devices
        self._paper = paper
        self._jobs = jobs
        self._sentence = sentence
        self._known: dict[str, DeviceHealth] = {}

    def open(self) -> None:
        """Show every machine as it is now, and the newest slips."""
        if self._devices is not None:
            for health in self._devices.health():
                self.heard(health)
        self.refresh_slips()

    def heard(self, health: DeviceHealth) -> None:
        self._known[health.name] = health
        self._screen.show_device(health, self._sentence(health.cause, {}) if health.cause else "")

    def retranslate(self) -> None:
        for health in self._known.values():
            self._screen.show_device(health, self._sentence(health.cause, {}) if health.cause else "")

    def refresh_slips(self) -> None:
        if self._paper is not None:
            self._jobs.run(partial(self._paper.jobs, SLIPS_SHOWN), self._screen.show_slips)

    def settle(self, job: UUID, *, printed: bool) -> None:
        """A person looked: the slip is there, or it must be printed again."""
        if self._paper is not None:
            work = partial(self._paper.settle, job, printed=printed)
            self._jobs.run(work, lambda _settled: self.refresh_slips())
