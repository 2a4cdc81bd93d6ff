"""What stands on slips is read back from the operations, and what is printed is an operation itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.self_test import Check
from app.domain.slip_look import LINES_OF, Logo, SlipLook
from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.operations.expire_points import ExpirePoints
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.issue_card import IssueCard
from app.operations.open_drawer import OpenDrawer
from app.operations.print_statement import PrintStatement
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.record_self_test import RecordSelfTest
from app.operations.replace_card import ReplaceCard
from app.operations.reprint_slip import DOCUMENTS_OF, ReprintSlip
from app.operations.reverse import Reverse
from app.operations.set_slip_lines import SetSlipLines
from app.operations.set_slip_logo import SetSlipLogo
from app.operations.set_slip_text import SetSlipText
from app.ports.paper import PrintState
from app.queries.slips import (
    AdjustmentSlip,
    CardSlip,
    ConsentSlip,
    CreditSlip,
    HandOutSlip,
    ReversalSlip,
    SelfTestSlip,
    StatementSlip,
    StockReceiptSlip,
)
from db.queries.slips import MOVEMENTS, SqlSlips
from db.spool import SqlSpool
from db.store import Store
from db.verify import verify
from tests.support.mall import CLERK, SUPERVISOR, Mall, refused


def slips(mall: Mall, desk: str = "D1") -> SqlSlips:
    return SqlSlips(mall.store, mall.name, desk)


def spool(mall: Mall, desk: str = "D1") -> SqlSpool:
    return SqlSpool(mall.store, mall.name, desk)


def copies(mall: Mall, operation: UUID, desk: str = "D1") -> list[int]:
    return [job.copy for job in spool(mall, desk).recent(50) if job.operation_id == operation]


def test_a_credited_slip(mall: Mall) -> None:
    member = mall.member()
    sale = mall.slip(member, 123_450)
    mall.do(sale)
    slip = slips(mall).slip(sale.id, "credit")
    assert isinstance(slip, CreditSlip)
    assert (slip.shop_name, slip.slip_number, slip.amount_fen) == ("优衣", sale.slip_number, 123_450)
    assert (slip.sold_at, slip.points, slip.usable_after) == (sale.sold_at, 1_234, 1_234)
    assert (slip.member_name, slip.staff, slip.approver, slip.reversed) == ("李*", "1001 张丽", None, False)


def test_a_hand_out_names_only_its_own_lines_and_never_the_proxy(mall: Mall) -> None:
    member = mall.member(1_000)
    redeemed = mall.redemption(member, "CUP", 2)
    mall.do(redeemed)
    taken = HandOut(member=member, redemption=redeemed.id, lines=(0,), proxy="王大伟")
    mall.do(taken)
    slip = slips(mall).slip(taken.id, "hand_out")
    assert isinstance(slip, HandOutSlip)
    assert [(line.gift, line.gift_name, line.quantity) for line in slip.lines] == [("CUP", "保温杯", 2)]
    assert slip.by_proxy
    assert slip.redemption == redeemed.id
    assert "王大伟" not in repr(slip)


def test_cards_issued_and_replaced(mall: Mall) -> None:
    member = mall.bare_member()
    old, new = mall.new_card(), mall.new_card()
    issued = IssueCard(member=member, number=old)
    mall.do(issued)
    replaced = ReplaceCard(member=member, old_number=old, new_number=new)
    mall.do(replaced)
    first, second = (slips(mall).slip(operation, "card") for operation in (issued.id, replaced.id))
    assert isinstance(first, CardSlip)
    assert isinstance(second, CardSlip)
    assert (first.new_card, first.old_card) == (f"•••• {old[-4:]}", None)
    assert (second.new_card, second.old_card, second.kind) == (f"•••• {new[-4:]}", f"•••• {old[-4:]}", "physical")


def test_a_virtual_card_goes_out_on_paper_with_its_code(mall: Mall) -> None:
    member = mall.bare_member()
    number = mall.new_card()
    issued = IssueCard(member=member, number=number, kind="virtual")
    mall.do(issued)
    slip = slips(mall).slip(issued.id, "card")
    assert isinstance(slip, CardSlip)
    assert (slip.kind, slip.qr) == ("virtual", number)
    assert number not in repr(slip)
    assert copies(mall, issued.id) == [0]
    plastic = IssueCard(member=member, number=mall.new_card())
    mall.do(plastic)
    assert copies(mall, plastic.id) == []


def test_a_reversal_and_the_slip_of_what_it_undid(mall: Mall) -> None:
    member = mall.member(500)
    redeemed = mall.redemption(member)
    mall.do(redeemed)
    undo = Reverse(reverses=redeemed.id, member=member, reason="mistake")
    mall.do(undo)
    slip = slips(mall).slip(undo.id, "reversal")
    assert isinstance(slip, ReversalSlip)
    assert (slip.reverses, slip.verb, slip.points, slip.usable_after) == (redeemed.id, "redeem", 100, 500)
    assert slips(mall).slip(redeemed.id, "redemption").reversed


def test_a_receipt_taken_back_is_about_nobody(mall: Mall) -> None:
    receipt = ReceiveStock(lines=(StockLine("CUP", 5),), delivery_note="SH-1")
    mall.do(receipt)
    undo = Reverse(reverses=receipt.id, reason="mistake")
    mall.do(undo)
    came = slips(mall).slip(receipt.id, "stock_receipt")
    assert isinstance(came, StockReceiptSlip)
    assert (came.pieces, came.value_fen, came.delivery_note, came.reversed) == (5, 10_000, "SH-1", True)
    slip = slips(mall).slip(undo.id, "reversal")
    assert isinstance(slip, ReversalSlip)
    assert (slip.member_no, slip.usable_after) == ("", None)


def test_an_adjustment_and_who_agreed(mall: Mall) -> None:
    member = mall.member(500)
    change = AdjustPoints(member=member, change=-200, reason="wrong_points", note="内部说明")
    mall.do(change, by=SUPERVISOR, approved_by="2002")
    slip = slips(mall).slip(change.id, "adjustment")
    assert isinstance(slip, AdjustmentSlip)
    assert (slip.change, slip.usable_before, slip.usable_after, slip.approver) == (-200, 500, 300, "2002 赵敏")
    assert "内部说明" not in repr(slip)


def test_what_a_new_member_agreed_to(mall: Mall) -> None:
    enrol = mall.enrolment("欧阳修")
    mall.do(enrol)
    slip = slips(mall).slip(enrol.id, "consent")
    assert isinstance(slip, ConsentSlip)
    assert (slip.member_name, slip.purposes) == ("欧阳*", (("service", "1"),))
    assert "****" in slip.phone


def test_an_operation_has_only_its_own_document(mall: Mall) -> None:
    sale = mall.earn(mall.member(), 100)
    for operation, document in ((sale.id, "redemption"), (sale.id, "horoscope"), (uuid4(), "credit")):
        with refused("operation.unknown"):
            slips(mall).slip(operation, document)


# -- statements ------------------------------------------------------------------------------------------------------


def statement(mall: Mall, member: UUID) -> StatementSlip:
    asked = PrintStatement(member=member, onto="file")
    mall.do(asked)
    slip = slips(mall).slip(asked.id, "statement")
    assert isinstance(slip, StatementSlip)
    return slip


def adds_up(slip: StatementSlip) -> bool:
    return (
        slip.brought_forward + sum(movement.points for movement in slip.movements) == slip.posted
        and sum(lot.points for lot in slip.lots) + slip.lapsed - slip.owed == slip.posted
        and slip.usable == max(0, slip.posted - slip.held - slip.lapsed)
    )


def test_a_statement_explains_a_balance_through_everything_that_can_happen(mall: Mall) -> None:
    member = mall.member(1_000)
    mall.clock.advance(timedelta(days=40))
    sale = mall.earn(member, 700)
    mall.clock.advance(timedelta(days=1))
    redeemed = mall.redemption(member, "CUP", 3)
    mall.do(redeemed)
    mall.clock.advance(timedelta(minutes=5))
    mall.do(Reverse(reverses=redeemed.id, member=member, reason="mistake"))
    mall.do(HoldPoints(member=member, points=300, note="核实"), by=SUPERVISOR)
    mall.clock.advance(timedelta(minutes=5))
    slip = statement(mall, member)
    assert adds_up(slip)
    assert (slip.posted, slip.held, slip.usable) == (1_700, 300, 1_400)
    assert [lot.points for lot in slip.lots] == [1_000, 700]
    assert [(movement.verb, movement.label, movement.points) for movement in slip.movements] == [
        ("credit_sale", "优衣", 1_000),
        ("credit_sale", "优衣", 700),
        ("redeem", "保温杯 ×3", -300),
        ("reverse", "mistake", 300),
    ]
    assert mall.usable(member) == slip.usable
    mall.clock.advance(timedelta(minutes=5))
    mall.do(Reverse(reverses=sale.id, member=member, reason="sale_returned"), by=SUPERVISOR)
    mall.clock.advance(timedelta(minutes=5))
    assert slips(mall).slip(slip.operation, "statement") == slip  # a copy says what the first print said
    assert statement(mall, member).posted == 1_000


def test_a_statement_shows_what_is_owed_and_what_has_lapsed(mall: Mall) -> None:
    member = mall.member()
    sale = mall.earn(member, 500)
    mall.do(mall.redemption(member, "CUP", 4))
    mall.clock.advance(timedelta(minutes=5))
    mall.do(Reverse(reverses=sale.id, member=member, reason="sale_returned"), by=SUPERVISOR)
    mall.clock.advance(timedelta(minutes=5))
    owing = statement(mall, member)
    assert adds_up(owing)
    assert (owing.posted, owing.owed, owing.usable) == (-400, 400, 0)
    other = mall.member(800)
    mall.clock.advance(timedelta(days=740))
    lapsed = statement(mall, other)
    assert adds_up(lapsed)
    assert (lapsed.posted, lapsed.lapsed, lapsed.usable, lapsed.lots) == (800, 800, 0, ())
    mall.as_system(ExpirePoints(through=mall.clock.now.date() - timedelta(days=1)))
    mall.clock.advance(timedelta(minutes=5))
    assert statement(mall, other).posted == 0


def test_a_statement_lists_the_last_movements_and_counts_the_others(mall: Mall) -> None:
    member = mall.member()
    for _ in range(MOVEMENTS + 3):
        mall.clock.advance(timedelta(minutes=1))
        mall.earn(member, 10)
    slip = statement(mall, member)
    assert adds_up(slip)
    assert (len(slip.movements), slip.earlier, slip.brought_forward) == (MOVEMENTS, 3, 30)
    new = statement(mall, mall.member())
    assert (new.movements, new.lots, new.posted, new.earlier) == ((), (), 0, 0)


# -- printing --------------------------------------------------------------------------------------------------------


def test_a_document_is_printed_when_asked_for_and_then_as_numbered_copies(mall: Mall) -> None:
    sale = mall.earn(mall.member(), 100)
    assert copies(mall, sale.id) == []
    for _ in range(3):
        mall.do(ReprintSlip(reprints=sale.id, document="credit"))
    assert sorted(copies(mall, sale.id)) == [0, 1, 2]


def test_a_redemption_prints_by_itself_so_what_is_asked_for_is_a_copy(mall: Mall) -> None:
    redeemed = mall.redemption(mall.member(500))
    mall.do(redeemed)
    mall.do(ReprintSlip(reprints=redeemed.id, document="redemption"))
    assert sorted(copies(mall, redeemed.id)) == [0, 1]


def test_copies_of_one_document_have_one_number_each_on_all_desks(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    redeemed = mall.redemption(mall.member(500))
    mall.do(redeemed)
    mall.do(ReprintSlip(reprints=redeemed.id, document="redemption"), desk="D2")
    mall.do(ReprintSlip(reprints=redeemed.id, document="redemption"))
    assert copies(mall, redeemed.id, "D2") == [1]
    assert sorted(copies(mall, redeemed.id)) == [0, 2]


def test_what_did_not_come_out_is_replaced_once_however_often_and_wherever_it_is_said(mall: Mall) -> None:
    redeemed = mall.redemption(mall.member(500))
    mall.do(redeemed)
    (job,) = spool(mall).recent(10)
    spool(mall).set_state(job.job_id, PrintState.UNCERTAIN, "printer.silent")
    for by in (CLERK, CLERK, SUPERVISOR):
        mall.do(ReprintSlip.of_uncertain(job.job_id, redeemed.id, "redemption"), by=by)
    assert [(each.copy, each.state) for each in spool(mall).recent(10)] == [
        (1, PrintState.QUEUED),
        (0, PrintState.REPLACED),
    ]


def test_what_a_person_has_confirmed_stays_confirmed(mall: Mall) -> None:
    redeemed = mall.redemption(mall.member(500))
    mall.do(redeemed)
    (job,) = spool(mall).recent(10)
    spool(mall).set_state(job.job_id, PrintState.CONFIRMED, "print.confirmed_by_person")
    mall.do(ReprintSlip.of_uncertain(job.job_id, redeemed.id, "redemption"))
    kept = spool(mall).get(job.job_id)
    assert kept is not None
    assert kept.state is PrintState.CONFIRMED


def test_only_the_document_of_an_operation_that_was_there_is_printed(mall: Mall) -> None:
    sale = mall.earn(mall.member(), 100)
    with refused("print.document_unknown", document="redemption"):
        mall.do(ReprintSlip(reprints=sale.id, document="redemption"))
    with refused("operation.unknown"):
        mall.do(ReprintSlip(reprints=uuid4(), document="credit"))
    with refused("member.unknown"):
        mall.do(PrintStatement(member=uuid4()))


def test_a_statement_on_paper_waits_for_the_printer_and_one_in_a_file_does_not(mall: Mall) -> None:
    member = mall.member(100)
    on_paper = PrintStatement(member=member)
    mall.do(on_paper, PrintStatement(member=member, onto="file"))
    (row,) = slips(mall).queue()
    assert (row.operation, row.document, row.copy, row.state) == (on_paper.id, "statement", 0, "queued")
    assert (row.staff, row.member_name) == ("1001", "李*")


def test_the_queue_is_this_desks_newest_first(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    member = mall.member(500)
    first, second = PrintStatement(member=member), PrintStatement(member=member)
    mall.do(first)
    mall.clock.advance(timedelta(seconds=2))
    mall.do(second)
    mall.do(PrintStatement(member=member), desk="D2")
    assert [row.operation for row in slips(mall).queue()] == [second.id, first.id]
    assert [row.operation for row in slips(mall).queue(1)] == [second.id]


# -- the mall's own lines --------------------------------------------------------------------------------------------


def test_the_manager_sets_the_malls_own_lines_and_the_rules_in_force_stay_as_they_are(mall: Mall) -> None:
    (version,) = mall.one("SELECT policy_version FROM mall WHERE mall_id = :mall")
    mall.do(SetSlipText(place="heading", lines=("  星河路  88 号 ", "")), by="3001")
    mall.do(SetSlipText(place="footer", lines=("服务热线 400-800-1234", "10:00-22:00")), by="3001")
    expected = SlipLook(heading=("星河路 88 号",), footer=("服务热线 400-800-1234", "10:00-22:00"))
    assert slips(mall).look() == expected
    assert slips(mall).slip(mall.earn(mall.member(), 100).id, "credit").look == expected
    assert mall.one("SELECT policy_version FROM mall WHERE mall_id = :mall") == (version,)
    mall.do(SetSlipText(place="heading", lines=()), by="3001")
    assert slips(mall).look().heading == ()


@pytest.mark.parametrize("line", ["x" * 61, "\x1bp\x00", "a\nb"])
def test_no_line_can_move_a_printer(mall: Mall, line: str) -> None:
    with refused("text.too_long" if len(line) > 60 else "text.not_allowed", field="slip_text"):
        mall.do(SetSlipText(place="footer", lines=(line,)), by="3001")


LOGO = Logo.of_rows(16, bytes(range(2, 34)))


def test_the_manager_sets_the_logo_and_what_slips_leave_out(mall: Mall) -> None:
    assert slips(mall).look() == SlipLook()
    mall.do(SetSlipLogo(width_dots=16, rows=LOGO.base64), by="3001")
    mall.do(SetSlipLines(left_out=("tier", "mall_name", "tier")), by="3001")
    assert slips(mall, "D2").look() == SlipLook(logo=LOGO, left_out=("mall_name", "tier"))
    mall.do(SetSlipLogo(), by="3001")
    mall.do(SetSlipLines(left_out=()), by="3001")
    assert slips(mall).look() == SlipLook(left_out=())


def test_one_document_has_lines_of_its_own_until_it_is_as_all_others_again(mall: Mall) -> None:
    credited = mall.earn(mall.member(), 100).id
    redeemed = mall.redemption(mall.member(500))
    mall.do(redeemed)
    mall.do(SetSlipLines(left_out=("tier",)), by="3001")
    mall.do(SetSlipLines(document="credit", left_out=("code", "desk")), by="3001")
    assert slips(mall, "D2").look() == SlipLook(left_out=("tier",), own=(("credit", ("desk", "code")),))
    assert slips(mall).slip(credited, "credit").look == SlipLook(left_out=("desk", "code"))
    assert slips(mall).slip(redeemed.id, "redemption").look == SlipLook(left_out=("tier",))
    mall.do(SetSlipLines(document="credit", left_out=None), by="3001")
    assert slips(mall).slip(credited, "credit").look == SlipLook(left_out=("tier",))
    with refused("slip.no_document"):
        mall.do(SetSlipLines(left_out=None), by="3001")


def test_each_document_that_belongs_to_a_verb_has_its_lines() -> None:
    assert {document for documents in DOCUMENTS_OF.values() for document in documents} == set(LINES_OF)


def test_a_self_test_is_printed_when_somebody_wants_it_on_paper(mall: Mall) -> None:
    checks = (Check("store", "good", "self_test.store_well"), Check("space", "bad", "self_test.space_low"))
    recorded = RecordSelfTest(checks=checks, took_ms=1_500)
    mall.do(recorded)
    assert copies(mall, recorded.id) == []
    mall.do(ReprintSlip(reprints=recorded.id, document="self_test"))
    assert copies(mall, recorded.id) == [0]
    slip = slips(mall).slip(recorded.id, "self_test")
    assert isinstance(slip, SelfTestSlip)
    assert (slip.checks, slip.took_ms, slip.staff) == (checks, 1_500, "1001 张丽")


@pytest.mark.parametrize(
    ("width_dots", "rows"), [(16, "AAAA"), (12, "AAAA"), (8, "no base64"), (0, "AAAA"), (8, ""), (8, "A" * 10_240)]
)
def test_dots_that_make_no_picture_are_no_logo(mall: Mall, width_dots: int, rows: str) -> None:
    with refused("logo.bad_rows"):
        mall.do(SetSlipLogo(width_dots=width_dots, rows=rows), by="3001")


@pytest.mark.parametrize(
    "asked", [SetSlipText(place="footer", lines=("好",)), SetSlipLogo(width_dots=16, rows=LOGO.base64),
              SetSlipLines(left_out=())], ids=lambda asked: asked.verb,
)  # fmt: skip
def test_clerks_print_and_do_not_decide_about_slips(mall: Mall, asked: Operation) -> None:
    with refused("staff.no_right"):
        mall.do(asked)


def test_verify_holds_with_copies_statements_and_texts(own_store: Store) -> None:
    mall = Mall(own_store)
    mall.add_desk("D2", 2)
    member = mall.member(500)
    redeemed = mall.redemption(member)
    mall.do(redeemed)
    (job,) = spool(mall).recent(10)
    spool(mall).set_state(job.job_id, PrintState.UNCERTAIN, "printer.silent")
    mall.do(ReprintSlip.of_uncertain(job.job_id, redeemed.id, "redemption"))
    mall.do(ReprintSlip(reprints=redeemed.id, document="redemption"), desk="D2")
    mall.do(PrintStatement(member=member))
    mall.do(SetSlipText(place="footer", lines=("谢谢惠顾",)), by="3001")
    mall.do(SetSlipLogo(width_dots=16, rows=LOGO.base64), by="3001")
    mall.do(SetSlipLines(left_out=("code",)), by="3001")
    mall.do(SetSlipLines(document="credit", left_out=("code",)), by="3001")
    mall.do(SetSlipLines(document="credit", left_out=None), by="3001")
    mall.do(OpenDrawer(reason="change"))
    mall.do(mall.slip(member, 5_000))
    assert list(verify(own_store, mall.name)) == []
