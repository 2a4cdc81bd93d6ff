"""Real threads on real pseudo terminals: pulled cables, busy ports, stalls, paper, power (DEVICES.md 5.1, 5.3)."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
    PrintOutcome,
    PrintResult,
)
from devices.drivers.printer import Timing
from devices.simulators.machines import SimulatedPrinter, SimulatedReader, swiped
from devices.simulators.printer import PrinterModel
from devices.supervisor import BACK_OFF_S, DeskDevices, DeviceSettings, SerialPrinter

CARD = "9900010000000019"
BANK_CARD = "6222021234567890128"
PATIENT_S = 20.0  # how long a test waits for what must come; what comes is what is judged, not when
CONFIRMED = PrintResult(PrintOutcome.CONFIRMED)
QUICK = Timing(answer_s=0.3, confirmation_s=1.0, proofless_s=0.1)  # where little is sent; long ones have all the time


def unexpected(error: BaseException) -> None:
    raise AssertionError from error


class Heard:
    """Everything that the desk's listeners were told, and a way to wait for some of it."""

    def __init__(self) -> None:
        self.events: list[DeviceEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: DeviceEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, wanted: Callable[[DeviceEvent], bool], since: int = 0) -> DeviceEvent:
        def found() -> DeviceEvent | None:
            return next((event for event in self.events[since:] if wanted(event)), None)

        with self._changed:
            event = self._changed.wait_for(found, PATIENT_S)
        assert event is not None, self.events[since:]
        return event

    def until_health(self, name: str, state: DeviceState, cause: str | None = None, since: int = 0) -> None:
        def wanted(event: DeviceEvent) -> bool:
            return isinstance(event, DeviceHealth) and (event.name, event.state, event.cause) == (name, state, cause)

        self.until(wanted, since)

    @property
    def count(self) -> int:
        return len(self.events)


class Slip:
    """One job as the spool sees it."""

    def __init__(self, printer: SerialPrinter, *segments: bytes, name: str = "slip") -> None:
        self.waited: list[str] = []
        self._result: PrintResult | None = None
        self._done = threading.Event()
        self._waits = threading.Event()
        printer.submit(name, segments, waiting=self._waiting, done=self._ended)

    def _waiting(self, cause: str) -> None:
        self.waited.append(cause)
        self._waits.set()

    def _ended(self, result: PrintResult) -> None:
        self._result = result
        self._done.set()

    @property
    def is_done(self) -> bool:
        return self._done.is_set()

    def until_waiting(self) -> list[str]:
        assert self._waits.wait(PATIENT_S)
        return self.waited

    def result(self) -> PrintResult:
        assert self._done.wait(PATIENT_S)
        assert self._result is not None
        return self._result


@dataclass
class Desk:
    devices: DeskDevices
    heard: Heard
    reader: SimulatedReader
    printer: SimulatedPrinter
    reports: list[BaseException]

    def slip(self, *segments: bytes) -> Slip:
        assert self.devices.printer is not None
        return Slip(self.devices.printer, *segments)


MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk_with(tmp_path: Path) -> Iterator[MakeDesk]:
    made: list[Desk] = []

    def make(
        model: PrinterModel | None = None,
        *,
        driver: str = "generic-80",
        online: bool = True,
        flow: str = "none",
        handshake: str = "stop",
        timing: Timing = QUICK,
    ) -> Desk:
        reader = SimulatedReader(tmp_path / "reader")
        printer = SimulatedPrinter(tmp_path / "printer", model, handshake=handshake)
        printer_url = printer.line.address
        settings = (
            DeviceSettings("reader", DeviceKind.READER, reader.line.address, settle_s=0.02),
            DeviceSettings(
                "printer", DeviceKind.PRINTER, printer_url, driver, baudrate=460800, flow=flow, settle_s=0.02
            ),
        )
        reports: list[BaseException] = []
        desk = Desk(DeskDevices(settings, report=reports.append, timing=timing), Heard(), reader, printer, reports)
        made.append(desk)
        desk.devices.listen(desk.heard)
        desk.devices.start()
        if online:
            desk.heard.until_health("reader", DeviceState.ONLINE)
            desk.heard.until_health("printer", DeviceState.ONLINE)
        return desk

    yield make
    for desk in made:
        desk.devices.stop()
        desk.reader.close()
        desk.printer.close()
        assert desk.reports == []


def is_card(number: str) -> Callable[[DeviceEvent], bool]:
    return lambda event: isinstance(event, CardSeen) and event.number == number


# Readers


def test_a_swipe_reaches_the_listener(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.reader.swipe(CARD, "0012345")
    assert desk.heard.until(is_card(CARD)) == CardSeen(CARD, card_code="0012345")


def test_a_swipe_byte_by_byte_with_gaps_is_one_card(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.reader.line.send(swiped(CARD), gap_s=0.005)
    desk.heard.until(is_card(CARD))
    desk.reader.scan("end")
    desk.heard.until(is_card("end"))
    assert [event.number for event in desk.heard.events if isinstance(event, CardSeen)] == [CARD, "end"]


def test_a_bank_card_leaves_no_digit_in_events_frames_or_health(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.reader.line.send(swiped(BANK_CARD))
    desk.heard.until(lambda event: isinstance(event, BankCardSeen))
    desk.reader.swipe(CARD)
    desk.heard.until(is_card(CARD))
    shown = repr(desk.devices.health()) + repr(desk.heard.events)
    assert BANK_CARD[:6] not in shown
    assert CARD[:12] not in shown
    assert "bank card, refused" in shown


def test_a_pulled_reader_is_offline_and_a_new_one_under_the_same_name_works(desk_with: MakeDesk) -> None:
    desk = desk_with()
    for round_ in range(3):
        before = desk.heard.count
        desk.reader.line.unplug()
        desk.heard.until_health("reader", DeviceState.OFFLINE, "device.unplugged", since=before)
        before = desk.heard.count
        desk.reader.line.plug()
        desk.heard.until_health("reader", DeviceState.ONLINE, since=before)
        desk.reader.scan(f"round {round_}")
        desk.heard.until(is_card(f"round {round_}"), since=before)


def test_a_reader_pulled_and_plugged_in_the_same_moment_works_again(desk_with: MakeDesk) -> None:
    desk = desk_with()
    before = desk.heard.count
    desk.reader.line.unplug()
    desk.reader.line.plug()
    desk.heard.until_health("reader", DeviceState.ONLINE, since=before)
    desk.reader.scan("again")
    desk.heard.until(is_card("again"))


def test_half_a_swipe_before_the_cable_was_pulled_does_not_spoil_the_next(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.reader.line.send(swiped(CARD)[:20])
    before = desk.heard.count
    desk.reader.line.unplug()
    desk.reader.line.plug()
    desk.heard.until_health("reader", DeviceState.ONLINE, since=before)
    desk.reader.swipe(CARD)
    desk.heard.until(is_card(CARD), since=before)


def test_offline_says_when_it_tries_again(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.reader.line.unplug()
    desk.heard.until_health("reader", DeviceState.OFFLINE, "device.unplugged")
    (health,) = (each for each in desk.devices.health() if each.name == "reader")
    assert health.state is DeviceState.OPENING or (health.retry_at is not None and health.since is not None)
    assert health.errors >= 1


def test_a_port_that_another_program_has_is_busy_until_it_lets_go(tmp_path: Path) -> None:
    reader = SimulatedReader(tmp_path / "reader")
    other = os.open(reader.line.address, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    settings = DeviceSettings("reader", DeviceKind.READER, reader.line.address, settle_s=0)
    devices, heard = DeskDevices([settings], report=unexpected), Heard()
    devices.listen(heard)
    devices.start()
    heard.until_health("reader", DeviceState.OFFLINE, "device.busy")
    os.close(other)
    heard.until_health("reader", DeviceState.ONLINE)
    devices.stop()
    reader.close()


def test_who_is_turned_away_asks_more_and_more_rarely(tmp_path: Path) -> None:
    reader = SimulatedReader(tmp_path / "reader")
    reader.line.hold(True)  # the path is there and stays as it is: only time can help
    settings = DeviceSettings("reader", DeviceKind.READER, reader.line.address, settle_s=0)
    devices = DeskDevices([settings], report=unexpected)
    heard = Heard()
    devices.listen(heard)
    devices.start()

    def waits() -> list[float]:
        offline = [e for e in heard.events if isinstance(e, DeviceHealth) and e.state is DeviceState.OFFLINE]
        return [round((e.retry_at - e.since).total_seconds(), 1) for e in offline if e.retry_at and e.since]

    heard.until(lambda _: len(waits()) >= 3)
    assert waits()[:3] == list(BACK_OFF_S[:3])
    reader.line.hold(False)  # another port under the same name: at once
    heard.until_health("reader", DeviceState.ONLINE)
    devices.stop()
    reader.close()


def test_a_port_that_another_program_has_is_taken_before_anybody_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that was quicker with its own lock made the simulator wait for ever (an hour's soak found it)."""
    reader = SimulatedReader(tmp_path / "reader")
    lock, seen = fcntl.flock, list[bool]()

    def locked(descriptor: int, kind: int) -> None:
        seen.append(Path(reader.line.address).is_symlink())
        lock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", locked)
    reader.line.hold(True)
    assert seen == [False]
    reader.close()


def test_a_listener_that_fails_is_reported_and_the_reader_goes_on(desk_with: MakeDesk) -> None:
    desk = desk_with()

    def broken(event: DeviceEvent) -> None:
        raise RuntimeError("a screen's bug")

    end = desk.devices.listen(broken)
    desk.reader.scan("one")
    desk.heard.until(is_card("one"))
    desk.reader.scan("two")
    desk.heard.until(is_card("two"))
    end()
    desk.reader.scan("three")
    desk.heard.until(is_card("three"))
    assert len(desk.reports) == 2
    desk.reports.clear()


def test_a_disabled_machine_is_left_alone(tmp_path: Path) -> None:
    settings = DeviceSettings("reader", DeviceKind.READER, str(tmp_path / "none"), enabled=False)
    devices = DeskDevices([settings], report=unexpected)
    devices.start()
    assert devices.health()[0].state is DeviceState.DISABLED
    assert devices.printer is None
    devices.stop()


# The printer


def test_a_slip_is_printed_and_confirmed(desk_with: MakeDesk) -> None:
    desk = desk_with()
    assert desk.slip("会员\n".encode("gb18030"), b"\x1dVB\x00").result() == CONFIRMED
    assert desk.printer.lines() == ["会员"]
    assert desk.printer.model.errors == []


def test_a_slip_given_to_a_printer_that_is_just_opening_is_printed(desk_with: MakeDesk) -> None:
    desk = desk_with(online=False)
    assert desk.slip(b"early\n").result() == CONFIRMED


def test_a_slip_waits_for_paper_and_goes_on_by_itself(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.set_paper("out")
    slip = desk.slip(b"one\n")
    assert slip.until_waiting() == ["printer.paper_end"]
    assert not slip.is_done
    assert desk.printer.lines() == []
    desk.printer.set_paper("ok")
    assert slip.result() == CONFIRMED
    assert desk.printer.lines() == ["one"]


def test_paper_that_ends_in_the_middle_is_waited_for(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.model.paper_left_dots = 60
    slip = desk.slip(*(b"%d\n" % number for number in range(5)))
    assert slip.until_waiting() == ["printer.paper_end"]
    time.sleep(1.5)  # longer than the patience for a confirmation: it is the paper that counts
    assert not slip.is_done
    desk.printer.set_paper("ok")
    assert slip.result() == CONFIRMED
    assert desk.printer.lines() == list("01234")


def test_an_open_cover_is_waited_for(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.set_cover(True)
    slip = desk.slip(b"one\n")
    assert slip.until_waiting() == ["printer.cover_open"]
    desk.printer.set_cover(False)
    assert slip.result() == CONFIRMED


def test_a_printer_pulled_before_the_first_byte_fails_the_slip(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.set_paper("out")
    slip = desk.slip(b"one\n")
    slip.until_waiting()
    desk.printer.set_plugged(False)
    assert slip.result() == PrintResult(PrintOutcome.FAILED, "device.unplugged")
    desk.heard.until_health("printer", DeviceState.OFFLINE, "device.unplugged")
    assert desk.slip(b"two\n").result().outcome is PrintOutcome.FAILED


def test_a_printer_pulled_in_the_middle_leaves_the_slip_uncertain_and_works_again_when_plugged(
    desk_with: MakeDesk,
) -> None:
    desk = desk_with()
    desk.printer.at_byte(1000, lambda: desk.printer.set_plugged(False))
    assert desk.slip(b"x\n" * 20000).result() == PrintResult(PrintOutcome.UNCERTAIN, "device.unplugged")
    before = desk.heard.count
    desk.printer.model.power_cycle()
    desk.printer.set_plugged(True)
    desk.heard.until_health("printer", DeviceState.ONLINE, since=before)
    assert desk.slip(b"again\n").result() == CONFIRMED
    assert desk.printer.lines()[-1] == "again"


def test_a_power_cycle_in_the_middle_leaves_the_slip_uncertain(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.at_byte(500, lambda: desk.printer.set_power(False))
    slip = desk.slip(b"x\n" * 200, b"y\n" * 200)
    assert slip.result().outcome is PrintOutcome.UNCERTAIN
    before = desk.heard.count
    desk.heard.until_health("printer", DeviceState.DEGRADED, "printer.silent", since=before - 1)
    desk.printer.set_power(True)
    desk.heard.until_health("printer", DeviceState.ONLINE, since=before)
    assert desk.slip("会员\n".encode("gb18030")).result() == CONFIRMED
    assert desk.printer.lines()[-1] == "会员"


def test_a_printer_that_stalls_leaves_the_slip_uncertain_and_is_usable_afterwards(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.at_byte(300, lambda: setattr(desk.printer, "_stalled", True))
    assert desk.slip(b"x\n" * 12000).result() == PrintResult(PrintOutcome.UNCERTAIN, "printer.stalled")
    before = desk.heard.count
    desk.heard.until_health("printer", DeviceState.DEGRADED, "printer.silent", since=before - 1)
    desk.printer.set_stalled(False)
    desk.heard.until_health("printer", DeviceState.ONLINE, since=before)
    assert desk.slip(b"again\n").result() == CONFIRMED
    assert desk.printer.lines()[-1] == "again"


def test_xoff_for_a_while_holds_the_slip_and_xon_lets_it_go_on(desk_with: MakeDesk) -> None:
    model = PrinterModel(xonxoff=True)
    desk = desk_with(model, flow="xonxoff", handshake="none", timing=Timing())
    desk.printer.at_byte(2000, lambda: desk.printer.set_cover(True))
    slip = desk.slip(*(b"%04d\n" % number for number in range(4000)))
    assert slip.until_waiting() == ["printer.cover_open"]
    desk.printer.set_cover(False)
    assert slip.result() == CONFIRMED
    assert desk.printer.lines() == [f"{number:04d}" for number in range(4000)]
    assert model.errors == []


def test_a_mute_printer_fails_the_slip_before_the_first_byte(desk_with: MakeDesk) -> None:
    model = PrinterModel()
    model.mute = True
    desk = desk_with(model, online=False)
    desk.heard.until_health("printer", DeviceState.DEGRADED, "printer.silent")
    assert desk.slip(b"one\n").result() == PrintResult(PrintOutcome.FAILED, "printer.silent")
    desk.printer.set_mute(False)
    desk.heard.until_health("printer", DeviceState.ONLINE)
    assert desk.slip(b"two\n").result() == CONFIRMED
    assert desk.printer.lines() == ["two"]


def test_a_write_only_printer_prints_and_asks_a_person(desk_with: MakeDesk) -> None:
    model = PrinterModel(dots=384)
    model.mute = True
    desk = desk_with(model, driver="write-only-58")
    assert desk.slip(b"one\n").result() == PrintResult(PrintOutcome.UNCERTAIN, "printer.write_only")


def test_a_full_buffer_without_paper_is_waited_for(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.model.paper_left_dots = 60
    slip = desk.slip(*(b"%04d\n" % number * 100 for number in range(20)))
    assert slip.until_waiting()[0] == "printer.paper_end"
    time.sleep(2)
    assert not slip.is_done
    desk.printer.set_paper("ok")
    assert slip.result() == CONFIRMED
    assert desk.printer.lines() == [f"{number:04d}" for number in range(20) for _ in range(100)]


def test_a_slow_line_prints_to_the_end(tmp_path: Path) -> None:
    printer = SimulatedPrinter(tmp_path / "printer", baudrate=9600)
    settings = DeviceSettings("printer", DeviceKind.PRINTER, printer.line.address, settle_s=0.02)
    devices, heard = DeskDevices([settings], report=unexpected), Heard()
    devices.listen(heard)
    devices.start()
    heard.until_health("printer", DeviceState.ONLINE)
    assert devices.printer is not None
    assert Slip(devices.printer, b"0123456789\n" * 250).result() == CONFIRMED
    devices.stop()
    printer.close()


def test_a_45_byte_buffer_loses_nothing_when_the_line_waits_for_it(desk_with: MakeDesk) -> None:
    desk = desk_with(PrinterModel(buffer_bytes=45))
    slip = desk.slip(*(b"%04d\n" % number for number in range(200)))
    assert slip.result() == CONFIRMED
    assert desk.printer.lines() == [f"{number:04d}" for number in range(200)]


def test_a_done_callback_that_fails_is_reported_and_the_printer_goes_on(desk_with: MakeDesk) -> None:
    desk = desk_with()

    def broken(result: PrintResult) -> None:
        raise RuntimeError("a spool's bug")

    assert desk.devices.printer is not None
    desk.devices.printer.submit("slip", [b"one\n"], waiting=lambda _: None, done=broken)
    assert desk.slip(b"two\n").result() == CONFIRMED
    assert len(desk.reports) == 1
    desk.reports.clear()


# The end


def test_stopping_ends_every_thread_and_every_job(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.set_paper("out")
    waiting = desk.slip(b"one\n")
    waiting.until_waiting()
    desk.devices.stop()
    assert waiting.result() == PrintResult(PrintOutcome.FAILED, "device.stopped")
    assert desk.slip(b"two\n").result() == PrintResult(PrintOutcome.FAILED, "device.stopped")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("device ")]


def test_stopping_in_the_middle_of_a_stalled_slip_does_not_hang(desk_with: MakeDesk) -> None:
    desk = desk_with()
    desk.printer.at_byte(300, lambda: setattr(desk.printer, "_stalled", True))
    slip = desk.slip(b"x\n" * 12000)
    while len(desk.printer.printed_bytes()) < 300:
        time.sleep(0.01)
    desk.devices.stop()
    assert slip.result().outcome is PrintOutcome.UNCERTAIN
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("device ")]


def test_stopping_while_nothing_is_plugged_in_ends_at_once(tmp_path: Path) -> None:
    settings = [DeviceSettings(str(n), DeviceKind.READER, str(tmp_path / str(n))) for n in range(5)]
    devices, heard = DeskDevices(settings, report=unexpected), Heard()
    devices.listen(heard)
    devices.start()
    heard.until_health("4", DeviceState.OFFLINE, "device.unplugged")
    devices.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("device ")]
