"""Parsers of machines that only speak, under mutated frames: no exception, no wrong card, no number where none may be.

10,000 frames each; a million at full size (`make full`). Those of machines that are asked stand beside their drivers.
"""

from __future__ import annotations

import random
from collections import deque

import pytest

from app.ports.devices import CardSeen
from devices.drivers.em4100 import EM4100Frames
from devices.drivers.escpos_status import AutoStatus, StatusStream
from devices.drivers.lines import LineFrames
from devices.drivers.reader import CounterReader
from devices.drivers.wedge import KeyboardWedge
from devices.simulators.machines import swiped, tapped
from tests.support.wire import FRAMES, PARTS, WireClock, spoiled

MEMBER_CARD, BANK_CARD = "9900010000000019", "6222021234567890128"
LONGEST_LEFT_BYTES = 1100


def chance_of() -> tuple[random.Random, int]:
    seed = random.randrange(2**32)
    return random.Random(seed), seed


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("with_line_end", [False, True], ids=["RDM6300", "ID-12LA"])
def test_no_mutated_tag_is_another_tag(with_line_end: bool, part: int) -> None:
    chance, seed = chance_of()
    clock = WireClock()
    frames = EM4100Frames(clock=clock)
    there: deque[str] = deque(maxlen=3)
    for _ in range(FRAMES):
        there.append(chance.randbytes(5).hex().upper())
        events = frames.feed(spoiled(tapped(there[-1], with_line_end=with_line_end), chance))
        clock.now_s += chance.choice((0.05, 0.2, 2.0))
        for event in events + frames.tick():
            assert not isinstance(event, CardSeen) or event.number in there, f"seed {seed}"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("check", [False, True], ids=["plain", "with check characters"])
def test_no_mutated_swipe_is_another_card_and_no_bank_number_is_ever_text(check: bool, part: int) -> None:
    chance, seed = chance_of()
    clock = WireClock()
    reader = CounterReader(clock=clock)
    for _ in range(FRAMES):
        number = chance.choice((MEMBER_CARD, BANK_CARD))
        said = spoiled(swiped(number, "0012345", name="ZHANG/SANFENG", check=check), chance)
        cut = chance.randrange(len(said) + 1)
        events = reader.feed(said[:cut]) + reader.feed(said[cut:])
        clock.now_s += 2
        events += reader.tick()
        clock.now_s += 2
        for event in events + reader.tick():
            if isinstance(event, CardSeen) and event.entry == "swipe":
                assert event.number == MEMBER_CARD == number, f"seed {seed}"
            elif isinstance(event, CardSeen):
                assert not any(number[at : at + 6] in event.number for at in range(10)), f"seed {seed}"


@pytest.mark.parametrize("part", PARTS)
def test_no_bytes_make_lines_pile_up(part: int) -> None:
    chance, seed = chance_of()
    clock = WireClock()
    lines = LineFrames(clock=clock)
    for _ in range(FRAMES):
        for line in lines.feed(spoiled(b"6901234567892\r\n", chance)):
            assert len(line.data) <= LONGEST_LEFT_BYTES, f"seed {seed}"
        clock.now_s += chance.choice((0.0, 0.01, 0.2))
        lines.tick()


@pytest.mark.parametrize("part", PARTS)
def test_no_mutated_status_raises_and_what_was_not_said_is_not_heard(part: int) -> None:
    chance, seed = chance_of()
    clock = WireClock()
    stream = StatusStream(clock=clock)
    answers = asked = 0
    for _ in range(FRAMES):
        said = chance.choice((b"\x10\x00\x00\x00", b"\x18\x00\x0f\x00", b"\x12", b'7"0001\x00', b"_MD-80\x00", b"\x00"))
        if chance.random() < 0.3:
            stream.asked(1)
            asked += 1
        frames = stream.feed(spoiled(said, chance))
        clock.now_s += chance.choice((0.01, 0.3))
        for frame in frames + stream.tick():
            answers += type(frame).__name__ == "Answer"
            assert answers <= asked, f"seed {seed}"
            assert not isinstance(frame, AutoStatus) or len(frame.data) == 4
    assert stream.noise > 0


@pytest.mark.parametrize("part", PARTS)
def test_keys_at_any_speed_are_a_scan_or_given_back_and_no_bank_number_is_text(part: int) -> None:
    chance, seed = chance_of()
    clock = WireClock()
    heard: list[object] = []
    wedge = KeyboardWedge(CounterReader("keyboard", clock=clock, has_tags=False), heard.append, clock=clock)
    at_s, held = 0.0, 0
    for _ in range(FRAMES // 10):
        line = spoiled(swiped(chance.choice((MEMBER_CARD, BANK_CARD)), "0012345"), chance).decode("latin-1")
        gap_s = chance.choice((0.002, 0.02, 0.034, 0.09))
        for key in line:
            at_s += gap_s
            verdict = wedge.pressed(key if key.isprintable() or key in "\r\t" else "F5", at_s)
            held = 0 if verdict.torn or verdict.scan is not None else held - verdict.give_back
            assert held >= 0, f"seed {seed}"
            held += verdict.swallow and verdict.scan is None
        at_s += 1
        clock.now_s += 3
        verdict = wedge.waited(at_s)
        assert held == verdict.give_back or verdict.torn, f"seed {seed}"
        held = 0
        for event in heard:
            if isinstance(event, CardSeen) and event.entry == "swipe":
                assert event.number == MEMBER_CARD, f"seed {seed}"
            elif isinstance(event, CardSeen):
                assert BANK_CARD[:10] not in event.number, f"seed {seed}"
        heard.clear()
