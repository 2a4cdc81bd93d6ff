"""Each fault × each document: every slip ends once, confirmed, uncertain or failed, and a person is told what to do.

All documents of the program go through the real encoder, driver and serial lines at once, one printer each.
"""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.sentences import SENTENCES
from app.ports.devices import DeviceEvent, DeviceHealth, DeviceKind, DeviceState, PrintOutcome, PrintResult
from devices.drivers.printer import Timing
from devices.simulators.faults import LINE_FAULTS
from devices.simulators.machines import PRINTER_FAULTS, SimulatedPrinter
from devices.simulators.printer import PrinterModel
from devices.supervisor import DeskDevices, DeviceSettings
from printing.composing import composed
from printing.documents import test_slip as printed_test
from printing.renderers.escpos import encode
from printing.renderers.paper_profile import ROLL_80
from tests.unit.printing.all_slips import EVERY

BAUD = 460800
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
PATIENT_S = 30.0
MENDED_AFTER_S = 1.0
GIVEN_UP_AFTER_S = 5.0
BY_CHOICE = ("printer.cancelled",)  # somebody gave up: nobody has to be told what to do
QUICK = Timing(answer_s=0.3, confirmation_s=0.8, proofless_s=0.1)
SEGMENTS = {
    **{name: tuple(encode(composed(slip, "zh_CN"), ROLL_80)) for name, slip in EVERY.items()},
    "test_slip": tuple(
        encode(printed_test.test_slip(NOON, "Asia/Shanghai", "zh_CN", columns=48, proof="gs_r"), ROLL_80)
    ),
}
AT_ONCE = tuple(fault for fault in LINE_FAULTS if fault != "unplug")


class Counter:
    """One printer and one document on it."""

    def __init__(self, folder: Path, document: str, flow: str) -> None:
        self.document = document
        self.segments = SEGMENTS[document]
        self.printer = SimulatedPrinter(folder / document, PrinterModel(xonxoff=flow == "xonxoff"), baudrate=BAUD)
        settings = DeviceSettings(
            "printer", DeviceKind.PRINTER, self.printer.line.address, baudrate=BAUD, flow=flow, settle_s=0.01
        )
        self.reports: list[BaseException] = []
        self.devices = DeskDevices([settings], report=self.reports.append, timing=QUICK)
        self.causes: list[str] = []
        self.results: list[PrintResult] = []
        self.ended = threading.Event()
        self._online = threading.Event()
        self.devices.listen(self._hear)
        self.devices.start()
        assert self._online.wait(PATIENT_S)

    def _hear(self, event: DeviceEvent) -> None:
        if isinstance(event, DeviceHealth) and event.state is DeviceState.ONLINE:
            self._online.set()

    def print(self) -> None:
        assert self.devices.printer is not None
        self.devices.printer.submit("slip", self.segments, waiting=self.causes.append, done=self._done)

    def mend(self) -> None:
        """What the sentence on the screen asks for, and then what the screen offers."""
        self.printer.set_fault(None)
        given_up_at_s = time.monotonic() + GIVEN_UP_AFTER_S
        while not self.ended.wait(0.1) and time.monotonic() < given_up_at_s:
            assert self.devices.printer is not None
            if self.devices.printer.health().cause == "printer.cutter":
                self.devices.printer.after_jam(restart=True)

    def give_up(self) -> None:
        assert self.devices.printer is not None
        self.devices.printer.cancel("slip")

    def close(self) -> None:
        self.devices.stop()
        self.printer.close()

    def _done(self, result: PrintResult) -> None:
        self.results.append(result)
        self.ended.set()


@pytest.mark.parametrize("fault", PRINTER_FAULTS)
def test_every_document_ends_once_and_a_person_knows_what_to_do(fault: str, tmp_path: Path) -> None:
    flow = "xonxoff" if fault.startswith("xoff") else "none"
    counters = [Counter(tmp_path, document, flow) for document in SEGMENTS]
    chance = random.Random(fault)
    try:
        for counter in counters:
            at = "" if fault in AT_ONCE else f"@{chance.randrange(1, sum(map(len, counter.segments)))}"
            counter.printer.set_fault(fault + at)
            counter.print()
        mended_at_s = time.monotonic() + MENDED_AFTER_S
        for counter in counters:
            counter.ended.wait(max(0.0, mended_at_s - time.monotonic()))
        for counter in counters:
            if not counter.ended.is_set():
                counter.mend()
            if not counter.ended.is_set():
                counter.give_up()
        for counter in counters:
            assert counter.ended.wait(PATIENT_S)
    finally:
        for counter in counters:
            counter.close()
    for counter in counters:
        judge(counter, fault)


def judge(counter: Counter, fault: str) -> None:
    (result,) = counter.results
    assert counter.reports == []
    for cause in {*counter.causes, *([result.cause] if result.cause else [])}:
        chinese, english = SENTENCES[cause]
        says_what_to_do = any(word in chinese for word in ("请", "自动"))
        assert says_what_to_do or cause in BY_CHOICE, f"{cause} does not say what to do"
        assert english
    if result.outcome is PrintOutcome.CONFIRMED:
        assert result.cause is None
        # Half a second without power on three wires is nobody's to find: neither printer nor line says so (1.6).
        if fault != "power":
            assert counter.printer.lines() == printed_well(counter.document)
    else:
        assert result.cause is not None
    if result.outcome is PrintOutcome.FAILED:
        assert counter.printer.lines() == []


def printed_well(document: str) -> list[str]:
    printer = PrinterModel(buffer_bytes=1_000_000)
    printer.feed(b"".join(SEGMENTS[document]))
    return printer.lines
