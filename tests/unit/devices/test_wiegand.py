"""Tags through Wiegand boxes: bits with parity, decimal, hex (DEVICES.md 2.4)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.wiegand import FORMS, WiegandLines, bits_of, value_of
from devices.simulators.readers import wiegand_line
from tests.support.wire import FRAMES, PARTS, WireClock, spoiled

TAG = CardSeen("0011649747", entry="tap")
BITS = "01011000111000010110100111"


def reads(line: str, form: str) -> object:
    reader = WiegandLines(form=form, clock=WireClock())
    (event,) = reader.feed(line.encode() + b"\r\n")
    return event


def test_the_bits_are_those_of_the_specification() -> None:
    assert bits_of(177 << 16 | 49875, 26) == BITS
    assert value_of(BITS) == 11649747


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("bits", BITS),
        ("decimal", "177,49875"),
        ("decimal", "17749875"),
        ("decimal", "0011649747"),
        ("hex", "B1C2D3"),
        ("hex", "b1c2d3"),
        ("hex", f"{int(BITS, 2):07X}"),
        ("hex", "00B1C2D3"),
    ],
)
def test_one_tag_is_one_number_in_every_form(form: str, line: str) -> None:
    assert reads(line, form) == TAG


@pytest.mark.parametrize("at", range(26))
def test_a_wrong_bit_is_found_by_its_parity(at: int) -> None:
    wrong = BITS[:at] + ("1" if BITS[at] == "0" else "0") + BITS[at + 1 :]
    assert reads(wrong, "bits") == UnreadableSeen("bad_checksum")
    assert reads(f"{int(wrong, 2):07X}", "hex") == UnreadableSeen("bad_checksum")


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("bits", BITS[:-1]),
        ("bits", "177,49875"),
        ("decimal", "300,49875"),
        ("decimal", "177,70000"),
        ("decimal", "9999999999"),
        ("decimal", "9900010000000019"),
        ("decimal", "１７７,49875"),
        ("hex", "B1C2D"),
        ("hex", "G1C2D3"),
    ],
)
def test_a_line_of_another_form_is_no_tag(form: str, line: str) -> None:
    assert reads(line, form) == UnreadableSeen("torn")


@given(st.integers(0, 2**32 - 1), st.sampled_from(FORMS))
def test_what_the_simulated_box_sends_is_read(number: int, form: str) -> None:
    assert reads(wiegand_line(number, form).decode().strip(), form) == CardSeen(f"{number:010d}", entry="tap")


def test_a_tag_that_lies_there_is_one_tap() -> None:
    clock = WireClock()
    reader = WiegandLines(form="decimal", clock=clock)
    seen = []
    for _ in range(20):
        seen += reader.feed(b"177,49875\r\n")
        clock.now_s += 0.3
    assert seen == [TAG]


def test_a_line_without_an_end_is_taken_after_a_pause() -> None:
    clock = WireClock()
    reader = WiegandLines(form="decimal", clock=clock)
    assert reader.feed(b"177,49875") == []
    clock.now_s += 0.2
    assert reader.tick() == [TAG]


def test_a_form_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="octal"):
        WiegandLines(form="octal")


@pytest.mark.parametrize("part", PARTS)
def test_no_mutated_bits_raise_and_a_single_wrong_one_is_never_another_tag(part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    clock = WireClock()
    reader = WiegandLines(form="bits", clock=clock)
    for _ in range(FRAMES):
        number = chance.randrange(2**24)
        bits = bits_of(number, 26)
        at = chance.randrange(26)
        wrong = bits[:at] + ("1" if bits[at] == "0" else "0") + bits[at + 1 :]
        assert reader.feed(wrong.encode() + b"\r") == [UnreadableSeen("bad_checksum")], f"seed {seed}"
        reader.feed(spoiled(bits.encode() + b"\r", chance))
        clock.now_s += 2
        reader.tick()
