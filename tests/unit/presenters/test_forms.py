"""The other forms of the counter, without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.errors import Refused
from app.operations.adjust_points import AdjustPoints
from app.operations.credit_sale import CreditSale
from app.operations.enrol_member import EnrolMember
from app.operations.hand_out import HandOut
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.reverse import Reverse
from app.queries.rows import OperationRow
from tests.unit.presenters.fakes import (
    NOW,
    OUYANG,
    SHOPS,
    SUPERVISOR,
    WANG,
    Desk,
    FakeHost,
    Recorder,
    a_page,
    an_entry,
    an_owed_gift,
    needs_approval,
    somebody,
)
from ui.approvals.presenter import ApprovalsPresenter
from ui.cards.presenter import LOSE, REPLACE, CardsPresenter
from ui.counter.adjust.presenter import AdjustPresenter
from ui.counter.credit.presenter import CreditPresenter
from ui.counter.reverse.presenter import ReversePresenter
from ui.counter.sending import Step
from ui.counter.task import Undo
from ui.gifts.hand_out.presenter import HandOutPresenter
from ui.gifts.matching import matching
from ui.gifts.shelf.presenter import ShelfPresenter
from ui.members.enrol.presenter import EnrolPresenter


def begun(kind: Any, desk: Desk | None = None, **page: Any) -> tuple[Desk, Recorder, Any]:
    desk, screen = desk or Desk(), Recorder()
    presenter = kind(screen, desk.services)
    presenter.host = FakeHost()
    presenter.show_member(a_page(**page))
    presenter.opened()
    return desk, screen, presenter


def a_slip(presenter: Any) -> None:
    presenter.type_shop("yyk")
    presenter.choose_shop()
    presenter.type_slip_number(" a-0017 ")
    presenter.type_amount("199.50")


def test_a_slip_is_dated_today_and_its_points_are_seen_first() -> None:
    _, screen, presenter = begun(CreditPresenter)
    a_slip(presenter)
    assert (screen.state.draft.day, screen.state.draft.time) == ("2026-11-22", "14:03")
    assert screen.state.earns == 399
    assert screen.state.steps == ("base", "tier gold ×2")


def test_a_search_that_finds_no_shop_says_so_until_it_finds_one() -> None:
    _, screen, presenter = begun(CreditPresenter)
    assert not screen.state.none_fits
    presenter.type_shop("qqzz")
    assert screen.state.none_fits
    presenter.type_shop("yyk")
    assert not screen.state.none_fits
    presenter.choose_shop()
    assert not screen.state.none_fits


def test_a_slip_is_credited_as_typed() -> None:
    desk, screen, presenter = begun(CreditPresenter)
    a_slip(presenter)
    presenter.credit()
    (sale,) = desk.authority.operations
    assert isinstance(sale, CreditSale)
    assert (sale.shop, sale.slip_number, sale.amount_fen) == ("S001", "A-0017", 19_950)
    assert sale.sold_at == datetime(2026, 11, 22, 6, 3, tzinfo=UTC)
    assert screen.state.result.points == 399


def test_a_slip_that_was_used_is_refused_and_what_was_typed_stays() -> None:
    desk, screen, presenter = begun(CreditPresenter)
    desk.authority.failures = [Refused("sale.slip_used", slip_number="A-0017")]
    a_slip(presenter)
    presenter.credit()
    assert screen.state.sending.problem.code == "sale.slip_used"
    assert screen.state.draft.shop == SHOPS[0]
    presenter.type_slip_number("A-0018")
    assert screen.state.sending.problem is None


@pytest.mark.parametrize(
    ("day", "amount", "code"),
    [
        ("2026-13-01", "100", "sale.time_unreadable"),
        ("2026-11-20", "ten", "money.unreadable"),
        ("2026-11-20", "0", "credit.no_amount"),
    ],
)
def test_what_cannot_be_read_is_said_before_anything_is_sent(day: str, amount: str, code: str) -> None:
    desk, screen, presenter = begun(CreditPresenter)
    a_slip(presenter)
    presenter.type_day(day)
    presenter.type_amount(amount)
    presenter.credit()
    assert screen.state.sending.problem.code == code
    assert desk.authority.submitted == []


def test_an_old_slip_is_approved_in_full_sight() -> None:
    desk, screen, presenter = begun(CreditPresenter)
    desk.authority.needs = needs_approval("approval.old_slip", 3)
    a_slip(presenter)
    presenter.credit()
    assert screen.state.sending.step is Step.APPROVAL
    assert [line.value for line in presenter.summary().lines] == ["优衣库", "A-0017", "2026-11-22 14:03", "￥199.50"]


def a_person(presenter: Any, **changes: Any) -> None:
    fields = {"name": "赵小燕", "phone": "138 0000 5678", "adult": True, "service": True} | changes
    presenter.edit(**fields)


def test_a_person_is_enrolled_and_given_the_next_card_together() -> None:
    desk, screen, presenter = begun(EnrolPresenter)
    a_person(presenter, pin="482913", pin_again="482913", marketing=True)
    presenter.enrol()
    (submission,) = desk.authority.submitted
    enrol, issue = submission.operations
    assert isinstance(enrol, EnrolMember)
    assert isinstance(issue, IssueCard)
    assert enrol.person.phone == "13800005678"
    assert [consent.purpose for consent in enrol.consents] == ["service", "marketing"]
    assert (submission.new_pin, enrol.pin_verifier) == ("482913", None)
    assert (issue.member, issue.number) == (enrol.member, "9900010000000035")
    assert screen.state.result.name == "赵*"
    presenter.finish()
    assert presenter.host.opened == [enrol.member]


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        ({"adult": False}, "member.adult_not_confirmed", "adult"),
        ({"service": False}, "member.consent_missing", "service"),
        ({"phone": "021 5555"}, "phone.not_mobile", "phone"),
        ({"birthday": "31.31.1990"}, "member.birthday_unreadable", "birthday"),
        ({"pin": "123456", "pin_again": "123456"}, "pin.too_simple", "pin"),
        ({"pin": "482913", "pin_again": "482914"}, "pin.not_the_same", "pin_again"),
        ({"name": ""}, "text.missing", "name"),
        ({"name": "赵\x1b燕"}, "text.not_allowed", "name"),
    ],
)
def test_what_is_missing_is_said_at_its_field(changes: dict[str, Any], code: str, at: str) -> None:
    desk, screen, presenter = begun(EnrolPresenter)
    a_person(presenter, **changes)
    presenter.enrol()
    assert (screen.state.sending.problem.code, screen.state.at) == (code, at)
    assert desk.authority.submitted == []


def test_a_phone_in_use_opens_that_member_instead() -> None:
    desk, screen, presenter = begun(EnrolPresenter)
    desk.authority.failures = [Refused("member.phone_in_use", member=str(OUYANG))]
    a_person(presenter)
    presenter.enrol()
    assert screen.state.already == OUYANG
    presenter.open_already()
    assert presenter.host.opened == [OUYANG]


def test_a_member_can_be_enrolled_when_no_card_is_left() -> None:
    desk = Desk()
    desk.queries.free_card = None
    _, screen, presenter = begun(EnrolPresenter, desk)
    assert screen.state.sending.problem.code == "card.none_left"
    a_person(presenter)
    presenter.enrol()
    assert [operation.verb for operation in desk.authority.operations] == ["enrol_member"]


def test_personal_data_of_a_form_is_not_in_its_repr() -> None:
    _, screen, presenter = begun(EnrolPresenter)
    a_person(presenter, pin="482913")
    assert "赵小燕" not in repr(screen.state)
    assert "482913" not in repr(screen.state)


def test_pins_of_a_form_are_forgotten_at_lock() -> None:
    _, screen, presenter = begun(EnrolPresenter)
    a_person(presenter, pin="482913")
    presenter.lock()
    assert (screen.state.draft.pin, screen.state.draft.name) == ("", "赵小燕")


def test_owed_gifts_of_two_redemptions_are_handed_out_together() -> None:
    first, second = somebody(), somebody()
    owed = (an_owed_gift(first), an_owed_gift(first, 1), an_owed_gift(second))
    desk, screen, presenter = begun(HandOutPresenter, gifts_owed=owed)
    presenter.tick(1)
    presenter.set_by_proxy(True)
    presenter.type_proxy("李四")
    presenter.hand_out()
    operations = [one for one in desk.authority.operations if isinstance(one, HandOut)]
    assert [(one.redemption, one.lines, one.proxy) for one in operations] == [
        (first, (0,), "李四"),
        (second, (0,), "李四"),
    ]
    assert screen.state.result.pieces == 2


def test_a_gift_at_another_desk_is_shown_but_not_handed_out() -> None:
    desk, screen, presenter = begun(HandOutPresenter, gifts_owed=(an_owed_gift(somebody(), desk="2 号服务台"),))
    assert not screen.state.waiting[0].here
    presenter.hand_out()
    assert screen.state.sending.problem.code == "hand_out.nothing_ticked"
    assert desk.authority.submitted == []


def test_a_proxy_has_a_name() -> None:
    desk, screen, presenter = begun(HandOutPresenter, gifts_owed=(an_owed_gift(somebody()),))
    presenter.set_by_proxy(True)
    presenter.hand_out()
    assert screen.state.sending.problem.facts == {"field": "proxy"}
    assert desk.authority.submitted == []


def test_a_lost_card_is_reported_and_replaced_in_one_go() -> None:
    desk, _, presenter = begun(CardsPresenter)
    presenter.begin(LOSE)
    presenter.confirm()
    presenter.replace_now()
    presenter.confirm()
    lost, replaced = desk.authority.operations
    assert isinstance(lost, ReportCardLost)
    assert isinstance(replaced, ReplaceCard)
    assert (replaced.old_number, replaced.new_number) == ("9900010000000019", "9900010000000035")


def test_a_lost_card_cannot_be_reported_again() -> None:
    lost = replace(a_page().cards[0], state="lost")
    desk, _, presenter = begun(CardsPresenter, cards=(lost,))
    presenter.begin(LOSE)
    presenter.confirm()
    assert desk.authority.submitted == []
    presenter.begin(REPLACE)
    assert presenter.state.doing == REPLACE


def test_a_reversal_wants_a_reason_and_the_goods_back() -> None:
    operation = somebody()
    entry = an_entry(operation, reversible=True)
    desk, screen, presenter = begun(ReversePresenter, timeline=(entry,))
    presenter.choose()
    presenter.reverse()
    assert screen.state.sending.problem.code == "reverse.no_reason"
    presenter.set_reason("gift_faulty")
    presenter.reverse()
    assert screen.state.sending.problem.code == "reverse.goods_not_back"
    assert screen.state.after == 15_480
    presenter.set_goods_back(True)
    presenter.reverse()
    (reverse,) = desk.authority.operations
    assert isinstance(reverse, Reverse)
    assert (reverse.reverses, reverse.reason, reverse.goods_back, reverse.member) == (
        operation,
        "gift_faulty",
        True,
        WANG,
    )
    assert screen.state.result.usable_after == 12_480


def test_a_gift_that_is_still_owed_needs_no_goods_back() -> None:
    operation = somebody()
    _, screen, presenter = begun(
        ReversePresenter, timeline=(an_entry(operation, reversible=True),), gifts_owed=(an_owed_gift(operation),)
    )
    presenter.choose()
    assert not screen.state.chosen.goods_out


def test_a_receipt_of_stock_is_undone_without_a_member() -> None:
    desk, _, presenter = begun(ReversePresenter)
    presenter.of_stock = True
    presenter.choose(Undo(somebody(), "received", "保温杯 × 20", 0))
    presenter.set_reason("mistake")
    presenter.reverse()
    (reverse,) = desk.authority.operations
    assert isinstance(reverse, Reverse)
    assert reverse.member is None


def test_an_adjustment_has_sign_reason_note_and_a_second_person() -> None:
    desk = Desk(person=SUPERVISOR)
    desk.authority.needs = needs_approval("approval.adjustment")
    _, screen, presenter = begun(AdjustPresenter, desk)
    presenter.type_change("-500")
    presenter.adjust()
    assert screen.state.sending.problem.code == "adjust.no_reason"
    presenter.set_reason("wrong_points")
    presenter.type_note("重复补积分")
    presenter.adjust()
    presenter.sending.approve("2002", "771204")
    (adjust,) = desk.authority.operations
    assert isinstance(adjust, AdjustPoints)
    assert (adjust.change, screen.state.result.after) == (-500, 11_980)


@pytest.mark.parametrize("typed", ["", "5.5", "1e9", "٣", "--5", "12345678901"])
def test_a_change_that_is_no_whole_number_is_not_sent(typed: str) -> None:
    desk, screen, presenter = begun(AdjustPresenter, Desk(person=SUPERVISOR))
    presenter.type_change(typed)
    presenter.adjust()
    assert screen.state.sending.problem.code == "points.change_unreadable"
    assert desk.authority.submitted == []


def test_a_clerk_sees_that_adjusting_is_not_theirs() -> None:
    _, screen, _ = begun(AdjustPresenter)
    assert not screen.state.allowed


def test_what_arrives_is_listed_and_received() -> None:
    desk, screen, presenter = begun(ShelfPresenter)
    presenter.pick("G-CUP")
    presenter.type_quantity("20")
    presenter.add()
    presenter.pick("G-BAG")
    presenter.type_quantity("5")
    presenter.receive()  # the line that still stands in the fields goes with it
    (receive,) = desk.authority.operations
    assert isinstance(receive, ReceiveStock)
    assert receive.lines == (StockLine("G-CUP", 20), StockLine("G-BAG", 5))
    assert screen.state.result.pieces == 25


@pytest.mark.parametrize("typed", ["", "0", "-3", "100000", "1.5"])
def test_pieces_are_a_whole_number(typed: str) -> None:
    _, screen, presenter = begun(ShelfPresenter)
    presenter.pick("G-CUP")
    presenter.type_quantity(typed)
    presenter.add()
    assert screen.state.sending.problem.code == "stock.pieces_unreadable"
    assert screen.state.quantity == typed


def test_approvals_list_what_a_second_person_agreed_to() -> None:
    desk = Desk(person=SUPERVISOR)
    approved = OperationRow(
        somebody(), "redeem", NOW, "1001", "2001", "D1", WANG, "王*", "保温杯", -6000, reversible=True, reversed=False
    )
    desk.queries.operations = (approved, replace(approved, operation=somebody(), approver=None))
    _, screen, _ = begun(ApprovalsPresenter, desk)
    assert screen.state.rows == (approved,)
    assert screen.state.row == approved


def test_a_supervisor_lifts_a_colleagues_lockout_but_never_their_own() -> None:
    desk, screen, presenter = begun(ApprovalsPresenter, Desk(person=SUPERVISOR))
    assert "2001" not in {one.staff for one in screen.state.colleagues}
    presenter.choose("1001")
    presenter.lift()
    assert [operation.verb for operation in desk.authority.operations] == ["lift_lockout"]
    assert screen.state.lifted == "张丽"


@pytest.mark.parametrize("typed", ["yyk", "优衣", "youyi", "S001", "s001", "you yi"])
def test_a_shop_is_found_by_code_name_pinyin_and_initials(typed: str) -> None:
    assert matching(typed, SHOPS)[0].shop == "S001"


def test_what_fits_nothing_finds_nothing() -> None:
    assert matching("zzz", SHOPS) == ()


def test_an_answer_names_its_member_and_undo() -> None:
    _, screen, presenter = begun(CreditPresenter)
    a_slip(presenter)
    presenter.credit()
    presenter.undo()
    (undo,) = presenter.host.undone
    assert (undo.operation, undo.kind, undo.points) == (screen.state.result.operation, "credited", 399)
    assert presenter.page.member == WANG
