"""The demo's counter: machines that are simulated and yet work through the real wire."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.ports.devices import (
    CardSeen,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    Devices,
    DeviceState,
    PrintOutcome,
    PrintResult,
    SimulatedCounter,
)
from devices.simulators.counter import SimulatedCounterMachines
from devices.supervisor import DeskDevices, DeviceSettings


@pytest.fixture
def counter() -> Iterator[SimulatedCounterMachines]:
    counter = SimulatedCounterMachines()
    yield counter
    counter.stop()


def test_it_is_what_the_device_panel_asks_for(counter: SimulatedCounterMachines) -> None:
    panel: SimulatedCounter = counter
    assert panel.is_plugged(DeviceKind.READER)
    panel.set_plugged(DeviceKind.READER, False)
    assert not panel.is_plugged(DeviceKind.READER)
    panel.swipe("9900010000000019")  # nobody hears a reader that is not plugged in
    panel.set_plugged(DeviceKind.READER, True)
    assert panel.is_plugged(DeviceKind.READER)


def test_a_swipe_a_scan_and_a_slip_go_over_the_wire(counter: SimulatedCounterMachines) -> None:
    reader = DeviceSettings("reader", DeviceKind.READER, counter.reader_url, settle_s=0)
    printer = DeviceSettings("printer", DeviceKind.PRINTER, counter.printer_url, settle_s=0)
    errors: list[BaseException] = []
    desk = DeskDevices([reader, printer], report=errors.append)
    devices: Devices = desk
    seen: list[CardSeen] = []
    online, both, done = threading.Event(), threading.Event(), threading.Event()
    results: list[PrintResult] = []

    def listener(event: DeviceEvent) -> None:
        if isinstance(event, DeviceHealth) and event.name == "reader" and event.state is DeviceState.ONLINE:
            online.set()
        elif isinstance(event, CardSeen):
            seen.append(event)
            if len(seen) == 2:
                both.set()

    devices.listen(listener)
    desk.start()
    assert online.wait(20)
    counter.swipe("9900010000000019")
    counter.scan("R1.7.1200.ABC")
    assert both.wait(20)
    assert seen == [CardSeen("9900010000000019"), CardSeen("R1.7.1200.ABC", entry="scan")]

    def ended(result: PrintResult) -> None:
        results.append(result)
        done.set()

    assert devices.printer is not None
    devices.printer.submit("slip", ["会员服务台\n".encode("gb18030")], waiting=lambda _: None, done=ended)
    assert done.wait(20)
    assert results == [PrintResult(PrintOutcome.CONFIRMED)]
    assert counter.slip_text() == "会员服务台"
    assert counter.slip_image().width == 608
    assert "会员服务台".encode("gb18030") in counter.printed_bytes()
    devices.stop()
    assert errors == []
