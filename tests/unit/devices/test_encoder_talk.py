"""An encoder as its thread sees it: it reads, and while it writes a card it does not."""

from __future__ import annotations

from collections.abc import Callable

from app.ports.devices import CardContents, CardMade, CardOutcome, CardSeen, CardStep, DeviceEvent, DeviceState
from devices.drivers.msr605 import MSR605Reader
from devices.drivers.reader_talk import LEAVES_WITHIN_S, EncoderTalk
from devices.drivers.stripe_writing import StripeWriting
from devices.drivers.writing import Writing
from devices.simulators.msr605 import MSR605Model, StripeCard
from tests.support.wire import STEP_S, WireClock

NUMBER = "9900010000000019"
CARD = CardContents(NUMBER, chip_key=b"secret")


class Bench:
    def __init__(self, *, is_reader: bool = True) -> None:
        self.clock = WireClock()
        self.machine = MSR605Model()
        self.seen: list[DeviceEvent] = []
        self.steps: list[CardStep] = []
        self.ends: list[CardMade] = []
        self.log: list[str] = []

        def make(card: CardContents, by_hand: bool, step: Callable[[CardStep], None]) -> Writing:
            return StripeWriting(card, by_hand=by_hand, step=step, clock=self.clock)

        reader = MSR605Reader("encoder", clock=self.clock)
        self.talk = EncoderTalk(reader, self.seen.append, make, is_reader=is_reader, clock=self.clock)
        self.talk.opened()
        self.goes_on(0.3)

    def goes_on(self, seconds: float) -> None:
        until_s = self.clock.now_s + seconds
        while self.clock.now_s < until_s:
            sent = self.talk.outgoing()
            self.talk.accepted(len(sent))
            said = self.machine.feed(sent) + self.machine.replies()
            if said:
                self.talk.received(said)
            else:
                self.talk.tick()
            self.calls()
            self.clock.now_s += STEP_S

    def calls(self) -> None:
        for call in self.talk.take_calls():
            call()
        self.log += self.talk.take_log()

    def writes(self) -> None:
        self.talk.write(CARD, by_hand=True, step=self.steps.append, done=self.ends.append)
        self.calls()


def test_a_swipe_while_it_writes_is_the_card_being_made_and_no_customers() -> None:
    bench, plastic = Bench(), StripeCard()
    bench.writes()
    bench.goes_on(0.3)
    assert bench.talk.is_busy
    bench.machine.swipe(plastic)
    bench.goes_on(0.3)
    bench.machine.swipe(plastic)
    bench.goes_on(0.3)
    assert bench.ends == [CardMade(CardOutcome.WRITTEN)]
    assert bench.seen == []
    bench.goes_on(LEAVES_WITHIN_S)
    bench.machine.swipe(plastic)
    bench.goes_on(0.3)
    assert bench.seen == [CardSeen(NUMBER, reader="encoder")]


def test_inside_a_dispenser_it_reads_for_nobody() -> None:
    bench = Bench(is_reader=False)
    bench.machine.swipe(StripeCard.of("", f";{NUMBER}?"))
    bench.goes_on(0.3)
    assert bench.seen == []


def test_a_port_that_closes_ends_the_card_once() -> None:
    for armed, outcome in ((False, CardOutcome.NOT_WRITTEN), (True, CardOutcome.SPOILT)):
        bench = Bench()
        bench.writes()
        if armed:
            bench.goes_on(0.3)
        bench.talk.closed("device.unplugged")
        bench.talk.closed("device.stopped")
        bench.calls()
        assert bench.ends == [CardMade(outcome, "device.unplugged")]
        assert bench.talk.state == (DeviceState.OFFLINE, "device.stopped")


def test_a_closed_port_writes_nothing_and_says_why() -> None:
    bench = Bench()
    bench.talk.closed("device.busy")
    bench.writes()
    assert bench.ends == [CardMade(CardOutcome.NOT_WRITTEN, "device.busy")]


def test_a_cancel_stops_the_wait_for_a_swipe_and_it_reads_again() -> None:
    bench = Bench()
    bench.talk.cancel()  # nothing is being written
    bench.writes()
    bench.goes_on(0.3)
    bench.talk.cancel()
    bench.goes_on(LEAVES_WITHIN_S + 2)
    assert bench.ends == [CardMade(CardOutcome.NOT_WRITTEN, "encoder.cancelled")]
    bench.machine.swipe(StripeCard.of("", f";{NUMBER}?"))
    bench.goes_on(0.3)
    assert bench.seen == [CardSeen(NUMBER, reader="encoder")]


def test_a_command_of_which_nobody_knows_how_much_went_out_is_made_sure_of() -> None:
    """On Windows a write that timed out may have gone out in part: the machine is reset and asked."""
    bench, plastic = Bench(), StripeCard()
    bench.writes()
    while not bench.talk.outgoing().startswith(b"\x1bw"):
        bench.goes_on(STEP_S)
    bench.machine.feed(bench.talk.outgoing()[:9])
    bench.talk.accepted(0, exact=False)
    bench.goes_on(5)
    (made,) = bench.ends
    assert made.outcome is not CardOutcome.WRITTEN
    assert plastic == StripeCard()
    assert not bench.machine.is_waiting or bench.talk.state[0] is DeviceState.ONLINE


def test_neither_number_nor_key_stands_in_the_log() -> None:
    bench, plastic = Bench(), StripeCard()
    bench.writes()
    for _ in range(2):
        bench.goes_on(0.3)
        bench.machine.swipe(plastic)
    bench.goes_on(0.5)
    assert bench.log == [
        "= card ****0019: waiting_for_card",
        "= card ****0019: waiting_for_card_again",
        "= card written",
    ]
