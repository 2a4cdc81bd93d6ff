"""Swipes through an MSR605 and what its simulation writes, byte by byte (DEVICES.md 2.1, 2.2, 5.1)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import BankCardSeen, CardSeen, UnreadableSeen
from devices.drivers.msr605 import (
    Answer,
    Broken,
    Frame,
    MSR605Frames,
    MSR605Reader,
    Tracks,
    erase,
    write_iso,
    write_raw,
)
from devices.drivers.reader import MemberCardRule
from devices.drivers.stripe_bits import packed, reversed_bits, symbols, unpacked
from devices.simulators.msr605 import MSR605Model, StripeCard
from tests.support.wire import FRAMES, PARTS, Wire, WireClock, spoiled

NUMBER = "9900010000000019"
CODE = "0012345"
TRACK_1 = "%B9900010000000019^ZHANG/SANFENG^30121010012345?"
TRACK_2 = ";9900010000000019=30121010012345?"
BANK_TRACK_2 = ";6222021234567890128=30121010012345?"
SEEN = CardSeen(NUMBER, card_code=CODE)
START = bytes.fromhex("1B 61 1B 65")
READ = bytes.fromhex("1B 72")


def block(first: str = "", second: str = "", third: str = "", *, status: bytes = b"0") -> bytes:
    tracks = (b"\x1b" + bytes((at,)) + track.encode() for at, track in enumerate((first, second, third), 1))
    return b"\x1bs" + b"".join(tracks) + b"?\x1c\x1b" + status


def a_wire(**options: object) -> Wire:
    clock = WireClock()
    return Wire(clock, MSR605Reader(clock=clock), MSR605Model(), **options)  # type: ignore[arg-type]


def machine(wire: Wire) -> MSR605Model:
    assert isinstance(wire.machine, MSR605Model)
    return wire.machine


def our_card() -> StripeCard:
    return StripeCard.of(TRACK_1, TRACK_2)


# Bits on the stripe


def test_symbols_and_packed_bits_are_those_of_the_makers_manual() -> None:
    assert bytes(symbols("%ABC123?", 1)) == bytes.fromhex("45 61 62 23 51 52 13 1F")
    assert bytes(symbols(";12345?", 2)) == bytes.fromhex("0B 01 02 13 04 15 1F")
    assert packed("%ABC123?", 1) == bytes.fromhex("C5 B0 78 14 95 4E 3E 2A")
    assert packed(";12345?", 2) == bytes.fromhex("2B 88 49 EA AF")


def test_check_characters_of_our_example_card() -> None:
    assert symbols("1", 2) == (0b00001,)
    assert symbols("S", 1) == (0b1110011,)
    assert unpacked(packed(TRACK_1, 1), 1) == TRACK_1
    assert unpacked(packed(TRACK_2, 2), 2) == TRACK_2


@given(st.integers(1, 3), st.data())
def test_any_track_comes_back_and_a_wrong_bit_does_not(number: int, data: st.DataObject) -> None:
    alphabet = "".join(chr(code) for code in range(0x20 if number == 1 else 0x30, 0x60 if number == 1 else 0x40))
    body = data.draw(st.text(alphabet.replace("?", ""), max_size=37))
    track = ("%" if number == 1 else ";") + body + "?"
    bits = packed(track, number)
    assert unpacked(bits, number) == track
    assert unpacked(bytes(3) + bits + bytes(2), number) == track  # leading and trailing zeros
    width = 7 if number == 1 else 5
    wrong = data.draw(st.integers(0, (len(track) + 1) * width - 1))
    spoiled_bits = int.from_bytes(bits, "little") ^ 1 << wrong
    assert unpacked(spoiled_bits.to_bytes(len(bits), "little"), number) != track


def test_an_empty_track_holds_nothing() -> None:
    assert unpacked(b"", 1) is None
    assert unpacked(bytes(20), 2) is None


def test_bits_can_be_turned_round() -> None:
    assert reversed_bits(b"\x01\xc5") == b"\x80\xa3"


def test_a_character_that_a_track_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="track 2"):
        packed(";12A?", 2)


# Commands


def test_the_command_that_writes_is_that_of_the_specification() -> None:
    expected = (
        b"\x1b\x77\x1b\x73\x1b\x01B9900010000000019^ZHANG/SANFENG^30121010012345"
        b"\x1b\x029900010000000019=30121010012345\x1b\x03\x3f\x1c"
    )
    assert write_iso("B9900010000000019^ZHANG/SANFENG^30121010012345", "9900010000000019=30121010012345") == expected
    assert write_raw(b"\x1c?", b"", b"\x1b") == bytes.fromhex("1B 6E 1B 73 1B 01 02 1C 3F 1B 02 00 1B 03 01 1B 3F 1C")


@pytest.mark.parametrize("track", ["1\x1b", "1\x1c", "lower", "会"])
def test_nothing_written_can_become_a_command(track: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        write_iso(track)


def test_tracks_to_erase_are_named_as_in_the_manual() -> None:
    assert erase() == bytes.fromhex("1B 63 07")
    assert erase(True, False, False) == bytes.fromhex("1B 63 00")
    assert erase(False, True, True) == bytes.fromhex("1B 63 06")
    with pytest.raises(ValueError, match="no track"):
        erase(False, False, False)


# Answers


@pytest.mark.parametrize(
    ("said", "tracks"),
    [
        # the manual's own example
        ("1B 73 1B 01 25 30 31 3F 1B 02 3B 32 33 3F 1B 03 3B 34 35 3F 3F 1C 1B 30", ("%01?", ";23?", ";45?")),
        ("1B 73 1B 01 25 30 31 3F 1B 02 3B 32 33 3F 1B 03 3B 34 35 3F 1C 1B 30", ("%01?", ";23?", ";45?")),
        ("1B 73 1B 01 1B 02 3B 32 33 3F 1B 03 3F 1C 1B 30", ("", ";23?", "")),
        ("1B 73 1B 01 1B 02 3B 32 33 3F 3F 1C 1B 30", ("", ";23?", "")),
        ("1B 73 1B 01 1B 2B 1B 02 3B 32 33 3F 1B 03 1B 2B 3F 1C 1B 30", ("", ";23?", "")),
        ("1B 73 1B 02 3B 32 33 3F 3F 1C 1B 30", ("", ";23?", "")),
        ("1B 73 1B 01 1B 02 1B 03 3F 1C 1B 30", ("", "", "")),
        ("1B 73 3F 1C 1B 30", ("", "", "")),
    ],
)
def test_every_firmwares_way_to_say_what_is_on_a_card(said: str, tracks: tuple[str, str, str]) -> None:
    first, second, third = (track.encode() for track in tracks)
    assert MSR605Frames().feed(bytes.fromhex(said)) == [Tracks((first, second, third))]


def test_raw_blocks_are_taken_by_length_whatever_they_hold() -> None:
    said = bytes.fromhex("1B 73 1B 01 04 1B 02 3F 1C 1B 02 00 1B 03 01 1B 3F 1C 1B 30")
    assert MSR605Frames(raw=True).feed(said) == [Tracks((b"\x1b\x02?\x1c", b"", b"\x1b"))]


def test_single_answers() -> None:
    assert MSR605Frames().feed(b"\x1by\x1b0\xff\x1bA") == [Answer(ord("y")), Answer(0x30), Answer(0x41)]


@pytest.mark.parametrize(
    "said",
    ["1B 73 1B 02 3B 1B 01 25", "1B 73 1B 04", "1B 73 41", "1B 73 1B 01 25 61", "1B 73 1B 01 25 1C", "1B 73 3F 1C 30"],
)
def test_a_block_out_of_form_is_broken_and_the_next_is_read(said: str) -> None:
    frames = MSR605Frames()
    assert frames.feed(bytes.fromhex(said))[0] == Broken()
    assert frames.feed(block(second=TRACK_2))[-1] == Tracks((b"", TRACK_2.encode(), b""))


@given(st.integers(1, 9))
def test_a_block_in_any_split_is_one_block(size: int) -> None:
    said = block(TRACK_1, TRACK_2) + block(second=TRACK_2, status=b"1")
    frames = MSR605Frames()
    found: list[Frame] = []
    for at in range(0, len(said), size):
        found += frames.feed(said[at : at + size])
    second = TRACK_2.encode()
    assert found == [Tracks((TRACK_1.encode(), second, b"")), Tracks((b"", second, b""), 0x31)]


# The talk


def test_the_device_is_reset_tested_and_told_to_read() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    assert wire.heard == START + READ


def test_a_swipe_is_a_card_and_the_next_can_be_swiped() -> None:
    wire = a_wire()
    for _ in range(2):
        wire.goes_on(1)
        machine(wire).swipe(our_card())
        assert wire.goes_on(0.1) == [SEEN]
    assert wire.heard == START + READ * 3


def test_after_twenty_seconds_without_a_swipe_it_is_reset_and_reads_on() -> None:
    wire = a_wire()
    wire.goes_on(19)
    assert wire.heard == START + READ
    wire.goes_on(2)
    assert wire.heard == START + READ + START + READ
    machine(wire).swipe(our_card())
    assert wire.goes_on(0.1) == [SEEN]


def test_a_device_without_power_is_silent_and_reads_when_it_has_some_again() -> None:
    wire = a_wire(spoil=lambda _: b"")
    wire.goes_on(4)
    assert wire.reader.is_silent
    wire.spoil = lambda said: said
    wire.goes_on(2)
    assert not wire.reader.is_silent
    machine(wire).swipe(our_card())
    assert wire.goes_on(0.1) == [SEEN]


def swiped(*tracks: str, status: bytes = b"0", rule: MemberCardRule | None = None) -> object:
    reader = MSR605Reader(rule=rule, clock=WireClock())
    reader.feed(b"\x1by")
    (event,) = reader.feed(block(*tracks, status=status))
    return event


def test_what_a_swipe_means() -> None:
    assert swiped(TRACK_1, TRACK_2) == SEEN
    assert swiped("", TRACK_2) == SEEN
    assert swiped(TRACK_1) == SEEN
    assert swiped(TRACK_1, ";9900010000000027=30121010012345?") == UnreadableSeen("tracks_differ")
    assert swiped("", ";9900010000000018=30121010012345?") == UnreadableSeen("check_digit")
    assert swiped("", "", ";9900010000000019=30121010012345?") == UnreadableSeen("foreign_card")
    assert swiped() == UnreadableSeen("misread")
    assert swiped(TRACK_1, TRACK_2, status=b"1") == UnreadableSeen("misread")
    assert swiped(TRACK_1[1:]) == UnreadableSeen("torn")
    ours = MemberCardRule(prefix="8801")
    assert swiped("", ";8801000000000012=3012101?", rule=ours) == CardSeen("8801000000000012")


def test_a_bank_card_is_refused_and_its_number_is_nowhere() -> None:
    reader = MSR605Reader(clock=WireClock())
    reader.feed(b"\x1by")
    events = list(reader.feed(block("%B6222021234567890128^LI/SI^30121010012345?", BANK_TRACK_2)))
    assert events == [BankCardSeen()]
    assert "622202" not in repr(events) + repr(MSR605Frames().feed(block(second=BANK_TRACK_2)))


def test_a_swipe_that_breaks_off_is_unreadable_and_the_device_is_started_anew() -> None:
    wire = a_wire()
    wire.goes_on(0.1)
    assert list(wire.reader.feed(block(TRACK_1, TRACK_2)[:40])) == []
    assert wire.goes_on(1) == [UnreadableSeen("torn")]
    assert wire.heard.endswith(START + READ)


# The simulated device


def test_the_simulated_device_answers_every_command() -> None:
    device = MSR605Model()
    for asked, answer in [
        ("1B 65", "1B 79"),
        ("1B 64", "1B 48"),
        ("1B 79", "1B 30"),
        ("1B 64", "1B 4C"),
        ("1B 78", "1B 30"),
        ("1B 62 D2", "1B 30"),
        ("1B 62 00", "1B 41"),
        ("1B 6F 08 08 08", "1B 30 08 08 08"),
        ("1B 6C", "1B 3D 16"),
        ("1B 7A 10 20", "1B 30"),
        ("1B 6C", "1B 10 20"),
        ("1B 74", "1B 33 53"),
        ("1B 85", ""),
        ("1B 87", "1B 30"),
        ("1B 63 08", "1B 41"),
        ("1B 99", "1B 34"),
        ("1B 72 1B 61 1B 65", "1B 79"),
        ("1B 72 1B 65", ""),
    ]:
        assert device.feed(bytes.fromhex(asked)) == bytes.fromhex(answer), asked
    assert device.lights == "red"
    assert device.is_waiting


def test_what_is_written_reads_back_the_same_and_can_be_erased() -> None:
    device, card = MSR605Model(), StripeCard()

    def swipes(command: bytes) -> bytes:
        assert device.feed(command) == b""
        device.swipe(card)
        return device.replies()

    assert swipes(write_iso(TRACK_1[1:-1], TRACK_2[1:-1])) == b"\x1b0"
    assert swipes(READ) == block(TRACK_1, TRACK_2)
    assert swipes(b"\x1bm") == b"".join(
        (
            b"\x1bs\x1b\x01" + bytes((len(packed(TRACK_1, 1)),)) + reversed_bits(packed(TRACK_1, 1)),
            b"\x1b\x02" + bytes((len(packed(TRACK_2, 2)),)) + reversed_bits(packed(TRACK_2, 2)),
            b"\x1b\x03\x00?\x1c\x1b0",
        )
    )
    assert swipes(erase(True, False, False)) == b"\x1b0"
    assert swipes(READ) == block("", TRACK_2)
    assert swipes(write_raw(b"", packed(";12345?", 2))) == b"\x1b0"
    assert swipes(READ) == block("", ";12345?")


def test_what_goes_wrong_while_writing_is_found_by_status_or_by_reading_back() -> None:
    device, card = MSR605Model(), StripeCard()
    device.write_fails_next = True
    device.feed(write_iso("", "12345"))
    device.swipe(card)
    assert device.replies() == b"\x1b9"
    device.feed(b"\x1by")
    device.feed(write_iso("", "12345"))  # written too weakly for a Hi-Co card
    device.swipe(card)
    assert device.replies() == b"\x1b0"
    assert card.text(2) is None
    device.feed(b"\x1bx")
    device.writes_wrong = True
    device.feed(write_iso("", "12345"))
    device.swipe(card)
    device.feed(READ)
    device.replies()
    device.swipe(card)
    assert device.replies() == block(status=b"1")


@pytest.mark.parametrize(
    "command", [b"\x1bw\x1bs\x1b\x0412?\x1c", b"\x1bw\x1bq?\x1c", b"\x1bn\x1bx", b"\x1bw\x1bs\x1b\x02AB?\x1c"]
)
def test_a_command_out_of_form_is_refused(command: bytes) -> None:
    assert MSR605Model().feed(command) == b"\x1b2"


# Anything


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
    cards = (our_card(), StripeCard.of("", TRACK_2), StripeCard.of(TRACK_1), StripeCard.of("", BANK_TRACK_2))
    while count < FRAMES:
        machine(wire).swipe(chance.choice(cards))
        for event in wire.goes_on(chance.choice((0.0, 0.03, 0.1))):
            if isinstance(event, CardSeen):
                assert event.number == NUMBER, f"seed {seed}"
            assert "622202" not in repr(event), f"seed {seed}"


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_any_split_of_any_bytes_is_taken_without_an_exception(chunks: list[bytes]) -> None:
    clock = WireClock()
    reader, raw, device = MSR605Reader(clock=clock), MSR605Frames(raw=True, clock=clock), MSR605Model()
    for chunk in chunks:
        reader.accepted(len(reader.outgoing()))
        reader.feed(b"\x1by" + chunk)
        raw.feed(chunk)
        device.feed(chunk)
        device.swipe(our_card())
        clock.now_s += 0.3
        reader.tick()
        raw.tick()
