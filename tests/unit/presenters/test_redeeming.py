"""Redeeming, without a window."""

from __future__ import annotations

from dataclasses import replace

from app.domain.errors import Refused, Unavailable
from app.operations.hand_out import HandOut
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.reprint_slip import ReprintSlip
from app.ports.authority import Requirements
from app.ports.paper import PrintJob, PrintState
from tests.unit.presenters.fakes import (
    GIFTS,
    NOW,
    OUYANG,
    SUPERVISOR,
    Desk,
    FakeHost,
    JobsLater,
    Recorder,
    a_gift,
    a_page,
    needs_approval,
    somebody,
)
from ui.counter.sending import Step
from ui.gifts.redeem.presenter import RedeemPresenter


def redeeming(desk: Desk | None = None) -> tuple[Desk, Recorder, RedeemPresenter]:
    desk = desk or Desk()
    screen = Recorder()
    presenter = RedeemPresenter(screen, desk.services)
    presenter.host = FakeHost()
    presenter.opened()
    presenter.show_member(a_page())
    return desk, screen, presenter


def with_a_cup(desk: Desk | None = None) -> tuple[Desk, Recorder, RedeemPresenter]:
    desk, screen, presenter = redeeming(desk)
    presenter.typed("bwb")
    presenter.enter()
    return desk, screen, presenter


def test_a_known_gift_is_redeemed_with_two_letters_and_two_enters() -> None:
    desk, screen, presenter = redeeming()
    presenter.typed("bw")
    presenter.enter()
    presenter.enter()
    redeem, hand_out = desk.authority.operations
    assert isinstance(redeem, Redeem)
    assert redeem.lines == (RedemptionLine("G-CUP", 1, 3000),)
    assert isinstance(hand_out, HandOut)
    assert hand_out.redemption == redeem.id
    assert (screen.state.result.before, screen.state.result.after) == (12_480, 9_480)


def test_before_and_after_are_seen_before_enter() -> None:
    _, screen, _ = with_a_cup()
    assert (screen.state.usable, screen.state.after, screen.state.missing) == (12_480, 9_480, 0)


def test_what_is_collected_later_is_not_handed_out() -> None:
    desk, screen, presenter = with_a_cup()
    presenter.set_hand_out(False)
    presenter.redeem()
    assert [operation.verb for operation in desk.authority.operations] == ["redeem"]
    assert not screen.state.result.handed_out


def test_a_gift_that_is_only_elsewhere_says_where_and_stays_out_of_the_basket() -> None:
    _, screen, presenter = redeeming()
    presenter.typed("购物袋")
    presenter.enter()
    problem = screen.state.sending.problem
    assert problem.code == "gift.elsewhere"
    assert problem.facts == {"gift": "购物袋", "left": 0, "desk": "2 号服务台", "pieces": 3}
    assert screen.state.lines == ()
    assert screen.state.typed == "购物袋"


def test_too_few_points_keep_the_basket_and_say_how_many_are_missing() -> None:
    desk, screen, presenter = with_a_cup()
    presenter.show_member(a_page(usable=2_800))
    presenter.redeem()
    assert screen.state.sending.problem.code == "points.not_enough"
    assert screen.state.sending.problem.facts["missing"] == 200
    assert len(screen.state.lines) == 1
    assert desk.authority.submitted == []


def test_a_refusal_keeps_the_basket_and_can_be_tried_again_under_the_same_id() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.failures = [Refused("gift.price_changed", gift="保温杯", points=3200)]
    desk.queries.gift_rows = (a_gift(points=3200),)
    presenter.redeem()
    assert screen.state.sending.problem.code == "gift.price_changed"
    assert screen.state.lines[0].gift.points == 3200  # the price of now is shown at once
    presenter.redeem()
    assert screen.state.result is not None
    first, second = (submission.operations[0] for submission in desk.authority.submitted)
    assert first.id == second.id


def test_no_answer_freezes_the_basket_and_enter_sends_the_same_request() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.failures = [Unavailable("store.busy")]
    presenter.redeem()
    assert screen.state.sending.unsure
    presenter.set_quantity(0, 2)
    presenter.redeem()
    first, second = desk.authority.submitted
    assert first == second
    assert screen.state.result is not None
    presenter.cancel()
    assert desk.authority.given_up == []


def test_giving_up_on_an_unanswered_request_makes_the_next_one_new() -> None:
    desk, _, presenter = with_a_cup()
    desk.authority.failures = [Unavailable("store.busy")]
    presenter.redeem()
    presenter.cancel()
    presenter.redeem()
    first, second = desk.authority.submitted
    assert first.operations[0].id != second.operations[0].id
    assert desk.authority.given_up == [operation.id for operation in first.operations], "nothing stays held for it"


def test_a_double_enter_submits_once() -> None:
    jobs = JobsLater()
    desk, screen, presenter = redeeming(Desk(jobs=jobs))
    jobs.answer_all()
    presenter.add("G-CUP")
    presenter.redeem()
    presenter.redeem()
    presenter.enter()
    jobs.answer_all()
    assert len(desk.authority.submitted) == 1
    assert screen.state.result is not None


def test_the_members_pin_is_asked_before_the_supervisor_and_both_go_together() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.needs = needs_approval(member_pin=True)
    presenter.redeem()
    assert screen.state.sending.step is Step.MEMBER_PIN
    presenter.sending.give_member_pin("482913")
    assert screen.state.sending.step is Step.APPROVAL
    presenter.sending.approve("2001", "771204")
    (submission,) = desk.authority.submitted
    assert submission.member_pin == "482913"
    assert submission.approval is not None
    assert submission.approval.staff == "2001"


def test_nobody_is_offered_to_approve_their_own_request() -> None:
    desk, screen, presenter = with_a_cup(Desk(person=SUPERVISOR))
    desk.authority.needs = needs_approval()
    presenter.redeem()
    assert [one.staff for one in screen.state.sending.approvers] == ["2002"]
    presenter.sending.approve("2001", "771204")
    assert desk.authority.submitted == []


def test_a_wrong_approver_pin_is_said_where_it_was_typed_and_nothing_is_lost() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.needs = needs_approval()
    desk.authority.failures = [Refused("pin.wrong", left=4)]
    presenter.redeem()
    presenter.sending.approve("2001", "000001")
    assert screen.state.sending.step is Step.APPROVAL
    assert screen.state.sending.problem.facts == {"left": 4}
    presenter.sending.approve("2001", "771204")
    first, second = desk.authority.submitted
    assert first.operations == second.operations
    assert screen.state.result is not None


def test_a_wrong_member_pin_goes_back_to_the_member() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.needs = Requirements(None, member_pin=True)
    desk.authority.failures = [Refused("pin.wrong", left=4)]
    presenter.redeem()
    presenter.sending.give_member_pin("111222")
    assert screen.state.sending.step is Step.MEMBER_PIN
    assert screen.state.sending.problem.code == "pin.wrong"


def test_a_wrong_member_pin_is_never_blamed_on_the_approver() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.needs = needs_approval(member_pin=True)
    desk.authority.failures = [Refused("pin.wrong", left=4, whose="member")]
    presenter.redeem()
    presenter.sending.give_member_pin("111222")
    presenter.sending.approve("2001", "771204")
    assert screen.state.sending.step is Step.MEMBER_PIN
    presenter.sending.give_member_pin("482913")
    assert screen.state.sending.step is Step.APPROVAL
    presenter.sending.approve("2001", "771204")
    assert screen.state.result is not None


def test_an_approval_that_is_needed_after_all_is_asked_for() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.failures = [Refused("approval.required", why="approval.many_points", limit=5000)]
    presenter.redeem()
    assert screen.state.sending.step is Step.APPROVAL
    assert screen.state.sending.why.why == "approval.many_points"


def test_esc_at_the_approval_returns_to_the_basket_as_it_was() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.needs = needs_approval()
    presenter.redeem()
    presenter.cancel()
    assert screen.state.sending.step is Step.FORM
    assert len(screen.state.lines) == 1
    assert desk.authority.submitted == []


def test_the_approver_reads_the_request_in_full() -> None:
    desk, _, presenter = with_a_cup()
    desk.authority.needs = needs_approval()
    presenter.redeem()
    summary = presenter.summary()
    assert summary.member == "王*"
    assert [(line.label, line.value, line.detail) for line in summary.lines] == [("保温杯", "1 × 3,000", "3,000")]
    assert (summary.before, summary.after) == (12_480, 9_480)


def test_a_basket_is_kept_per_member() -> None:
    _, screen, presenter = with_a_cup()
    presenter.show_member(a_page(OUYANG))
    assert screen.state.lines == ()
    presenter.show_member(a_page())
    assert [line.gift for line in screen.state.lines] == [GIFTS[0]]


def test_a_kept_basket_shows_the_price_of_today() -> None:
    desk, screen, presenter = with_a_cup()
    desk.queries.gift_rows = (a_gift(points=2500),)
    presenter.opened()
    assert screen.state.points == 2_500


def test_lines_add_up_and_minus_takes_the_last_piece_out() -> None:
    _, screen, presenter = with_a_cup()
    presenter.add("G-CUP")
    assert screen.state.lines[0].quantity == 2
    presenter.more(-1)
    presenter.more(-1)
    assert screen.state.lines == ()


def test_a_slip_that_waits_for_paper_is_shown_calmly_until_it_is_out() -> None:
    desk, screen, presenter = with_a_cup()
    presenter.redeem()
    operation = screen.state.result.operation
    job = PrintJob(somebody(), operation, "redemption", 0, PrintState.WAITING, "printer.paper_end", NOW)
    desk.paper.spool = (job,)
    desk.timers.pass_once()
    assert screen.state.result.slip.state is PrintState.WAITING
    desk.paper.spool = (replace(job, state=PrintState.CONFIRMED),)
    desk.timers.pass_once()
    assert screen.state.result.slip.state is PrintState.CONFIRMED
    assert desk.timers.waiting == []


def test_only_a_person_settles_an_uncertain_slip() -> None:
    desk, screen, presenter = with_a_cup()
    presenter.redeem()
    job = PrintJob(somebody(), screen.state.result.operation, "redemption", 0, PrintState.UNCERTAIN, None, NOW)
    desk.paper.spool = (job,)
    desk.timers.pass_once()
    presenter.settle_slip(printed=False)
    assert desk.paper.settled == []
    again = desk.authority.submitted[-1].operations
    assert again == (ReprintSlip.of_uncertain(job.job_id, job.operation_id, "redemption"),)
    presenter.settle_slip(printed=True)
    assert desk.paper.settled == [job.job_id]


def test_the_result_offers_its_undo_with_the_goods() -> None:
    _, screen, presenter = with_a_cup()
    presenter.redeem()
    presenter.undo()
    assert isinstance(presenter.host, FakeHost)
    (undo,) = presenter.host.undone
    assert undo.operation == screen.state.result.operation
    assert undo.goods_out


def test_a_bug_is_reported_and_the_form_stays_usable() -> None:
    desk, screen, presenter = with_a_cup()
    desk.authority.failures = [ZeroDivisionError()]
    presenter.redeem()
    assert screen.state.sending.problem.code == "program.bug"
    assert [type(bug) for bug in desk.bugs] == [ZeroDivisionError]
