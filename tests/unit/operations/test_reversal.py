"""Undoing: the table of cases that others got wrong (LESSONS 7 to 10). The points that were stored are moved, from and
to the lots they were in; nobody loses twice and nobody gains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from app.operations.adjust_points import AdjustPoints
from app.operations.expire_points import ExpirePoints
from app.operations.hand_out import HandOut
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.reverse import Reverse
from db.verify import verify
from tests.support.mall import OTHER_CLERK, OTHER_SUPERVISOR, SUPERVISOR, Mall, Points, refused


def undo(mall: Mall, operation: UUID, member: UUID | None, *, goods_back: bool = False) -> dict[str, object]:
    return mall.do(
        Reverse(reverses=operation, reason="mistake", member=member, goods_back=goods_back),
        by=SUPERVISOR,
        approved_by=OTHER_SUPERVISOR,
    )


def adjusted(mall: Mall, member: UUID, change: int) -> AdjustPoints:
    operation = AdjustPoints(member=member, change=change, reason="other", note="更正")
    mall.do(operation, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)
    return operation


def expire(mall: Mall) -> None:
    """All points earned so far run out."""
    mall.clock.advance(timedelta(days=740))
    mall.as_system(ExpirePoints(through=(mall.clock.now + timedelta(hours=8)).date() - timedelta(days=1)))


@dataclass(frozen=True)
class Case:
    name: str
    story: Callable[[Mall, UUID], UUID]  # what happens; returns what is undone
    before: Points
    after: Points


def sale(mall: Mall, member: UUID) -> UUID:
    return mall.earn(member, 300).id


def sale_all_spent(mall: Mall, member: UUID) -> UUID:
    earned = mall.earn(member, 300).id
    mall.do(mall.redemption(member, "CUP", 3))
    return earned


def sale_partly_spent(mall: Mall, member: UUID) -> UUID:
    earned = mall.earn(member, 300).id
    mall.do(mall.redemption(member, "CUP", 2))
    return earned


def sale_spent_beside_another_lot(mall: Mall, member: UUID) -> UUID:
    earned = mall.earn(member, 300).id
    mall.clock.advance(timedelta(days=40))
    mall.earn(member, 500)
    mall.do(mall.redemption(member, "CUP", 2))
    return earned


def sale_expired(mall: Mall, member: UUID) -> UUID:
    earned = mall.earn(member, 300).id
    expire(mall)
    return earned


def redemption(mall: Mall, member: UUID) -> UUID:
    mall.earn(member, 300)
    redeem = mall.redemption(member, "CUP", 2)
    mall.do(redeem)
    return redeem.id


def redemption_over_two_lots(mall: Mall, member: UUID) -> UUID:
    mall.earn(member, 150)
    mall.clock.advance(timedelta(days=40))
    mall.earn(member, 250)
    redeem = mall.redemption(member, "CUP", 3)
    mall.do(redeem)
    return redeem.id


def redemption_of_an_expired_lot(mall: Mall, member: UUID) -> UUID:
    mall.earn(member, 300)
    redeem = mall.redemption(member, "CUP", 2)
    mall.do(redeem)
    expire(mall)
    return redeem.id


def redemption_while_owing(mall: Mall, member: UUID) -> UUID:
    earned = mall.earn(member, 300).id
    redeem = mall.redemption(member, "CUP", 3)
    mall.do(redeem)
    undo(mall, earned, member)  # 300 below zero
    return redeem.id


def goodwill(mall: Mall, member: UUID) -> UUID:
    return adjusted(mall, member, 80).id


def goodwill_spent(mall: Mall, member: UUID) -> UUID:
    given = adjusted(mall, member, 100).id
    mall.do(mall.redemption(member))
    return given


def deduction(mall: Mall, member: UUID) -> UUID:
    mall.earn(member, 300)
    return adjusted(mall, member, -120).id


CASES = (
    Case("a sale", sale, Points(300, 0, 0, (300,)), Points(0, 0, 0, ())),
    Case("a sale all spent goes below zero", sale_all_spent, Points(0, 0, 0, ()), Points(-300, 0, 300, ())),
    Case("a sale partly spent", sale_partly_spent, Points(100, 0, 0, (100,)), Points(-200, 0, 200, ())),
    Case(
        "a sale spent beside another lot takes the rest from that",
        sale_spent_beside_another_lot,
        Points(600, 0, 0, (100, 500)),
        Points(300, 0, 0, (300,)),
    ),
    Case("a sale whose points have expired", sale_expired, Points(0, 0, 0, ()), Points(-300, 0, 300, ())),
    Case("a redemption", redemption, Points(100, 0, 0, (100,)), Points(300, 0, 0, (300,))),
    Case(
        "a redemption over two lots returns to both",
        redemption_over_two_lots,
        Points(100, 0, 0, (100,)),
        Points(400, 0, 0, (150, 250)),
    ),
    Case(
        "a redemption of a lot that has expired meanwhile",
        redemption_of_an_expired_lot,
        Points(0, 0, 0, ()),
        Points(200, 0, 0, (200,)),
    ),
    Case(
        "a redemption while owing repays first",
        redemption_while_owing,
        Points(-300, 0, 300, ()),
        Points(0, 0, 0, ()),
    ),
    Case("goodwill", goodwill, Points(80, 0, 0, (80,)), Points(0, 0, 0, ())),
    Case("goodwill that was spent", goodwill_spent, Points(0, 0, 0, ()), Points(-100, 0, 100, ())),
    Case("a deduction", deduction, Points(180, 0, 0, (180,)), Points(300, 0, 0, (300,))),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_undoing(mall: Mall, case: Case) -> None:
    member = mall.member()
    undone = case.story(mall, member)
    assert mall.points(member) == case.before
    facts = undo(mall, undone, member)
    assert mall.points(member) == case.after
    assert facts["points"] == case.after.posted - case.before.posted
    assert facts["owed_after"] == case.after.owed
    with refused("reverse.already"):
        undo(mall, undone, member)
    assert verify(mall.store, mall.name) == []


def test_what_is_owed_is_repaid_first(mall: Mall) -> None:
    member = mall.member()
    undo(mall, sale_all_spent(mall, member), member)
    mall.earn(member, 200)
    assert mall.points(member) == Points(-100, 0, 100, ())
    assert mall.usable(member) == 0
    mall.earn(member, 250)
    assert mall.points(member) == Points(150, 0, 0, (150,))
    assert mall.usable(member) == 150


def test_a_sale_that_repaid_a_debt_can_be_undone_too(mall: Mall) -> None:
    member = mall.member()
    undo(mall, sale_all_spent(mall, member), member)
    repaying = mall.earn(member, 200)
    undo(mall, repaying.id, member)
    assert mall.points(member) == Points(-300, 0, 300, ())
    assert verify(mall.store, mall.name) == []


def test_returned_points_live_at_least_thirty_days_more(mall: Mall) -> None:
    member = mall.member()
    undo(mall, redemption_of_an_expired_lot(mall, member), member)
    today = (mall.clock.now + timedelta(hours=8)).date()
    (lot,) = mall.account(member).lots
    assert lot.expires_on == today + timedelta(days=30)
    assert mall.usable(member) == 200


def test_points_returned_to_a_living_lot_keep_its_last_day(mall: Mall) -> None:
    member = mall.member()
    undo(mall, redemption(mall, member), member)
    (lot,) = mall.account(member).lots
    assert lot.expires_on == date(2028, 11, 22)


# -- goods -----------------------------------------------------------------------------------------------------------


def test_a_redemption_that_was_not_handed_out_frees_its_pieces(mall: Mall) -> None:
    member = mall.member()
    undone = redemption(mall, member)
    assert mall.stock("CUP") == (1_000, 2)
    undo(mall, undone, member)
    assert mall.stock("CUP") == (1_000, 0)


def test_what_was_handed_out_has_to_lie_on_the_counter_again(mall: Mall) -> None:
    member = mall.member()
    undone = redemption(mall, member)
    mall.do(HandOut(member=member, redemption=undone, lines=(0,)))
    with refused("reverse.goods_not_back"):
        undo(mall, undone, member)
    undo(mall, undone, member, goods_back=True)
    assert mall.stock("CUP") == (1_000, 0)
    assert mall.points(member).posted == 300


def test_a_hand_out_undone_waits_to_be_handed_out_again(mall: Mall) -> None:
    member = mall.member()
    redeemed = redemption(mall, member)
    first = HandOut(member=member, redemption=redeemed, lines=(0,))
    mall.do(first)
    with refused("reverse.goods_not_back"):
        undo(mall, first.id, member)
    undo(mall, first.id, member, goods_back=True)
    assert mall.stock("CUP") == (1_000, 2)
    mall.do(HandOut(member=member, redemption=redeemed, lines=(0,)))
    assert mall.stock("CUP") == (998, 0)
    assert verify(mall.store, mall.name) == []


def test_goods_come_back_where_they_left(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    member = mall.member()
    undone = redemption(mall, member)
    mall.do(HandOut(member=member, redemption=undone, lines=(0,)))
    back = Reverse(reverses=undone, reason="mistake", member=member, goods_back=True)
    with refused("redemption.other_desk", desk="D1"):
        mall.do(back, by=SUPERVISOR, desk="D2")


def test_a_receipt_is_undone_as_long_as_its_pieces_are_free(mall: Mall) -> None:
    received = ReceiveStock(lines=(StockLine("BOX", 4),))
    mall.do(received)
    undo(mall, received.id, None)
    assert mall.stock("BOX") == (3, 0)
    again = ReceiveStock(lines=(StockLine("BOX", 4),))
    mall.do(again)
    mall.do(mall.redemption(mall.member(9_000), "BOX", 5), approved_by=SUPERVISOR)
    with refused("gift.out_of_stock"):
        undo(mall, again.id, None)


# -- who, and what ---------------------------------------------------------------------------------------------------


def test_ones_own_mistake_is_undone_alone_within_ten_minutes(mall: Mall) -> None:
    member = mall.member()
    undone = redemption(mall, member)
    mall.clock.advance(timedelta(minutes=10))
    mall.do(Reverse(reverses=undone, reason="mistake", member=member))
    late = redemption(mall, member)
    mall.clock.advance(timedelta(minutes=10, seconds=1))
    with refused("approval.required", why="approval.reversal"):
        mall.do(Reverse(reverses=late, reason="mistake", member=member))
    mall.do(Reverse(reverses=late, reason="mistake", member=member), approved_by=SUPERVISOR)


def test_another_clerks_work_is_undone_with_a_supervisor(mall: Mall) -> None:
    member = mall.member()
    undone = redemption(mall, member)
    with refused("approval.required"):
        mall.do(Reverse(reverses=undone, reason="mistake", member=member), by=OTHER_CLERK)
    mall.do(Reverse(reverses=undone, reason="mistake", member=member), by=SUPERVISOR)


def test_what_cannot_be_undone_says_so(mall: Mall) -> None:
    member = mall.member()
    undone = redemption(mall, member)
    with refused("operation.unknown"):
        undo(mall, uuid4(), member)
    with refused("reverse.other_member"):
        undo(mall, undone, mall.member())
    with refused("reverse.not_possible", verb="sign_in"):
        undo(mall, mall.session(), None)
    undo(mall, undone, member)
    (reversal,) = mall.one("SELECT operation_id FROM reversal WHERE mall_id = :mall")
    with refused("reverse.not_possible", verb="reverse"):
        undo(mall, reversal, member)


def test_a_slip_that_was_taken_back_stays_used(mall: Mall) -> None:
    member = mall.member()
    slip = mall.slip(member, 5_000)
    mall.do(slip)
    undo(mall, slip.id, member)
    with refused("sale.slip_used"):
        mall.do(
            type(slip)(
                member=member, shop=slip.shop, slip_number=slip.slip_number, sold_at=slip.sold_at, amount_fen=5_000
            )
        )


def tier_of(mall: Mall, member: UUID) -> str:
    tier: str = mall.one("SELECT tier FROM member WHERE mall_id = :mall AND member = :member", member=member)[0]
    return tier


def test_a_level_that_only_the_undone_slip_had_reached_goes_with_it(mall: Mall) -> None:
    member = mall.member()
    slip = mall.earn(member, 6_000)
    assert tier_of(mall, member) == "silver"
    undo(mall, slip.id, member)
    assert tier_of(mall, member) == "bronze"
    assert verify(mall.store, mall.name) == []


def test_a_level_that_other_slips_carry_stays_when_one_is_undone(mall: Mall) -> None:
    member = mall.member()
    slip = mall.earn(member, 6_000)
    mall.as_system(mall.slip(member, 700_000))
    undo(mall, slip.id, member)
    assert tier_of(mall, member) == "silver"
