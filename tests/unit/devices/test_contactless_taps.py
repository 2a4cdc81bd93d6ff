"""What a tap is, the same at every contactless reader: a card counts once while it lies there, and again once it was
away for a second."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.er302 import ER302Reader
from devices.drivers.pn532 import PN532Reader
from devices.simulators.er302 import ER302Model
from devices.simulators.pn532 import PN532Model
from devices.simulators.tags import SimulatedTag
from tests.support.wire import Wire, WireClock

CARD, OTHER = SimulatedTag(bytes.fromhex("04A1B2C3")), SimulatedTag(bytes.fromhex("04A1B2C3D4E5F6"))
SEEN, OTHER_SEEN = CardSeen("04A1B2C3", entry="tap"), CardSeen("04A1B2C3D4E5F6", entry="tap")


def pn532() -> Wire:
    clock = WireClock()
    return Wire(clock, PN532Reader(clock=clock), PN532Model())


def er302() -> Wire:
    clock = WireClock()
    return Wire(clock, ER302Reader(clock=clock), ER302Model())


def er302_stuffed() -> Wire:
    clock = WireClock()
    return Wire(clock, ER302Reader(stuffed=True, clock=clock), ER302Model(stuffed=True))


@pytest.fixture(params=[pn532, er302, er302_stuffed], ids=lambda make: make.__name__)
def wire(request: pytest.FixtureRequest) -> Wire:
    make: Callable[[], Wire] = request.param
    return make()


def machine(wire: Wire) -> PN532Model | ER302Model:
    assert isinstance(wire.machine, PN532Model | ER302Model)
    return wire.machine


@pytest.mark.parametrize("identity", ["04A1B2C3", "AAAA00AA", "04A1B2C3D4E5F6"])
def test_a_card_put_down_is_one_tap_however_long_it_lies_there(wire: Wire, identity: str) -> None:
    assert wire.goes_on(0.5) == []
    machine(wire).put(SimulatedTag(bytes.fromhex(identity)))
    assert wire.goes_on(10) == [CardSeen(identity, entry="tap")]


def test_a_card_that_was_away_for_a_second_is_another_tap(wire: Wire) -> None:
    machine(wire).put(CARD)
    assert wire.goes_on(1) == [SEEN]
    machine(wire).take_away()
    assert wire.goes_on(0.5) == []
    machine(wire).put(CARD)
    assert wire.goes_on(1) == []
    machine(wire).take_away()
    assert wire.goes_on(2.5) == []
    machine(wire).put(CARD)
    assert wire.goes_on(1) == [SEEN]


def test_two_cards_one_after_the_other_are_two_taps(wire: Wire) -> None:
    machine(wire).put(CARD)
    assert wire.goes_on(1) == [SEEN]
    machine(wire).put(OTHER)
    assert wire.goes_on(1) == [OTHER_SEEN]


def test_a_phone_that_makes_up_its_number_identifies_nobody_and_says_so_once(wire: Wire) -> None:
    for number in range(5):
        machine(wire).put(SimulatedTag(bytes((0x08, 1, 2, number))))
        assert wire.goes_on(0.3) == ([UnreadableSeen("random_identity")] if number == 0 else [])


def test_a_reader_that_never_answers_is_silent_and_well_again_when_it_does(wire: Wire) -> None:
    wire.spoil = lambda _said: b""
    wire.goes_on(3)
    assert wire.reader.is_silent
    wire.spoil = lambda said: said
    machine(wire).put(CARD)
    assert wire.goes_on(2) == [SEEN]
    assert not wire.reader.is_silent
