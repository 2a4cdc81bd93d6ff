"""A new member, a blank card, an encoder on a serial line: enrolled, written, swiped, known, and a copy found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Queue

import pytest

from app.composition.desk import Desk, set_up
from app.domain.staff import Role
from app.operations.set_up import AddStaff
from app.operations.sign_in import SignIn
from app.ports.authority import Submission
from app.ports.devices import CardSeen, CardStep, DeviceEvent, DeviceHealth, DeviceKind, DeviceState
from app.ports.first_start import FirstStartAnswers
from app.ports.jobs import JobsAtOnce
from app.settings import Home
from db.verify import verify
from devices.simulators.msr605 import MSR605Model, StripeCard
from devices.simulators.readers import SimulatedMachine
from devices.supervisor import DeskDevices, DeviceSettings
from tests.support.mall import CHEAP_PINS
from tests.unit.presenters.fakes import FakePaper, FakeTimers, Recorder
from ui.cards.presenter import REWRITE, CardsPresenter
from ui.counter.guest.presenter import GuestPresenter
from ui.counter.presenter import CounterPresenter
from ui.counter.reverse.presenter import ReversePresenter
from ui.counter.services import CounterServices, Problem, SignedIn
from ui.gifts.redeem.presenter import RedeemPresenter
from ui.members.enrol.presenter import EnrolPresenter
from ui.members.presenter import MemberPresenter

PIN = "135790"
PATIENCE_S = 20
SWIPES = {CardStep.WAITING_FOR_CARD, CardStep.WAITING_FOR_CARD_AGAIN, CardStep.ONCE_MORE}


class Counter:
    """One desk with its store, an MSR605 beside it, and a clerk with a box of blank cards."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.calls: Queue[Callable[[], None]] = Queue()
        self.events: Queue[DeviceEvent] = Queue()
        self.errors: list[BaseException] = []
        self.encoder = SimulatedMachine(folder / "encoder", MSR605Model())
        self.devices = DeskDevices(
            [DeviceSettings("encoder", DeviceKind.ENCODER, str(folder / "encoder"), "msr605", settle_s=0.02)],
            report=self.errors.append,
        )
        self.devices.listen(self.events.put)
        self.devices.start()
        self.until(lambda event: isinstance(event, DeviceHealth) and event.state is DeviceState.ONLINE)
        self.card = StripeCard()
        desk.authority.submit_as_system(
            AddStaff(staff="1001", name="张丽", role=Role.CLERK, pin_verifier=CHEAP_PINS.hash(PIN))
        )
        signed = SignIn(staff="1001")
        desk.authority.submit(Submission((signed,), None, pin=PIN))
        services = CounterServices(
            authority=desk.authority,
            queries=desk.queries,
            jobs=JobsAtOnce(),
            paper=FakePaper(),
            timers=FakeTimers(),
            who=lambda: SignedIn(signed.id, "1001", "张丽", "clerk"),
            now=lambda: datetime.now(UTC),
            sentence=lambda code, _facts: code,
            card_maker=lambda: self.devices.card_maker,
            on_screen=self.calls.put,
        )
        self.screen, self.enrol_screen, self.cards_screen = Recorder(), Recorder(), Recorder()
        self.enrol, self.cards = (
            EnrolPresenter(self.enrol_screen, services),
            CardsPresenter(self.cards_screen, services),
        )
        redeem, reverse = RedeemPresenter(Recorder(), services), ReversePresenter(Recorder(), services)
        guest, member = GuestPresenter(Recorder(), services), MemberPresenter(Recorder(), services)
        others = (self.enrol, self.cards)
        self.presenter = CounterPresenter(self.screen, services, member, redeem, guest, reverse, others)

    def until(self, is_it: Callable[[DeviceEvent], bool]) -> DeviceEvent:
        while True:
            event = self.events.get(timeout=PATIENCE_S)
            if is_it(event):
                return event

    def works_until(self, is_done: Callable[[], bool], on_step: Callable[[], CardStep | None]) -> None:
        """The screens' thread goes round; where nothing happens by itself, the clerk swipes if they are asked to."""
        for _ in range(20 * PATIENCE_S):
            if is_done():
                return
            try:
                self.calls.get(timeout=0.2)()
            except Empty:
                if on_step() in SWIPES and self.encoder.model.is_waiting:
                    self.put_in()
            else:
                on_step()
        pytest.fail("it never ends")

    def put_in(self) -> None:
        self.encoder.touch(lambda model: model.swipe(self.card))

    def swipe(self, card: StripeCard) -> None:
        """At the encoder, which reads while nothing is written; for a moment after writing it hears nobody."""
        for _ in range(2 * PATIENCE_S):
            if self.encoder.model.is_waiting:
                self.encoder.touch(lambda model: model.swipe(card))
            try:
                event = self.events.get(timeout=0.5)
            except Empty:
                continue
            if isinstance(event, CardSeen):
                self.presenter.card_seen(event.number, event.entry, event.card_code)
                return
        pytest.fail("the card was not read")

    def close(self) -> None:
        self.devices.stop()
        self.encoder.close()
        assert self.errors == []


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    answers = FirstStartAnswers("海棠广场", "1 号服务台", 1, "9001", "周敏", "924680")
    desk = set_up(Home(tmp_path / "home"), answers, keys_kind="file", pins=CHEAP_PINS)
    made = Counter(desk, tmp_path)
    yield made
    made.close()
    desk.close()


def enrol(counter: Counter) -> None:
    counter.presenter.start("enrol")
    counter.enrol.edit(name="张三丰", phone="13800001234", adult=True, service=True)
    counter.enrol.make()
    counter.works_until(
        lambda: counter.enrol.done or not counter.enrol.making.state.is_busy,
        lambda: counter.enrol.making.state.step,
    )
    assert counter.enrol.done, counter.enrol.making.state


def test_a_member_is_enrolled_with_a_card_that_is_written_and_known_at_the_next_swipe(counter: Counter) -> None:
    enrol(counter)
    member = counter.enrol_screen.state.result.member
    text = counter.card.text(1)
    assert text is not None
    assert "^ZHANG/SANFENG^" in text
    counter.enrol.finish()
    counter.presenter.leave_member()
    counter.swipe(counter.card)
    assert (counter.screen.state.member, counter.screen.state.doubt) == (member, None)
    assert verify(counter.desk.store, counter.desk.settings.mall) == []


def test_a_spoilt_card_costs_its_number_and_a_copy_of_an_old_stripe_is_found_out(counter: Counter) -> None:
    first = counter.desk.queries.free_card_number()
    counter.encoder.model.writes_wrong = True

    def good_from_now_on() -> CardStep | None:
        state = counter.enrol.making.state
        if state.spoilt and counter.encoder.model.writes_wrong:
            counter.encoder.model.writes_wrong = False
            counter.card = StripeCard()
        return state.step

    counter.presenter.start("enrol")
    counter.enrol.edit(name="张三丰", phone="13800001234", adult=True, service=True)
    counter.enrol.make()
    counter.works_until(lambda: counter.enrol.done, good_from_now_on)
    text = counter.card.text(2)
    assert text is not None
    assert first not in text
    (batch,) = counter.desk.queries.card_batches()
    assert (batch.issued, batch.void) == (1, 1)

    counter.enrol.finish()
    copy = replace(counter.card, tracks=list(counter.card.tracks))
    counter.swipe(counter.card)
    counter.presenter.start("cards")
    counter.cards.begin(REWRITE)
    counter.cards.confirm()
    counter.works_until(lambda: counter.cards.done, lambda: counter.cards.making.state.step)
    counter.cards.finish()
    counter.swipe(copy)
    assert counter.screen.state.doubt == Problem("card.code_wrong")
    counter.swipe(counter.card)
    assert counter.screen.state.doubt is None
    member = counter.screen.state.member
    assert "card.alert_recent" in counter.desk.queries.member_page(member).warnings
    assert verify(counter.desk.store, counter.desk.settings.mall) == []
