"""Machines behind a network serial server, with real modem lines: the only way here to test DSR (DEVICES.md 5.1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.domain.errors import Unavailable
from app.ports.devices import CardSeen, DeviceEvent, DeviceHealth, DeviceKind, DeviceState, PrintOutcome, PrintResult
from devices.drivers.printer import Timing
from devices.ports import LineSettings, SerialPort
from devices.simulators.line import line_at
from devices.simulators.machines import SimulatedPrinter, SimulatedReader
from devices.simulators.network import Listen
from devices.supervisor import DeskDevices, DeviceSettings

PATIENT_S = 20.0
QUICK = Timing(answer_s=0.3, confirmation_s=1.0, proofless_s=0.1)

pytestmark = [
    # pyserial 3.5's RFC 2217 client names its thread the old way.
    pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning"),
]


def until(wanted: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENT_S
    while not wanted() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert wanted()


class Machine:
    """Something in the network that takes what it gets, and says whether it may get more."""

    def __init__(self, *, rfc2217: bool = True) -> None:
        self.taken = bytearray()
        self.room = 1024
        self.line = line_at(Listen("127.0.0.1", 0, rfc2217), self._received, room=lambda: self.room)

    @property
    def url(self) -> str:
        return self.line.address + ("?poll_modem" if self.line.address.startswith("rfc2217") else "")

    def set_ready(self, ready: bool) -> None:
        self.room = 1024 if ready else 0
        self.line.wake()

    def _received(self, data: bytes) -> bytes:
        self.taken += data
        return b""


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine()
    yield machine
    machine.line.close()


@pytest.fixture(params=["rfc2217", "socket"])
def printer(request: pytest.FixtureRequest) -> Iterator[SimulatedPrinter]:
    printer = SimulatedPrinter(Listen("127.0.0.1", 0, request.param == "rfc2217"))
    yield printer
    printer.close()


def test_every_byte_gets_through_unescaped_and_the_settings_are_seen(machine: Machine) -> None:
    port = SerialPort(LineSettings(machine.url, baudrate=38400, parity="E", settle_s=0))
    port.open()
    every = bytes(range(256))
    left = every
    while left:
        left = left[port.exchange(left, 1).accepted :]
    until(lambda: bytes(machine.taken) == every)
    machine.line.send(every)
    got = b""
    while len(got) < 256:
        got += port.exchange(b"", PATIENT_S).received
    assert got == every
    assert machine.line.settings == "38400 8E1 none DTR on RTS on"
    port.dispose()


def test_a_machine_whose_dsr_is_down_gets_nothing_until_it_is_ready(machine: Machine) -> None:
    machine.set_ready(False)
    time.sleep(0.05)
    port = SerialPort(LineSettings(machine.url, flow="dsr", settle_s=0.1))
    port.open()
    held = port.exchange(b"held", 0.1)
    assert (held.accepted, held.exact) == (0, True)
    machine.set_ready(True)
    accepted = 0
    deadline_s = time.monotonic() + PATIENT_S
    while not accepted and time.monotonic() < deadline_s:
        accepted = port.exchange(b"goes", 0.1).accepted
    assert accepted == 4
    until(lambda: bytes(machine.taken) == b"goes")
    port.dispose()


def test_rts_and_cts_are_asked_for_and_the_server_holds_what_the_machine_does_not_take(machine: Machine) -> None:
    port = SerialPort(LineSettings(machine.url, flow="rtscts", settle_s=0.1))
    port.open()
    assert machine.line.settings.startswith("9600 8N1 rtscts")
    machine.set_ready(False)
    port.exchange(b"held", 0.1)
    time.sleep(0.1)
    assert bytes(machine.taken) == b""
    machine.set_ready(True)
    until(lambda: bytes(machine.taken) == b"held")
    port.dispose()


# pyserial drops a refused connection without closing it; it is closed when nothing refers to it any more.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_program_that_has_the_machine_keeps_it_and_another_is_sent_away(machine: Machine) -> None:
    port = SerialPort(LineSettings(machine.url, settle_s=0))
    port.open()
    other = SerialPort(LineSettings(machine.url, settle_s=0))
    with pytest.raises(Unavailable):
        other.open()
        while True:
            other.exchange(b"x", 0.1)
    port.exchange(b"mine", 1)
    until(lambda: bytes(machine.taken) == b"mine")
    other.dispose()
    port.dispose()


def test_a_slip_prints_through_the_network(printer: SimulatedPrinter) -> None:
    settings = DeviceSettings("printer", DeviceKind.PRINTER, printer.line.address, settle_s=0)
    reports: list[BaseException] = []
    devices = DeskDevices([settings], report=reports.append, timing=Timing())
    devices.start()
    done = threading.Event()
    results: list[PrintResult] = []

    def ended(result: PrintResult) -> None:
        results.append(result)
        done.set()

    assert devices.printer is not None
    devices.printer.submit("slip", ["会员\n".encode("gb18030")], waiting=lambda _: None, done=ended)
    assert done.wait(PATIENT_S)
    assert results == [PrintResult(PrintOutcome.CONFIRMED)]
    assert printer.lines() == ["会员"]
    devices.stop()
    assert reports == []


def test_a_reader_that_leaves_the_network_is_found_again_and_reads() -> None:
    reader = SimulatedReader(Listen("127.0.0.1", 0, rfc2217=False))
    settings = DeviceSettings("reader", DeviceKind.READER, reader.line.address, settle_s=0)
    reports: list[BaseException] = []
    devices = DeskDevices([settings], report=reports.append)
    heard: list[DeviceEvent] = []
    devices.listen(heard.append)

    def states() -> list[DeviceState]:
        return [event.state for event in heard if isinstance(event, DeviceHealth)]

    devices.start()
    until(lambda: DeviceState.ONLINE in states())
    reader.line.unplug()
    until(lambda: states()[-1] is DeviceState.OFFLINE)
    reader.line.plug()
    until(lambda: states()[-1] is DeviceState.ONLINE)
    reader.swipe("9900010000000019", "0012345")
    until(lambda: CardSeen("9900010000000019", card_code="0012345") in heard)
    devices.stop()
    reader.close()
    assert reports == []
