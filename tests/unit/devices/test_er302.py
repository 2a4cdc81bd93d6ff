"""Contactless cards through ER302 readers, byte by byte and broken in every way (DEVICES.md 2.6, 5.1)."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import CardSeen
from devices.drivers.er302 import ANTICOLLISION, BEEP, READ, REQUEST, ER302Frames, ER302Reader, Reply, framed, reply_in
from devices.simulators.er302 import ER302Model
from devices.simulators.tags import SimulatedTag
from tests.support.wire import FRAMES, PARTS, Wire, WireClock, spoiled

REQUEST_ALL = bytes.fromhex("AA BB 06 00 00 00 01 02 52 51")
ANTICOLLIDE = bytes.fromhex("AA BB 05 00 00 00 02 02 00")
BEEPED = bytes.fromhex("AA BB 06 00 00 00 06 01 01 06")
IDENTIFIED = bytes.fromhex("AA BB 0A 00 00 00 02 02 00 04 A1 B2 C3 D4")
CARD = SimulatedTag(bytes.fromhex("04A1B2C3"))
SEEN = CardSeen("04A1B2C3", entry="tap")


def a_wire(*, stuffed: bool = False, **options: object) -> Wire:
    clock = WireClock()
    model = ER302Model(stuffed=stuffed)
    return Wire(clock, ER302Reader(stuffed=stuffed, clock=clock), model, **options)  # type: ignore[arg-type]


def machine(wire: Wire) -> ER302Model:
    assert isinstance(wire.machine, ER302Model)
    return wire.machine


def test_the_frames_are_those_of_the_specification() -> None:
    assert framed(REQUEST, b"\x52") == REQUEST_ALL
    assert framed(ANTICOLLISION) == ANTICOLLIDE
    assert framed(ANTICOLLISION, bytes.fromhex("00 04 A1 B2 C3")) == IDENTIFIED


def test_an_answer_has_a_status_before_its_data() -> None:
    (body,) = ER302Frames().feed(IDENTIFIED)
    assert reply_in(body) == Reply(ANTICOLLISION, 0, bytes.fromhex("04A1B2C3"))
    assert reply_in(b"\x00\x00\x01\x02") is None


def test_an_aa_inside_is_followed_by_a_zero_where_the_firmware_wants_it() -> None:
    plain = framed(READ, bytes.fromhex("AA 01"))
    stuffed = framed(READ, bytes.fromhex("AA 01"), stuffed=True)
    assert plain == bytes.fromhex("AA BB 07 00 00 00 08 02 AA 01 A1")
    assert stuffed == bytes.fromhex("AA BB 07 00 00 00 08 02 AA 00 01 A1")
    assert ER302Frames(stuffed=True).feed(stuffed) == ER302Frames().feed(plain) != []


def test_a_checksum_of_aa_is_stuffed_too() -> None:
    frame = framed(READ, b"\xa0", stuffed=True)
    assert frame.endswith(b"\xaa\x00")
    assert len(ER302Frames(stuffed=True).feed(frame)) == 1


@given(st.lists(st.binary(max_size=20), max_size=5), st.integers(1, 7), st.booleans())
def test_frames_with_any_data_in_any_split_come_out_whole(payloads: list[bytes], size: int, stuffed: bool) -> None:
    said = b"".join(framed(READ, payload, stuffed=stuffed) for payload in payloads)
    frames = ER302Frames(stuffed=stuffed)
    found: list[bytes] = []
    for at in range(0, len(said), size):
        found += frames.feed(said[at : at + size])
    assert [body[4:] for body in found] == payloads


@pytest.mark.parametrize("at", range(2, len(IDENTIFIED)))
def test_one_wrong_byte_anywhere_is_never_a_frame(at: int) -> None:
    wrong = bytearray(IDENTIFIED)
    wrong[at] ^= 0x10
    assert ER302Frames().feed(bytes(wrong)) == []


def test_a_frame_that_breaks_off_does_not_swallow_the_next() -> None:
    clock = WireClock()
    frames = ER302Frames(clock=clock)
    assert frames.feed(IDENTIFIED[:7]) == []
    clock.now_s += 0.2
    assert frames.tick() == []
    assert len(frames.feed(IDENTIFIED)) == 1


def test_a_broken_frame_glued_to_a_good_one_costs_only_itself() -> None:
    assert len(ER302Frames().feed(IDENTIFIED[:9] + IDENTIFIED)) == 1


def test_a_card_is_looked_for_again_and_again() -> None:
    wire = a_wire()
    wire.goes_on(0.5)
    assert wire.heard.startswith(REQUEST_ALL * 2)
    assert wire.heard.replace(REQUEST_ALL, b"") == b""


@pytest.mark.parametrize("stuffed", [False, True])
def test_a_card_put_down_is_one_beep_however_long_it_lies_there(stuffed: bool) -> None:
    wire = a_wire(stuffed=stuffed)
    wire.goes_on(0.5)
    machine(wire).put(SimulatedTag(bytes.fromhex("AAAA00AA")))
    assert wire.goes_on(10) == [CardSeen("AAAA00AA", entry="tap")]
    assert machine(wire).beeps == 1


def test_request_anticollision_and_again_before_a_card_counts() -> None:
    wire = a_wire()
    machine(wire).put(CARD)
    assert wire.goes_on() == [SEEN]
    assert wire.heard == (REQUEST_ALL + ANTICOLLIDE) * 2 + BEEPED


def test_the_answer_to_an_earlier_question_is_nobodys() -> None:
    reader = ER302Reader(clock=WireClock())
    assert reader.outgoing() == REQUEST_ALL
    reader.accepted(len(REQUEST_ALL))
    assert list(reader.feed(IDENTIFIED * 3)) == []
    assert reader.outgoing() == b""


def test_the_simulated_reader_reads_and_writes_behind_its_key() -> None:
    model = ER302Model()
    model.put(CARD)
    ok = bytes.fromhex("00")

    def asks(command: int, data: bytes) -> bytes:
        (body,) = ER302Frames().feed(model.feed(framed(command, data)))
        return body[4:]

    assert asks(0x0208, b"\x04") == b"\x14"
    assert asks(0x0203, CARD.identity) == ok + b"\x08"
    assert asks(0x0207, b"\x60\x04" + bytes(6)) == b"\x14"
    assert asks(0x0207, b"\x60\x04" + b"\xff" * 6) == ok
    assert asks(0x0209, b"\x04" + b"MemberDesk 00002") == ok
    assert asks(0x0208, b"\x04") == ok + b"MemberDesk 00002"
    assert asks(BEEP, b"\x05") == ok


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("stuffed", [False, True])
def test_no_mutation_whatever_raises_or_makes_another_card(stuffed: bool, part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    count = 0
    there: deque[str] = deque(maxlen=5)  # an answer may be one that was asked for again

    def spoil(said: bytes) -> bytes:
        nonlocal count
        count += 1
        return spoiled(said, chance)

    wire = a_wire(stuffed=stuffed, spoil=spoil)
    while count < FRAMES:
        tag = SimulatedTag(chance.choice((b"\x04\x00\xb2", b"\x5a\xaa\xaa", b"\x04\xaa\xbb\x05\x00\x00")) + b"\x01")
        there.append(tag.identity.hex().upper())
        machine(wire).put(tag)
        for event in wire.goes_on(chance.choice((0.2, 1.0, 2.0))):
            if isinstance(event, CardSeen):
                assert event.number in there, f"seed {seed}"


@given(st.lists(st.binary(max_size=40), max_size=30), st.booleans())
def test_any_split_of_any_bytes_is_taken_without_an_exception(chunks: list[bytes], stuffed: bool) -> None:
    clock = WireClock()
    reader = ER302Reader(stuffed=stuffed, clock=clock)
    for chunk in chunks:
        reader.accepted(len(reader.outgoing()))
        reader.feed(chunk)
        clock.now_s += 0.04
        reader.tick()
