"""Each verb: what it does, and each reason for which it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.domain.card import card_number, keyed_number
from app.domain.staff import Role
from app.operations.adjust_points import AdjustPoints
from app.operations.enrol_member import Consent
from app.operations.expire_points import ExpirePoints
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.release_hold import ReleaseHold
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.reveal import Reveal
from app.operations.set_member_pin import SetMemberPin
from app.operations.set_up import AddCardBatch, AddGift, AddShop, AddStaff, ChangeSetting
from tests.support.mall import (
    CLERK,
    MEMBER_PIN,
    OTHER_SUPERVISOR,
    PINS,
    PREFIX,
    SUPERVISOR,
    Mall,
    Points,
    refused,
)

# -- enrol member ----------------------------------------------------------------------------------------------------


def test_a_new_member_begins_at_the_first_tier_with_an_empty_account(mall: Mall) -> None:
    facts = mall.do(mall.enrolment("欧阳娜娜"))
    assert (facts["tier"], len(facts["member_no"])) == ("bronze", 10)
    assert mall.points(mall.bare_member()) == Points(0, 0, 0, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "text.missing"),
        ({"name": "张" * 61}, "text.too_long"),
        ({"name": "张\x1b[2J"}, "text.not_allowed"),
        ({"name": "张\u202e三"}, "text.not_allowed"),
        ({"phone": "12"}, "phone.unreadable"),
        ({"phone": "02112345678"}, "phone.not_mobile"),
        ({"gender": "x"}, "member.gender_unknown"),
        ({"birthday": date(2010, 1, 1)}, "member.under_18"),
        ({"birthday": date(1880, 1, 1)}, "member.birthday_unlikely"),
    ],
)
def test_a_person_who_cannot_be_right_is_refused(mall: Mall, change: dict[str, object], code: str) -> None:
    enrol = mall.enrolment("张三")
    with refused(code):
        mall.do(replace(enrol, person=replace(enrol.person, **change)))  # type: ignore[arg-type]


def test_eighteen_today_is_old_enough(mall: Mall) -> None:
    enrol = mall.enrolment("张三")
    mall.do(replace(enrol, person=replace(enrol.person, birthday=date(2008, 11, 22))))
    with refused("member.under_18"):
        other = mall.enrolment("张四")
        mall.do(replace(other, person=replace(other.person, birthday=date(2008, 11, 23))))


def test_age_and_consent_are_confirmed(mall: Mall) -> None:
    with refused("member.adult_not_confirmed"):
        mall.do(replace(mall.enrolment("张三"), confirmed_adult=False))
    with refused("member.consent_missing"):
        mall.do(replace(mall.enrolment("张三"), consents=(Consent("marketing"),)))


def test_a_phone_in_use_names_its_member(mall: Mall) -> None:
    first = mall.enrolment("张三")
    mall.do(first)
    with refused("member.phone_in_use", member=str(first.member)):
        mall.do(mall.enrolment("李四", "+86 " + first.person.phone))


def test_an_easy_pin_is_not_set(mall: Mall) -> None:
    with refused("pin.too_simple"):
        mall.do(mall.enrolment("张三"), new_pin="123456")
    with refused("pin.six_digits"):
        mall.do(mall.enrolment("张三"), new_pin="１２３４５６")


def test_a_member_changes_their_pin_before_a_second_person(mall: Mall) -> None:
    member = mall.member(4_000, pin=MEMBER_PIN)
    with refused("approval.required", why="approval.member_pin"):
        mall.do(SetMemberPin(member=member), new_pin="730159")
    mall.do(SetMemberPin(member=member), new_pin="730159", approved_by=SUPERVISOR)
    big = mall.redemption(member, "CUP", 11)
    with refused("pin.wrong"):
        mall.do(big, member_pin=MEMBER_PIN)
    mall.do(big, member_pin="730159")


# -- cards -----------------------------------------------------------------------------------------------------------


def the_card(mall: Mall, member: object) -> str:
    return str(
        mall.one(
            "SELECT number FROM card WHERE mall_id = :mall AND member = :member AND state = 'issued'", member=member
        )[0]
    )


def test_a_card_is_issued_from_stock_once(mall: Mall) -> None:
    member, number = mall.bare_member(), mall.new_card()
    assert mall.do(IssueCard(member=member, number=number)) == {"card": f"•••• {number[-4:]}"}
    with refused("card.issued_before"):
        mall.do(IssueCard(member=mall.bare_member(), number=number))
    with refused("card.has_active"):
        mall.do(IssueCard(member=member, number=mall.new_card()))


def test_a_number_that_is_not_from_our_stock_is_refused(mall: Mall) -> None:
    member = mall.bare_member()
    for number, code in (
        (card_number(10_001, PREFIX, mall.card_key), "card.not_in_stock"),
        (card_number(1, "9902", mall.card_key), "card.foreign"),
        (mall.new_card()[:-1] + "x", "card.not_16_digits"),
        ("12345", "card.not_16_digits"),
    ):
        with refused(code):
            mall.do(IssueCard(member=member, number=number))
    wrong_digit = mall.new_card()
    with refused("card.misread"):
        mall.do(IssueCard(member=member, number=wrong_digit[:-1] + str((int(wrong_digit[-1]) + 1) % 10)))


def test_a_lost_card_is_replaced_and_never_works_again(mall: Mall) -> None:
    member = mall.member()
    lost = the_card(mall, member)
    mall.do(ReportCardLost(member=member, number=lost))
    with refused("card.not_active", state="lost"):
        mall.do(ReportCardLost(member=member, number=lost))
    mall.do(ReplaceCard(member=member, old_number=lost, new_number=mall.new_card()))
    with refused("card.not_active", state="replaced"):
        mall.do(ReplaceCard(member=member, old_number=lost, new_number=mall.new_card()))
    with refused("card.issued_before"):
        mall.do(IssueCard(member=mall.bare_member(), number=lost))


def test_another_members_card_is_left_alone(mall: Mall) -> None:
    theirs, member = the_card(mall, mall.member()), mall.member()
    with refused("card.not_this_member"):
        mall.do(ReportCardLost(member=member, number=theirs))
    with refused("card.not_this_member"):
        mall.do(ReplaceCard(member=member, old_number=theirs, new_number=mall.new_card()))
    with refused("card.unknown"):
        mall.do(ReportCardLost(member=member, number=mall.new_card()))
    for nobodys in (keyed_number(bytes(32)), "~not base64"):
        with refused("card.unknown"):
            mall.do(ReportCardLost(member=member, number=nobodys))


def test_batches_of_numbers_do_not_overlap(mall: Mall) -> None:
    with refused("card.batch_overlaps"):
        mall.do(AddCardBatch(first_serial=10_000, count=5), by="9001")
    mall.do(AddCardBatch(first_serial=10_001, count=5), by="9001")


# -- credit sale -----------------------------------------------------------------------------------------------------


def test_a_slip_earns_a_point_per_yuan_and_drops_the_rest(mall: Mall) -> None:
    facts = mall.do(mall.slip(mall.member(), 12_399))
    assert (facts["points"], facts["usable_after"], facts["expires_on"]) == (123, 123, "2028-11-22")


def test_a_slip_counts_once_whoever_brings_it_however_it_is_typed(mall: Mall) -> None:
    slip = mall.slip(mall.member(), 1_000)
    mall.do(slip)
    again = replace(slip, id=uuid4(), member=mall.member(), slip_number=f" {slip.slip_number.lower()} ")
    with refused("sale.slip_used"):
        mall.do(again)
    mall.do(replace(again, shop="S2"))  # another shop may use the same number


def test_a_slip_of_less_than_a_yuan_counts_and_earns_nothing(mall: Mall) -> None:
    member = mall.member()
    assert mall.do(mall.slip(member, 99))["points"] == 0
    assert mall.points(member) == Points(0, 0, 0, ())


def test_old_and_large_slips_need_a_second_person(mall: Mall) -> None:
    member = mall.member()
    for slip, why in (
        (mall.slip(member, 200_001), "approval.large_slip"),
        (mall.slip(member, 100, age=timedelta(days=4)), "approval.old_slip"),
    ):
        with refused("approval.required", why=why):
            mall.do(slip)
        mall.do(slip, approved_by=SUPERVISOR)
    mall.do(mall.slip(member, 200_000), mall.slip(member, 100, age=timedelta(days=3)))


def test_a_slip_that_cannot_be_is_refused(mall: Mall) -> None:
    member = mall.member()
    for slip, code in (
        (replace(mall.slip(member, 100), shop="S9"), "shop.unknown"),
        (replace(mall.slip(member, 100), member=uuid4()), "member.unknown"),
        (mall.slip(member, 100, age=timedelta(minutes=-11)), "sale.in_the_future"),
        (replace(mall.slip(member, 100), sold_at=mall.clock.now.replace(tzinfo=None)), "sale.time_without_zone"),
        (replace(mall.slip(member, 100), amount_fen=0), "request.bad_value"),
        (replace(mall.slip(member, 100), amount_fen=100_000_001), "request.bad_value"),
        (replace(mall.slip(member, 100), slip_number=" "), "text.missing"),
    ):
        with refused(code):
            mall.do(slip)


def test_the_slip_that_reaches_a_tier_earns_the_old_rate_and_the_next_the_new(mall: Mall) -> None:
    member = mall.member()
    crossing = mall.do(mall.slip(member, 500_000), approved_by=SUPERVISOR)
    assert (crossing["points"], crossing["tier_before"], crossing["tier_after"]) == (5_000, "bronze", "silver")
    assert mall.do(mall.slip(member, 10_000))["points"] == 140


def test_a_fen_less_does_not_reach_the_tier(mall: Mall) -> None:
    member = mall.member()
    assert mall.do(mall.slip(member, 499_999), approved_by=SUPERVISOR)["tier_after"] == "bronze"


def test_redeeming_does_not_demote(mall: Mall) -> None:
    member = mall.member()
    mall.do(mall.slip(member, 500_000), approved_by=SUPERVISOR)
    mall.do(mall.redemption(member, "CUP", 50), approved_by=SUPERVISOR)
    assert mall.one("SELECT tier FROM member WHERE mall_id = :mall AND member = :member", member=member) == ("silver",)


# -- redeem and hand out ---------------------------------------------------------------------------------------------


def test_a_redemption_takes_points_and_reserves_and_handing_out_takes_the_piece(mall: Mall) -> None:
    member = mall.member(500)
    redeem = mall.redemption(member, "CUP", 2)
    assert mall.do(redeem) == {"points": 200, "usable_before": 500, "usable_after": 300}
    assert mall.stock("CUP") == (1_000, 2)
    assert mall.do(HandOut(member=member, redemption=redeem.id, lines=(0,))) == {"pieces": 2}
    assert mall.stock("CUP") == (998, 0)


def test_a_redemption_leaves_a_slip_in_the_spool(mall: Mall) -> None:
    before = mall.count("print_job")
    mall.do(mall.redemption(mall.member(500)))
    assert mall.count("print_job") == before + 1


def test_more_than_there_is_cannot_be_redeemed(mall: Mall) -> None:
    with refused("points.not_enough", usable=250, missing=50):
        mall.do(mall.redemption(mall.member(250), "CUP", 3))
    with refused("gift.out_of_stock", gift="收纳箱", left=3):
        mall.do(mall.redemption(mall.member(9_000), "BOX", 4), approved_by=SUPERVISOR)


def test_pieces_at_another_desk_are_named(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    mall.do(ReceiveStock(lines=(StockLine("BOX", 5),)), desk="D2")
    with refused("gift.out_of_stock", left=3, elsewhere="2 号台 5"):
        mall.do(mall.redemption(mall.member(9_000), "BOX", 4), approved_by=SUPERVISOR)


def test_what_is_shown_is_what_is_charged(mall: Mall) -> None:
    member = mall.member(500)
    with refused("gift.price_changed", points=100):
        mall.do(Redeem(member=member, lines=(RedemptionLine("CUP", 1, 90),)))
    with refused("gift.unknown"):
        mall.do(Redeem(member=member, lines=(RedemptionLine("NONE", 1, 90),)))
    mall.do(AddGift(gift="CUP", name="保温杯", points=100, value_fen=2_000, on_offer=False), by="3001")
    with refused("gift.not_on_offer"):
        mall.do(mall.redemption(member))


def test_above_the_limits_a_second_person_or_the_members_pin_is_needed(mall: Mall) -> None:
    without_pin, with_pin = mall.member(9_000), mall.member(9_000, pin=MEMBER_PIN)
    with refused("approval.required", why="approval.dear_gift", limit=20_000):
        mall.do(mall.redemption(without_pin, "POT"))
    with refused("approval.required", why="approval.no_member_pin"):
        mall.do(mall.redemption(without_pin, "CUP", 11))
    with refused("member.pin_required", above=1_000):
        mall.do(mall.redemption(with_pin, "CUP", 11))
    mall.do(mall.redemption(with_pin, "CUP", 10))
    mall.do(mall.redemption(with_pin, "CUP", 11), member_pin=MEMBER_PIN)
    with refused("approval.required", why="approval.many_points"):
        mall.do(mall.redemption(with_pin, "CUP", 51), member_pin=MEMBER_PIN)


def test_lots_are_spent_earliest_expiry_first_across_their_borders(mall: Mall) -> None:
    member = mall.member()
    for points in (100, 200, 300):
        mall.earn(member, points)
        mall.clock.advance(timedelta(days=31))
    mall.do(mall.redemption(member, "CUP", 2))
    assert mall.points(member) == Points(400, 0, 0, (100, 300))


def test_a_gift_is_handed_out_once_and_to_its_member(mall: Mall) -> None:
    member = mall.member(500)
    redeem = mall.redemption(member)
    mall.do(redeem)
    with refused("redemption.not_this_member"):
        mall.do(HandOut(member=mall.member(), redemption=redeem.id, lines=(0,)))
    with refused("redemption.unknown"):
        mall.do(HandOut(member=member, redemption=uuid4(), lines=(0,)))
    mall.do(HandOut(member=member, redemption=redeem.id, lines=(0, 0), proxy="家人"))
    with refused("redemption.already_handed_out"):
        mall.do(HandOut(member=member, redemption=redeem.id, lines=(0,)))


def test_a_gift_lies_at_one_desk(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    member = mall.member(500)
    redeem = mall.redemption(member)
    mall.do(redeem)
    with refused("redemption.other_desk", desk="D1"):
        mall.do(HandOut(member=member, redemption=redeem.id, lines=(0,)), desk="D2")


# -- adjust, hold, expire, reveal ------------------------------------------------------------------------------------


def adjust(mall: Mall, member: object, change: int) -> dict[str, object]:
    operation = AdjustPoints(member=member, change=change, reason="goodwill", note="致歉")  # type: ignore[arg-type]
    return mall.do(operation, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)


def test_an_adjustment_has_a_second_person_a_reason_and_a_cap(mall: Mall) -> None:
    member = mall.member(100)
    assert adjust(mall, member, 50) == {"usable_before": 100, "usable_after": 150}
    assert adjust(mall, member, -120) == {"usable_before": 150, "usable_after": 30}
    with refused("points.not_enough"):
        adjust(mall, member, -31)
    with refused("points.no_change"):
        adjust(mall, member, 0)
    with refused("points.adjust_cap", cap=20_000):
        adjust(mall, member, 20_001)
    adjust(mall, member, 19_950)
    with refused("points.adjust_cap"):  # the cap is of the day
        adjust(mall, member, 1)
    mall.clock.advance(timedelta(days=1))
    adjust(mall, member, 1)
    with refused("approval.required", why="approval.adjustment"):
        mall.do(AdjustPoints(member=member, change=5, reason="goodwill", note="致歉"), by=SUPERVISOR)


def test_held_points_cannot_be_spent_until_released_and_are_released_once(mall: Mall) -> None:
    member = mall.member(300)
    hold = HoldPoints(member=member, points=250, note="争议")
    assert mall.do(hold, by=SUPERVISOR)["usable_after"] == 50
    with refused("points.not_enough", usable=50):
        mall.do(mall.redemption(member))
    with refused("points.not_enough"):
        mall.do(HoldPoints(member=member, points=51, note="争议"), by=SUPERVISOR)
    with refused("hold.not_this_member"):
        mall.do(ReleaseHold(member=mall.member(), hold=hold.id), by=SUPERVISOR)
    assert mall.do(ReleaseHold(member=member, hold=hold.id), by=SUPERVISOR) == {"points": 250, "usable_after": 300}
    with refused("hold.resolved"):
        mall.do(ReleaseHold(member=member, hold=hold.id), by=SUPERVISOR)
    with refused("hold.unknown"):
        mall.do(ReleaseHold(member=member, hold=uuid4()), by=SUPERVISOR)


def test_points_can_be_used_on_their_last_day_and_not_on_the_next(mall: Mall) -> None:
    member = mall.member(300)
    mall.clock.advance(timedelta(days=(date(2028, 11, 22) - date(2026, 11, 22)).days))
    mall.do(mall.redemption(member))
    mall.clock.advance(timedelta(days=1))
    assert mall.usable(member) == 0
    with refused("points.not_enough", usable=0):
        mall.do(mall.redemption(member))


def test_expiry_takes_what_is_left_and_nothing_younger(mall: Mall) -> None:
    member, other = mall.member(300), mall.member(100)
    mall.do(mall.redemption(member))
    mall.clock.advance(timedelta(days=400))
    mall.earn(member, 40)
    mall.clock.advance(timedelta(days=332))
    with refused("points.not_expired_yet"):
        mall.do(ExpirePoints(through=date(2028, 11, 23)), by=SUPERVISOR)
    facts = mall.do(ExpirePoints(through=date(2028, 11, 22), limit=1), by=SUPERVISOR)
    assert facts["more"] is True
    facts = mall.do(ExpirePoints(through=date(2028, 11, 22)), by=SUPERVISOR)
    assert (facts["members"], facts["more"]) == (1, False)
    assert mall.points(member) == Points(40, 0, 0, (40,))
    assert mall.points(other).posted == 0


def test_a_reveal_is_recorded_and_has_a_daily_quota(mall: Mall) -> None:
    member = mall.member()
    mall.do(ChangeSetting(name="reveals_per_day", value="2"), by="3001")
    for _ in range(2):
        mall.do(Reveal(member=member, field="phone", reason="call_member"), pin=PINS[CLERK])
    with refused("reveal.quota", quota=2):
        mall.do(Reveal(member=member, field="phone", reason="call_member"), pin=PINS[CLERK])
    assert mall.count("reveal") == 2
    mall.clock.advance(timedelta(days=1))
    mall.do(Reveal(member=member, field="name", reason="complaint"), pin=PINS[CLERK])


# -- set up ----------------------------------------------------------------------------------------------------------


def test_a_figure_that_is_set_counts_from_the_next_operation(mall: Mall) -> None:
    member = mall.member()
    mall.do(ChangeSetting(name="points_per_yuan", value="3"), by="3001")
    assert mall.do(mall.slip(member, 1_000))["points"] == 30
    for name, value, code in (
        ("points_per_yuan", "-1", "setting.not_a_number"),
        ("points_live_months", "9999999999", "setting.out_of_range"),  # or every slip after it would be a crash
        ("nonsense", "1", "setting.unknown"),
    ):
        with refused(code):
            mall.do(ChangeSetting(name=name, value=value), by="3001")


def test_people_shops_and_stock_are_added_with_sense(mall: Mall) -> None:
    with refused("staff.exists"):
        mall.do(AddStaff(staff=CLERK, name="同号", role=Role.CLERK), by="9001", new_pin="730159")
    with refused("staff.number_letters_digits"):
        mall.do(AddStaff(staff="10/1", name="怪号", role=Role.CLERK), by="9001", new_pin="730159")
    mall.do(AddShop(shop="S3", name="书店"), by="3001")
    with refused("gift.unknown"):
        mall.do(ReceiveStock(lines=(StockLine("NONE", 1),)))
    mall.do(ReceiveStock(lines=(StockLine("CUP", 5), StockLine("CUP", 2))))
    assert mall.stock("CUP") == (1_007, 0)
