"""Readers that are asked, on real threads and pseudo terminals, with every fault of the line (DEVICES.md 5.1)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.ports.devices import BankCardSeen, CardSeen, DeviceEvent, DeviceHealth, DeviceKind, DeviceState, UnreadableSeen
from devices.simulators.er302 import ER302Model
from devices.simulators.faults import LINE_FAULTS
from devices.simulators.machines import SimulatedReader
from devices.simulators.msr605 import MSR605Model, StripeCard
from devices.simulators.pn532 import PN532Model
from devices.simulators.readers import SimulatedMachine, SimulatedTagReader, SimulatedWiegandBox
from devices.simulators.scanner import GM65Model
from devices.simulators.tags import SimulatedTag
from devices.supervisor import DeskDevices, DeviceSettings, SeenOnce

PATIENT_S = 30.0
NUMBER = "9900010000000019"
TAPPED = CardSeen("04A1B2C3", entry="tap")
TAG = SimulatedTag(bytes.fromhex("04A1B2C3"))


class Heard:
    def __init__(self) -> None:
        self.events: list[DeviceEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: DeviceEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, wanted: Callable[[DeviceEvent], bool], since: int = 0) -> None:
        with self._changed:
            found = self._changed.wait_for(lambda: any(wanted(event) for event in self.events[since:]), PATIENT_S)
        assert found, self.events[since:]

    def until_card(self, number: str, since: int = 0) -> None:
        self.until(lambda event: isinstance(event, CardSeen) and event.number == number, since)

    def until_state(self, state: DeviceState, cause: str | None = None, since: int = 0) -> None:
        self.until(lambda e: isinstance(e, DeviceHealth) and (e.state, e.cause) == (state, cause), since)

    def until_online(self, name: str) -> None:
        self.until(lambda e: isinstance(e, DeviceHealth) and (e.name, e.state) == (name, DeviceState.ONLINE))

    def until_seen(self, card: CardSeen) -> None:
        self.until(lambda event: event == card)

    @property
    def cards(self) -> list[str]:
        return [event.number for event in self.events if isinstance(event, CardSeen)]


Listen = Callable[..., Heard]


@pytest.fixture
def listening() -> Iterator[Listen]:
    """Opens the readers given as (name, driver, link), and reports what is heard."""
    made: list[DeskDevices] = []
    errors: list[BaseException] = []

    def listen(*readers: tuple[str, str, str]) -> Heard:
        settings = [DeviceSettings(n, DeviceKind.READER, link, driver, settle_s=0.02) for n, driver, link in readers]
        devices = DeskDevices(settings, report=errors.append)
        heard = Heard()
        devices.listen(heard)
        devices.start()
        made.append(devices)
        return heard

    yield listen
    for devices in made:
        devices.stop()
    assert errors == []


def pulls_through(machine: SimulatedMachine[MSR605Model], heard: Heard) -> None:
    """Swipes our card whenever the device waits for one, until the program has heard of it."""
    card = StripeCard.of(f"%B{NUMBER}^A/B^3012101?", f";{NUMBER}=3012101?")
    ended = threading.Event()

    def swipe() -> None:
        while not ended.wait(0.2):
            if machine.model.is_waiting:
                machine.touch(lambda model: model.swipe(card))

    person = threading.Thread(target=swipe)
    person.start()
    try:
        heard.until_card(NUMBER)
    finally:
        ended.set()
        person.join()


@pytest.mark.parametrize("fault", [None, *(fault for fault in LINE_FAULTS if fault not in ("mute", "late"))])
@pytest.mark.parametrize("driver", ["pn532", "er302"])
def test_a_tap_gets_through_whatever_the_line_does(
    driver: str, fault: str | None, tmp_path: Path, listening: Listen
) -> None:
    model = PN532Model() if driver == "pn532" else ER302Model()
    machine = SimulatedMachine(tmp_path / driver, model, fault=fault)
    heard = listening(("reader", driver, machine.line.address))
    machine.touch(lambda each: each.put(TAG))
    heard.until_card("04A1B2C3")
    assert set(heard.cards) == {"04A1B2C3"}
    machine.close()


# A swipe's answer that is held back or replaced is lost: the program reads on after its twenty seconds (unit tests).
@pytest.mark.parametrize(
    "fault", [None, *(each for each in LINE_FAULTS if each not in ("mute", "glued", "late", "previous"))]
)
def test_a_swipe_gets_through_whatever_the_line_does(fault: str | None, tmp_path: Path, listening: Listen) -> None:
    machine = SimulatedMachine(tmp_path / "msr605", MSR605Model(), fault=fault)
    heard = listening(("reader", "msr605", machine.line.address))
    pulls_through(machine, heard)
    assert set(heard.cards) == {NUMBER}
    machine.close()


@pytest.mark.parametrize("driver", ["pn532", "er302", "msr605", "gm65"])
def test_a_mute_reader_is_told_and_well_again_when_it_speaks(driver: str, tmp_path: Path, listening: Listen) -> None:
    models = {"pn532": PN532Model, "er302": ER302Model, "msr605": MSR605Model, "gm65": GM65Model}
    machine: SimulatedMachine[PN532Model | ER302Model | MSR605Model | GM65Model]
    machine = SimulatedMachine(tmp_path / driver, models[driver](), fault="mute")
    heard = listening(("reader", driver, machine.line.address))
    heard.until_state(DeviceState.DEGRADED, "device.silent")
    since = len(heard.events)
    machine.voice.set_fault(None)
    heard.until_state(DeviceState.ONLINE, since=since)
    machine.close()


@pytest.mark.parametrize("driver", ["pn532", "er302"])
def test_late_answers_are_never_another_card(driver: str, tmp_path: Path, listening: Listen) -> None:
    model = PN532Model() if driver == "pn532" else ER302Model()
    machine = SimulatedMachine(tmp_path / driver, model, fault="late")
    heard = listening(("reader", driver, machine.line.address))
    machine.touch(lambda each: each.put(TAG))
    heard.until_state(DeviceState.ONLINE)
    assert threading.Event().wait(2) is False
    machine.voice.set_fault(None)
    heard.until_card("04A1B2C3")
    assert set(heard.cards) == {"04A1B2C3"}
    machine.close()


def test_a_reader_pulled_and_plugged_in_again_is_woken_and_reads(tmp_path: Path, listening: Listen) -> None:
    machine = SimulatedMachine(tmp_path / "pn532", PN532Model())
    heard = listening(("reader", "pn532", machine.line.address))
    heard.until_state(DeviceState.ONLINE)
    machine.line.unplug()
    heard.until_state(DeviceState.OFFLINE, "device.unplugged")
    machine.touch(lambda chip: chip.power_cycle())
    machine.line.plug()
    machine.touch(lambda chip: chip.put(TAG))
    heard.until_card("04A1B2C3")
    machine.close()


def test_a_scan_and_a_tag_and_a_wiegand_tag_arrive(tmp_path: Path, listening: Listen) -> None:
    scanner = SimulatedMachine(tmp_path / "scanner", GM65Model())
    tags = SimulatedTagReader(tmp_path / "tags", with_line_end=True)
    box = SimulatedWiegandBox(tmp_path / "box", form="bits")
    heard = listening(
        ("scanner", "gm65", scanner.line.address),
        ("tags", "line", tags.line.address),
        ("box", "wiegand-bits", box.line.address),
    )
    for name in ("scanner", "tags", "box"):
        heard.until_online(name)
    scanner.touch(lambda each: each.scan(f"]C0{NUMBER}\r".encode()))
    tags.put("4A00B1C2D3")
    box.tap(11649747)
    for seen in (
        CardSeen(NUMBER, entry="scan", reader="scanner"),
        CardSeen("4A00B1C2D3", entry="tap", reader="tags"),
        CardSeen("0011649747", entry="tap", reader="box"),
    ):
        heard.until_seen(seen)
    for each in (scanner, tags, box):
        each.close()


def test_two_readers_at_once_are_two_cards(tmp_path: Path, listening: Listen) -> None:
    first, second = SimulatedReader(tmp_path / "first"), SimulatedReader(tmp_path / "second")
    heard = listening(("first", "line", first.line.address), ("second", "line", second.line.address))
    for name in ("first", "second"):
        heard.until_online(name)
    both = [
        threading.Thread(target=first.swipe, args=(NUMBER,)),
        threading.Thread(target=second.swipe, args=("9900010000000027",)),
    ]
    for each in both:
        each.start()
    heard.until_card(NUMBER)
    heard.until_card("9900010000000027")
    for each in both:
        each.join()
    first.close()
    second.close()


def test_one_card_at_two_readers_is_one_reading_until_a_moment_later() -> None:
    now_s = [100.0]
    once = SeenOnce(clock=lambda: now_s[0])
    assert once.passes(CardSeen(NUMBER, reader="slot"))
    assert not once.passes(CardSeen(NUMBER, entry="tap", reader="plate"))
    assert once.passes(CardSeen(NUMBER, reader="slot"))  # its driver has held it off already
    assert once.passes(CardSeen("9900010000000027", reader="plate"))
    assert once.passes(BankCardSeen("slot"))
    assert not once.passes(BankCardSeen("keyboard"))
    assert once.passes(UnreadableSeen("torn", reader="slot"))
    now_s[0] += 1
    assert once.passes(BankCardSeen("keyboard"))
