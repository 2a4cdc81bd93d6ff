"""A tapped card with our number in its sector is that number; every other card is its own."""

from __future__ import annotations

import random
from datetime import date

import pytest

from app.domain.stripe import written
from app.ports.devices import CardSeen
from devices.drivers.chip_writing import ER302Chip, PN532Chip
from devices.drivers.er302 import ER302Frames, ER302Reader
from devices.drivers.pn532 import PN532Frames, PN532Reader
from devices.drivers.reader import MemberCardRule, ReaderEvent
from devices.drivers.sector_reader import SectorReader
from devices.simulators.er302 import ER302Model
from devices.simulators.pn532 import PN532Model
from devices.simulators.tags import SimulatedTag
from tests.support.wire import FRAMES, PARTS, Wire, WireClock, spoiled

NUMBER = "9900010000000019"
IDENTITY = "04A1B2C3"
DRIVERS = ("pn532", "er302")


def a_wire(driver: str, **options: object) -> Wire:
    clock = WireClock()
    if driver == "pn532":
        reader = SectorReader(
            PN532Reader(clock=clock), PN532Chip(), PN532Frames(clock=clock), MemberCardRule(), clock=clock
        )
        return Wire(clock, reader, PN532Model(), **options)  # type: ignore[arg-type]
    reader = SectorReader(
        ER302Reader(clock=clock), ER302Chip(), ER302Frames(clock=clock), MemberCardRule(), clock=clock
    )
    return Wire(clock, reader, ER302Model(), **options)  # type: ignore[arg-type]


def a_tag(contents: bytes = b"", **options: object) -> SimulatedTag:
    tag = SimulatedTag(bytes.fromhex(IDENTITY), **options)  # type: ignore[arg-type]
    tag.blocks[4] = contents.ljust(16, b"\x00")
    return tag


def tapped(wire: Wire, tag: SimulatedTag, seconds: float = 3.0) -> list[ReaderEvent]:
    assert isinstance(wire.machine, PN532Model | ER302Model)
    wire.goes_on(0.5)
    wire.machine.put(tag)
    return wire.goes_on(seconds)


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_of_ours_is_its_number_once(driver: str) -> None:
    assert tapped(a_wire(driver), a_tag(NUMBER.encode())) == [CardSeen(NUMBER, entry="tap")]


def test_a_reader_that_beeps_still_does_once_for_each_card() -> None:
    wire = a_wire("er302")
    tapped(wire, a_tag(NUMBER.encode()))
    assert isinstance(wire.machine, ER302Model)
    assert wire.machine.beeps == 1


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    "tag",
    [
        a_tag(),
        a_tag(b"9900010000000018"),  # wrong check digit
        a_tag(b"6222021234567890"),
        a_tag(NUMBER.encode(), key=b"secret"),
        a_tag("会员".encode()),
    ],
    ids=["empty", "check digit", "bank", "locked", "text"],
)
def test_any_other_card_is_its_own_identity_once(driver: str, tag: SimulatedTag) -> None:
    assert tapped(a_wire(driver), tag) == [CardSeen(IDENTITY, entry="tap")]


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_as_the_cards_screen_has_it_written_brings_its_card_code(driver: str) -> None:
    chip = written(NUMBER, "张三丰", 3, "830121", date(2026, 11, 22)).chip
    tag = a_tag(chip[:16])
    tag.blocks[5] = chip[16:]
    assert tapped(a_wire(driver), tag) == [CardSeen(NUMBER, entry="tap", card_code="830121")]


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_with_a_longer_identity_is_that(driver: str) -> None:
    tag = SimulatedTag(bytes.fromhex("04A1B2C3D4E5F6"))
    assert tapped(a_wire(driver), tag) == [CardSeen("04A1B2C3D4E5F6", entry="tap")]


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_snatched_away_while_it_is_read_is_still_seen(driver: str) -> None:
    wire = a_wire(driver)
    assert isinstance(wire.machine, PN532Model | ER302Model)
    wire.goes_on(0.5)
    wire.machine.put(a_tag(NUMBER.encode()))
    events: list[ReaderEvent] = []
    while wire.reader._dialogue is None and not events:  # type: ignore[attr-defined]
        events += wire.goes_on()
        wire.clock.now_s += 0.01
    wire.machine.take_away()
    events += wire.goes_on(8.0)
    assert len(events) == 1
    assert isinstance(events[0], CardSeen)
    assert events[0].number in (IDENTITY, NUMBER)


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_same_card_again_after_it_was_away_is_another_tap(driver: str) -> None:
    wire = a_wire(driver)
    assert len(tapped(wire, a_tag(NUMBER.encode()))) == 1
    assert isinstance(wire.machine, PN532Model | ER302Model)
    wire.machine.take_away()
    assert wire.goes_on(3.0) == []
    wire.machine.put(a_tag(NUMBER.encode()))
    assert wire.goes_on(3.0) == [CardSeen(NUMBER, entry="tap")]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("driver", DRIVERS)
def test_no_mutation_whatever_raises_or_makes_another_card(driver: str, part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    count = 0

    def spoil(said: bytes) -> bytes:
        nonlocal count
        count += 1
        return spoiled(said, chance) if chance.random() < 0.5 else said

    wire = a_wire(driver, spoil=spoil)
    assert isinstance(wire.machine, PN532Model | ER302Model)
    while count < FRAMES:
        wire.machine.put(a_tag(NUMBER.encode()))
        for event in wire.goes_on(chance.choice((0.3, 1.0, 3.0))):
            if isinstance(event, CardSeen):
                assert event.number in (NUMBER, IDENTITY), f"seed {seed}"
        wire.machine.take_away()
        wire.goes_on(chance.choice((0.1, 1.5)))
