"""A member of another mall of the group at the counter, without a window."""

from __future__ import annotations

from app.domain.errors import Refused, Unavailable
from app.operations.redeem import RedemptionLine
from app.operations.redeem_as_guest import RedeemAsGuest
from app.queries.rows import Found, Searched
from tests.unit.presenters.fakes import (
    GUEST,
    SUPERVISOR,
    WANG,
    Desk,
    JobsLater,
    Recorder,
    a_gift,
    a_guest,
    needs_approval,
)
from tests.unit.presenters.test_counter import WANGS_CARD, Counter, a_counter
from ui.counter.find.presenter import FindPresenter
from ui.counter.sending import Step

CARD, PHONE = "9902000000000017", "13800005678"


def with_a_guest(desk: Desk | None = None) -> Counter:
    counter = a_counter(desk)
    counter.desk.queries.guests = {CARD: a_guest(), PHONE: a_guest()}
    return counter


def redeeming() -> Counter:
    """With a cup in the basket, and the approver asked."""
    counter = with_a_guest()
    counter.desk.authority.needs = needs_approval()
    counter.presenter.card_seen(CARD)
    counter.presenter.guest.add("G-CUP")
    counter.presenter.guest.redeem()
    return counter


def test_a_card_of_another_mall_brings_up_its_guest_and_no_member() -> None:
    counter = with_a_guest()
    counter.presenter.card_seen(WANGS_CARD)
    counter.presenter.card_seen(CARD)
    state = counter.screen.state
    assert (state.member, state.guest, state.task, state.notice) == (None, GUEST, "guest", None)
    assert counter.presenter.guest.state.guest == a_guest()
    assert counter.member_screen.state.page is None
    counter.presenter.card_seen(WANGS_CARD)
    assert (counter.screen.state.member, counter.screen.state.guest) == (WANG, None)
    assert counter.presenter.guest.guest is None


def test_a_guest_only_redeems_here() -> None:
    counter = with_a_guest()
    counter.presenter.card_seen(CARD)
    assert [task for task in counter.presenter.tasks if counter.presenter.may_start(task)] == [
        "redeem", "guest", "enrol"
    ]  # fmt: skip
    counter.presenter.start("cards")
    assert counter.screen.state.task == "guest"
    counter.presenter.start("redeem")
    assert counter.screen.state.task == "guest", "F6 is the same key for everybody"


def test_coupons_of_this_mall_are_not_offered() -> None:
    counter = with_a_guest()
    counter.desk.queries.gift_rows = (a_gift(), a_gift("C-50", "礼金券", 500, is_coupon=True))
    counter.presenter.card_seen(CARD)
    assert [gift.gift for gift in counter.presenter.guest._shown()] == ["G-CUP"]


def test_a_second_person_approves_and_one_operation_says_whose_member_took_what() -> None:
    counter = redeeming()
    guests = counter.presenter.guest
    assert guests.sending.state.step is Step.APPROVAL
    summary = guests.summary()
    assert (summary.lines[0].value, summary.before, summary.after) == ("北区店", 5_000, 2_000)
    guests.sending.approve(SUPERVISOR.staff, "123456")
    (operation,) = counter.desk.authority.operations
    assert isinstance(operation, RedeemAsGuest)
    assert (operation.home, operation.guest, operation.home_name, operation.member_no) == (
        *("M02", GUEST, "北区店", "M00000231"),
    )
    assert operation.lines == (RedemptionLine("G-CUP", 1, 3000),)
    (submission,) = counter.desk.authority.submitted
    assert submission.card is None, "their card is none of this mall"
    assert guests.done
    assert guests.guest == a_guest(usable=2_000, unposted=3_000)
    guests.finish()
    assert (counter.screen.state.guest, counter.screen.state.task) == (GUEST, "guest")


def test_a_home_out_of_reach_keeps_everything_and_the_same_request_may_be_sent_again() -> None:
    counter = redeeming()
    guests = counter.presenter.guest
    counter.desk.authority.failures = [Unavailable("group.unreachable", mall="北区店")]
    guests.sending.approve(SUPERVISOR.staff, "123456")
    problem = guests.sending.state.problem
    assert problem is not None
    assert (problem.code, problem.facts["mall"], guests.sending.state.step) == (
        *("group.unreachable", "北区店", Step.APPROVAL),
    )
    guests.sending.approve(SUPERVISOR.staff, "123456")
    first, second = counter.desk.authority.operations
    assert first == second
    assert guests.done


def test_what_was_given_up_and_changed_is_another_request() -> None:
    """Their home may hold the points for the first one: under its id nothing else may be asked."""
    counter = redeeming()
    guests = counter.presenter.guest
    counter.desk.authority.failures = [Unavailable("group.unreachable", mall="北区店")]
    guests.sending.approve(SUPERVISOR.staff, "123456")
    guests.cancel()
    assert len(guests.basket.lines) == 1
    guests.add("G-PARK2")
    guests.redeem()
    guests.sending.approve(SUPERVISOR.staff, "123456")
    first, second = counter.desk.authority.operations
    assert counter.desk.authority.given_up == [first.id]
    assert first.id != second.id


def test_too_few_points_at_home_are_said_and_asked_again() -> None:
    counter = redeeming()
    counter.desk.queries.guests[CARD] = a_guest(usable=100)
    counter.desk.authority.failures = [Refused("points.not_enough", usable=100, missing=2_900)]
    guests = counter.presenter.guest
    guests.sending.approve(SUPERVISOR.staff, "123456")
    assert guests.sending.state.problem is not None
    assert guests.guest == a_guest(usable=100)
    assert len(guests.basket.lines) == 1


def test_whoever_is_frozen_at_home_is_told_so_before_anybody_is_asked() -> None:
    counter = with_a_guest()
    counter.desk.queries.guests[CARD] = a_guest(state="frozen")
    counter.presenter.card_seen(CARD)
    guests = counter.presenter.guest
    guests.add("G-CUP")
    guests.redeem()
    assert guests.sending.state.problem is not None
    assert guests.sending.state.problem.code == "group.not_active"
    assert counter.desk.authority.submitted == []


def test_asking_again_says_why_not_and_keeps_the_figures_and_the_basket() -> None:
    counter = with_a_guest()
    counter.presenter.card_seen(CARD)
    guests = counter.presenter.guest
    guests.add("G-CUP")
    counter.desk.queries.guest_fails = [Refused("group.unreachable", mall="北区店")]
    guests.ask_again()
    assert guests.state.problem is not None
    assert (guests.state.problem.code, guests.guest, guests.basket.pieces) == ("group.unreachable", a_guest(), 1)
    counter.desk.queries.guests[CARD] = a_guest(usable=4_000)
    guests.ask_again()
    assert (guests.state.problem, guests.guest) == (None, a_guest(usable=4_000))


def test_an_answer_about_somebody_who_has_left_is_dropped() -> None:
    jobs = JobsLater()
    counter = with_a_guest(Desk(jobs=jobs))
    counter.presenter.card_seen(CARD)
    jobs.answer_all()
    counter.presenter.guest.ask_again()
    assert counter.presenter.guest.state.asking
    counter.presenter.leave_member()
    jobs.answer_all()
    assert counter.presenter.guest.guest is None


def test_a_basket_that_was_left_is_kept_and_continued_with_the_figures_of_now() -> None:
    counter = with_a_guest()
    counter.presenter.card_seen(CARD)
    counter.presenter.guest.add("G-CUP")
    counter.presenter.card_seen(WANGS_CARD)
    (left,) = counter.screen.state.unfinished
    assert (left.member, left.name, left.pieces, left.points) == (GUEST, "李*", 1, 3_000)
    counter.desk.queries.guests[CARD] = a_guest(usable=3_500)
    counter.presenter.continue_unfinished()
    assert (counter.screen.state.guest, counter.screen.state.unfinished) == (GUEST, ())
    guests = counter.presenter.guest
    assert (guests.guest, guests.basket.pieces) == (a_guest(usable=3_500), 1)


def test_whoever_signs_in_next_finds_nobodys_basket() -> None:
    counter = with_a_guest()
    counter.presenter.card_seen(CARD)
    counter.presenter.guest.add("G-CUP")
    counter.presenter.signed_out()
    assert (counter.screen.state.guest, counter.screen.state.unfinished) == (None, ())
    assert counter.presenter.guest.baskets == {}


def test_a_telephone_number_of_another_mall_is_one_row_that_enter_opens() -> None:
    desk, screen = Desk(), Recorder()
    finding = FindPresenter(screen, desk.services)
    desk.queries.found[PHONE] = Found((), searched=Searched.EVERYWHERE, guest=a_guest())
    desk.queries.found_here[PHONE] = Found((), searched=Searched.HERE_FIRST)
    finding.typed(PHONE)
    finding.enter()
    assert screen.guests == [(a_guest(), PHONE)]
    assert screen.opened == []
    finding.typed(PHONE)
    desk.timers.pass_once()
    (row,) = screen.state.rows
    assert (row.member_no, row.name, row.points) == ("北区店 · M00000231", "李*", 5_000)
    finding.typed(PHONE[:10])
    assert (screen.state.rows, screen.state.guest) == ((), None)
