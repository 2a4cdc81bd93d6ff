"""Other ports while the desk works: on real threads and real serial lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any

import pytest

from app.composition.machines import Machines, with_simulated
from app.domain.errors import Refused, Unavailable
from app.ports.devices import CardSeen, DeviceEvent, DeviceHealth, DeviceKind, DeviceState, UnreadableSeen
from app.settings import DeskSettings
from devices.simulators.counter import SimulatedCounterMachines

CARD = "9900000000000019"


class NoSlips:
    """A spool's store in which nothing waits."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_kwargs: ()


@pytest.fixture
def before(tmp_path: Path) -> Iterator[SimulatedCounterMachines]:
    folder = tmp_path / "before"
    folder.mkdir()
    machines = SimulatedCounterMachines(folder)
    yield machines
    machines.stop()


@pytest.fixture
def after(tmp_path: Path) -> Iterator[SimulatedCounterMachines]:
    folder = tmp_path / "after"
    folder.mkdir()
    machines = SimulatedCounterMachines(folder)
    yield machines
    machines.stop()


class Heard:
    """What a listener that was there from the start hears."""

    def __init__(self, machines: Machines) -> None:
        self.events: Queue[DeviceEvent] = Queue()
        machines.devices.listen(self.events.put)

    def until(self, wanted: Any) -> DeviceEvent:
        while True:
            event = self.events.get(timeout=20)
            if wanted(event):
                return event


def online(kind: DeviceKind, url: str) -> Any:
    return lambda event: (
        isinstance(event, DeviceHealth)
        and event.kind is kind
        and event.state is DeviceState.ONLINE
        and event.url == url
    )


@pytest.fixture
def kept() -> list[DeskSettings]:
    return []


@pytest.fixture
def machines(before: SimulatedCounterMachines, kept: list[DeskSettings]) -> Iterator[Machines]:
    desk: Any = SimpleNamespace(spool=NoSlips(), slips=NoSlips(), queries=NoSlips())
    made = Machines(
        desk,
        with_simulated(DeskSettings(store=""), before),
        language=lambda: "zh_CN",
        report=lambda problem: pytest.fail(repr(problem)),
        keep=kept.append,
    )
    yield made
    made.devices.stop()


def test_listeners_hear_the_new_reader_and_the_choice_is_kept(
    machines: Machines, before: SimulatedCounterMachines, after: SimulatedCounterMachines, kept: list[DeskSettings]
) -> None:
    heard = Heard(machines)
    machines.devices.start()
    heard.until(online(DeviceKind.READER, before.reader_url))
    machines.spool.wake = lambda: None  # type: ignore[method-assign] # its thread is not part of this
    machines.apply(replace(machines.current(), reader_url=after.reader_url, printer_url=""))
    gone = heard.until(lambda event: isinstance(event, DeviceHealth) and event.state is DeviceState.DISABLED)
    assert isinstance(gone, DeviceHealth)
    assert gone.kind is DeviceKind.PRINTER
    heard.until(online(DeviceKind.READER, after.reader_url))
    after.swipe(CARD)
    seen = heard.until(lambda event: not isinstance(event, DeviceHealth))
    assert isinstance(seen, CardSeen | UnreadableSeen)
    assert [settings.reader_url for settings in kept] == [after.reader_url]
    assert machines.devices.printer is None
    with pytest.raises(Unavailable) as no:
        machines.test_print("zh_CN")
    assert no.value.code == "printer.none"


def test_a_choice_that_cannot_be_kept_changes_nothing(machines: Machines) -> None:
    def full(_settings: DeskSettings) -> None:
        raise OSError(28, "No space left on device")

    machines._keep = full
    known = machines.current()
    with pytest.raises(Unavailable) as no:
        machines.apply(replace(known, reader_url=""))
    assert no.value.code == "settings.not_kept"
    with pytest.raises(Refused):
        machines.apply(replace(known, printer_profile="typewriter"))
    assert machines.current() == known
