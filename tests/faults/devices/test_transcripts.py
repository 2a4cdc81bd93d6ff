"""Lines that are listened in on, and what was said played again to drivers (DEVICES.md 5.1)."""

from __future__ import annotations

import io
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.errors import Refused
from app.ports.devices import CardSeen, DeviceEvent, DeviceHealth, DeviceKind, DeviceState
from devices.ports import LineSettings, SerialPort
from devices.recording import Recorder, record
from devices.simulators.line import line_at
from devices.simulators.machines import SimulatedReader
from devices.simulators.network import Listen
from devices.simulators.pn532 import PN532Model
from devices.simulators.readers import SimulatedMachine
from devices.simulators.replay import TranscriptPlayer
from devices.simulators.tags import SimulatedTag
from devices.supervisor import DeskDevices, DeviceSettings
from devices.transcripts import HEADER, Step, Way, lines_of, masked, read_transcript

PATIENT_S = 20.0
FIXTURES = Path(__file__).parent / "transcripts"


def until(wanted: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENT_S
    while not wanted() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert wanted()


class Listened:
    """`record` on a thread of its own."""

    def __init__(self, url: str, place: Path | Listen | None, *, raw: bool = False) -> None:
        self.out = io.StringIO()
        self._ended = threading.Event()
        self._addresses: queue.Queue[str] = queue.Queue()
        settings = LineSettings(url, settle_s=0)
        self._thread = threading.Thread(
            target=record,
            args=(settings, place, self.out),
            kwargs={"raw": raw, "ended": self._ended, "there": self._addresses.put},
        )
        self._thread.start()

    def address(self) -> str:
        return self._addresses.get(timeout=PATIENT_S)

    def text(self) -> str:
        return self.out.getvalue()

    def end(self) -> list[Step]:
        self._ended.set()
        self._thread.join(PATIENT_S)
        return read_transcript(io.StringIO(self.text()))


class HeardAtDesk:
    """A desk with one reader, and what it reads."""

    def __init__(self, driver: str, url: str) -> None:
        self.events: list[DeviceEvent] = []
        self.reports: list[BaseException] = []
        settings = DeviceSettings("reader", DeviceKind.READER, url, driver, settle_s=0)
        self.devices = DeskDevices([settings], report=self.reports.append)
        self.devices.listen(self.events.append)
        self.devices.start()
        until(self.is_online)

    def is_online(self) -> bool:
        return any(isinstance(each, DeviceHealth) and each.state is DeviceState.ONLINE for each in self.events)

    def cards(self) -> list[CardSeen]:
        return [event for event in self.events if isinstance(event, CardSeen)]

    def stop(self) -> None:
        self.devices.stop()
        assert self.reports == []


def test_a_conversation_is_recorded_and_played_again_to_the_same_driver(tmp_path: Path) -> None:
    machine = SimulatedMachine(tmp_path / "machine", PN532Model())
    tap = Listened(machine.line.address, tmp_path / "tap", raw=True)
    desk = HeardAtDesk("pn532", tap.address())
    machine.touch(lambda chip: chip.put(SimulatedTag(bytes.fromhex("04A1B2C3"))))
    until(lambda: len(desk.cards()) == 1)
    desk.stop()
    steps = tap.end()
    machine.close()
    assert {step.way for step in steps} == set(Way)

    player = TranscriptPlayer(tmp_path / "again", steps, speed_of_time=0)
    player.start()
    again = HeardAtDesk("pn532", player.line.address)
    until(lambda: len(again.cards()) == 1)
    assert again.cards() == desk.cards()
    assert player.mismatch is None
    again.stop()
    player.close()


def test_a_machine_that_speaks_by_itself_is_heard_without_a_program(tmp_path: Path) -> None:
    reader = SimulatedReader(tmp_path / "reader")
    tap = Listened(reader.line.address, None)
    tap.address()
    reader.scan("COUPON-ABC")
    until(lambda: "COUPON-ABC" in tap.text())
    (step,) = tap.end()
    assert step.way is Way.FROM_MACHINE
    assert step.to_send() == b"COUPON-ABC\r\n"
    reader.close()


def test_the_tap_is_there_in_the_network_too(tmp_path: Path) -> None:
    taken = bytearray()

    def received(data: bytes) -> bytes:
        taken.extend(data)
        return b"yes"

    machine = line_at(tmp_path / "machine", received)
    tap = Listened(machine.address, Listen("127.0.0.1", 0, rfc2217=False))
    port = SerialPort(LineSettings(tap.address(), settle_s=0))
    port.open()
    port.exchange(b"ask", 1)
    assert port.exchange(b"", PATIENT_S).received == b"yes"
    port.dispose()
    assert [(step.way, step.to_send()) for step in tap.end()] == [(Way.TO_MACHINE, b"ask"), (Way.FROM_MACHINE, b"yes")]
    machine.close()


@pytest.fixture
def asked_wrongly(tmp_path: Path) -> Iterator[TranscriptPlayer]:
    said = f"{HEADER}\n 0.000 > 1B 65\n 0.010 < 1B 79\n 0.500 > 1B ** 03\n"
    player = TranscriptPlayer(tmp_path / "machine", read_transcript(io.StringIO(said)), speed_of_time=0)
    player.start()
    yield player
    player.close()


def test_where_the_program_says_something_else_is_named(asked_wrongly: TranscriptPlayer) -> None:
    port = SerialPort(LineSettings(asked_wrongly.line.address, settle_s=0))
    port.open()
    port.exchange(b"\x1be", 1)
    assert port.exchange(b"", PATIENT_S).received == b"\x1by"
    port.exchange(b"\x1b\xee\x04", 1)
    assert not asked_wrongly.wait(PATIENT_S)
    found = asked_wrongly.mismatch
    assert found is not None
    assert (found.step, found.byte, found.expected, found.got) == (3, 3, "03", "04")
    port.dispose()


@pytest.mark.parametrize("line", ["0.000 > 1B 6", "0.000 ? 1B", "hello", "0.0 > 1B", "0.000 > GG"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(Refused) as refused:
        read_transcript([HEADER, "", "# a remark", line])
    assert (refused.value.code, refused.value.facts) == ("transcript.unreadable", {"line": 4})
    with pytest.raises(Refused):
        read_transcript([line])


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (b"%B6222021234567890128^LI/SI^30121010000000?;6222021234567890128=30121010000000?\r", b"LI/SI"),
        (b"\x024A00B1C2D3EA\x03", b"\x02"),
        (bytes.fromhex("1B73 1B01 05 C5B078149 1B02 03 2B8849 3F1C 1B30".replace(" ", "") + "0"), b"\x1bs"),
        (bytes.fromhex("0000FF0CF4D54B010100040804 04A1B2C3 1E00".replace(" ", "")), b"\xd5\x4b"),
        (bytes.fromhex("0000FF0FF1D440016004 FFFFFFFFFFFF 04A1B2C3 1100".replace(" ", "")), b"\xd4\x40"),
        (bytes.fromhex("AABB0A00 0000 0202 00 04A1B2C3 D4".replace(" ", "")), b"\xaa\xbb"),
    ],
)
def test_what_identifies_or_opens_a_card_is_masked(data: bytes, kept: bytes) -> None:
    shown = bytes(byte for byte in masked(data) if byte is not None)
    assert kept in shown
    for secret in ("6222021234567890128", "4A00B1C2D3", "\x04\xa1\xb2\xc3", "\xff" * 6, "+\x88I"):
        assert secret.encode("latin-1") not in shown


def test_bytes_without_silence_between_are_one_step_and_long_ones_are_read_back_whole() -> None:
    clock = [0.0]
    out = io.StringIO(HEADER + "\n")
    out.seek(0, io.SEEK_END)
    recorder = Recorder(out, raw=True, seconds=lambda: clock[0])
    for part in (b"a" * 20, b"b" * 20):
        recorder.heard(Way.TO_MACHINE, part)
        clock[0] += 0.01
    clock[0] += 1
    recorder.heard(Way.TO_MACHINE, b"c")
    recorder.heard(Way.FROM_MACHINE, b"d")
    recorder.finish()
    steps = read_transcript(io.StringIO(out.getvalue()))
    assert [(step.way, step.to_send()) for step in steps] == [
        (Way.TO_MACHINE, b"a" * 20 + b"b" * 20),
        (Way.TO_MACHINE, b"c"),
        (Way.FROM_MACHINE, b"d"),
    ]


def test_a_masked_byte_agrees_with_any_and_is_shown_as_two_stars() -> None:
    step = Step(1.5, Way.TO_MACHINE, (0x1B, None, 0x41))
    assert list(lines_of(step)) == ["    1.500 > 1B ** 41                                         .*A"]
    assert step.agrees(b"\x1b\x00A")
    assert not step.agrees(b"\x1b\x00B")


@pytest.mark.parametrize("transcript", sorted(FIXTURES.glob("*.txt")), ids=lambda path: path.stem)
def test_what_was_recorded_once_is_still_understood(transcript: Path, tmp_path: Path) -> None:
    """Each file names its driver and what the desk must hear in remarks: `# driver msr605`, `# hears 9900…`."""
    lines = transcript.read_text(encoding="utf-8").splitlines()
    remarks = dict(line[2:].split(" ", 1) for line in lines if line.startswith(("# driver ", "# hears ")))
    player = TranscriptPlayer(tmp_path / "machine", read_transcript(lines), speed_of_time=0)
    desk = HeardAtDesk(remarks["driver"], player.line.address)
    player.start()
    until(lambda: [card.number for card in desk.cards()] == remarks["hears"].split() or player.mismatch is not None)
    assert player.mismatch is None
    desk.stop()
    player.close()
