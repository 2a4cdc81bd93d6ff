"""A stripe is written, read back and compared; whatever goes wrong, a spoilt card is never called written."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.ports.devices import CardContents, CardMade, CardOutcome, CardStep
from devices.drivers.stripe_writing import StripeWriting
from devices.drivers.writing import FOUND_WITHIN_S
from devices.simulators.msr605 import MSR605Model, StripeCard
from tests.support.card_wire import CardWire
from tests.support.wire import FRAMES, PARTS, WireClock, spoiled

NUMBER = "9900010000000019"
TRACK_1 = "B9900010000000019^ZHANG/SANFENG^30121010012345"
TRACK_2 = "9900010000000019=30121010012345"
CARD = CardContents(NUMBER, TRACK_1, TRACK_2)
WRITTEN = CardMade(CardOutcome.WRITTEN)
SWIPES = (CardStep.WAITING_FOR_CARD, CardStep.ONCE_MORE, CardStep.WAITING_FOR_CARD_AGAIN)


def spoilt(cause: str) -> CardMade:
    return CardMade(CardOutcome.SPOILT, cause)


def not_written(cause: str) -> CardMade:
    return CardMade(CardOutcome.NOT_WRITTEN, cause)


def a_wire(
    machine: MSR605Model,
    plastic: StripeCard,
    *,
    card: CardContents = CARD,
    hi_co: bool = True,
    swipes: int = 99,
    spoil: Callable[[bytes], bytes] = lambda said: said,
) -> CardWire:
    """A clerk who swipes `plastic` whenever asked, up to `swipes` times."""
    clock = WireClock()
    left = [swipes]

    def person(step: CardStep) -> None:
        if step in SWIPES and left[0]:
            left[0] -= 1
            machine.swipe(plastic)

    def make(told: Callable[[CardStep], None]) -> StripeWriting:
        return StripeWriting(card, by_hand=True, step=told, hi_co=hi_co, clock=clock)

    return CardWire(clock, machine, make, person=person, spoil=spoil)


def holds_our_card(plastic: StripeCard) -> bool:
    return (plastic.text(1), plastic.text(2)) == (f"%{TRACK_1}?", f";{TRACK_2}?")


def test_a_card_takes_one_swipe_to_write_and_one_to_read_back() -> None:
    plastic = StripeCard()
    wire = a_wire(MSR605Model(), plastic)
    assert wire.ends() == WRITTEN
    assert holds_our_card(plastic)
    assert wire.steps == [CardStep.WAITING_FOR_CARD, CardStep.WAITING_FOR_CARD_AGAIN]


def test_what_goes_out_is_reset_test_strength_write_reset_test_read() -> None:
    wire = a_wire(MSR605Model(), StripeCard())
    wire.ends()
    write = b"\x1bw\x1bs\x1b\x01" + TRACK_1.encode() + b"\x1b\x02" + TRACK_2.encode() + b"\x1b\x03?\x1c"
    assert wire.heard == b"\x1ba\x1be" + b"\x1bx" + write + b"\x1ba\x1be" + b"\x1br"


def test_lo_co_cards_are_written_weakly() -> None:
    plastic = StripeCard(hi_co=False)
    machine = MSR605Model()
    wire = a_wire(machine, plastic, hi_co=False)
    assert wire.ends() == WRITTEN
    assert b"\x1by" in wire.heard
    assert not machine.hi_co


def test_a_hi_co_card_written_weakly_is_found_out() -> None:
    machine = MSR605Model()
    assert a_wire(machine, StripeCard(), hi_co=False).ends().outcome is CardOutcome.SPOILT


def test_a_card_without_tracks_takes_its_number_on_track_two() -> None:
    plastic = StripeCard()
    assert a_wire(MSR605Model(), plastic, card=CardContents(NUMBER)).ends() == WRITTEN
    assert (plastic.text(1), plastic.text(2)) == (None, f";{NUMBER}?")


def test_a_card_that_keeps_something_else_on_the_other_track_is_not_ours() -> None:
    plastic = StripeCard.of("%B9900010000000027^A/B^3012101?")
    assert a_wire(MSR605Model(), plastic, card=CardContents(NUMBER)).ends() == spoilt("encoder.mismatch")


def test_an_uneven_swipe_may_be_repeated() -> None:
    machine, plastic = MSR605Model(), StripeCard()
    machine.write_fails_next = True
    wire = a_wire(machine, plastic)
    assert wire.ends() == WRITTEN
    assert wire.steps == [CardStep.WAITING_FOR_CARD, CardStep.ONCE_MORE, CardStep.WAITING_FOR_CARD_AGAIN]


@pytest.mark.parametrize(
    ("says", "cause"),
    [("1", "encoder.write_error"), ("9", "encoder.bad_swipe"), ("A", "encoder.failed"), ("5", "encoder.garbled")],
)
def test_a_card_that_never_takes_is_spoilt_with_the_machines_reason(says: str, cause: str) -> None:
    machine, plastic = MSR605Model(), StripeCard()
    wire = a_wire(machine, plastic)
    for _ in range(400):
        machine.next_write_says = says
        wire.step()
    assert wire.ends() == spoilt(cause)


@pytest.mark.parametrize(("says", "cause"), [("2", "encoder.format"), ("4", "encoder.not_understood")])
def test_a_command_that_is_refused_has_touched_no_card(says: str, cause: str) -> None:
    machine = MSR605Model()
    wire = a_wire(machine, StripeCard(), swipes=0)
    while wire.result is None:
        machine.next_write_says = says
        wire.step()
    assert wire.result == not_written(cause)


def test_a_refusal_that_the_machine_does_not_stand_by_was_none() -> None:
    machine, plastic = MSR605Model(), StripeCard()
    machine.next_write_says = "2"
    wire = a_wire(machine, plastic)
    assert wire.ends() == WRITTEN
    assert wire.steps[1] is CardStep.ONCE_MORE


def test_an_answer_that_was_lost_is_found_out_because_the_machine_waits_no_more() -> None:
    machine, plastic = MSR605Model(), StripeCard()
    lost = [0]

    def lose_the_answer_to_the_swipe(said: bytes) -> bytes:
        if any(plastic.tracks) and not lost[0]:
            lost[0] += 1
            return b""
        return said

    assert a_wire(machine, plastic, spoil=lose_the_answer_to_the_swipe).ends() == spoilt("encoder.no_swipe")


def test_a_card_that_was_written_wrong_is_found_by_reading_back() -> None:
    machine = MSR605Model()
    machine.writes_wrong = True
    assert a_wire(machine, StripeCard()).ends() == spoilt("encoder.unreadable")


def test_another_card_swiped_to_be_read_back_is_a_mismatch() -> None:
    machine = MSR605Model()
    wire = a_wire(machine, StripeCard(), swipes=1)
    wire.until(CardStep.WAITING_FOR_CARD_AGAIN)
    for _ in range(200):
        if machine.is_waiting:
            machine.swipe(StripeCard.of("", ";9900010000000027?"))
        wire.step()
    assert wire.ends() == spoilt("encoder.mismatch")


def test_nobody_swipes_for_twenty_seconds() -> None:
    machine = MSR605Model()
    wire = a_wire(machine, StripeCard(), swipes=0)
    began_s = wire.clock.now_s
    assert wire.ends() == not_written("encoder.no_swipe")
    assert wire.clock.now_s - began_s >= FOUND_WITHIN_S
    assert not machine.is_waiting
    assert wire.heard.endswith(b"\x1be\x1ba\x1be")


def test_a_card_that_is_not_swiped_again_must_not_be_given_away() -> None:
    machine = MSR605Model()
    assert a_wire(machine, StripeCard(), swipes=1).ends() == spoilt("encoder.not_read_back")
    assert not machine.is_waiting


def test_a_machine_that_does_not_answer_has_written_nothing() -> None:
    assert a_wire(MSR605Model(), StripeCard(), spoil=lambda _: b"").ends() == not_written("device.silent")


@pytest.mark.parametrize("steps", range(12))
def test_a_cancel_at_any_moment_ends_it_once_and_the_machine_waits_for_nothing(steps: int) -> None:
    machine, plastic = MSR605Model(), StripeCard()
    wire = a_wire(machine, plastic)
    for _ in range(steps):
        wire.step()
    if wire.result is None:
        wire.writing.dialogue.cancel()
        wire.writing.dialogue.cancel()
        made = wire.ends()
        touched = any(plastic.tracks)
        assert made == (spoilt if touched else not_written)("encoder.cancelled")
    assert not machine.is_waiting


def test_a_swipe_at_the_very_moment_of_the_cancel_is_noticed() -> None:
    machine, plastic = MSR605Model(), StripeCard()
    wire = a_wire(machine, plastic, swipes=0)
    wire.until(CardStep.WAITING_FOR_CARD)
    wire.step()
    machine.swipe(plastic)
    wire.writing.dialogue.cancel()
    assert wire.ends() == spoilt("encoder.cancelled")


def test_the_line_breaks_while_a_swipe_is_awaited_and_the_card_may_be_spoilt() -> None:
    wire = a_wire(MSR605Model(), StripeCard(), swipes=0)
    assert not wire.writing.may_be_touched
    wire.until(CardStep.WAITING_FOR_CARD)
    assert wire.writing.may_be_touched


def test_tracks_that_no_stripe_can_hold_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="character"):
        StripeWriting(CardContents(NUMBER, track_2="12A"), by_hand=True, step=lambda _: None)


def test_answers_in_any_split_are_the_same_answers() -> None:
    for size in (1, 2, 3, 7):
        machine, plastic, clock = MSR605Model(), StripeCard(), WireClock()
        writing = StripeWriting(CARD, by_hand=False, step=lambda _: None, clock=clock)
        machine.at_head = plastic
        writing.dialogue.start()
        while writing.dialogue.result is None:
            sent = writing.dialogue.outgoing
            writing.dialogue.accepted(len(sent))
            said = machine.feed(sent)
            for at in range(0, len(said), size):
                writing.dialogue.feed(said[at : at + size])
            clock.now_s += 0.01
        assert writing.dialogue.result == WRITTEN


@pytest.mark.parametrize("part", PARTS)
def test_no_mutation_whatever_raises_or_calls_a_spoilt_card_written(part: int) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    count = lost = 0

    def spoil(said: bytes) -> bytes:
        nonlocal count, lost
        count += 1
        now = spoiled(said, chance)
        lost += not now
        return now

    while count < FRAMES:
        machine, plastic = MSR605Model(), StripeCard()
        machine.writes_wrong = chance.random() < 0.4
        machine.next_write_says = chance.choice(("", "", "", "1", "9", "A"))
        wire = a_wire(machine, plastic, spoil=spoil if chance.random() < 0.9 else lambda said: said)
        lost = 0
        made = wire.ends()
        if made.outcome is CardOutcome.WRITTEN:
            assert holds_our_card(plastic), f"seed {seed}"
        if made.outcome is CardOutcome.NOT_WRITTEN and lost < 2:  # of two answers in a row nobody can know
            assert plastic == StripeCard(), f"seed {seed}"


def test_a_machine_that_goes_mute_after_its_first_answer_is_silent_and_not_one_that_does_not_understand() -> None:
    said: list[bytes] = []

    def once(answer: bytes) -> bytes:
        said.append(answer)
        return answer if len(said) == 1 else b""

    assert a_wire(MSR605Model(), StripeCard(), spoil=once).ends() == not_written("device.silent")
