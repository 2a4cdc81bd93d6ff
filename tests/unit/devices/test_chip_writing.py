"""A sector is opened, written, read back and compared, with each reader that can; the key is nowhere to be seen."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.ports.devices import CardContents, CardMade, CardOutcome, CardStep
from devices.drivers import chip_writing
from devices.drivers.chip_writing import ChipMachine, ChipWriting, ER302Chip, PN532Chip
from devices.drivers.dialogue import Frames
from devices.drivers.er302 import ER302Frames
from devices.drivers.pn532 import ACK, PN532Frames
from devices.drivers.writing import FOUND_WITHIN_S
from devices.simulators.er302 import ER302Model
from devices.simulators.pn532 import PN532Model
from devices.simulators.tags import SimulatedTag
from tests.support.card_wire import CardWire
from tests.support.wire import FRAMES, PARTS, WireClock, spoiled

NUMBER = "9900010000000019"
CARD = CardContents(NUMBER)
WRITTEN = CardMade(CardOutcome.WRITTEN)
KEY = bytes.fromhex("A0B1C2D3E4F5")
DRIVERS = ("pn532", "er302", "er302-stuffed")
Model = PN532Model | ER302Model


def spoilt(cause: str) -> CardMade:
    return CardMade(CardOutcome.SPOILT, cause)


def not_written(cause: str) -> CardMade:
    return CardMade(CardOutcome.NOT_WRITTEN, cause)


def a_tag(**options: object) -> SimulatedTag:
    return SimulatedTag(bytes.fromhex("04A1B2C3"), **options)  # type: ignore[arg-type]


def a_model(driver: str) -> Model:
    return PN532Model() if driver == "pn532" else ER302Model(stuffed=driver == "er302-stuffed")


def a_wire(
    driver: str,
    tag: SimulatedTag | None,
    *,
    card: CardContents = CARD,
    by_hand: bool = True,
    model: Model | None = None,
    spoil: Callable[[bytes], bytes] = lambda said: said,
) -> CardWire:
    """A clerk who lays `tag` down when asked."""
    clock = WireClock()
    machine = model or a_model(driver)
    chip: ChipMachine = PN532Chip() if driver == "pn532" else ER302Chip(stuffed=driver == "er302-stuffed")
    frames: Frames[object] = PN532Frames(clock=clock)
    if driver != "pn532":
        frames = ER302Frames(stuffed=driver == "er302-stuffed", clock=clock)

    def person(step: CardStep) -> None:
        if step is CardStep.WAITING_FOR_CARD and tag is not None:
            machine.put(tag)

    def make(told: Callable[[CardStep], None]) -> ChipWriting:
        return ChipWriting(card, by_hand=by_hand, step=told, machine=chip, frames=frames, clock=clock)

    return CardWire(clock, machine, make, person=person, spoil=spoil)


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_that_is_laid_down_takes_its_number(driver: str) -> None:
    tag = a_tag()
    wire = a_wire(driver, tag)
    assert wire.ends() == WRITTEN
    assert tag.contents == NUMBER.encode()
    assert wire.steps == [CardStep.WAITING_FOR_CARD, CardStep.WRITING, CardStep.READING_BACK]


@pytest.mark.parametrize("driver", DRIVERS)
def test_contents_may_fill_the_sector_under_the_malls_own_key(driver: str) -> None:
    tag = a_tag(key=KEY)
    contents = bytes(range(0xA0, 0xD0))
    assert a_wire(driver, tag, card=CardContents(NUMBER, chip=contents, chip_key=KEY)).ends() == WRITTEN
    assert tag.contents == contents
    assert 7 not in tag.blocks


def test_the_frames_are_those_of_the_specification() -> None:
    wire = a_wire("pn532", a_tag())
    wire.ends()
    assert bytes.fromhex("00 00 FF 0F F1 D4 40 01 60 04 FF FF FF FF FF FF 04 A1 B2 C3 73 00") in wire.heard
    assert bytes.fromhex("D4 40 01 A0 04") + NUMBER.encode() in wire.heard
    assert bytes.fromhex("00 00 FF 05 FB D4 40 01 30 04 B7 00") in wire.heard
    wire = a_wire("er302", a_tag())
    wire.ends()
    assert bytes.fromhex("07 02 60 04 FF FF FF FF FF FF") in wire.heard
    assert bytes.fromhex("09 02 04") + NUMBER.encode() in wire.heard


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_under_another_key_is_not_touched(driver: str) -> None:
    tag = a_tag(key=KEY)
    assert a_wire(driver, tag).ends() == not_written("encoder.wrong_key")
    assert tag.blocks == {}


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_worn_card_is_found_by_reading_back(driver: str) -> None:
    assert a_wire(driver, a_tag(worn=True)).ends() == spoilt("encoder.mismatch")


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_of_another_kind_is_not_touched(driver: str) -> None:
    tag = SimulatedTag(bytes.fromhex("04A1B2C3D4E5F6"))
    assert a_wire(driver, tag).ends() == not_written("encoder.wrong_card")


@pytest.mark.parametrize("driver", DRIVERS)
def test_nobody_lays_a_card_down(driver: str) -> None:
    wire = a_wire(driver, None)
    began_s = wire.clock.now_s
    assert wire.ends() == not_written("encoder.no_card")
    assert wire.clock.now_s - began_s >= FOUND_WITHIN_S


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_that_slips_away_may_be_laid_down_again_but_no_other(driver: str) -> None:
    for other in (False, True):
        model, tag = a_model(driver), a_tag()
        wire = a_wire(driver, tag, model=model)
        while tag.contents == b"":
            wire.step()
        model.take_away()
        wire.until(CardStep.ONCE_MORE)
        model.put(SimulatedTag(bytes.fromhex("04FFFFFF")) if other else tag)
        assert wire.ends() == (spoilt("encoder.other_card") if other else WRITTEN)


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_card_that_is_taken_away_for_good_is_spoilt(driver: str) -> None:
    model, tag = a_model(driver), a_tag()
    wire = a_wire(driver, tag, model=model)
    while tag.contents == b"":
        wire.step()
    model.take_away()
    assert wire.ends().outcome is CardOutcome.SPOILT


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_machine_that_does_not_answer_has_written_nothing(driver: str) -> None:
    assert a_wire(driver, a_tag(), spoil=lambda _: b"").ends() == not_written("device.silent")


# Of which model, after how many answers, and what comes of the next one. The PN532 acknowledges what it then does; that
# it was asked for a card and says no more is no sign: so it waits for one.
MUTE = [(driver, answers, b"") for driver in DRIVERS for answers in range(1, 6)]
MUTE += [("pn532", answers, ACK) for answers in range(3, 6)]


@pytest.mark.parametrize(("driver", "answers", "last"), MUTE)
def test_a_machine_that_goes_mute_is_silent_whatever_was_asked_last(
    driver: str, answers: int, last: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chip_writing, "FOUND_WITHIN_S", 1.2)  # hardly time to ask it anew
    said: list[bytes] = []

    def so_many(answer: bytes) -> bytes:
        said.append(answer)
        if len(said) == answers + 1:
            return answer[: len(last)]
        return answer if len(said) <= answers else b""

    made = a_wire(driver, a_tag(), spoil=so_many).ends()
    assert made.cause == "device.silent"


@pytest.mark.parametrize("lost", [1, 3, 5])
@pytest.mark.parametrize("answers", range(1, 6))
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_machine_that_only_pauses_writes_the_card_all_the_same(driver: str, answers: int, lost: int) -> None:
    said: list[bytes] = []

    def after_a_while(answer: bytes) -> bytes:
        said.append(answer)
        return b"" if answers < len(said) <= answers + lost else answer

    made = a_wire(driver, a_tag(), spoil=after_a_while).ends()
    assert made == WRITTEN


@pytest.mark.parametrize("steps", range(12))
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_cancel_at_any_moment_ends_it_once(driver: str, steps: int) -> None:
    tag = a_tag()
    wire = a_wire(driver, tag)
    for _ in range(steps):
        wire.step()
    if wire.result is None:
        wire.writing.dialogue.cancel()
        assert wire.result == (spoilt if wire.writing.may_be_touched else not_written)("encoder.cancelled")
        assert tag.contents == b"" or wire.writing.may_be_touched


def test_more_than_a_sector_and_a_key_that_is_none_are_refused_at_once() -> None:
    for card in (CardContents(NUMBER, chip=bytes(49)), CardContents(NUMBER, chip_key=b"123")):
        with pytest.raises(ValueError, match="sector"):
            ChipWriting(card, by_hand=True, step=lambda _: None, machine=PN532Chip(), frames=PN532Frames())


def test_no_key_and_no_number_stand_in_what_is_shown_of_a_card() -> None:
    shown = repr(CardContents(NUMBER, "B" + NUMBER, NUMBER, NUMBER.encode(), KEY))
    assert NUMBER not in shown
    assert repr(KEY) not in shown


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("driver", DRIVERS)
def test_no_mutation_whatever_raises_or_calls_a_spoilt_card_written(driver: str, part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    count = 0

    def spoil(said: bytes) -> bytes:
        nonlocal count
        count += 1
        return spoiled(said, chance) if chance.random() < 0.5 else said

    while count < FRAMES:
        tag = a_tag(worn=chance.random() < 0.4, key=KEY if chance.random() < 0.1 else bytes(6 * (0xFF,)))
        made = a_wire(driver, tag, by_hand=chance.random() < 0.9, spoil=spoil).ends()
        if made.outcome is CardOutcome.WRITTEN:
            assert tag.contents == NUMBER.encode(), f"seed {seed}"
        if made.outcome is CardOutcome.NOT_WRITTEN:
            assert tag.contents == b"", f"seed {seed}"
