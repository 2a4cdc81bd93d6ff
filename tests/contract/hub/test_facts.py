"""What happened at a desk is never refused: each conflict has its one outcome (RELIABILITY.md 4.9)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.operations.expire_points import ExpirePoints
from app.operations.hand_out import HandOut
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.reverse import Reverse
from app.operations.set_offline_rules import SetOfflineRules
from app.sync.envelope import instant
from app.sync.protocol import Pushed
from tests.support.hub import DeskOfHub, HubMall
from tests.support.mall import OTHER_CLERK, SUPERVISOR


@pytest.fixture
def desk(mall: HubMall) -> DeskOfHub:
    # What is redeemed here is no matter of limits.
    mall.by_two(SetOfflineRules(rules=OfflineRules(per_redemption=20_000, per_member=20_000)))
    made = mall.hub_desk()
    made.do(ReceiveStock(lines=(StockLine("CUP", 100), StockLine("POT", 10))))
    return made


def is_exception(pushed: Pushed, code: str) -> None:
    assert (pushed.verdict, pushed.code) == ("exception", code)


def test_more_than_there_was_is_posted_in_full_and_owed(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(100)
    other = mall.hub_desk()
    other.do(ReceiveStock(lines=(StockLine("CUP", 100),)))
    assert desk.do(mall.redemption(member)).verdict == "ok"
    is_exception(other.do(mall.redemption(member)), "conflict.overdrawn")
    assert mall.points(member).posted == -100
    assert mall.points(member).owed == 100
    assert mall.tasks() == ["conflict.overdrawn"]
    slip = mall.slip(member, 25_000)
    desk.do(slip)
    assert mall.points(member).owed == 0
    assert mall.usable(member) == 150, "what is owed is repaid first"
    mall.checked()


def test_a_slip_that_was_credited_elsewhere_is_taken_back(mall: HubMall, desk: DeskOfHub) -> None:
    member, slip = desk.member(), mall.slip(desk.member(), 10_000)
    assert desk.do(slip).verdict == "ok"
    again = mall.slip(member, 20_000)
    twice = type(again)(
        member=member, shop=slip.shop, slip_number=slip.slip_number, sold_at=slip.sold_at, amount_fen=20_000
    )
    is_exception(desk.do(twice), "conflict.dup_receipt")
    assert mall.usable(slip.member) == 100
    assert mall.points(member).posted == 0
    undo = Reverse(reverses=twice.id, reason="mistake", member=member)
    is_exception(desk.do(undo), "conflict.already_reversed")
    assert mall.points(member).posted == 0
    mall.checked()


def test_what_members_owe_in_all_is_told_with_what_desks_may_have_on_their_way(mall: HubMall, desk: DeskOfHub) -> None:
    other = mall.hub_desk()
    other.do(ReceiveStock(lines=(StockLine("CUP", 100),)))
    for points in (100, 60):
        member = desk.member(points)
        desk.do(mall.redemption(member))
        is_exception(other.do(mall.redemption(member)), "conflict.overdrawn")
    desk.member(500)
    at = instant(mall.clock.wall_ms())
    told = mall.hub_store.desks(SUPERVISOR, at)
    assert (told.owed, told.owing) == (100 + 140, 2)
    assert (told.per_desk, told.strict) == (OfflineRules().per_desk, False)
    mall.by_two(SetOfflineRules(rules=OfflineRules(policy=OfflinePolicy.STRICT)))
    assert mall.hub_store.desks(SUPERVISOR, at).strict


def test_points_of_such_a_slip_that_were_spent_already_are_owed(mall: HubMall, desk: DeskOfHub) -> None:
    slip = mall.slip(desk.member(), 10_000)
    desk.do(slip)
    member = desk.member()
    twice = type(slip)(
        member=member, shop=slip.shop, slip_number=slip.slip_number, sold_at=slip.sold_at, amount_fen=10_000
    )
    desk.do(twice)
    is_exception(desk.do(mall.redemption(member)), "conflict.overdrawn")
    assert mall.points(member).owed == 100
    is_exception(desk.do(type(slip)(**{**vars(twice), "id": mall.slip(member, 1).id})), "conflict.dup_receipt")
    assert mall.points(member).posted == -100
    mall.checked()


def test_the_first_keeps_the_card_and_the_second_gets_another(mall: HubMall, desk: DeskOfHub) -> None:
    number = mall.new_card()
    first, second = desk.member(), desk.member()
    assert desk.do(IssueCard(member=first, number=number)).verdict == "ok"
    is_exception(desk.do(IssueCard(member=second, number=number)), "conflict.card")
    assert mall.one("SELECT member FROM card WHERE mall_id = :mall AND number = :number", number=number) == (first,)
    assert desk.do(IssueCard(member=second, number=mall.new_card())).verdict == "ok"
    mall.checked()


def test_two_members_with_one_telephone_both_stand(mall: HubMall, desk: DeskOfHub) -> None:
    other = mall.hub_desk()
    first, second = desk.enrolment("王小明", "13800001234"), other.enrolment("王晓明", "13800001234")
    assert desk.do(first).verdict == "ok"
    is_exception(other.do(second), "conflict.merge_candidate")
    other.do(mall.slip(second.member, 10_000))
    assert mall.usable(second.member) == 100
    mall.checked()


def test_whoever_was_frozen_meanwhile_was_served_all_the_same(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(500)
    frozen = "UPDATE member SET state = 'frozen' WHERE mall_id = :mall AND member = :member"
    mall.store.write(lambda connection: connection.run(frozen, mall=mall.name, member=member))
    is_exception(desk.do(mall.redemption(member)), "conflict.member_closed")
    assert mall.usable(member) == 400
    is_exception(desk.do(mall.slip(member, 10_000)), "conflict.member_closed")
    assert mall.usable(member) == 500


def test_a_gift_that_the_count_did_not_have_is_handed_out_and_counted(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(10_000)
    redeem = mall.redemption(member, "POT", 12)
    is_exception(desk.do(redeem, approved_by=SUPERVISOR), "conflict.stock_short")
    assert mall.stock("POT", desk.desk) == (12, 12)
    assert desk.do(HandOut(member=member, redemption=redeem.id, lines=(0,))).verdict == "ok"
    assert mall.stock("POT", desk.desk) == (0, 0)
    mall.checked()


def test_a_price_that_was_shown_counts(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(500)
    is_exception(desk.do(Redeem(member=member, lines=(RedemptionLine("CUP", 1, 80),))), "conflict.policy_stale")
    assert mall.usable(member) == 420
    mall.checked()


def test_without_a_second_person_where_one_is_needed(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(9_000)
    desk.do(ReceiveStock(lines=(StockLine("TV", 5),)))
    is_exception(desk.do(mall.redemption(member, "TV"), approved_by=None), "conflict.approver_invalid")
    assert mall.usable(member) == 3_000


def test_approved_by_somebody_who_may_not(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(9_000)
    desk.do(ReceiveStock(lines=(StockLine("TV", 5),)))
    is_exception(desk.do(mall.redemption(member, "TV"), approved_by=OTHER_CLERK), "conflict.approver_invalid")


def test_an_approver_who_was_revoked_before(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(20_000)
    desk.do(ReceiveStock(lines=(StockLine("TV", 5),)))
    assert desk.do(mall.redemption(member, "TV"), approved_by=SUPERVISOR).verdict == "ok"
    since = mall.clock.now + timedelta(minutes=5)
    revoke = "UPDATE staff SET disabled = true, disabled_at = :since WHERE mall_id = :mall AND staff = :staff"
    mall.store.write(lambda connection: connection.run(revoke, mall=mall.name, staff=SUPERVISOR, since=since))
    assert desk.do(mall.redemption(member, "TV"), approved_by=SUPERVISOR).verdict == "ok", "not yet revoked then"
    mall.clock.advance(timedelta(minutes=6))
    is_exception(desk.do(mall.redemption(member, "TV"), approved_by=SUPERVISOR), "conflict.approver_invalid")
    assert mall.usable(member) == 2_000


def test_somebody_who_had_no_right(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member()
    desk.sign_in("9001")
    is_exception(desk.do(mall.slip(member, 10_000), by="9001"), "conflict.actor_invalid")
    is_exception(desk.do(mall.slip(member, 10_000), by="nobody"), "conflict.actor_invalid")
    is_exception(desk.do(mall.slip(member, 10_000), by="system"), "conflict.actor_invalid")
    assert mall.usable(member) == 300
    mall.checked()


def test_rules_that_changed_long_before(mall: HubMall, desk: DeskOfHub) -> None:
    from app.operations.set_up import ChangeSetting

    member = desk.member()
    desk.sign_in("3001")
    change = ChangeSetting(name="points_per_yuan", value="2")
    mall.hub.request(desk.desk, desk.ask(change, by="3001"))
    desk.do(change, by="3001")
    desk.sign_in()
    mall.clock.advance(timedelta(hours=23))
    assert desk.do(mall.slip(member, 10_000)).facts["points"] == 100, "the old rules count for a day"
    mall.clock.advance(timedelta(hours=2))
    late = desk.do(mall.slip(member, 10_000))
    is_exception(late, "conflict.policy_stale")
    assert late.facts["points"] == 200
    assert desk.do(mall.slip(member, 10_000), policy="1").verdict == "ok"
    mall.checked()


def test_reversed_twice_counts_once(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(500)
    redeem = mall.redemption(member)
    desk.do(redeem)
    other = mall.hub_desk()
    other.sign_in(SUPERVISOR)
    first = Reverse(reverses=redeem.id, reason="mistake", member=member)
    assert other.do(first, by=SUPERVISOR).verdict == "ok"
    is_exception(desk.do(Reverse(reverses=redeem.id, reason="mistake", member=member)), "conflict.already_reversed")
    assert mall.usable(member) == 500
    mall.checked()


def overdrawn_and_undone(mall: HubMall, desk: DeskOfHub, member: UUID, spent: int, since: int) -> Pushed:
    """Spends `spent` cups of 100 points, earns `since` more, and takes the redemption back."""
    redeem = mall.redemption(member, "CUP", spent)
    is_exception(desk.do(redeem), "conflict.overdrawn")
    if since:
        desk.do(mall.slip(member, since * 100))
    return desk.do(Reverse(reverses=redeem.id, reason="mistake", member=member))


@pytest.mark.parametrize("earned", [0, 38])
@pytest.mark.parametrize("since", [0, 20, 62, 500])
def test_an_overdrawn_redemption_that_is_undone_gives_back_all_of_it(
    mall: HubMall, desk: DeskOfHub, earned: int, since: int
) -> None:
    member = desk.member(earned)
    undone = overdrawn_and_undone(mall, desk, member, 1, since)
    assert (undone.verdict, undone.facts["points"], undone.facts["owed_after"]) == ("ok", 100, 0)
    assert (mall.points(member).posted, mall.usable(member)) == (earned + since, earned + since)
    mall.checked()


def test_what_comes_back_repays_the_debt_of_another_redemption_first(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(38)
    other = mall.redemption(member, "CUP", 1)
    is_exception(desk.do(other), "conflict.overdrawn")
    undone = overdrawn_and_undone(mall, desk, member, 2, 100)
    assert undone.facts["owed_after"] == 0
    assert (mall.points(member).posted, mall.usable(member)) == (38, 38)
    assert desk.do(Reverse(reverses=other.id, reason="mistake", member=member)).verdict == "ok"
    assert (mall.points(member).posted, mall.usable(member)) == (138, 138)
    mall.checked()


def test_what_had_repaid_a_debt_lives_on_as_if_it_had_been_earned_today(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(38)
    undone = overdrawn_and_undone(mall, desk, member, 1, 62)
    lots = "SELECT quantity, remaining, earned_on, expires_on FROM lot WHERE mall_id = :mall "
    repaid_it = mall.one(lots + "AND account = :member AND quantity = 62 AND remaining = 0", member=member)
    assert mall.one(lots + "AND operation_id = :undone", undone=undone.id) == (62, 62, *repaid_it[2:])


def test_what_stands_on_nothing_is_recorded_without_effect(mall: HubMall, desk: DeskOfHub) -> None:
    from uuid import uuid4

    is_exception(desk.do(mall.slip(uuid4(), 10_000)), "conflict.not_applied")
    mall.checked()


def test_a_clock_that_ran_behind(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member()
    is_exception(desk.do(mall.slip(member, 10_000, age=timedelta(hours=-2))), "conflict.clock")
    assert mall.usable(member) == 100
    mall.checked()


def test_points_that_expired_before_the_redemption_arrived_come_back_for_it_and_for_no_one_else(
    mall: HubMall, desk: DeskOfHub
) -> None:
    member = desk.member(250)
    (last_day,) = mall.one("SELECT expires_on FROM lot WHERE mall_id = :mall AND account = :member", member=member)
    at = datetime.combine(last_day, time(4), tzinfo=UTC)  # noon at the mall, the last day of these points
    mall.clock.advance(at - mall.clock.now)
    desk.sign_in()
    sent = desk.make(mall.redemption(member, quantity=2))
    mall.clock.advance(timedelta(days=9))
    through = last_day + timedelta(days=5)
    mall.hub.authority.submit_as_system(ExpirePoints(through=through))
    assert mall.points(member).posted == 0
    pushed = desk.push(sent).results[0]
    assert (pushed.verdict, pushed.code) == ("ok", None), "what was good at the counter is no debt"
    assert (mall.points(member).posted, mall.points(member).owed, mall.points(member).lots) == (0, 0, ())
    assert [row.verb for row in mall.rows()][-2:] == ["return_expired", "redeem"]
    assert desk.push(sent).results[0] == pushed
    is_exception(desk.push(desk.make(mall.redemption(member))).results[0], "conflict.overdrawn")
    mall.checked()
