"""The suite `devices`: what stands on a slip's way to paper and on a card's way to the screen."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce
from operator import xor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import UUID

from app.composition.bench import reports
from app.composition.bench.figures import Figure, Say, at_least, at_most, not_measured, seconds_of
from app.composition.bench.ground import store_of
from app.composition.bench.screens import told_by
from app.ports.devices import DeviceEvent, DeviceHealth, DeviceKind, DeviceState, PrintResult
from app.queries.rows import ExpiringPoints
from app.queries.slips import RedemptionSlip, SlipLine
from devices.drivers import dispenser, em4100, er302, gm65, lines, msr605, pn532
from devices.drivers.escpos_status import StatusStream
from devices.simulators.line import line_at
from devices.simulators.machines import SimulatedReader, swiped, tapped
from devices.simulators.printer import PrinterModel
from devices.supervisor import DeskDevices, DeviceSettings
from printing.composing import composed
from printing.renderers.escpos import encode
from printing.renderers.paper_profile import ROLL_80

TIMES = 40
SLIPS = 8  # one after the other, so that the line is busy for some seconds
BAUD = 115_200
PARSED_BYTES = 4_000_000
REPLUGS = 7
GUI_MEMBERS = 2_000
PDF_ROUNDS = 3
CHUNK_BYTES = 4_096  # as a port gives them at most
_PATIENCE_S = 60.0

FULL_SLIP = RedemptionSlip(
    operation=UUID(int=7),
    code="R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT",
    mall_name="星河湾购物中心",
    desk_name="一楼会员服务台",
    staff="1002 周敏",
    approver="1001 陈立国",
    member_name="李𬭚",
    member_no="M00012345",
    card="•••• 0019",
    tier="gold",
    at=datetime(2026, 11, 22, 9, 39, 30, tzinfo=UTC),
    zone="Asia/Shanghai",
    lines=(
        *(SlipLine(f"316 不锈钢保温杯（500ml）第 {number} 款", number, 1_200) for number in range(1, 7)),
        SlipLine("龚䶮监制明前龙井（250g）", 1, 800),
        SlipLine("㛃字纪念章", 2, 300),
    ),
    points=29_600,
    usable_before=42_345,
    usable_after=12_745,
    expiring=ExpiringPoints(date(2026, 12, 31), 1_500),
    handed_out=True,
)


def figures(members: int, _keep: Path | None, say: Say) -> Iterator[Figure]:
    yield slip_bytes(say)
    with TemporaryDirectory(prefix="memberdesk-bench-") as folder:
        yield idle_gap(Path(folder), say)
        yield reconnecting(Path(folder), say)
    yield from parsing(say)
    yield gui_block(min(members, GUI_MEMBERS), say)
    yield long_pdf(say)


def slip_bytes(say: Say) -> Figure:
    say("a full slip, from its facts to its bytes")
    taken = []
    for number in range(TIMES):  # each another one: nothing of it is known from before
        slip = replace(FULL_SLIP, points=number, member_no=f"M{number:08}")
        taken.append(seconds_of(lambda slip=slip: b"".join(encode(composed(slip, "zh_CN"), ROLL_80))))  # type: ignore[misc]
    return Figure("bytes of a full slip ready, median", median(taken) * 1000, "ms", aim=at_most(20, "value"))


def idle_gap(folder: Path, say: Say) -> Figure:
    """How long the printer's line was ever idle while there was something to send, against the slip's time on it."""
    say(f"printing at {BAUD:,} baud")
    name = f"longest idle gap on the line while a slip is sent at {BAUD:,} baud"
    segments = encode(composed(FULL_SLIP, "zh_CN"), ROLL_80) * SLIPS
    data = b"".join(segments)
    model = PrinterModel()
    taken: list[tuple[float, int]] = []

    def received(part: bytes) -> bytes:
        taken.append((time.perf_counter(), len(part)))
        return model.feed(part)

    line = line_at(folder / "printer", received, baudrate=BAUD, room=lambda: model.free_bytes)
    states: queue.Queue[DeviceState] = queue.Queue()
    devices = _desk(DeviceSettings("printer", DeviceKind.PRINTER, line.address, baudrate=BAUD), states)
    _until(states, DeviceState.ONLINE)
    done: queue.Queue[PrintResult] = queue.Queue()
    try:
        assert devices.printer is not None
        time.sleep(0.5)  # questions of the beginning are answered
        taken.clear()
        devices.printer.submit("bench", segments, waiting=lambda _: None, done=done.put)
        result = done.get(timeout=_PATIENCE_S)
    except queue.Empty:
        return not_measured(name, "the slip did not end", at_most(0.05), "ms")
    finally:
        devices.stop()
        line.close()
    wire_ms = len(data) * 10 / BAUD * 1000
    # Before the first large part the printer is asked how it is, behind the last one whether it has printed.
    large = [number for number, (_, count) in enumerate(taken) if count >= 100]
    gaps = [
        (at - before - count * 10 / BAUD) * 1000
        for (before, _), (at, count) in zip(
            taken[large[0] : large[-1]], taken[large[0] + 1 : large[-1] + 1], strict=True
        )
    ]
    note = f"{len(data):,} bytes, {result.outcome.value}"
    return Figure(name, max(*gaps, 0.001), "ms", wire_ms, at_most(0.05), note)


def reconnecting(folder: Path, say: Say) -> Figure:
    say("unplugging and plugging in again")
    reader = SimulatedReader(folder / "reader")
    states: queue.Queue[DeviceState] = queue.Queue()
    devices = _desk(DeviceSettings("reader", DeviceKind.READER, reader.line.address), states)
    taken = []
    try:
        _until(states, DeviceState.ONLINE)
        for number in range(REPLUGS):
            reader.line.unplug()
            _until(states, DeviceState.OFFLINE)
            time.sleep(0.3 + 0.1 * number)
            plugged_at = time.perf_counter()
            reader.line.plug()
            _until(states, DeviceState.ONLINE)
            taken.append(time.perf_counter() - plugged_at)
    finally:
        devices.stop()
        reader.close()
    return Figure("plugged in again → online, longest", max(taken), "s", aim=at_most(1, "value"))


def parsing(say: Say) -> Iterator[Figure]:
    """Whole frames in chunks as a port gives them, over and over; nothing is faked about them."""
    for name, make, frame in parsers():
        say(f"parsing {name}")
        stream = frame * (CHUNK_BYTES * 64 // len(frame) + 1)
        chunks = [stream[at : at + CHUNK_BYTES] for at in range(0, len(stream), CHUNK_BYTES)]
        rounds = max(1, PARSED_BYTES // len(stream))
        feed = make()

        def parse(feed: Callable[[bytes], object] = feed, chunks: list[bytes] = chunks, rounds: int = rounds) -> None:
            for _ in range(rounds):
                for chunk in chunks:
                    feed(chunk)

        rate = len(stream) * rounds / seconds_of(parse) / 1e6
        note = f"{len(frame)} bytes a frame: {rate * 1e6 / len(frame):,.0f} frames a second"
        yield Figure(f"frames parsed: {name}", rate, "MB/s", aim=at_least(5, "value"), note=note)


def parsers() -> tuple[tuple[str, Callable[[], Callable[[bytes], object]], bytes], ...]:
    """(name, what makes a fresh one, one frame of its machine)."""
    identity = bytes.fromhex("04A1B2C3")
    card = swiped("9900010000000019", "0012345")
    listed = pn532.framed(pn532.FROM_CHIP, pn532.IN_LIST_PASSIVE_TARGET + 1, b"\x01\x01\x00\x04\x08\x04" + identity)
    track_1, track_2 = b"%B9900010000000019^MEMBER/^30121010012345?", b";9900010000000019=30121010012345?"
    tracks = b"\x1bs\x1b\x01" + track_1 + b"\x1b\x02" + track_2 + b"\x1b\x03?\x1c\x1b0"
    return (
        ("lines", lambda: lines.LineFrames().feed, card),
        ("EM4100", lambda: em4100.EM4100Frames("reader").feed, tapped("4A00B1C2D3")),
        ("PN532", lambda: pn532.PN532Frames(pn532.FROM_CHIP).feed, listed),
        ("ER302", lambda: er302.ER302Frames().feed, er302.framed(er302.ANTICOLLISION, b"\x00" + identity)),
        ("MSR605", lambda: msr605.MSR605Frames().feed, tracks),
        ("CRT-531", lambda: dispenser.DispenserFrames().feed, _dispenser_says()),
        ("GM65", lambda: gm65.GM65Replies().feed, gm65.replied(b"\x00") + b"6901234567892\r"),
        ("printer's status", lambda: StatusStream().feed, bytes.fromhex("10000000")),
    )


def _dispenser_says() -> bytes:
    body = bytes((0x02,)) + b"SF004" + bytes((0x03,))
    return body + bytes((reduce(xor, body),))


def gui_block(members: int, say: Say) -> Figure:
    name = "longest block of the GUI thread under every fault"
    with store_of(members, None, say) as home:
        say("every fault of reader and printer behind the window")
        told = told_by("faults", str(home.folder))
    return Figure(name, told["longest_block_ms"], "ms", aim=at_most(50, "value"), note=told["during"])


def long_pdf(say: Say) -> Figure:
    say(f"a report of {reports.PAGES} pages")
    document = reports.long_report(reports.PAGES)
    bare = reports.bare(document)
    pairs = [(seconds_of(lambda: reports.rendered(document)), seconds_of(bare)) for _ in range(PDF_ROUNDS)]
    ours, theirs = (median(each) for each in zip(*pairs, strict=True))
    return Figure(f"report of {reports.pages_of(document)} pages as PDF", ours, "s", theirs, at_most(3))


def _desk(settings: DeviceSettings, states: queue.Queue[DeviceState]) -> DeskDevices:
    """One machine, open; `states` is told each of its states."""

    def heard(event: DeviceEvent) -> None:
        if isinstance(event, DeviceHealth):
            states.put(event.state)

    def report(problem: BaseException) -> None:
        raise problem

    devices = DeskDevices([settings], report=report)
    devices.listen(heard)
    devices.start()
    return devices


def _until(states: queue.Queue[DeviceState], wanted: DeviceState) -> None:
    while states.get(timeout=_PATIENCE_S) is not wanted:
        pass
