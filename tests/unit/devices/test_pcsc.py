"""PC/SC readers, with a small stand-in for pyscard: the library needs a compiler, the service needs a reader."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from app.domain.errors import Unavailable
from app.ports.devices import CardSeen, DeviceEvent, DeviceHealth, DeviceKind, DeviceState, UnreadableSeen
from devices import pcsc_port
from devices.drivers.pcsc import PcscCards
from devices.pcsc_port import PcscPort
from devices.supervisor import DeskDevices, DeviceSettings
from tests.support.wire import WireClock

PATIENT_S = 20.0


class NoCard(Exception):
    pass


class Plate:
    """A reader of pyscard's, and the connection to the card on it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.card: bytes | None = None
        self.status = (0x90, 0x00)
        self.asked: list[list[int]] = []
        self.open = 0

    def __str__(self) -> str:
        return self.name

    def createConnection(self) -> Plate:
        return self

    def connect(self) -> None:
        if self.card is None:
            raise NoCard
        self.open += 1

    def transmit(self, command: list[int]) -> tuple[list[int], int, int]:
        self.asked.append(command)
        return list(self.card or b""), *self.status

    def disconnect(self) -> None:
        self.open = 0


class Library:
    no_card: tuple[type[Exception], ...] = (NoCard,)

    def __init__(self, *plates: Plate) -> None:
        self.plates = list(plates)
        self.runs = True

    def readers(self) -> Sequence[Any]:
        if not self.runs:
            raise RuntimeError("Failed to establish context: service not available")
        return self.plates


@pytest.fixture
def plate() -> Plate:
    return Plate("ACS ACR122U PICC Interface 00 00")


@pytest.fixture
def library(plate: Plate) -> Library:
    return Library(Plate("Generic Smart Card Slot"), plate)


def a_port(library: Library, url: str = "pcsc://acr122") -> PcscPort:
    port = PcscPort(url, lambda: library)  # type: ignore[arg-type, return-value]
    port.open()
    return port


def test_the_identity_is_asked_for_and_said_as_a_line(plate: Plate, library: Library) -> None:
    port = a_port(library)
    assert port.exchange(b"", 0).received == b""
    plate.card = bytes.fromhex("04A1B2C3D4E5F6")
    assert port.exchange(b"", 0).received == b"04A1B2C3D4E5F6\n"
    assert plate.asked == [[0xFF, 0xCA, 0x00, 0x00, 0x00]]
    assert plate.open == 0


def test_a_card_that_tells_no_identity_is_none(plate: Plate, library: Library) -> None:
    plate.card, plate.status = b"", (0x6A, 0x81)
    assert a_port(library).exchange(b"", 0).received == b""


@pytest.mark.parametrize(("url", "there"), [("pcsc://any", True), ("pcsc://acr122", True), ("pcsc://omnikey", False)])
def test_a_reader_is_named_by_a_part_of_its_name(url: str, there: bool, library: Library) -> None:
    if there:
        a_port(library, url).close()
        return
    with pytest.raises(Unavailable, match=r"device\.unplugged"):
        a_port(library, url)


def test_a_reader_that_is_pulled_and_a_service_that_stops_are_noticed(plate: Plate, library: Library) -> None:
    port = a_port(library)
    library.plates.remove(plate)
    with pytest.raises(Unavailable, match=r"device\.unplugged"):
        port.exchange(b"", 0)
    library.plates.append(plate)
    port.open()
    library.runs = False
    with pytest.raises(Unavailable, match=r"device\.unplugged"):
        port.exchange(b"", 0)


def test_without_the_library_the_device_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(Unavailable, match=r"device\.no_pcsc"):
        PcscPort("pcsc://any").open()


def test_a_card_counts_once_while_it_lies_there_and_a_made_up_identity_is_nobodys() -> None:
    clock = WireClock()
    cards = PcscCards("plate", clock=clock)
    assert cards.feed(b"04A1B2C3\n04A1") == [CardSeen("04A1B2C3", entry="tap", reader="plate")]
    assert cards.feed(b"B2C3\n") == []
    clock.now_s += 2
    assert cards.feed(b"08112233\n") == [UnreadableSeen("random_identity", reader="plate")]
    assert cards.feed(b"04A1B2C3\n") == [CardSeen("04A1B2C3", entry="tap", reader="plate")]


def test_a_desk_reads_with_it(plate: Plate, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc_port, "PcscLibrary", lambda: library)
    reports: list[BaseException] = []
    settings = DeviceSettings("plate", DeviceKind.READER, "pcsc://any", "pcsc")
    devices = DeskDevices([settings], report=reports.append)
    seen = threading.Event()
    events: list[DeviceEvent] = []

    def heard(event: DeviceEvent) -> None:
        events.append(event)
        if isinstance(event, DeviceHealth) and event.state is DeviceState.ONLINE:
            library.plates[0].card = bytes.fromhex("04A1B2C3")
        if isinstance(event, CardSeen):
            seen.set()

    devices.listen(heard)
    devices.start()
    assert seen.wait(PATIENT_S), events
    devices.stop()
    assert [event.number for event in events if isinstance(event, CardSeen)] == ["04A1B2C3"]
    assert reports == []
