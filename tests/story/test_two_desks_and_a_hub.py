"""Two desks with stores of their own and the real hub between them, in one process; the network is cut on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import pytest

from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.reveal import Reveal
from app.operations.settle_task import SettleTask
from app.ports.authority import Submission
from app.queries.rows import Searched
from db.verify.copies import verify_copy
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import ADMINISTRATOR, HubMall
from tests.support.mall import CLERK, PINS, SUPERVISOR, refused

Pair: TypeAlias = tuple[FollowingDesk, FollowingDesk]


@pytest.fixture
def pair(mall: HubMall, tmp_path: Path) -> Iterator[Pair]:
    made = (FollowingDesk(mall, "K1", 11, tmp_path), FollowingDesk(mall, "K2", 12, tmp_path))
    for desk in made:
        desk.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
        desk.sync()
    yield made
    for desk in made:
        desk.desk.close()


def everybody(*all_desks: FollowingDesk) -> Sequence[FollowingDesk]:
    for desk in all_desks:
        desk.sync()
    return all_desks


def test_one_desk_redeems_cut_off_and_both_see_it_when_it_is_back(mall: HubMall, pair: Pair) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    assert one.swipe(card) == other.swipe(card) == member
    assert one.usable(member) == other.usable(member) == 1_000
    one.cut()
    assert one.link.status().mode is Mode.FRESH
    one.redeem(member, 3)
    assert (one.usable(member), other.usable(member)) == (700, 1_000)
    assert verify_copy(one.store, mall.name, "K1") == []
    assert one.link.following.unsettled_points() == 300
    one.mend()
    other.sync()
    assert one.link.status().mode is Mode.ONLINE
    assert (one.usable(member), other.usable(member), mall.usable(member)) == (700, 700, 700)
    assert one.link.following.unsettled_points() == 0
    assert one.link.following.waiting().count == 0
    mall.checked()
    assert verify_copy(one.store, mall.name, "K1") == []
    one.store.write(lambda c: c.run("UPDATE account SET posted = posted + 1 WHERE account = :member", member=member))
    assert {found.code for found in verify_copy(one.store, mall.name, "K1")} == {
        "verify.balance",
        "verify.balance_of_lots",
    }


def test_an_overdraft_is_recorded_and_comes_back_as_a_task(mall: HubMall, pair: Pair) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    for desk in pair:
        desk.swipe(card)
        desk.cut()
        desk.redeem(member, 8)
    one.mend()
    other.mend()
    one.sync()
    assert mall.account(member).posted == -600
    assert [task.code for task in other.link.tasks()] == ["conflict.overdrawn"]
    assert other.link.tasks()[0].member == member
    assert one.link.tasks() == ()
    task = other.link.tasks()[0]
    other.do(SettleTask(settles=task.operation, code=task.code, outcome="called"))
    other.sync()
    assert [(task.is_open, task.outcome) for task in other.link.tasks()] == [(False, "called")]
    assert mall.tasks() == []
    assert (one.usable(member), other.usable(member)) == (0, 0)
    one.cut()
    with pytest.raises(Refused) as owes:
        one.redeem(member, 1)
    assert owes.value.code == "offline.member_owes"
    mall.checked()


def test_online_the_hub_decides_and_nobody_overspends(mall: HubMall, pair: Pair) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    one.swipe(card)
    other.swipe(card)
    one.redeem(member, 8, approved=False)
    with pytest.raises(Refused) as short:  # this desk has not heard of it; the hub has
        other.redeem(member, 8, approved=False)
    assert short.value.code == "points.not_enough"
    everybody(one, other)
    assert (one.usable(member), other.usable(member), mall.usable(member)) == (200, 200, 200)
    mall.checked()


def test_a_member_who_joins_at_one_desk_is_known_at_the_other(mall: HubMall, pair: Pair) -> None:
    one, other = pair
    enrol = mall.enrolment("欧阳静")
    one.cut()
    one.do(enrol)
    one.do(mall.slip(enrol.member, 30_000))
    one.mend()
    other.sync()
    assert other.usable(enrol.member) == one.usable(enrol.member) == mall.usable(enrol.member) == 300
    assert other.desk.queries.member_page(enrol.member).surname == "欧阳"
    mall.checked()


def test_somebody_of_the_same_name_is_not_hidden_by_the_one_who_was_served_here(mall: HubMall, pair: Pair) -> None:
    one, _ = pair
    served, card = a_member(mall, 1_000)
    stranger, _ = a_member(mall, 200)
    one.sync()
    one.swipe(card)
    queries = one.desk.queries
    assert [row.member for row in queries.find_here("李静").rows] == [served]
    assert queries.find_here("李静").searched is Searched.HERE_FIRST
    found = queries.find_members("李静")
    assert [row.member for row in found.rows] == [served, stranger]
    assert found.searched is Searched.EVERYWHERE
    assert queries.find_members("没有此人").searched is Searched.EVERYWHERE


def test_cut_off_a_search_says_that_it_looked_here_only(mall: HubMall, pair: Pair) -> None:
    one, _ = pair
    served, card = a_member(mall, 1_000)
    one.sync()
    one.swipe(card)
    one.cut()
    found = one.desk.queries.find_members("李静")
    assert ([row.member for row in found.rows], found.searched) == ([served], Searched.HERE)
    nobody = one.desk.queries.find_members("欧阳")
    assert (nobody.rows, nobody.searched) == ((), Searched.HERE)


def cards_at(desk: FollowingDesk, member: UUID) -> list[tuple[str, str]]:
    """(masked number, state), as the counter shows them."""
    return [(card.number, card.state) for card in desk.desk.queries.member_page(member).cards]


def lost_at(desk: FollowingDesk, member: UUID) -> ReportCardLost:
    """The member has not got the card, and this desk not its number: only its row on the page."""
    (card,) = desk.desk.queries.member_page(member).cards
    assert (card.in_short, card.number) == (True, "•••• ••••")
    lost = ReportCardLost(member=member, number=card.card)
    desk.do(lost)
    return lost


def test_a_card_whose_number_a_desk_has_never_seen_is_reported_lost_there_cut_off(mall: HubMall, pair: Pair) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    one.cut()
    lost_at(one, member)
    assert cards_at(one, member) == [("•••• ••••", "lost")]
    with pytest.raises(Refused, match=r"card\.lost"):  # whoever found it, and comes to this desk
        one.swipe(card)
    assert other.swipe(card) == member
    one.restart()
    one.cut()
    with pytest.raises(Refused, match=r"card\.lost"):
        one.swipe(card)
    one.mend()
    other.sync()
    for desk in pair:
        with pytest.raises(Refused, match=r"card\.lost"):
            desk.swipe(card)
        assert cards_at(desk, member) == [(f"•••• {card[-4:]}", "lost")]
    assert mall.tasks() == []
    mall.checked()


def test_a_card_was_reported_lost_cut_off_and_replaced_elsewhere_meanwhile(mall: HubMall, pair: Pair) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    one.cut()
    lost = lost_at(one, member)
    new = mall.new_card()
    assert other.swipe(card) == member
    other.do(ReplaceCard(member=member, old_number=card, new_number=new))
    other.sync()
    one.wire.loses.add("push")
    with pytest.raises(Unavailable):
        one.mend()
    one.mend()
    other.sync()
    assert [(task.operation, task.code, task.facts["why"]) for task in one.link.tasks()] == [
        (lost.id, "conflict.not_applied", "card.not_active")  # which of the two did the member lose? somebody asks
    ]
    for desk in pair:
        assert desk.swipe(new) == member
        with pytest.raises(Refused, match=r"card\.replaced"):
            desk.swipe(card)
        assert sorted(state for _, state in cards_at(desk, member)) == ["issued", "replaced"]
        assert verify_copy(desk.store, mall.name, desk.desk.settings.desk) == []
    mall.checked()


def test_a_card_that_two_desks_heard_of_is_lost_once_and_asks_nobody(mall: HubMall, pair: Pair) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    for desk in pair:
        desk.cut()
        lost_at(desk, member)
    for desk in pair:
        desk.mend()
    everybody(one, other)
    assert mall.tasks() == []
    for desk in pair:
        with pytest.raises(Refused, match=r"card\.lost"):
            desk.swipe(card)
    mall.checked()


def test_a_desk_is_given_up_by_who_keeps_desks_with_their_pin_and_when_the_hub_has_all(pair: Pair) -> None:
    one, _ = pair
    right = ADMINISTRATOR, PINS[ADMINISTRATOR]
    with refused("staff.no_right"):
        one.link.check_may_leave(SUPERVISOR, PINS[SUPERVISOR])
    with refused("pin.wrong"):
        one.link.check_may_leave(ADMINISTRATOR, PINS[SUPERVISOR])
    for _ in range(2):  # that it was wrong, and that this is forgotten, the hub has to hear
        with refused("hub.unsent", count=1):
            one.link.check_may_leave(*right)
        one.sync()
    one.link.check_may_leave(*right)


def test_who_a_member_is_cannot_be_shown_where_it_is_not_known_and_no_look_is_used_up(
    mall: HubMall, pair: Pair
) -> None:
    one, _ = pair
    member, card = a_member(mall, 100)
    one.sync()
    one.cut()
    assert one.swipe(card) == member

    def looks() -> int:
        ((count,),) = one.store.read(lambda connection: connection.rows("SELECT count(*) FROM reveal"))
        return int(count)

    def look() -> None:
        wish = Reveal(member=member, field="phone", reason="call_member")
        one.desk.authority.submit(Submission((wish,), one.session, pin=PINS[CLERK]))

    with refused("reveal.not_here"):
        look()
    assert looks() == 0
    one.mend()
    assert one.desk.queries.member_page(member).surname == "李"
    look()
    assert looks() == 1
    one.sync()
    mall.checked()
