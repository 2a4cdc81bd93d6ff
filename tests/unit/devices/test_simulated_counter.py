"""The demo's counter: machines that are simulated and yet work through the real wire."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.ports.devices import (
    CardContents,
    CardMade,
    CardOutcome,
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


def test_its_dispenser_makes_cards_and_its_display_shows_them(counter: SimulatedCounterMachines) -> None:
    errors: list[BaseException] = []
    desk = DeskDevices(
        [
            DeviceSettings("encoder", DeviceKind.ENCODER, counter.encoder_url, counter.encoder_driver, settle_s=0),
            DeviceSettings(
                "dispenser", DeviceKind.DISPENSER, counter.dispenser_url, counter.dispenser_driver, settle_s=0
            ),
            DeviceSettings("display", DeviceKind.DISPLAY, counter.display_url, counter.display_driver, settle_s=0),
        ],
        report=errors.append,
    )
    online: set[str] = set()
    all_online, done = threading.Event(), threading.Event()
    made: list[CardMade] = []

    def listener(event: DeviceEvent) -> None:
        if isinstance(event, DeviceHealth) and event.state is DeviceState.ONLINE:
            online.add(event.name)
            if len(online) == 3:
                all_online.set()

    desk.listen(listener)
    desk.start()
    assert all_online.wait(20)

    def ended(card: CardMade) -> None:
        made.append(card)
        done.set()

    assert desk.card_maker is not None
    assert desk.display is not None
    desk.display.show("正在制卡")
    desk.card_maker.make(CardContents("9900010000000019"), step=lambda _: None, done=ended)
    assert done.wait(20)
    assert made == [CardMade(CardOutcome.WRITTEN)]
    assert counter.made_cards() == ("9900010000000019",)
    assert counter.display_lines() == ("正在制卡", "")
    desk.stop()
    assert errors == []
