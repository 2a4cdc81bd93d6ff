"""GM65 scanners: commands and scanned lines on one wire (DEVICES.md 2.3)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import CardSeen
from devices.drivers.gm65 import (
    NO_CRC,
    GM65Reader,
    GM65Replies,
    Reply,
    crc16,
    read_zone,
    replied,
    trigger,
    write_zone,
)
from devices.drivers.reader import CounterReader, MemberCardRule
from devices.simulators.scanner import GM65Model
from tests.support.wire import FRAMES, PARTS, Wire, WireClock, spoiled

NUMBER = "9900010000000019"
OK = bytes.fromhex("02 00 00 01 00 33 31")


def a_wire(**options: object) -> Wire:
    clock = WireClock()
    reader = GM65Reader(CounterReader(clock=clock, has_tags=False), clock=clock)
    return Wire(clock, reader, GM65Model(), **options)  # type: ignore[arg-type]


def machine(wire: Wire) -> GM65Model:
    assert isinstance(wire.machine, GM65Model)
    return wire.machine


def test_the_frames_are_those_of_the_specification() -> None:
    assert crc16(bytes.fromhex("00 01 00")) == 0x3331
    assert replied(b"\x00") == OK
    assert trigger()[:-2] == bytes.fromhex("7E 00 08 01 00 02 01")
    assert read_zone(0x0000)[:-2] == bytes.fromhex("7E 00 07 01 00 00 01")
    assert write_zone(0x0060, b"\x05")[-2:] == crc16(bytes.fromhex("08 01 00 60 05")).to_bytes(2, "big")


def test_an_answer_is_found_among_scanned_lines_in_any_split() -> None:
    said = b"A1\r" + OK + b"B2\r"
    for size in range(1, len(said) + 1):
        replies, lines = GM65Replies(), b""
        found: list[Reply] = []
        for at in range(0, len(said), size):
            more, others = replies.feed(said[at : at + size])
            found += more
            lines += others
        assert (found, lines) == ([Reply(b"\x00")], b"A1\rB2\r")


def test_an_answer_with_a_wrong_checksum_is_none() -> None:
    assert GM65Replies().feed(OK[:-1] + b"\x30") == ([], OK[:-1] + b"\x30")


def test_the_simulated_scanner_obeys_with_checksum_or_without_and_not_with_a_wrong_one() -> None:
    scanner = GM65Model()
    assert scanner.feed(trigger()) == OK
    assert scanner.feed(trigger()[:-2] + NO_CRC) == OK
    assert scanner.feed(trigger()[:-2] + b"\x00\x00") == b""
    assert scanner.feed(write_zone(0x0060, b"\x05") + read_zone(0x0060)) == OK + replied(b"\x05")


def test_in_command_mode_a_code_is_scanned_when_the_host_says_so() -> None:
    scanner = GM65Model()
    scanner.feed(write_zone(0x0000, b"\x01"))
    scanner.scan(b"A1\r")
    assert scanner.replies() == b""
    assert scanner.feed(trigger()) == OK + b"A1\r"


def test_the_scanner_is_asked_whether_it_is_there_every_ten_seconds() -> None:
    wire = a_wire()
    wire.goes_on(9)
    assert wire.heard == read_zone(0)
    wire.goes_on(2)
    assert wire.heard == read_zone(0) * 2
    assert not wire.reader.is_silent


def test_a_scan_is_a_scan_with_its_kind_taken_off() -> None:
    wire = a_wire()
    wire.goes_on(1)
    machine(wire).scan(f"]C0{NUMBER}\r".encode())
    assert wire.goes_on(1) == [CardSeen(NUMBER, entry="scan")]


def test_a_scan_that_comes_in_the_middle_of_the_answer_is_not_lost() -> None:
    wire = a_wire(spoil=lambda said: said + b"A1\r")
    assert wire.goes_on(0.1) == [CardSeen("A1", entry="scan")]


def test_a_scanner_that_does_not_answer_is_silent_but_still_scans() -> None:
    wire = a_wire(spoil=lambda _: b"")
    wire.goes_on(4)
    assert wire.reader.is_silent
    assert list(wire.reader.feed(b"A1\r")) == [CardSeen("A1", entry="scan")]


@pytest.mark.parametrize("part", PARTS)
def test_no_mutation_whatever_raises_or_makes_another_card(part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    count = 0

    def spoil(said: bytes) -> bytes:
        nonlocal count
        count += 1
        return spoiled(said, chance)

    wire = a_wire(spoil=spoil)
    while count < FRAMES:
        machine(wire).scan(chance.choice((NUMBER, "6222021234567890128")).encode() + b"\r")
        # Scanned lines have no checksum: what is cut off must be apart from the next code by the line's idle gap.
        for event in wire.goes_on(chance.choice((0.2, 0.5))):
            if isinstance(event, CardSeen) and MemberCardRule().claims(event.number):
                assert event.number == NUMBER, f"seed {seed}"
            assert "6222021234567890128" not in repr(event), f"seed {seed}"


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_any_split_of_any_bytes_is_taken_without_an_exception(chunks: list[bytes]) -> None:
    wire, scanner = a_wire(), GM65Model()
    for chunk in chunks:
        wire.reader.accepted(len(wire.reader.outgoing()))
        wire.reader.feed(chunk)
        scanner.feed(chunk)
        wire.clock.now_s += 0.04
        wire.reader.tick()


@pytest.mark.parametrize("zone", [0x0000, 0x0060, 0x00D9])
def test_zones_keep_what_was_written(zone: int) -> None:
    scanner = GM65Model()
    scanner.feed(write_zone(zone, b"\x2a"))
    (reply,), rest = GM65Replies().feed(scanner.feed(read_zone(zone)))
    assert (reply, rest) == (Reply(b"\x2a"), b"")
