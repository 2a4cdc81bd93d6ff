"""What a swipe does to the counter, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Unavailable
from tests.unit.presenters.fakes import (
    OUYANG,
    WANG,
    Desk,
    JobsLater,
    Recorder,
    a_page,
    an_entry,
    needs_approval,
    somebody,
)
from ui.cards.presenter import REPLACE, CardsPresenter
from ui.counter.guest.presenter import GuestPresenter
from ui.counter.presenter import CounterPresenter
from ui.counter.reverse.presenter import ReversePresenter
from ui.gifts.redeem.presenter import RedeemPresenter
from ui.members.enrol.presenter import EnrolPresenter
from ui.members.presenter import MemberPresenter, reversible, undo_of

WANGS_CARD, OUYANGS_CARD = "9900010000000019", "9900010000000027"


@dataclass
class Counter:
    desk: Desk
    screen: Recorder
    member_screen: Recorder
    redeem_screen: Recorder
    presenter: CounterPresenter
    redeem: RedeemPresenter
    enrol: EnrolPresenter
    cards: CardsPresenter


def a_counter(desk: Desk | None = None) -> Counter:
    desk = desk or Desk()
    services = desk.services
    screen, member_screen, redeem_screen = Recorder(), Recorder(), Recorder()
    redeem, reverse = RedeemPresenter(redeem_screen, services), ReversePresenter(Recorder(), services)
    enrol, cards = EnrolPresenter(Recorder(), services), CardsPresenter(Recorder(), services)
    guest = GuestPresenter(Recorder(), services)
    member = MemberPresenter(member_screen, services)
    presenter = CounterPresenter(screen, services, member, redeem, guest, reverse, (enrol, cards))
    return Counter(desk, screen, member_screen, redeem_screen, presenter, redeem, enrol, cards)


def test_a_swipe_brings_up_the_member_from_any_screen() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    assert counter.member_screen.state.page.member == WANG
    assert counter.screen.fronts == 1
    assert counter.redeem_screen.state.usable == 12_480


def test_a_scanned_slip_brings_up_what_it_was_for_and_undoing_it_is_one_key_away() -> None:
    counter = a_counter()
    redeemed = an_entry(UUID(int=7), points=-3_000, reversible=True)
    newer = an_entry(UUID(int=8), "credited", 398, reversible=True)
    counter.desk.queries.pages[WANG] = a_page(timeline=(newer, redeemed))
    counter.desk.queries.cards["R1.SLIP.0.AAAA"] = WANG
    counter.desk.queries.slips["R1.SLIP.0.AAAA"] = redeemed.operation
    counter.presenter.card_seen("R1.SLIP.0.AAAA", "scan")
    scanned = counter.member_screen.state.scanned
    assert scanned.entry == redeemed
    assert (scanned.document, scanned.points) == ("redemption", -3_000)
    counter.presenter.start("reverse")
    assert counter.presenter.reverse.chosen == undo_of(a_page(), redeemed)
    counter.presenter.start("redeem")
    counter.presenter.put_slip_away()
    counter.presenter.start("reverse")
    assert counter.member_screen.state.scanned is None
    counter.presenter.card_seen("R1.SLIP.0.AAAA", "scan")
    assert counter.member_screen.state.scanned is not None
    counter.presenter.card_seen(WANGS_CARD)
    assert counter.member_screen.state.scanned is None


def test_an_unknown_card_is_said_and_the_open_member_stays() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.desk.queries.card_problems["9900010000000043"] = "card.lost"
    counter.presenter.card_seen("9900010000000043")
    assert counter.screen.state.notice.code == "card.lost"
    assert counter.member_screen.state.page.member == WANG


def test_a_bank_card_is_refused_without_being_asked_about() -> None:
    counter = a_counter(Desk(jobs=JobsLater()))
    counter.presenter.card_seen("4111111111111111")
    assert counter.screen.state.notice.code == "card.bank"
    assert counter.desk.jobs.waiting == []


def test_a_swipe_during_an_approval_waits_and_is_shown() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add("G-CUP")
    counter.desk.authority.needs = needs_approval()
    counter.redeem.redeem()
    counter.presenter.card_seen(OUYANGS_CARD)
    assert counter.member_screen.state.page.member == WANG
    assert [card.shown for card in counter.screen.state.waiting] == ["•••• 0027"]
    counter.redeem.sending.approve("2001", "771204")
    assert counter.redeem_screen.state.result is not None  # the result is not swept away
    counter.redeem.finish()
    assert counter.member_screen.state.page.member == OUYANG
    assert counter.screen.state.waiting == ()


def test_a_waiting_card_has_its_turn_when_the_approval_is_called_off() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add("G-CUP")
    counter.desk.authority.needs = needs_approval()
    counter.redeem.redeem()
    counter.presenter.card_seen(OUYANGS_CARD)
    counter.redeem.cancel()
    assert counter.member_screen.state.page.member == OUYANG


def test_an_unfinished_basket_is_one_key_away() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add("G-CUP")
    counter.presenter.card_seen(OUYANGS_CARD)
    (left,) = counter.screen.state.unfinished
    assert (left.member, left.name, left.pieces, left.points) == (WANG, "王*", 1, 3000)
    counter.presenter.continue_unfinished()
    assert counter.member_screen.state.page.member == WANG
    assert len(counter.redeem_screen.state.lines) == 1


def test_the_newest_of_two_quick_swipes_wins() -> None:
    jobs = JobsLater()
    counter = a_counter(Desk(jobs=jobs))
    jobs.answer_all()
    counter.presenter.card_seen(WANGS_CARD)
    counter.presenter.card_seen(OUYANGS_CARD)
    jobs.answer_all()
    assert counter.member_screen.state.page.member == OUYANG


def test_a_page_that_arrives_late_is_dropped() -> None:
    jobs = JobsLater()
    counter = a_counter(Desk(jobs=jobs))
    counter.presenter.open_member(WANG)
    counter.presenter.open_member(OUYANG)
    while jobs.waiting:
        jobs.answer(-1)  # the newest first, the older after it
    assert counter.member_screen.state.page.member == OUYANG


def test_a_new_card_goes_into_the_form_that_wants_one() -> None:
    counter = a_counter()
    counter.presenter.start("enrol")
    counter.presenter.card_seen("9900010000000050")
    assert counter.enrol.screen.state.draft.card == "9900010000000050"  # type: ignore[attr-defined]
    assert counter.screen.state.notice is None
    counter.presenter.card_seen(WANGS_CARD)
    counter.presenter.start("cards")
    counter.cards.begin(REPLACE)
    counter.presenter.card_seen("9900010000000050")
    assert counter.cards.state.new_number == "9900010000000050"


def test_a_form_for_a_new_member_survives_a_swipe() -> None:
    counter = a_counter()
    counter.presenter.start("enrol")
    counter.enrol.edit(name="赵小燕")
    counter.presenter.card_seen(WANGS_CARD)
    counter.presenter.start("enrol")
    assert counter.enrol.screen.state.draft.name == "赵小燕"  # type: ignore[attr-defined]


def test_undo_from_a_result_opens_the_reversal_with_that_operation() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add("G-CUP")
    counter.redeem.redeem()
    counter.redeem.undo()
    assert counter.screen.state.task == "reverse"
    reverse = counter.presenter.reverse
    reverse.set_reason("mistake")
    reverse.set_goods_back(True)
    reverse.reverse()
    assert [operation.verb for operation in counter.desk.authority.operations] == ["redeem", "hand_out", "reverse"]


def test_the_member_page_is_asked_again_after_something_was_written() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add("G-CUP")
    counter.desk.queries.pages[WANG] = a_page(usable=9_480)
    counter.redeem.redeem()
    assert counter.member_screen.state.page.usable == 9_480


def test_locking_closes_what_waits_for_a_pin_and_keeps_the_basket() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add("G-CUP")
    counter.desk.authority.needs = needs_approval()
    counter.redeem.redeem()
    counter.presenter.lock()
    assert not counter.redeem.busy
    assert len(counter.redeem_screen.state.lines) == 1


def test_nothing_of_one_person_is_left_for_the_next() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add("G-CUP")
    counter.presenter.signed_out()
    assert counter.member_screen.state.page is None
    assert counter.screen.state.unfinished == ()


def test_a_revealed_phone_is_seen_for_its_seconds_and_then_masked() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    member = counter.presenter.member
    member.ask_reveal("phone")
    member.reveal("call_member", "482913")
    assert counter.member_screen.state.reveal.shown == "13800001234"
    for _ in range(3):
        counter.desk.timers.pass_once()
    assert counter.member_screen.state.reveal.shown == ""


def test_what_was_revealed_is_blanked_at_lock() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.presenter.member.ask_reveal("phone")
    counter.presenter.member.reveal("call_member", "482913")
    counter.presenter.lock()
    assert counter.member_screen.state.reveal.shown == ""
    assert "13800001234" not in repr(counter.member_screen.state)


def test_a_reveal_that_got_no_answer_is_asked_again_under_the_same_id() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.desk.authority.failures = [Unavailable("store.busy")]
    counter.presenter.member.ask_reveal("phone")
    counter.presenter.member.reveal("call_member", "482913")
    assert counter.member_screen.state.reveal.problem.code == "store.busy"
    counter.presenter.member.reveal("call_member", "482913")
    first, second = counter.desk.authority.operations
    assert first.id == second.id


def test_an_operation_of_several_lines_is_undone_as_one() -> None:
    operation, other = somebody(), somebody()
    entries = (
        an_entry(operation, points=-3000, reversible=True),
        an_entry(operation, points=-400, reversible=True),
        an_entry(other, kind="credited", points=398, reversible=False),
    )
    (undo,) = reversible(a_page(timeline=entries))
    assert (undo.operation, undo.points, undo.goods_out) == (operation, -3400, True)
