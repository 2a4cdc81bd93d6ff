"""What a card dispenser is told and says, byte by byte, and where a card ends whatever goes wrong (DEVICES.md 2.7)."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import DeviceState
from devices.drivers.dispenser import (
    DISPENSERS,
    Acknowledged,
    Broken,
    DispenserFrames,
    DispenserTalk,
    Frame,
    NotAcknowledged,
    Said,
    framed,
)
from devices.simulators.dispenser import DispenserModel
from tests.support.wire import FRAMES, PARTS, STEP_S, WireClock, spoiled

KINDS = ("cd-720m", "k720", "crt-531")


class Bench:
    """A dispenser and its talk on a cable in memory; `does` asks for a move and waits for its end."""

    def __init__(
        self,
        kind: str = "cd-720m",
        *,
        spoil: Callable[[bytes], bytes] = lambda said: said,
        cards: int = 50,
        move_s: float = 0.2,
    ) -> None:
        self.clock = WireClock()
        self.machine = DispenserModel(kind, cards=cards, move_s=move_s, clock=self.clock)
        self.talk = DispenserTalk(DISPENSERS[kind], clock=self.clock)
        self.spoil = spoil
        self.heard = b""
        self.talk.opened()

    def goes_on(self, seconds: float) -> None:
        until_s = self.clock.now_s + seconds
        while self.clock.now_s < until_s:
            self.step()

    def step(self) -> None:
        sent = self.talk.outgoing()
        self.talk.accepted(len(sent))
        self.heard += sent
        said = self.machine.feed(sent)
        said = self.spoil(said) if said else b""
        if said:
            self.talk.received(said)
        else:
            self.talk.tick()
        self.clock.now_s += STEP_S

    def does(
        self, move: Callable[[Callable[[str | None], None]], None], meanwhile: Callable[[], None] = lambda: None
    ) -> str | None:
        ends: list[str | None] = []
        move(ends.append)
        began_s = self.clock.now_s
        while not ends:
            for call in self.talk.take_calls():
                call()
            self.step()
            if self.clock.now_s - began_s > 0.6:
                meanwhile()
            assert self.clock.now_s - began_s < 300
        self.goes_on(0.3)
        assert self.talk.take_calls() == []
        assert len(ends) == 1
        return ends[0]


# Frames


@pytest.mark.parametrize(
    ("command", "frame"),
    [(b"DC", "02 44 43 03 06"), (b"CP", "02 43 50 03 12"), (b"RF", "02 52 46 03 15"), (b"ST", "02 53 54 03 06"),
     (b"DH", "02 44 48 03 0D"), (b"PB", "02 50 42 03 13"), (b"PC", "02 50 43 03 12")],
)  # fmt: skip
def test_commands_are_those_of_the_manual(command: bytes, frame: str) -> None:
    assert framed(command) == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("frame", "bits"),
    [("02 53 46 30 30 30 03 24", 0x000), ("02 53 46 30 30 38 03 2C", 0x008), ("02 53 46 30 32 30 03 26", 0x020)],
)
def test_states_are_those_of_the_specification(frame: str, bits: int) -> None:
    assert DispenserFrames().feed(bytes.fromhex(frame)) == [Said(b"SF", bits)]


def status(what: bytes, bits: int) -> bytes:
    body = b"\x02" + what + bytes(0x30 | bits >> shift & 15 for shift in (8, 4, 0)) + b"\x03"
    check = 0
    for byte in body:
        check ^= byte
    return body + bytes((check,))


@given(st.lists(st.integers(0, 0xFFF), max_size=5), st.integers(1, 9))
def test_any_state_in_any_split_is_that_state(all_bits: list[int], size: int) -> None:
    stream = b"\x06" + b"".join(status(b"PB", bits) + b"\x15" for bits in all_bits)
    frames, found = DispenserFrames(), []
    for at in range(0, len(stream), size):
        found += frames.feed(stream[at : at + size])
    wanted: list[Frame] = [Acknowledged()]
    for bits in all_bits:
        wanted += [Said(b"PB", bits), NotAcknowledged()]
    assert found == wanted
    assert frames.noise == 0


def test_a_check_byte_that_looks_like_an_end_or_an_answer_is_a_check_byte() -> None:
    """Parsed by length: the check byte of a command may be 06 or 15, that of others 03 or 00."""
    model = DispenserModel()
    assert model.feed(framed(b"DC")) == b"\x06"
    assert model.feed(framed(b"RF") + b"\x05") == b"\x06" + status(b"SF", 0)


@given(st.integers(0, 7), st.integers(0, 7))
def test_one_wrong_bit_anywhere_is_never_a_state(at: int, bit: int) -> None:
    frame = bytearray(status(b"SF", 0x012))
    frame[at] ^= 1 << bit
    assert not any(isinstance(found, Said) for found in DispenserFrames().feed(bytes(frame)))


def test_a_frame_that_breaks_off_is_given_up_and_the_next_is_read() -> None:
    clock = WireClock()
    frames = DispenserFrames(clock=clock)
    assert frames.feed(status(b"SF", 2)[:4]) == []
    clock.now_s += 0.5
    assert frames.tick() == [Broken()]
    assert frames.feed(status(b"SF", 2)) == [Said(b"SF", 2)]


def test_a_frame_inside_a_broken_one_is_read() -> None:
    assert DispenserFrames().feed(b"\x02SF" + status(b"SF", 2)) == [Broken(), Said(b"SF", 2)]


# Moves


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_is_fed_handed_out_and_taken(kind: str) -> None:
    bench = Bench(kind)
    first = bench.machine.hopper[0]
    assert bench.does(bench.talk.feed) is None
    assert bench.machine.at_reader is first
    assert bench.does(bench.talk.hand_out) is None
    assert bench.machine.at_mouth is first
    bench.machine.take_card()
    assert bench.machine.out == [first]
    assert framed(DISPENSERS[kind].feed) + b"\x05" in bench.heard.replace(framed(b"RF"), b"")


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_card_goes_into_the_bin(kind: str) -> None:
    bench = Bench(kind)
    first = bench.machine.hopper[0]
    bench.does(bench.talk.feed)
    assert bench.does(bench.talk.throw_away) is None
    assert bench.machine.bin == [first]


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_left_from_before_goes_into_the_bin_and_a_blank_one_is_fed(kind: str) -> None:
    bench = Bench(kind)
    first, second = bench.machine.hopper[:2]
    bench.does(bench.talk.feed)
    assert bench.does(bench.talk.feed) is None
    assert (bench.machine.bin, bench.machine.at_reader) == ([first], second)


def test_a_blank_that_nobody_wrote_on_is_the_next_card() -> None:
    bench = Bench()
    first = bench.machine.hopper[0]
    bench.does(bench.talk.feed)
    bench.talk.keep_blank()
    assert bench.does(bench.talk.feed) is None
    assert (bench.machine.bin, bench.machine.at_reader) == ([], first)


def test_a_blank_is_not_trusted_after_the_line_was_broken() -> None:
    bench = Bench()
    first = bench.machine.hopper[0]
    bench.does(bench.talk.feed)
    bench.talk.keep_blank()
    bench.talk.closed("device.unplugged")
    bench.talk.opened()
    bench.does(bench.talk.feed)
    assert bench.machine.bin == [first]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (lambda machine: machine.empty_hopper(), "dispenser.empty"),
        (lambda machine: setattr(machine, "is_jammed", True), "dispenser.jam"),
        (lambda machine: setattr(machine, "jams_next", True), "dispenser.jam"),
        (lambda machine: setattr(machine, "fails_next", True), "dispenser.failed"),
        (lambda machine: machine.bin.extend(machine.hopper[:20]), "dispenser.bin_full"),
        (lambda machine: setattr(machine, "at_mouth", machine.hopper[0]), "dispenser.card_at_mouth"),
    ],
)
def test_what_keeps_a_card_from_being_fed_is_named(
    kind: str, trouble: Callable[[DispenserModel], None], cause: str
) -> None:
    bench = Bench(kind)
    trouble(bench.machine)
    assert bench.does(bench.talk.feed) == cause


def test_a_failure_of_before_is_reset_and_the_card_fed() -> None:
    bench = Bench()
    bench.machine.has_failed = True
    assert bench.does(bench.talk.feed) is None
    assert framed(b"ST") + b"\x05" in bench.heard


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_card_is_fed_although_the_hopper_is_then_empty(kind: str) -> None:
    bench = Bench(kind, cards=1)
    assert bench.does(bench.talk.feed) is None
    assert bench.does(bench.talk.hand_out) is None
    bench.machine.take_card()
    assert bench.does(bench.talk.feed) == "dispenser.empty"


@pytest.mark.parametrize("kind", KINDS)
def test_a_jam_on_the_way_out_is_no_card_in_hand(kind: str) -> None:
    bench = Bench(kind)
    bench.does(bench.talk.feed)
    bench.machine.jams_next = True
    assert bench.does(bench.talk.hand_out) == "dispenser.jam"


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_that_vanished_from_the_read_position_did_not_come_out(kind: str) -> None:
    bench = Bench(kind)
    bench.does(bench.talk.feed)
    bench.machine.captures_at_power_up = True
    bench.machine.power_cycle()
    assert bench.does(bench.talk.hand_out) == "dispenser.card_gone"


def test_a_card_taken_before_anybody_looked_came_out() -> None:
    bench = Bench()
    bench.does(bench.talk.feed)

    def snatch() -> None:
        bench.machine.take_card()

    original = bench.machine.feed

    def feed(data: bytes) -> bytes:
        snatch()
        return original(data)

    bench.machine.feed = feed  # type: ignore[method-assign]
    assert bench.does(bench.talk.hand_out) is None
    assert len(bench.machine.out) == 1


def test_a_machine_of_another_kind_refuses_and_says_so() -> None:
    bench = Bench("k720")
    bench.talk = DispenserTalk(DISPENSERS["cd-720m"], clock=bench.clock)
    bench.talk.opened()
    assert bench.does(bench.talk.feed) == "dispenser.not_understood"


def test_a_machine_that_is_not_ready_yet_is_waited_for() -> None:
    bench = Bench("k720")
    ready_at_s = bench.clock.now_s + 3

    def starting(said: bytes) -> bytes:
        is_state = said.endswith(status(b"SF", 0)) and bench.clock.now_s < ready_at_s
        return said[:-8] + status(b"SF", 0x001) if is_state else said

    bench.spoil = starting
    assert bench.does(bench.talk.feed) is None
    assert bench.clock.now_s >= ready_at_s


@pytest.mark.parametrize("kind", KINDS)
def test_power_that_was_gone_while_a_card_was_fed_is_noticed_and_the_card_fed_again(kind: str) -> None:
    bench = Bench(kind, move_s=1.5)
    gone = [False]

    def power_cycle() -> None:
        if not gone[0]:
            gone[0] = True
            bench.machine.power_cycle()

    assert bench.does(bench.talk.feed, power_cycle) is None
    assert gone == [True]
    assert bench.machine.at_reader is not None
    assert bench.heard.count(framed(DISPENSERS[kind].feed) + b"\x05") == 2


# Health


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (lambda machine: machine.empty_hopper(), "dispenser.empty"),
        (lambda machine: machine.hopper.__delitem__(slice(5, None)), "dispenser.low"),
        (lambda machine: setattr(machine, "is_jammed", True), "dispenser.jam"),
        (lambda machine: machine.bin.extend(machine.hopper[:20]), "dispenser.bin_full"),
    ],
)
def test_its_state_is_known_before_anybody_needs_a_card(trouble: Callable[[DispenserModel], None], cause: str) -> None:
    bench = Bench()
    bench.goes_on(1)
    assert bench.talk.state == (DeviceState.ONLINE, None)
    trouble(bench.machine)
    bench.goes_on(3)
    assert bench.talk.state == (DeviceState.DEGRADED, cause)


def test_a_silent_machine_is_told_and_well_again_when_it_speaks() -> None:
    bench = Bench(spoil=lambda _: b"")
    bench.goes_on(10)
    assert bench.talk.state == (DeviceState.DEGRADED, "device.silent")
    assert bench.does(bench.talk.feed) == "device.silent"
    bench.spoil = lambda said: said
    bench.goes_on(5)
    assert bench.talk.state == (DeviceState.ONLINE, None)


def test_a_closed_port_ends_what_waits_for_it_once() -> None:
    bench = Bench()
    ends: list[str | None] = []
    bench.talk.feed(ends.append)
    bench.goes_on(0.1)
    bench.talk.closed("device.unplugged")
    bench.talk.closed("device.stopped")
    bench.talk.feed(ends.append)
    for call in bench.talk.take_calls():
        call()
    assert ends == ["device.unplugged", "device.stopped"]


# Anything


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_mutation_whatever_raises_or_loses_a_card(kind: str, part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    count = 0

    def spoil(said: bytes) -> bytes:
        nonlocal count
        count += 1
        return spoiled(said, chance) if chance.random() < 0.6 else said

    bench = Bench(kind, spoil=spoil)
    while count < FRAMES:
        machine = bench.machine
        machine.fill(3)
        machine.jams_next = chance.random() < 0.05
        machine.fails_next = chance.random() < 0.05
        move = chance.choice((bench.talk.feed, bench.talk.hand_out, bench.talk.throw_away))
        wanted = machine.at_reader
        cause = bench.does(move)
        if cause is None and move == bench.talk.hand_out:
            assert wanted is not None, f"seed {seed}"
            assert machine.at_mouth is wanted, f"seed {seed}"
        if cause is None and move == bench.talk.feed:
            assert machine.at_reader is not None, f"seed {seed}"
        machine.take_card()
        machine.empty_bin()
        if machine.is_jammed:
            machine.clear_jam()
        machine.has_failed = False


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_any_split_of_any_bytes_is_taken_without_an_exception(chunks: list[bytes]) -> None:
    clock = WireClock()
    talk, model = DispenserTalk(DISPENSERS["k720"], clock=clock), DispenserModel("k720", clock=clock)
    talk.opened()
    talk.feed(lambda _: None)
    for chunk in chunks:
        talk.accepted(len(talk.outgoing()))
        talk.received(chunk)
        model.feed(chunk)
        clock.now_s += 0.3
        talk.tick()
