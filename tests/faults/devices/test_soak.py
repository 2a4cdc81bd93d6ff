"""A counter that works for a long time while everything breaks again and again: nothing may pile up.

`make soak-devices` runs it for `SOAK_S` seconds, an hour by default; CI for a good half minute.
"""

from __future__ import annotations

import gc
import os
import random
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.ports.devices import CardSeen, DeviceEvent, DeviceHealth, DeviceKind, DeviceState, PrintOutcome, PrintResult
from devices.drivers.printer import Timing
from devices.simulators.er302 import ER302Model
from devices.simulators.faults import LINE_FAULTS
from devices.simulators.machines import PRINTER_FAULTS, SimulatedPrinter, SimulatedReader
from devices.simulators.network import Listen
from devices.simulators.pn532 import PN532Model
from devices.simulators.printer import PrinterModel
from devices.simulators.readers import SimulatedMachine
from devices.simulators.tags import SimulatedTag
from devices.supervisor import DeskDevices, DeviceSettings
from printing.composing import composed
from printing.renderers.escpos import encode
from printing.renderers.paper_profile import ROLL_80
from tests.unit.printing.all_slips import EVERY

SOAK_S = float(os.environ.get("SOAK_S", "35"))
WARM_UP = 0.4  # of the time: caches fill, the longest histories are reached
ROUND_S = 0.6
GROWN_AT_MOST_BYTES = 512 * 1024
PATIENT_S = 30.0
QUICK = Timing(answer_s=0.3, confirmation_s=0.8, proofless_s=0.1)
SLIP = tuple(encode(composed(EVERY["redemption"], "zh_CN"), ROLL_80))
CARDS = ("9900010000000019", "9900010000000027", "9900010000000035")
# The printer's own ten seconds of XOFF are longer than a round.
PRINTER = tuple(fault for fault in PRINTER_FAULTS if fault != "xoff")

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Counter:
    """Four machines on serial lines and in the network, and a desk that uses them."""

    def __init__(self, folder: Path) -> None:
        self.chance = random.Random(7)
        self.reader = SimulatedReader(folder / "reader")
        self.pn532 = SimulatedMachine(folder / "pn532", PN532Model())
        self.er302 = SimulatedMachine(Listen("127.0.0.1", 0), ER302Model())
        self.printer = SimulatedPrinter(folder / "printer", PrinterModel())
        self.reports: list[BaseException] = []
        self.cards = 0
        self.wrong: list[str] = []
        self.ended: dict[PrintOutcome, int] = dict.fromkeys(PrintOutcome, 0)
        self.asked = 0
        self.states: dict[str, DeviceState] = {}
        self._lock = threading.Lock()
        self.devices = DeskDevices(
            (
                self._settings("reader", "line", self.reader.line.address),
                self._settings("tap", "pn532", self.pn532.line.address),
                self._settings("far", "er302", self.er302.line.address),
                DeviceSettings(
                    "printer", DeviceKind.PRINTER, self.printer.line.address, baudrate=460800, settle_s=0.02
                ),
            ),
            report=self.reports.append,
            timing=QUICK,
        )
        self.devices.listen(self._heard)
        self.devices.start()

    @staticmethod
    def _settings(name: str, driver: str, url: str) -> DeviceSettings:
        return DeviceSettings(name, DeviceKind.READER, url, driver, settle_s=0.02)

    def _heard(self, event: DeviceEvent) -> None:
        if isinstance(event, DeviceHealth):
            self.states[event.name] = event.state
        elif isinstance(event, CardSeen):
            self.cards += 1
            if event.number not in (*CARDS, "04A1B2C3", "0A0B0C0D"):
                self.wrong.append(event.number)

    def _printed(self, result: PrintResult) -> None:
        with self._lock:
            self.ended[result.outcome] += 1

    def round(self) -> None:
        """One thing breaks, people go on swiping and printing, and it is mended."""
        machine = self.chance.choice((self.printer, self.reader.voice, self.pn532.voice, self.er302.voice))
        faults = PRINTER if machine is self.printer else tuple(f for f in LINE_FAULTS if f != "late")
        machine.set_fault(self.chance.choice(faults))
        self._work()
        time.sleep(ROUND_S / 2)
        machine.set_fault(None)
        self._free_the_cutter()
        if self.chance.random() < 0.3:
            line = self.chance.choice((self.reader.line, self.pn532.line, self.er302.line, self.printer.line))
            line.unplug()
            time.sleep(0.1)
            line.plug()
        self._work()
        time.sleep(ROUND_S / 2)

    def _work(self) -> None:
        self.reader.swipe(self.chance.choice(CARDS), "0012345")
        for machine, identity in ((self.pn532, "04A1B2C3"), (self.er302, "0A0B0C0D")):
            tag = SimulatedTag(bytes.fromhex(identity))
            if self.chance.random() < 0.5:
                machine.touch(lambda model, tag=tag: model.put(tag))  # type: ignore[misc]
            else:
                machine.touch(lambda model: model.take_away())
        assert self.devices.printer is not None
        self.asked += 1
        self.devices.printer.submit(f"slip {self.asked}", SLIP, waiting=lambda _: None, done=self._printed)

    def _free_the_cutter(self) -> None:
        """A jam that was cleared needs a person's word, too (DEVICES.md 1.6)."""
        assert self.devices.printer is not None
        if self.devices.printer.health().cause == "printer.cutter":
            self.devices.printer.after_jam(restart=self.chance.random() < 0.5)

    def rest(self) -> None:
        """All is mended and all jobs have ended."""
        for machine in (self.printer, self.reader.voice, self.pn532.voice, self.er302.voice):
            machine.set_fault(None)
        deadline_s = time.monotonic() + PATIENT_S
        while time.monotonic() < deadline_s and not self.is_at_rest:
            time.sleep(0.25)
            self._free_the_cutter()
        assert self.is_at_rest, ([each.cause for each in self.devices.health()], self.asked, self.ended)
        self.printer.model.forget_paper()
        gc.collect()

    @property
    def is_at_rest(self) -> bool:
        return sum(self.ended.values()) == self.asked and set(self.states.values()) == {DeviceState.ONLINE}

    def close(self) -> None:
        self.devices.stop()
        for machine in (self.reader, self.pn532, self.er302, self.printer):
            machine.close()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path)
    yield counter
    counter.close()


def works_until(counter: Counter, end_s: float) -> None:
    while time.monotonic() < end_s:
        counter.round()
    counter.rest()


def test_a_counter_that_breaks_all_day_leaks_neither_memory_nor_descriptors_nor_threads(counter: Counter) -> None:
    process = psutil.Process()
    began_s = time.monotonic()
    works_until(counter, began_s + SOAK_S * WARM_UP)
    tracemalloc.start()
    try:
        works_until(counter, time.monotonic() + SOAK_S * WARM_UP / 8)  # what tracing itself and its first round need
        before = tracemalloc.get_traced_memory()[0], process.num_fds(), threading.active_count()
        works_until(counter, began_s + SOAK_S)
        after = tracemalloc.get_traced_memory()[0], process.num_fds(), threading.active_count()
        grown = after[0] - before[0]
        largest = "" if grown <= GROWN_AT_MOST_BYTES else str(tracemalloc.take_snapshot().statistics("lineno")[:10])
    finally:
        tracemalloc.stop()
    assert grown <= GROWN_AT_MOST_BYTES, largest
    # Fewer is no leak: a far port that was being opened at that moment has a thread that ends by itself.
    assert after[1] <= before[1], "descriptors"
    assert after[2] <= before[2], "threads"
    assert counter.reports == []
    assert counter.wrong == []
    assert counter.cards > 0
    assert counter.ended[PrintOutcome.CONFIRMED] > 0
