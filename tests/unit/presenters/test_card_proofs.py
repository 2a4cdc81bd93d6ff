"""What a card proves at the counter: a code that is wrong, a second counter, a member code instead of a PIN."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.card_code import PresentedCard, member_code
from app.domain.errors import Refused
from app.operations.present_member_code import PresentMemberCode
from app.operations.raise_card_alert import RaiseCardAlert
from app.operations.redeem import Redeem
from app.operations.report_card_lost import ReportCardLost
from app.ports.authority import Requirements, Submission
from tests.unit.presenters.fakes import OUYANG, WANG, Desk, FakeAuthority, a_page, needs_approval
from tests.unit.presenters.test_counter import OUYANGS_CARD, WANGS_CARD, Counter, a_counter
from ui.counter.sending import Step
from ui.counter.services import Problem

CODE = member_code(WANGS_CARD, 1_795_000_000, bytes(32))


@dataclass
class AsksTheMember(FakeAuthority):
    """As the real one: a code that is shown makes the PIN, and who approves for want of one, unnecessary."""

    has_pin: bool = True

    def requirements(self, submission: Submission) -> Requirements:
        if any(isinstance(operation, PresentMemberCode) for operation in submission.operations):
            return Requirements(None, member_pin=False)
        why = None if self.has_pin else needs_approval("approval.no_member_pin").approval
        return Requirements(why, member_pin=self.has_pin)


def swiped_with_a_wrong_code() -> Counter:
    counter = a_counter()
    counter.desk.queries.doubts[WANGS_CARD] = "code_wrong"
    counter.presenter.card_seen(WANGS_CARD, "swipe", "000000")
    return counter


def asked_for_the_pin(authority: AsksTheMember) -> Counter:
    counter = a_counter(Desk(authority=authority))
    counter.presenter.card_seen(WANGS_CARD, "swipe")
    counter.redeem.typed("bwb")
    counter.redeem.enter()
    counter.redeem.enter()
    return counter


def test_a_wrong_card_code_lets_the_member_only_be_looked_at_and_says_why() -> None:
    counter = swiped_with_a_wrong_code()
    state = counter.screen.state
    assert (state.member, state.task, state.doubt) == (WANG, "cards", Problem("card.code_wrong"))
    assert counter.member_screen.state.page.member == WANG
    for task in ("redeem", "reverse"):
        counter.presenter.start(task)
        assert counter.screen.state.task == "cards"


def test_a_wrong_card_code_is_put_on_record() -> None:
    counter = swiped_with_a_wrong_code()
    (alert,) = counter.desk.authority.operations
    assert isinstance(alert, RaiseCardAlert)
    assert (alert.member, alert.number, alert.kind) == (WANG, WANGS_CARD, "code_wrong")


def test_who_is_found_by_name_afterwards_is_served() -> None:
    counter = swiped_with_a_wrong_code()
    counter.presenter.open_member(WANG)
    assert (counter.screen.state.doubt, counter.screen.state.task) == (None, "redeem")
    counter.redeem.typed("bwb")
    counter.redeem.enter()
    counter.redeem.enter()
    assert counter.desk.authority.submitted[-1].card is None


def test_the_doubt_goes_with_the_card_that_is_reported_lost() -> None:
    counter = swiped_with_a_wrong_code()
    counter.cards.begin("lose")
    counter.cards.confirm()
    lost = counter.desk.authority.submitted[-1]
    assert isinstance(lost.operations[0], ReportCardLost)
    assert lost.card == PresentedCard(WANGS_CARD, "swipe", "000000")
    assert counter.screen.state.doubt is None


def test_the_next_card_comes_without_the_doubt_of_the_last_one() -> None:
    counter = swiped_with_a_wrong_code()
    counter.presenter.card_seen(OUYANGS_CARD, "swipe")
    assert (counter.screen.state.member, counter.screen.state.doubt) == (OUYANG, None)


def test_a_member_who_was_just_served_elsewhere_is_said_and_can_be_served() -> None:
    counter = a_counter()
    counter.desk.queries.doubts[WANGS_CARD] = "two_counters"
    counter.presenter.card_seen(WANGS_CARD, "swipe")
    state = counter.screen.state
    assert state.notice == Problem("card.two_counters", {"desk": "2 号服务台"})
    assert (state.task, state.doubt) == ("redeem", None)
    (alert,) = counter.desk.authority.operations
    assert isinstance(alert, RaiseCardAlert)
    assert alert.kind == "two_counters"


def test_how_the_card_was_read_goes_with_what_is_done() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD, "tap")
    counter.redeem.typed("bwb")
    counter.redeem.enter()
    counter.redeem.enter()
    assert counter.desk.authority.submitted[-1].card == PresentedCard(WANGS_CARD, "tap")


def test_a_new_member_is_not_enrolled_by_the_card_of_the_one_before() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD, "swipe")
    assert counter.enrol.sending.card is None


def test_the_members_code_stands_for_their_pin() -> None:
    counter = asked_for_the_pin(AsksTheMember())
    assert counter.redeem.sending.state.step is Step.MEMBER_PIN
    counter.presenter.card_seen(CODE, "scan")
    shown, redeem, _ = counter.desk.authority.operations
    assert isinstance(shown, PresentMemberCode)
    assert (shown.member, shown.code) == (WANG, CODE)
    assert isinstance(redeem, Redeem)
    result = counter.redeem_screen.state.result
    assert (result.operation, result.points, result.handed_out) == (redeem.id, 3_000, True)


def test_without_a_pin_the_code_stands_for_the_second_person() -> None:
    counter = asked_for_the_pin(AsksTheMember(has_pin=False))
    assert counter.redeem.sending.state.step is Step.APPROVAL
    counter.presenter.card_seen(CODE, "scan")
    assert counter.redeem.done


def test_for_another_reason_the_second_person_is_still_asked() -> None:
    counter = a_counter(Desk(authority=FakeAuthority(needs=needs_approval())))
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.typed("bwb")
    counter.redeem.enter()
    counter.redeem.enter()
    counter.presenter.card_seen(CODE, "scan")
    assert counter.redeem.sending.state.step is Step.APPROVAL
    assert len(counter.screen.state.waiting) == 1


def test_a_code_that_does_not_count_is_said_and_the_pin_can_be_typed() -> None:
    counter = asked_for_the_pin(AsksTheMember(failures=[Refused("card.qr_old")]))
    counter.presenter.card_seen(CODE, "scan")
    state = counter.redeem.sending.state
    assert (state.step, state.problem) == (Step.MEMBER_PIN, Problem("card.qr_old"))
    counter.redeem.sending.give_member_pin("908172")
    assert counter.redeem.done
    assert isinstance(counter.desk.authority.submitted[-1].operations[0], Redeem)


def test_another_card_never_answers_the_question() -> None:
    counter = asked_for_the_pin(AsksTheMember())
    counter.presenter.card_seen(OUYANGS_CARD, "swipe", "123456")
    assert counter.redeem.sending.state.step is Step.MEMBER_PIN
    (waiting,) = counter.screen.state.waiting
    assert (waiting.entry, waiting.card_code, waiting.shown) == ("swipe", "123456", "•••• 0027")


def test_a_member_code_brings_its_member_up_and_is_shown_as_their_card() -> None:
    counter = a_counter()
    counter.desk.queries.cards[CODE] = WANG
    counter.presenter.card_seen(CODE, "scan")
    assert counter.screen.state.member == WANG
    assert counter.member_screen.state.page == a_page()
