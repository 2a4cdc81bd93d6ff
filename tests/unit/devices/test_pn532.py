"""Contactless cards through a PN532, byte by byte and broken in every way (DEVICES.md 2.5, 5.1)."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import CardSeen
from devices.drivers.pn532 import (
    ACK,
    ERROR,
    FROM_CHIP,
    NACK,
    WAKE,
    Acknowledged,
    ApplicationError,
    Broken,
    Data,
    Frame,
    NotAcknowledged,
    PN532Frames,
    PN532Reader,
    asked,
    framed,
    identity_listed,
)
from devices.simulators.pn532 import PN532Model
from devices.simulators.tags import SimulatedTag
from tests.support.wire import FRAMES, PARTS, Wire, WireClock, spoiled

GET_FIRMWARE = bytes.fromhex("00 00 FF 02 FE D4 02 2A 00")
FIRMWARE = bytes.fromhex("00 00 FF 06 FA D5 03 32 01 06 07 E8 00")
SAM = bytes.fromhex("00 00 FF 05 FB D4 14 01 14 01 02 00")
SAM_DONE = bytes.fromhex("00 00 FF 02 FE D5 15 16 00")
LIST = bytes.fromhex("00 00 FF 04 FC D4 4A 01 00 E1 00")
LISTED = bytes.fromhex("00 00 FF 0C F4 D5 4B 01 01 00 04 08 04 04 A1 B2 C3 B4 00")
AUTHENTICATE = bytes.fromhex("00 00 FF 0F F1 D4 40 01 60 04 FF FF FF FF FF FF 04 A1 B2 C3 73 00")
READ_BLOCK_4 = bytes.fromhex("00 00 FF 05 FB D4 40 01 30 04 B7 00")
CARD = SimulatedTag(bytes.fromhex("04A1B2C3"))
SEEN = CardSeen("04A1B2C3", entry="tap")


def a_wire(**options: object) -> Wire:
    clock = WireClock()
    return Wire(clock, PN532Reader(clock=clock), PN532Model(), **options)  # type: ignore[arg-type]


def machine(wire: Wire) -> PN532Model:
    assert isinstance(wire.machine, PN532Model)
    return wire.machine


# Frames


def test_the_frames_are_those_of_the_specification() -> None:
    assert asked(0x02) == GET_FIRMWARE
    assert framed(FROM_CHIP, 0x03, bytes.fromhex("32 01 06 07")) == FIRMWARE
    assert asked(0x14, bytes.fromhex("01 14 01")) == SAM
    assert asked(0x4A, bytes.fromhex("01 00")) == LIST
    assert asked(0x40, bytes.fromhex("01 60 04 FF FF FF FF FF FF 04 A1 B2 C3")) == AUTHENTICATE
    assert asked(0x40, bytes.fromhex("01 30 04")) == READ_BLOCK_4


def test_what_the_chip_says_is_taken_apart() -> None:
    said = ACK + NACK + ERROR + FIRMWARE + SAM_DONE
    assert PN532Frames().feed(said) == [
        Acknowledged(),
        NotAcknowledged(),
        ApplicationError(),
        Data(0x02, bytes.fromhex("32 01 06 07")),
        Data(0x14, b""),
    ]


@given(st.lists(st.sampled_from([ACK, NACK, ERROR, FIRMWARE, SAM_DONE, LISTED]), max_size=6), st.integers(1, 7))
def test_frames_in_any_split_are_the_same_frames(frames: list[bytes], size: int) -> None:
    said = b"".join(frames)
    whole, pieces = PN532Frames().feed(said), PN532Frames()
    found: list[Frame] = []
    for at in range(0, len(said), size):
        found += pieces.feed(said[at : at + size])
    assert found == whole
    assert len(found) == len(frames)


def test_noise_before_a_frame_is_skipped_and_counted() -> None:
    frames = PN532Frames()
    assert frames.feed(b"\xaa\x00\x55" + SAM_DONE) == [Data(0x14, b"")]
    assert frames.noise == 2


@pytest.mark.parametrize("at", range(3, len(LISTED)))
def test_one_wrong_byte_anywhere_is_never_a_frame(at: int) -> None:
    spoiled = bytearray(LISTED)
    spoiled[at] ^= 0x10
    assert Data not in [type(frame) for frame in PN532Frames().feed(bytes(spoiled))]


def test_a_frame_that_breaks_off_is_given_up_and_the_next_is_read() -> None:
    clock = WireClock()
    frames = PN532Frames(clock=clock)
    assert frames.feed(LISTED[:9]) == []
    assert frames.tick() == []
    clock.now_s += 0.2
    assert frames.tick() == [Broken()]
    assert frames.feed(SAM_DONE) == [Data(0x14, b"")]


@pytest.mark.parametrize(
    ("answer", "identity"),
    [
        ("01 01 00 04 08 04 04 A1 B2 C3", "04A1B2C3"),
        ("01 01 00 44 00 07 04 A1 B2 C3 D4 E5 F6", "04A1B2C3D4E5F6"),
        ("01 01 03 44 20 07 04 A1 B2 C3 D4 E5 F6 06 75 77 81 02 80", "04A1B2C3D4E5F6"),
        ("00", None),
        ("01 01 04 08 04 04 A1 B2 C3", None),  # a zero was lost
        ("01 01 00 44 08 04 04 A1 B2 C3", None),  # the size bits speak of seven bytes
        ("01 01 00 04 08 04 04 A1 B2", None),
        ("01 01 00 04 08 04 04 A1 B2 C3 05", None),
        ("", None),
    ],
)
def test_an_identity_is_taken_only_from_an_answer_that_agrees_with_itself(answer: str, identity: str | None) -> None:
    found = identity_listed(bytes.fromhex(answer))
    assert (found.hex().upper() if found else None) == identity


# The talk


def test_the_chip_is_woken_set_up_and_asked_for_a_card() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    assert wire.heard == WAKE + SAM + LIST


def test_without_a_card_the_question_is_ended_by_an_ack_and_asked_anew() -> None:
    wire = a_wire()
    wire.goes_on(1.5)
    assert wire.heard == WAKE + SAM + LIST + ACK + LIST
    assert not wire.reader.is_silent


def test_a_chip_that_lost_its_power_is_woken_again() -> None:
    wire = a_wire()
    wire.goes_on(0.5)
    machine(wire).power_cycle()
    wire.goes_on(3)
    machine(wire).put(CARD)
    assert wire.goes_on(1) == [SEEN]


def test_a_garbled_answer_is_asked_for_again_with_a_nack() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    reader = wire.reader
    assert list(reader.feed(LISTED[:-2] + b"\x00\x00")) == []
    assert reader.outgoing() == NACK
    reader.accepted(len(NACK))
    assert list(reader.feed(LISTED)) == []  # read once; it is asked for again
    assert reader.outgoing() == LIST
    reader.accepted(len(LIST))
    assert list(reader.feed(ACK + LISTED)) == [SEEN]


def test_a_command_that_was_not_acknowledged_is_sent_again_but_not_for_ever() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    for expected in (LIST, LIST, b"", b""):
        wire.reader.feed(NACK)
        assert wire.reader.outgoing() == expected
        wire.reader.accepted(len(expected))


def test_an_error_frame_is_no_card_and_not_the_end() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    assert list(wire.reader.feed(ERROR)) == []
    machine(wire).put(CARD)
    assert wire.goes_on(1) == [SEEN]


def test_the_answer_to_an_earlier_question_is_nobodys() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    assert list(wire.reader.feed(SAM_DONE + FIRMWARE)) == []
    assert wire.reader.outgoing() == b""


def test_half_a_frame_before_the_cable_was_pulled_does_not_spoil_the_next() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    wire.reader.feed(LISTED[:11])
    wire.reader.clear()
    machine(wire).power_cycle()
    machine(wire).put(CARD)
    assert wire.goes_on(1) == [SEEN]


# The simulated chip, by the published frames


def test_the_simulated_chip_says_what_the_specification_says() -> None:
    chip = PN532Model()
    assert chip.feed(GET_FIRMWARE) == b""  # asleep
    assert chip.feed(WAKE + GET_FIRMWARE) == ACK + FIRMWARE
    assert chip.feed(SAM) == ACK + SAM_DONE
    assert chip.feed(LIST) == ACK
    chip.put(CARD)
    assert chip.replies() == LISTED
    assert chip.feed(NACK) == LISTED
    assert chip.feed(READ_BLOCK_4) == ACK + framed(FROM_CHIP, 0x41, b"\x14")  # not before a key
    assert chip.feed(AUTHENTICATE) == ACK + framed(FROM_CHIP, 0x41, b"\x00")
    assert chip.feed(READ_BLOCK_4) == ACK + framed(FROM_CHIP, 0x41, bytes(17))
    assert chip.feed(asked(0x40, b"\x01\xa0\x04" + b"MemberDesk 00001")) == ACK + framed(FROM_CHIP, 0x41, b"\x00")
    assert chip.feed(READ_BLOCK_4) == ACK + framed(FROM_CHIP, 0x41, b"\x00MemberDesk 00001")
    assert chip.feed(asked(0x99)) == ACK + ERROR


# Anything


@pytest.mark.parametrize("part", PARTS)
def test_no_mutation_whatever_raises_or_makes_another_card(part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    count = 0
    there: deque[str] = deque(maxlen=5)  # an answer may be one that was asked for again

    def spoil(said: bytes) -> bytes:
        nonlocal count
        count += 1
        return spoiled(said, chance)

    wire = a_wire(spoil=spoil)
    while count < FRAMES:
        tag = SimulatedTag(chance.choice((b"\x04\x00\xb2", b"\x5a\xa1\x00\x00\x00\xff")) + chance.randbytes(1))
        there.append(tag.identity.hex().upper())
        machine(wire).put(tag)
        for event in wire.goes_on(chance.choice((0.2, 1.0, 2.0))):
            if isinstance(event, CardSeen):
                assert event.number in there, f"seed {seed}"


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_any_split_of_any_bytes_is_taken_without_an_exception(chunks: list[bytes]) -> None:
    clock = WireClock()
    reader = PN532Reader(clock=clock)
    for chunk in chunks:
        reader.accepted(len(reader.outgoing()))
        reader.feed(chunk)
        clock.now_s += 0.04
        reader.tick()
