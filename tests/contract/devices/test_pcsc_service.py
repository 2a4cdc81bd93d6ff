"""The PC/SC port against the system's own smart card service and a virtual reader, where both are installed.

Debian: `apt install pcscd vsmartcard-vpcd`, then `pip install pyscard` (it is compiled). The card that lies on the
reader is ours: it speaks the wire protocol of vsmartcard's reader: a length of two bytes, then a command or an APDU."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import Unavailable
from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.pcsc import PcscCards
from devices.pcsc_port import GET_IDENTITY, PcscPort

UID = bytes.fromhex("04A1B2C3D4E580")
ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")  # what readers say for a Mifare Classic
READER_PORT = 35963
PATIENT_S = 20.0
_GET_ATR = 4  # the other commands of one byte are for its power

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("smartcard") is None
    or shutil.which("pcscd") is None
    or not Path("/etc/reader.conf.d/vpcd").exists()
    or os.getuid() != 0,
    reason="needs pyscard, pcscd and vsmartcard's virtual reader, and the right to start the service",
)


class VirtualCard:
    """Lies on the virtual reader of `service` from `lay` to `take_away`."""

    def __init__(self, service: subprocess.Popen[bytes]) -> None:
        self.service = service
        self._line: socket.socket | None = None
        self.asked: list[bytes] = []

    def lay(self) -> None:
        until_s = time.monotonic() + PATIENT_S
        while self._line is None:
            try:
                self._line = socket.create_connection(("127.0.0.1", READER_PORT), timeout=PATIENT_S)
            except OSError:
                if time.monotonic() > until_s:
                    raise
                time.sleep(0.1)
        threading.Thread(target=self._answer, args=(self._line,), daemon=True).start()

    def take_away(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):  # the service may have gone before
                self._line.shutdown(socket.SHUT_RDWR)
            self._line.close()
            self._line = None

    def _answer(self, line: socket.socket) -> None:
        try:
            while True:
                (length,) = struct.unpack(">H", self._exactly(line, 2))
                said = self._exactly(line, length)
                if said == bytes([_GET_ATR]):
                    self._say(line, ATR)
                elif len(said) > 1:
                    self.asked.append(said)
                    self._say(line, UID + b"\x90\x00" if said == bytes.fromhex("FFCA000000") else b"\x6d\x00")
        except OSError:
            return

    @staticmethod
    def _exactly(line: socket.socket, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = line.recv(count - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data

    @staticmethod
    def _say(line: socket.socket, data: bytes) -> None:
        line.sendall(struct.pack(">H", len(data)) + data)


@pytest.fixture
def card() -> Iterator[VirtualCard]:
    service = subprocess.Popen(["pcscd", "--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    made = VirtualCard(service)
    yield made
    made.take_away()
    service.terminate()
    service.wait(PATIENT_S)


def opened() -> PcscPort:
    """As soon as the service knows its reader."""
    port = PcscPort("pcsc://virtual")
    until_s = time.monotonic() + PATIENT_S
    while True:
        try:
            port.open()
        except Unavailable:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.1)
        else:
            return port


def test_a_card_on_a_reader_of_the_systems_own_is_read_by_its_identity(card: VirtualCard) -> None:
    port, cards = opened(), PcscCards()
    events: list[CardSeen | UnreadableSeen] = []
    until_s = time.monotonic() + PATIENT_S
    assert port.exchange(b"", 0.0).received == b""  # nothing lies there
    card.lay()
    while not events and time.monotonic() < until_s:
        events += cards.feed(port.exchange(b"", 0.0).received)
    assert events == [CardSeen(UID.hex().upper(), entry="tap", reader="reader")]
    assert cards.feed(port.exchange(b"", 0.0).received) == []  # it lies there still
    assert set(card.asked) == {bytes(GET_IDENTITY)}
    card.take_away()
    while port.exchange(b"", 0.0).received and time.monotonic() < until_s:
        pass
    assert port.exchange(b"", 0.0).received == b""
    port.dispose()


# pyscard frees what the service that stopped has freed already.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_service_that_stops_is_an_unplugged_reader(card: VirtualCard) -> None:
    port = opened()
    card.lay()
    card.service.terminate()
    card.service.wait(PATIENT_S)
    assert "device.unplugged" in {refusal(port) for _ in range(20)}
    port.dispose()
    gc.collect()  # within this test, which knows what pyscard says then


def refusal(port: PcscPort) -> str:
    try:
        port.exchange(b"", 0.1)
    except Unavailable as problem:
        return problem.code
    return ""
