"""Making cards at the encoder, without an encoder and without a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.domain.errors import Unavailable
from app.operations.enrol_member import EnrolMember
from app.operations.issue_card import IssueCard
from app.operations.print_card_face import PrintCardFace
from app.operations.reissue_card import ReissueCard
from app.operations.replace_card import ReplaceCard
from app.operations.void_card_number import VoidCardNumber
from app.ports.devices import CardContents, CardMade, CardOutcome, CardStep
from app.queries.rows import CardFace
from tests.unit.presenters.fakes import WANG, Desk, FakeHost, FakeQueries, JobsLater, Recorder, a_page
from ui.cards.making import Phase
from ui.cards.presenter import ISSUE, REPLACE, REWRITE, VIRTUAL, CardsPresenter
from ui.members.enrol.presenter import EnrolPresenter

FREE = ("9900010000000035", "9900010000000043", "9900010000000050", "9900010000000068")
WRITTEN = CardMade(CardOutcome.WRITTEN)
SPOILT = CardMade(CardOutcome.SPOILT, "encoder.mismatch")
NOT_WRITTEN = CardMade(CardOutcome.NOT_WRITTEN, "encoder.no_swipe")


@dataclass
class FakeMaker:
    """An encoder whose cards turn out as a test says."""

    by_hand: bool = True
    asked: list[CardContents] = field(default_factory=list)
    cancelled: int = 0
    refuses: Exception | None = None
    step: Callable[[CardStep], None] = lambda _step: None
    done: Callable[[CardMade], None] = lambda _made: None

    def is_fed_by_hand(self) -> bool:
        return self.by_hand

    def make(
        self, card: CardContents, *, step: Callable[[CardStep], None], done: Callable[[CardMade], None]
    ) -> Callable[[], None]:
        if self.refuses is not None:
            raise self.refuses
        self.asked.append(card)
        self.step, self.done = step, done

        def cancel() -> None:
            self.cancelled += 1

        return cancel


@dataclass
class NumberedQueries(FakeQueries):
    """Gives out the free numbers that no operation has taken or voided."""

    desk: Desk | None = None

    def free_card_number(self, kind: str = "physical") -> str:
        assert self.desk is not None
        gone = {getattr(operation, "number", "") for operation in self.desk.authority.operations}
        return next(number for number in FREE if number not in gone)


def at_an_encoder() -> tuple[Desk, FakeMaker]:
    desk = Desk(queries=NumberedQueries())
    assert isinstance(desk.queries, NumberedQueries)
    desk.queries.desk = desk
    return desk, FakeMaker()


def cards_task(desk: Desk, maker: FakeMaker | None, doing: str) -> tuple[Recorder, CardsPresenter, FakeHost]:
    screen, host = Recorder(), FakeHost()
    presenter = CardsPresenter(screen, replace(desk.services, card_maker=lambda: maker))
    presenter.host = host
    presenter.show_member(a_page(cards=()) if doing == ISSUE else a_page())
    presenter.begin(doing)
    return screen, presenter, host


def enrolling(desk: Desk, maker: FakeMaker | None) -> tuple[Recorder, EnrolPresenter]:
    screen = Recorder()
    presenter = EnrolPresenter(screen, replace(desk.services, card_maker=lambda: maker))
    presenter.host = FakeHost()
    presenter.opened()
    presenter.edit(name="张三丰", phone="13800001234", adult=True, service=True)
    return screen, presenter


def test_a_written_card_is_issued_at_once() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    assert screen.state.writes
    presenter.confirm()
    assert presenter.busy
    assert [card.number for card in maker.asked] == [FREE[0]]
    for step in (CardStep.WAITING_FOR_CARD, CardStep.WRITING, CardStep.WAITING_FOR_CARD_AGAIN, CardStep.READING_BACK):
        maker.step(step)
        assert screen.state.making.step is step
    assert desk.authority.operations == []
    maker.done(WRITTEN)
    (issue,) = desk.authority.operations
    assert isinstance(issue, IssueCard)
    assert (issue.member, issue.number) == (WANG, FREE[0])
    assert (presenter.done, presenter.busy, screen.state.making.phase) == (True, False, Phase.REST)


def test_a_card_is_replaced_by_a_written_one() -> None:
    desk, maker = at_an_encoder()
    _, presenter, _ = cards_task(desk, maker, REPLACE)
    presenter.confirm()
    maker.done(WRITTEN)
    (replaced,) = desk.authority.operations
    assert isinstance(replaced, ReplaceCard)
    assert (replaced.old_number, replaced.new_number) == ("9900010000000019", FREE[0])


def test_a_number_on_a_spoilt_card_is_voided_and_the_next_one_is_tried() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    maker.done(SPOILT)
    (void,) = desk.authority.operations
    assert isinstance(void, VoidCardNumber)
    assert (void.number, void.reason) == (FREE[0], "spoilt")
    assert screen.state.making.spoilt == 1
    assert [card.number for card in maker.asked] == [FREE[0], FREE[1]]
    maker.done(WRITTEN)
    assert isinstance(desk.authority.operations[-1], IssueCard)


def test_after_three_spoilt_cards_a_person_looks_first() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, host = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    for _ in range(3):
        maker.done(SPOILT)
    making = screen.state.making
    assert (making.phase, making.spoilt, making.problem.code) == (Phase.STOPPED, 3, "encoder.mismatch")
    assert len(maker.asked) == 3
    assert "settled" in host.said
    presenter.making.again()
    assert maker.asked[-1].number == FREE[3]


def test_a_card_that_was_not_touched_leaves_the_number_free() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    maker.done(NOT_WRITTEN)
    assert screen.state.making.problem.code == "encoder.no_swipe"
    assert desk.authority.operations == []
    presenter.making.again()
    assert [card.number for card in maker.asked] == [FREE[0], FREE[0]]


def test_what_was_spoilt_is_put_on_record_before_anything_else_is_written() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    desk.authority.failures = [Unavailable("store.busy")]
    presenter.confirm()
    maker.done(SPOILT)
    assert (screen.state.making.phase, screen.state.making.problem.code) == (Phase.STOPPED, "store.busy")
    assert len(maker.asked) == 1
    presenter.making.again()
    first, second = desk.authority.operations
    assert first == second  # the same request, so that it counts once
    assert maker.asked[-1].number == FREE[1]


@pytest.mark.parametrize("made", [SPOILT, NOT_WRITTEN])
def test_a_cancel_waits_for_what_becomes_of_the_card(made: CardMade) -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    presenter.cancel()
    assert (maker.cancelled, presenter.busy, screen.state.making.cancelling) == (1, True, True)
    maker.done(made)
    assert not presenter.busy
    assert [operation.verb for operation in desk.authority.operations] == (
        ["void_card_number"] if made is SPOILT else []
    )
    assert len(maker.asked) == 1
    assert screen.state.doing == ISSUE


def test_a_cancel_before_the_encoder_was_asked_writes_nothing() -> None:
    desk, maker = at_an_encoder()
    desk.jobs = JobsLater()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    presenter.cancel()
    desk.jobs.answer_all()
    assert maker.asked == []
    assert screen.state.making.phase is Phase.REST


def test_a_card_that_came_out_all_the_same_after_a_cancel_is_issued() -> None:
    desk, maker = at_an_encoder()
    _, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    presenter.cancel()
    maker.done(WRITTEN)
    assert isinstance(desk.authority.operations[-1], IssueCard)


def test_locking_the_screen_cancels() -> None:
    desk, maker = at_an_encoder()
    _, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    presenter.lock()
    assert maker.cancelled == 1


def test_an_encoder_that_is_busy_says_so() -> None:
    desk, maker = at_an_encoder()
    maker.refuses = Unavailable("encoder.busy")
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    assert screen.state.making.problem.code == "encoder.busy"
    presenter.cancel()
    assert screen.state.making.phase is Phase.REST


def test_an_issue_that_got_no_answer_is_asked_again_without_a_second_card() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.confirm()
    desk.authority.failures = [Unavailable("store.busy")]
    maker.done(WRITTEN)
    assert screen.state.sending.unsure
    presenter.confirm()
    first, second = desk.authority.operations
    assert first == second
    assert len(maker.asked) == 1
    assert presenter.done


def test_the_same_number_is_written_anew_and_the_issue_goes_up() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, REWRITE)
    presenter.confirm()
    assert maker.asked[0].number == "9900010000000019"
    maker.done(SPOILT)
    maker.done(WRITTEN)
    spoilt, written = desk.authority.operations
    assert isinstance(spoilt, ReissueCard)
    assert isinstance(written, ReissueCard)
    assert (spoilt.made, written.made) == ("spoilt", "written")
    assert screen.state.result.did == REWRITE


def test_a_printed_card_is_issued_at_an_encoder_too() -> None:
    desk, maker = at_an_encoder()
    screen, presenter, _ = cards_task(desk, maker, ISSUE)
    presenter.take_card("9900010000000076")
    assert not screen.state.writes
    presenter.confirm()
    assert maker.asked == []
    (issue,) = desk.authority.operations
    assert isinstance(issue, IssueCard)
    assert issue.number == "9900010000000076"


def test_a_virtual_card_is_issued_from_the_next_number_for_such_cards() -> None:
    desk, maker = at_an_encoder()
    _, presenter, _ = cards_task(desk, maker, VIRTUAL)
    presenter.confirm()
    (issue,) = desk.authority.operations
    assert isinstance(issue, IssueCard)
    assert (issue.kind, issue.number) == ("virtual", FREE[0])
    assert maker.asked == []


def test_a_card_is_printed_into_a_file_once_that_is_on_record(tmp_path: Path) -> None:
    desk, _ = at_an_encoder()
    screen = Recorder()
    drawn: list[tuple[str, str]] = []

    def draw(face: CardFace, language: str) -> bytes:
        drawn.append((face.name, language))
        return b"%PDF"

    presenter = CardsPresenter(screen, replace(desk.services, card_pdf=draw))
    presenter.host = FakeHost()
    presenter.show_member(a_page())
    assert screen.state.may_print
    presenter.print_face(tmp_path / "卡面.pdf")
    (wanted,) = desk.authority.operations
    assert isinstance(wanted, PrintCardFace)
    assert wanted.number == "9900010000000019"
    assert drawn == [("王小明", "zh_CN")]
    assert (tmp_path / "卡面.pdf").read_bytes() == b"%PDF"
    assert screen.state.printed == "卡面.pdf"
    presenter.print_face(tmp_path / "nowhere" / "x.pdf")
    assert screen.state.sending.problem.code == "file.not_written"


def test_without_an_encoder_the_next_number_is_filled_in_as_ever() -> None:
    desk, _ = at_an_encoder()
    screen, _, _ = cards_task(desk, None, ISSUE)
    assert (screen.state.new_number, screen.state.may_make, screen.state.writes) == (FREE[0], False, False)


def test_a_new_member_gets_a_card_that_is_written_for_them() -> None:
    desk, maker = at_an_encoder()
    screen, presenter = enrolling(desk, maker)
    assert screen.state.writes
    presenter.make()
    assert "张三丰" in maker.asked[0].track_1
    maker.done(WRITTEN)
    enrol, issue = desk.authority.operations
    assert isinstance(enrol, EnrolMember)
    assert isinstance(issue, IssueCard)
    assert (issue.member, issue.number) == (enrol.member, FREE[0])
    assert presenter.done


def test_no_card_is_written_for_a_form_that_cannot_be_sent() -> None:
    desk, maker = at_an_encoder()
    screen, presenter = enrolling(desk, maker)
    presenter.edit(adult=False)
    presenter.make()
    assert maker.asked == []
    assert screen.state.sending.problem.code == "member.adult_not_confirmed"


def test_a_written_card_waits_for_a_form_that_was_refused() -> None:
    desk, maker = at_an_encoder()
    screen, presenter = enrolling(desk, maker)
    presenter.make()
    desk.authority.failures = [Unavailable("store.busy")]
    maker.done(WRITTEN)
    state = screen.state
    assert (state.draft.card, state.card_is_made, state.writes) == (FREE[0], True, False)
    presenter.enrol()
    assert presenter.done
    assert len(maker.asked) == 1
