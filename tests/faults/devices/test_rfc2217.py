"""A printer behind a network serial server, with real modem lines: the only way here to test DSR (DEVICES.md 5.1)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from serial import rfc2217

from app.ports.devices import DeviceKind, PrintOutcome, PrintResult
from devices.drivers.printer import Timing
from devices.ports import LineSettings, SerialPort
from devices.simulators.printer import PrinterModel
from devices.supervisor import DeskDevices, DeviceSettings

PATIENT_S = 20.0

pytestmark = [
    # pyserial 3.5's RFC 2217 client names its thread the old way.
    pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning"),
]


class ServedPort:
    """What pyserial's `PortManager` takes for a serial port: settings and modem lines of a printer."""

    def __init__(self) -> None:
        self.baudrate, self.bytesize, self.parity, self.stopbits = 9600, 8, "N", 1
        self.rtscts = self.xonxoff = False
        self.dtr = self.rts = self.break_condition = False
        self.cts = self.dsr = True
        self.ri = self.cd = False

    def get_settings(self) -> dict[str, Any]:
        return dict(vars(self))

    def apply_settings(self, settings: dict[str, Any]) -> None:
        vars(self).update(settings)

    def reset_input_buffer(self) -> None: ...
    def reset_output_buffer(self) -> None: ...


class Server:
    """One printer behind an RFC 2217 server; one client at a time."""

    def __init__(self) -> None:
        self.port = ServedPort()
        self.model = PrinterModel()
        self.taken = bytearray()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"rfc2217://127.0.0.1:{self._listening.getsockname()[1]}?poll_modem"
        self._client: socket.socket | None = None
        self._manager: Any = None
        self._writing = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def write(self, data: bytes) -> None:
        if self._client is not None:
            with self._writing:
                self._client.sendall(data)

    def set_ready(self, ready: bool) -> None:
        self.port.dsr = ready
        self._manager.check_modem_lines(force_notification=True)

    def cut(self) -> None:
        if self._client is not None:
            self._client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listening.close()
        if self._client is not None:
            self._client.close()

    def _serve(self) -> None:
        while True:
            try:
                self._client, _ = self._listening.accept()
            except OSError:
                return
            self._manager = rfc2217.PortManager(self.port, self)
            while True:
                try:
                    data = self._client.recv(1024)
                except OSError:
                    break
                if not data:
                    self._client.close()
                    break
                plain = b"".join(self._manager.filter(data))
                self.taken += plain
                said = self.model.feed(plain)
                if said:
                    self.write(b"".join(self._manager.escape(said)))


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def test_every_byte_gets_through_unescaped_and_the_baud_rate_is_set(server: Server) -> None:
    port = SerialPort(LineSettings(server.url, baudrate=38400, settle_s=0))
    port.open()
    every = bytes(range(256))
    left = every
    while left:
        left = left[port.exchange(left, 1).accepted :]
    deadline_s = time.monotonic() + PATIENT_S
    while bytes(server.taken) != every and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert bytes(server.taken) == every
    assert server.port.baudrate == 38400
    assert server.port.dtr is True
    port.dispose()


def test_a_printer_that_drops_dsr_gets_nothing_until_it_is_ready(server: Server) -> None:
    server.port.dsr = False
    port = SerialPort(LineSettings(server.url, flow="dsr", settle_s=0))
    port.open()
    assert port.exchange(b"held", 0.1).accepted == 0
    server.set_ready(True)
    deadline_s = time.monotonic() + PATIENT_S
    accepted = 0
    while not accepted and time.monotonic() < deadline_s:
        accepted = port.exchange(b"goes", 0.1).accepted
        time.sleep(0.05)
    assert accepted == 4
    port.dispose()


def test_a_slip_prints_through_the_network(server: Server) -> None:
    settings = DeviceSettings("printer", DeviceKind.PRINTER, server.url, settle_s=0)
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
    assert server.model.lines == ["会员"]
    devices.stop()
    assert reports == []
