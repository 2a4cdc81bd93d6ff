"""Judges from outside: libraries that others wrote talk to our simulated machines over real serial lines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msrx
import pytest
import rdm6300
import serial
import zxingcpp
from escpos.printer import Serial as EscposHost

from devices.simulators.machines import SimulatedPrinter
from devices.simulators.msr605 import MSR605Model, StripeCard
from devices.simulators.pn532 import PN532Model
from devices.simulators.printer import PrinterModel
from devices.simulators.readers import SimulatedMachine, SimulatedTagReader
from devices.simulators.tags import SimulatedTag

PATIENT_S = 20.0
TRACK_1 = "%B9900010000000019^ZHANG/SANFENG^30121010012345?"
TRACK_2 = ";9900010000000019=30121010012345?"


@pytest.fixture
def encoder(tmp_path: Path) -> Iterator[SimulatedMachine[MSR605Model]]:
    machine = SimulatedMachine(tmp_path / "msr605", MSR605Model())
    yield machine
    machine.close()


def swiping(encoder: SimulatedMachine[MSR605Model], card: StripeCard, ask: Callable[[], Any]) -> Any:
    """What `ask` returns while somebody swipes `card` as soon as the device waits for it."""
    ended = threading.Event()

    def swipe() -> None:
        while not encoder.model.is_waiting and not ended.wait(0.01):
            pass
        encoder.touch(lambda model: model.swipe(card))

    person = threading.Thread(target=swipe)
    person.start()
    try:
        return ask()
    finally:
        ended.set()
        person.join()


def test_msrx_writes_reads_back_and_erases(encoder: SimulatedMachine[MSR605Model]) -> None:
    host = msrx.MSRX(encoder.line.address)
    card = StripeCard()
    raw = [msrx._DATA_CONV["iso", "raw"](track, at) for at, track in ((1, TRACK_1), (2, TRACK_2), (3, ""))]
    host.reset()
    swiping(encoder, card, lambda: host.write(raw))
    assert swiping(encoder, card, host.read) == raw
    swiping(encoder, card, lambda: host.erase((False, True, False)))
    assert swiping(encoder, card, host.read) == [raw[0], b"", b""]
    host._dev.close()


def test_msrx_reads_the_bits_and_check_characters_that_we_make(encoder: SimulatedMachine[MSR605Model]) -> None:
    host = msrx.MSRX(encoder.line.address)
    read = swiping(encoder, StripeCard.of(TRACK_1, TRACK_2), host.read)
    texts = [msrx._DATA_CONV["raw", "iso"](track, at) for at, track in enumerate(read, 1)]
    assert texts == [TRACK_1 + "S", TRACK_2 + "1", ""]
    host._dev.close()


def test_rdm6300_reads_our_simulated_tags(tmp_path: Path) -> None:
    tags = SimulatedTagReader(tmp_path / "tags")
    host = rdm6300.Reader(tags.line.address)
    tags.put("4A00B1C2D3")
    card = host.read(PATIENT_S)
    assert (card.value, card.type, card.checksum, card.is_valid) == (11649747, 0x4A, 0xEA, True)
    host.close()
    tags.close()


def test_rdm6300_cannot_read_the_form_with_a_line_end(tmp_path: Path) -> None:
    """A limit of that library, not of the frame: why it is judge of one form only (DEVICES.md 2.4)."""
    tags = SimulatedTagReader(tmp_path / "tags", with_line_end=True)
    host = rdm6300.Reader(tags.line.address)
    tags.put("4A00B1C2D3")
    assert host.read(1.0) is None
    host.close()
    tags.close()


def test_python_escpos_prints_on_our_simulated_printer_and_its_status_is_understood(tmp_path: Path) -> None:
    printer = SimulatedPrinter(tmp_path / "printer", PrinterModel())
    host = EscposHost(printer.line.address, baudrate=115200, timeout=1, dsrdtr=False, profile="TM-T20II")
    host.hw("INIT")
    assert host.is_online()
    assert host.paper_status() == 2
    printer.set_paper("near_end")
    assert host.paper_status() == 1
    host._raw(b"\x1c&")  # it knows no kanji mode (DEVICES.md 1.7)
    host.set(align="left", bold=True)
    host.textln("MemberDesk 1,234.50")
    host.text("会员服务台\n")
    host.ln(2)
    host.qr("R1.0001.123450.MAC", native=True, size=6)
    host.ln(2)
    host.barcode("{B9900010000000019", "CODE128", function_type="B")
    host.cut()
    within_s = time.monotonic() + PATIENT_S
    while printer.model.cuts == 0 and time.monotonic() < within_s:
        time.sleep(0.01)
    assert [line for line in printer.lines() if line] == ["MemberDesk 1,234.50", "会员服务台"]
    assert printer.model.codes == ["R1.0001.123450.MAC"]
    assert printer.model.barcodes == [("CODE128", "9900010000000019")]
    assert printer.model.errors == []
    (seen,) = zxingcpp.read_barcodes(
        printer.model.image(), formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    )
    assert seen.text == "R1.0001.123450.MAC"
    host.close()
    printer.close()


def test_adafruit_pn532_finds_a_card_and_reads_and_writes_it(tmp_path: Path) -> None:
    """Only where somebody installed it: it needs a library that has to be compiled, so no lock holds it."""
    uart = pytest.importorskip("adafruit_pn532.uart")
    machine = SimulatedMachine(tmp_path / "pn532", PN532Model())
    port = serial.Serial(machine.line.address, baudrate=115200, timeout=1)
    host = uart.PN532_UART(port, debug=False)
    assert host.firmware_version == (0x32, 1, 6, 7)
    host.SAM_configuration()
    assert host.read_passive_target(timeout=0.2) is None
    card = SimulatedTag(bytes.fromhex("04A1B2C3"))
    machine.touch(lambda chip: chip.put(card))
    identity = host.read_passive_target(timeout=PATIENT_S)
    assert bytes(identity) == card.identity
    assert host.mifare_classic_authenticate_block(identity, 4, 0x60, b"\xff" * 6)
    assert host.mifare_classic_write_block(4, b"MemberDesk 00003")
    assert bytes(host.mifare_classic_read_block(4)) == b"MemberDesk 00003"
    port.close()
    machine.close()
