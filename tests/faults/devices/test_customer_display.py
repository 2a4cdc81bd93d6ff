"""A customer display on a real pseudo terminal: pulled out, switched off, asked a thousand things at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.ports.devices import DeviceEvent, DeviceHealth, DeviceKind, DeviceState
from devices.simulators.display import DisplayModel
from devices.simulators.machines import SimulatedPrinter
from devices.simulators.printer import PrinterModel
from devices.simulators.readers import SimulatedMachine
from devices.supervisor import DeskDevices, DeviceSettings, SerialDisplay

PATIENT_S = 20.0


class Counter:
    def __init__(self, link: Path) -> None:
        self.machine = SimulatedMachine(link, DisplayModel("cd5220-gb18030"))
        self.errors: list[BaseException] = []
        self._events: list[DeviceEvent] = []
        self._changed = threading.Condition()
        settings = DeviceSettings("display", DeviceKind.DISPLAY, str(link), "cd5220-gb18030", settle_s=0.02)
        self.devices = DeskDevices([settings], report=self.errors.append)
        self.devices.listen(self._hear)
        self.devices.start()

    @property
    def display(self) -> SerialDisplay:
        assert self.devices.display is not None
        return self.devices.display

    def until(self, state: DeviceState) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: any(isinstance(each, DeviceHealth) and each.state is state for each in self._events), PATIENT_S
            )
            self._events.clear()

    def until_shown(self, upper: str) -> None:
        waited = threading.Event()
        for _ in range(int(PATIENT_S / 0.02)):
            if self.machine.model.upper == upper:
                return
            waited.wait(0.02)
        raise AssertionError(self.machine.model.lines)

    def _hear(self, event: DeviceEvent) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path / "display")
    made.until(DeviceState.ONLINE)
    yield made
    made.devices.stop()
    made.machine.close()
    assert made.errors == []


def test_of_a_thousand_texts_the_last_stands_there_and_nobody_waited(counter: Counter) -> None:
    def says_much(name: str) -> None:
        for at in range(250):
            counter.display.show(f"{name} {at}")

    people = [threading.Thread(target=says_much, args=(name,)) for name in "ABCD"]
    for each in people:
        each.start()
    for each in people:
        each.join()
    counter.display.show("您好，张*", "积分 1,200")
    counter.until_shown("您好，张*")
    assert counter.machine.model.garbage == []


@pytest.mark.parametrize("what", ["unplug", "busy"])
def test_a_display_that_comes_back_shows_the_newest_text(what: str, counter: Counter) -> None:
    trouble: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "unplug": (counter.machine.line.unplug, counter.machine.line.plug),
        "busy": (lambda: counter.machine.voice.set_fault("busy"), lambda: counter.machine.voice.set_fault(None)),
    }
    begins, ends = trouble[what]
    counter.display.show("BEFORE")
    counter.until_shown("BEFORE")
    begins()
    counter.until(DeviceState.OFFLINE)
    counter.display.show("MEANWHILE")
    counter.display.show_amount(1250)
    counter.machine.touch(lambda model: model.power_cycle())
    ends()
    counter.until(DeviceState.ONLINE)
    counter.until_shown("合计" + " " * 11 + "12.50")
    assert counter.machine.model.garbage == []


def test_a_stopped_desk_takes_texts_and_does_nothing(counter: Counter) -> None:
    counter.devices.stop()
    counter.display.show("TOO LATE")
    counter.display.clear()
    assert counter.machine.model.upper == ""


def test_behind_the_printer_it_needs_no_port_of_its_own(tmp_path: Path) -> None:
    display = DisplayModel("cd5220-behind-printer")
    printer = SimulatedPrinter(tmp_path / "printer", PrinterModel(behind=display))
    reports: list[BaseException] = []
    kinds = ((DeviceKind.DISPLAY, "cd5220-behind-printer"), (DeviceKind.PRINTER, "generic-80"))
    devices = DeskDevices(
        [DeviceSettings(kind.value, kind, str(tmp_path / "printer"), driver, settle_s=0.02) for kind, driver in kinds],
        report=reports.append,
    )
    told: dict[str, DeviceState] = {}
    news = threading.Condition()

    def hear(event: DeviceEvent) -> None:
        if isinstance(event, DeviceHealth):
            with news:
                told[event.name] = event.state
                news.notify_all()

    def until(is_so: Callable[[], bool]) -> None:
        with news:
            assert news.wait_for(is_so, PATIENT_S), told

    devices.listen(hear)
    devices.start()
    try:
        until(lambda: told.get("display") is DeviceState.ONLINE)
        assert devices.display is not None
        devices.display.show("hello", "12,800 -> 9,400")
        waited = threading.Event()
        for _ in range(int(PATIENT_S / 0.02)):
            if display.upper == "hello":
                break
            waited.wait(0.02)
        assert display.lines == ("hello", "12,800 -> 9,400")
        health, _ = devices.health()
        assert (health.name, health.kind, health.state) == ("display", DeviceKind.DISPLAY, DeviceState.ONLINE)
        assert len(health.frames) >= 1
        printer.line.unplug()
        until(lambda: told["display"] is DeviceState.OFFLINE)
        devices.display.show("again")
        printer.line.plug()
        until(lambda: told["display"] is DeviceState.ONLINE)
        for _ in range(int(PATIENT_S / 0.02)):
            if display.upper == "again":
                break
            waited.wait(0.02)
        assert display.lines == ("again", "")
    finally:
        devices.stop()
        printer.close()
    assert printer.lines() == []
    assert display.garbage == reports == []
