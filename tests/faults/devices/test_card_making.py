"""Cards made on real threads and pseudo terminals: whatever is pulled, jammed, cut or garbled, each card ends exactly
once, and one that is not known to be right is never called written (DEVICES.md 2.2, 2.7, 5.1)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.errors import Unavailable
from app.ports.devices import (
    CardContents,
    CardMade,
    CardOutcome,
    CardSeen,
    CardStep,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
)
from devices.drivers import chip_writing, dispenser, stripe_writing
from devices.simulators.dispenser import DispenserModel, blank_stripe, blank_tag
from devices.simulators.er302 import ER302Model
from devices.simulators.faults import LINE_FAULTS
from devices.simulators.inside import EncoderModel, put_inside
from devices.simulators.msr605 import MSR605Model, StripeCard
from devices.simulators.pn532 import PN532Model
from devices.simulators.readers import SimulatedMachine
from devices.simulators.tags import SimulatedTag
from devices.supervisor import DeskDevices, DeviceSettings

PATIENT_S = 40.0
NUMBER = "9900010000000019"
TRACK_1 = f"B{NUMBER}^ZHANG/SANFENG^30121010012345"
TRACK_2 = f"{NUMBER}=30121010012345"
CARD = CardContents(NUMBER, TRACK_1, TRACK_2)
WRITTEN = CardMade(CardOutcome.WRITTEN)
SWIPES = (CardStep.WAITING_FOR_CARD, CardStep.ONCE_MORE, CardStep.WAITING_FOR_CARD_AGAIN)
MODELS: dict[str, Callable[[], EncoderModel]] = {"msr605": MSR605Model, "pn532": PN532Model, "er302": ER302Model}
Plastic = StripeCard | SimulatedTag


@pytest.fixture(autouse=True)
def less_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_writing, "FOUND_WITHIN_S", 1.5)
    monkeypatch.setattr(chip_writing, "FOUND_WITHIN_S", 1.5)
    monkeypatch.setattr(dispenser, "MOVES_WITHIN_S", 3.0)


def holds_our_card(card: Plastic) -> bool:
    if isinstance(card, SimulatedTag):
        return card.contents == NUMBER.encode()
    return (card.text(1), card.text(2)) == (f"%{TRACK_1}?", f";{TRACK_2}?")


def is_blank(card: Plastic) -> bool:
    return card.contents == b"" if isinstance(card, SimulatedTag) else not any(card.tracks)


class Making:
    """One card being made: its steps and its one end."""

    def __init__(self) -> None:
        self.steps: list[CardStep] = []
        self.ends: list[CardMade] = []
        self.cancel: Callable[[], None] = lambda: None
        self.on_step: Callable[[CardStep], None] = lambda _: None
        self._changed = threading.Condition()

    def step(self, step: CardStep) -> None:
        with self._changed:
            self.steps.append(step)
            self._changed.notify_all()
        self.on_step(step)

    def done(self, made: CardMade) -> None:
        with self._changed:
            self.ends.append(made)
            self._changed.notify_all()

    def until_step(self, step: CardStep) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: step in self.steps or self.ends, PATIENT_S), self.steps

    def end(self) -> CardMade:
        with self._changed:
            assert self._changed.wait_for(lambda: self.ends, PATIENT_S), self.steps
        return self.ends[0]


class Counter:
    """An encoder, by itself or inside a dispenser, and a clerk who does what the steps ask for."""

    def __init__(self, folder: Path, driver: str, *, dispensed: bool, kind: str = "cd-720m") -> None:
        self.errors: list[BaseException] = []
        self.heard: list[DeviceEvent] = []
        self._changed = threading.Condition()
        self.plastic: Plastic = StripeCard() if driver == "msr605" else blank_tag(0x999)
        self.encoder: SimulatedMachine[EncoderModel] = SimulatedMachine(folder / "encoder", MODELS[driver]())
        self.dispenser: SimulatedMachine[DispenserModel] | None = None
        settings = [DeviceSettings("encoder", DeviceKind.ENCODER, str(folder / "encoder"), driver, settle_s=0.02)]
        if dispensed:
            blank = blank_stripe if driver == "msr605" else blank_tag
            self.dispenser = SimulatedMachine(folder / "dispenser", DispenserModel(kind, blank=blank, move_s=0.1))
            put_inside(self.dispenser, self.encoder)  # type: ignore[arg-type]
            settings.append(
                DeviceSettings("dispenser", DeviceKind.DISPENSER, str(folder / "dispenser"), kind, settle_s=0.02)
            )
        self.devices = DeskDevices(settings, report=self.errors.append)
        self.devices.listen(self._hear)
        self.devices.start()
        for each in settings:
            self.until(each.name, DeviceState.ONLINE)

    @property
    def cards(self) -> list[Plastic]:
        """All that may have been written to."""
        if self.dispenser is None:
            return [self.plastic]
        model = self.dispenser.model
        inside = [card for card in (model.at_reader, model.at_mouth) if card is not None]
        return [*model.hopper, *model.bin, *model.out, *inside]

    def make(self, on_step: Callable[[CardStep], None] = lambda _: None) -> Making:
        making = Making()

        def clerk(step: CardStep) -> None:
            on_step(step)
            if self.dispenser is None and step in SWIPES:
                threading.Timer(0.15, self._put_the_card_in).start()

        making.on_step = clerk
        maker = self.devices.card_maker
        assert maker is not None
        making.cancel = maker.make(CARD, step=making.step, done=making.done)
        return making

    def until(self, name: str, state: DeviceState, cause: str | None = None) -> None:
        def is_so() -> bool:
            return any(
                isinstance(event, DeviceHealth) and (event.name, event.state, event.cause) == (name, state, cause)
                for event in self.heard
            )

        with self._changed:
            assert self._changed.wait_for(is_so, PATIENT_S), self.heard

    def close(self) -> None:
        self.devices.stop()
        self.encoder.close()
        if self.dispenser is not None:
            self.dispenser.close()
        assert self.errors == []

    def _put_the_card_in(self) -> None:
        def put(model: EncoderModel) -> None:
            if isinstance(model, MSR605Model):
                assert isinstance(self.plastic, StripeCard)
                model.swipe(self.plastic)
            else:
                assert isinstance(self.plastic, SimulatedTag)
                model.put(self.plastic)

        self.encoder.touch(put)

    def _hear(self, event: DeviceEvent) -> None:
        with self._changed:
            self.heard.append(event)
            self._changed.notify_all()


def judged(counter: Counter, making: Making) -> CardMade:
    """One end, and what it says is so."""
    made = making.end()
    counter.close()
    assert making.ends == [made]
    if made.outcome is CardOutcome.WRITTEN:
        assert made.cause is None
        card = counter.plastic
        if counter.dispenser is not None:
            at_mouth = counter.dispenser.model.at_mouth
            assert at_mouth is not None
            card = at_mouth
        assert holds_our_card(card)
    else:
        assert made.cause is not None
    if made.outcome is CardOutcome.NOT_WRITTEN:
        assert all(is_blank(card) for card in counter.cards)
    if made.outcome is CardOutcome.SPOILT and counter.dispenser is not None:
        mouth = counter.dispenser.model.at_mouth
        assert mouth is None or made.cause in ("device.unplugged", "device.stopped", "device.silent", "dispenser.stuck")
    return made


Set = Callable[..., Counter]


@pytest.fixture
def counters(tmp_path: Path) -> Iterator[Set]:
    made: list[Counter] = []

    def set_up(driver: str, *, dispensed: bool = False, kind: str = "cd-720m") -> Counter:
        made.append(Counter(tmp_path, driver, dispensed=dispensed, kind=kind))
        return made[-1]

    yield set_up
    for counter in made:
        counter.close()


# Well


@pytest.mark.parametrize("driver", MODELS)
def test_a_card_is_made_by_hand(driver: str, counters: Set) -> None:
    counter = counters(driver)
    maker = counter.devices.card_maker
    assert maker is not None
    assert maker.is_fed_by_hand()
    assert judged(counter, counter.make()) == WRITTEN


@pytest.mark.parametrize("kind", ["cd-720m", "k720", "crt-531"])
@pytest.mark.parametrize("driver", MODELS)
def test_a_card_is_fed_written_checked_and_handed_out(driver: str, kind: str, counters: Set) -> None:
    counter = counters(driver, dispensed=True, kind=kind)
    making = counter.make()
    assert judged(counter, making) == WRITTEN
    assert making.steps == [CardStep.FEEDING, CardStep.WRITING, CardStep.READING_BACK, CardStep.HANDING_OUT]


def test_the_next_card_can_be_made_when_one_has_ended_and_not_before(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    maker = counter.devices.card_maker
    assert maker is not None
    making = counter.make()
    with pytest.raises(Unavailable, match=r"encoder\.busy"):
        maker.make(CARD, step=lambda _: None, done=lambda _: None)
    assert making.end() == WRITTEN
    counter.dispenser.touch(lambda model: model.take_card())
    assert judged(counter, counter.make()) == WRITTEN


def test_contents_that_no_card_can_hold_are_refused_and_the_next_is_made(counters: Set) -> None:
    counter = counters("msr605")
    maker = counter.devices.card_maker
    assert maker is not None
    with pytest.raises(ValueError, match="character"):
        maker.make(CardContents(NUMBER, track_2="\x1b"), step=lambda _: None, done=lambda _: None)
    assert judged(counter, counter.make()) == WRITTEN


# The line


@pytest.mark.parametrize("fault", LINE_FAULTS)
@pytest.mark.parametrize("driver", MODELS)
def test_whatever_the_encoders_line_does_a_card_ends_once(driver: str, fault: str, counters: Set) -> None:
    counter = counters(driver)
    counter.encoder.voice.set_fault(fault)
    made = judged(counter, counter.make())
    if fault in ("slow", "duplicate"):
        assert made == WRITTEN
    if fault == "mute":
        assert made == CardMade(CardOutcome.NOT_WRITTEN, "device.silent")


@pytest.mark.parametrize("fault", LINE_FAULTS)
def test_whatever_the_dispensers_line_does_a_card_ends_once(fault: str, counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    counter.dispenser.voice.set_fault(fault)
    made = judged(counter, counter.make())
    if fault in ("slow", "duplicate", "checksum", "garbage"):
        assert made == WRITTEN
    if fault == "mute":
        assert made == CardMade(CardOutcome.NOT_WRITTEN, "device.silent")


BY_HAND = (CardStep.WAITING_FOR_CARD, CardStep.WAITING_FOR_CARD_AGAIN)
BY_MACHINE = (CardStep.FEEDING, CardStep.WRITING, CardStep.READING_BACK, CardStep.HANDING_OUT)


@pytest.mark.parametrize("at", BY_HAND)
@pytest.mark.parametrize("how", ["unplug", "power", "stop", "cancel"])
def test_an_encoder_that_goes_away_at_any_step_ends_the_card_once(how: str, at: CardStep, counters: Set) -> None:
    counter = counters("msr605")
    making = Making()

    def trouble(step: CardStep) -> None:
        if step is at:
            threading.Thread(target=happens).start()

    def happens() -> None:
        match how:
            case "unplug":
                counter.encoder.line.unplug()
            case "power":
                counter.encoder.touch(lambda model: model.power_cycle())
            case "stop":
                counter.devices.stop()
            case _:
                making.cancel()

    making = counter.make(trouble)
    made = judged(counter, making)
    causes = {"unplug": "device.unplugged", "stop": "device.stopped", "cancel": "encoder.cancelled"}
    if how != "power":
        assert made.cause == causes[how]
        if at is CardStep.WAITING_FOR_CARD_AGAIN:
            assert made.outcome is CardOutcome.SPOILT


@pytest.mark.parametrize("at", BY_MACHINE)
@pytest.mark.parametrize(
    ("how", "which"),
    [
        *((how, which) for how in ("unplug", "power") for which in ("encoder", "dispenser")),
        ("stop", ""),
        ("cancel", ""),
    ],
)
def test_a_machine_that_goes_away_at_any_step_ends_the_card_once(
    how: str, which: str, at: CardStep, counters: Set
) -> None:
    counter = counters("pn532", dispensed=True)
    machine = counter.encoder if which == "encoder" else counter.dispenser
    assert machine is not None
    making = Making()

    def trouble(step: CardStep) -> None:
        if step is at:
            threading.Thread(target=happens).start()

    def happens() -> None:
        match how:
            case "unplug":
                machine.line.unplug()
            case "power":
                machine.touch(lambda model: model.power_cycle())
            case "stop":
                counter.devices.stop()
            case _:
                making.cancel()

    making = counter.make(trouble)
    judged(counter, making)


def test_a_dispenser_that_swallows_the_card_when_its_power_returns_has_not_handed_it_out(counters: Set) -> None:
    counter = counters("pn532", dispensed=True, kind="k720")
    assert counter.dispenser is not None
    machine = counter.dispenser
    machine.model.captures_at_power_up = True

    def trouble(step: CardStep) -> None:
        if step is CardStep.HANDING_OUT:
            machine.touch(lambda model: model.power_cycle())

    made = judged(counter, counter.make(trouble))
    assert made == CardMade(CardOutcome.SPOILT, "dispenser.card_gone")


def test_machines_that_came_back_make_the_next_card(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    machine = counter.dispenser

    def trouble(step: CardStep) -> None:
        if step is CardStep.READING_BACK:
            machine.line.unplug()

    making = counter.make(trouble)
    assert making.end() == CardMade(CardOutcome.SPOILT, "device.unplugged")
    counter.heard.clear()
    machine.line.plug()
    counter.until("dispenser", DeviceState.ONLINE)
    assert judged(counter, counter.make()) == WRITTEN
    assert len(machine.model.bin) == 1


# Cards and causes


@pytest.mark.parametrize("driver", ["pn532", "er302"])
def test_a_bad_card_goes_into_the_bin_and_the_next_number_onto_the_next_card(driver: str, counters: Set) -> None:
    counter = counters(driver, dispensed=True)
    assert counter.dispenser is not None
    worn = counter.dispenser.model.hopper[0]
    assert isinstance(worn, SimulatedTag)
    worn.worn = True
    making = counter.make()
    assert making.end() == CardMade(CardOutcome.SPOILT, "encoder.mismatch")
    assert making.steps[-1] is CardStep.TO_THE_BIN
    assert counter.dispenser.model.bin == [worn]
    assert judged(counter, counter.make()) == WRITTEN


def test_a_stripe_that_was_written_wrong_goes_into_the_bin(counters: Set) -> None:
    counter = counters("msr605", dispensed=True)
    assert counter.dispenser is not None
    assert isinstance(counter.encoder.model, MSR605Model)
    counter.encoder.model.writes_wrong = True
    assert judged(counter, counter.make()) == CardMade(CardOutcome.SPOILT, "encoder.unreadable")
    assert len(counter.dispenser.model.bin) == 1


def test_a_full_bin_is_told_with_the_card_that_does_not_go_in(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    model = counter.dispenser.model
    model.hopper[0].worn = True  # type: ignore[union-attr]

    def fill(step: CardStep) -> None:
        if step is CardStep.TO_THE_BIN:
            model.fill_bin()

    assert judged(counter, counter.make(fill)) == CardMade(CardOutcome.SPOILT, "dispenser.bin_full")
    assert model.at_reader is not None


def test_one_card_of_another_kind_is_thrown_away_and_the_next_one_made(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    other = SimulatedTag(bytes.fromhex("04A1B2C3D4E5F6"))
    counter.dispenser.model.hopper.insert(0, other)
    assert judged(counter, counter.make()) == WRITTEN
    assert counter.dispenser.model.bin == [other]


def test_cards_of_another_kind_are_thrown_away_and_said(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    model = counter.dispenser.model
    model.hopper[:] = [SimulatedTag(bytes.fromhex(f"04A1B2C3D4E5F{at}")) for at in range(5)]
    assert judged(counter, counter.make()) == CardMade(CardOutcome.NOT_WRITTEN, "encoder.wrong_card")
    assert len(model.bin) == 3


def test_an_untouched_card_stays_for_the_next_try(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    counter.encoder.voice.set_fault("mute")
    making = counter.make()
    assert making.end() == CardMade(CardOutcome.NOT_WRITTEN, "device.silent")
    counter.encoder.voice.set_fault(None)
    assert judged(counter, counter.make()) == WRITTEN
    assert counter.dispenser.model.bin == []


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (lambda model: model.empty_hopper(), "dispenser.empty"),
        (lambda model: setattr(model, "jams_next", True), "dispenser.jam"),
        (lambda model: setattr(model, "fails_next", True), "dispenser.failed"),
        (lambda model: model.bin.extend(model.hopper[:20]), "dispenser.bin_full"),
    ],
)
def test_a_dispenser_in_trouble_touches_no_card_and_says_why(
    trouble: Callable[[DispenserModel], None], cause: str, counters: Set
) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    counter.dispenser.touch(trouble)
    assert judged(counter, counter.make()) == CardMade(CardOutcome.NOT_WRITTEN, cause)


def test_an_encoder_that_is_away_moves_no_card(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.dispenser is not None
    counter.encoder.line.unplug()
    counter.until("encoder", DeviceState.OFFLINE, "device.unplugged")
    making = counter.make()
    assert judged(counter, making) == CardMade(CardOutcome.NOT_WRITTEN, "device.unplugged")
    assert making.steps == []


# Reader and encoder in one


def test_an_encoder_reads_whenever_it_does_not_write(counters: Set) -> None:
    counter = counters("msr605")
    assert isinstance(counter.plastic, StripeCard)
    assert counter.make().end() == WRITTEN
    machine, card, ended = counter.encoder, counter.plastic, threading.Event()

    def swipe_until_seen() -> None:
        while not ended.wait(0.2):
            machine.touch(lambda model: model.swipe(card) if isinstance(model, MSR605Model) else None)

    person = threading.Thread(target=swipe_until_seen)
    person.start()
    with counter._changed:
        assert counter._changed.wait_for(lambda: any(isinstance(e, CardSeen) for e in counter.heard), PATIENT_S)
    ended.set()
    person.join()
    seen = next(event for event in counter.heard if isinstance(event, CardSeen))
    assert (seen.number, seen.card_code) == (NUMBER, "0012345")


def test_no_card_inside_a_dispenser_is_a_customers_card(counters: Set) -> None:
    counter = counters("pn532", dispensed=True)
    assert counter.make().end() == WRITTEN
    assert threading.Event().wait(2) is False
    assert not any(isinstance(event, CardSeen) for event in counter.heard)
