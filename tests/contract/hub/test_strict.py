"""Strict: what desks spend while cut off, and what the hub gives, is never more than there is (docs/adr/0012)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Refused
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.hub.service import points_taken
from app.operations.adjust_points import AdjustPoints
from app.operations.expire_points import ExpirePoints
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.set_offline_rules import SetOfflineRules
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import HubMall


def make_strict(mall: HubMall) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(policy=OfflinePolicy.STRICT, share_percent=100)))


class Strict:
    """Two desks, a member with 1,000 points, of which each may spend 500 while it is cut off."""

    def __init__(self, mall: HubMall, folder: Path) -> None:
        self.mall = mall
        make_strict(mall)
        self.one, self.other = (FollowingDesk(mall, name, number, folder) for name, number in (("K1", 11), ("K2", 12)))
        for desk in self.both:
            desk.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
        mall.clock.advance(timedelta(seconds=11))  # the next heartbeat brings the licence of two desks
        self.sync()
        self.member, self.card = a_member(mall, 1_000)
        self.sync()
        for desk in self.both:
            desk.swipe(self.card)
        self.sync()
        mall.waits_for(*self.both)

    @property
    def both(self) -> tuple[FollowingDesk, FollowingDesk]:
        return self.one, self.other

    def sync(self) -> None:
        for desk in self.both:
            desk.sync()

    def cut(self, *desks: FollowingDesk) -> None:
        for desk in desks:
            desk.cut()
        self.mall.clock.advance(timedelta(seconds=16))

    def share(self, desk: FollowingDesk) -> int:
        today = self.mall.clock.now.date()
        return desk.store.read(lambda c: _floor_facts(c, self.mall.name, desk.desk.settings.desk, self.member, today))


def _floor_facts(connection: object, mall: str, desk: str, member: UUID, today: object) -> int:
    from db.following.place import floor_facts

    return floor_facts(connection, mall, desk, member, today).share  # type: ignore[arg-type]


@pytest.fixture
def strict(mall: HubMall, tmp_path: Path) -> Iterator[Strict]:
    made = Strict(mall, tmp_path)
    yield made
    for desk in made.both:
        desk.desk.close()


def why(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, object]:
    return refused.value.code, refused.value.facts.get("left")


def test_each_desk_may_spend_its_share_and_nothing_beyond(strict: Strict) -> None:
    one, other = strict.both
    assert (strict.share(one), strict.share(other)) == (500, 500)
    strict.cut(one, other)
    one.redeem(strict.member, 5)
    other.redeem(strict.member, 5)
    with pytest.raises(Refused) as refused:
        other.redeem(strict.member, 1)
    assert why(refused) == ("offline.over_member", 0)
    one.mend()
    other.mend()
    strict.sync()
    assert strict.mall.points(strict.member).posted == 0
    assert strict.mall.tasks() == []
    strict.mall.checked()


def test_a_share_counts_only_after_the_contact_time_out_and_once_the_hub_was_reached(strict: Strict) -> None:
    one = strict.one
    one.cut()
    with pytest.raises(Refused) as refused:
        one.redeem(strict.member, 1)
    assert why(refused) == ("offline.not_yet", 15)
    strict.mall.clock.advance(timedelta(seconds=16))
    one.redeem(strict.member, 1)
    one.restart()
    strict.cut(one)
    with pytest.raises(Refused) as refused:
        one.redeem(strict.member, 1)
    assert why(refused) == ("offline.not_spoken", 0)


def test_the_hub_asks_the_shares_back_before_it_gives_what_stands_behind_them(strict: Strict) -> None:
    one, other = strict.both
    one.redeem(strict.member, 8, approved=False)
    strict.sync()
    assert strict.mall.usable(strict.member) == 200
    assert (strict.share(one), strict.share(other)) == (100, 100)
    strict.mall.checked()


def test_what_a_desk_that_is_cut_off_may_spend_is_given_to_nobody_else(strict: Strict) -> None:
    """The first draft's mistake: the hub gives all, because everybody was heard of a moment ago."""
    one, other = strict.both
    other.cut()
    with pytest.raises(Refused) as refused:
        one.redeem(strict.member, 6, approved=False)
    assert (refused.value.code, refused.value.facts["desks"]) == ("points.set_aside", "K2")
    one.redeem(strict.member, 5, approved=False)
    strict.mall.clock.advance(timedelta(seconds=16))
    other.redeem(strict.member, 5)
    other.mend()
    strict.sync()
    assert strict.mall.points(strict.member).posted == 0
    assert strict.mall.tasks() == []
    strict.mall.checked()


def test_what_was_refused_leaves_the_shares_as_they_were(strict: Strict) -> None:
    one, other = strict.both
    other.cut()
    with pytest.raises(Refused):
        one.redeem(strict.member, 9, approved=False)
    one.sync()
    assert strict.share(one) == 500


def test_an_acknowledgement_counts_only_when_all_that_came_before_it_is_there(strict: Strict) -> None:
    """Desk 2 has spent its share, reaches the hub for a pull and not for a push: what it spent is still on its way."""
    one, other = strict.both
    strict.cut(other)
    other.redeem(strict.member, 5)
    other.wire.is_cut = False
    hub, place, head = strict.mall.hub, other.link.following.feed(), other.link.following.head()
    assert place is not None
    hub.acknowledged("K2", place.epoch, strict.mall.hub_store.head().n, head.epoch, head.sequence)
    with pytest.raises(Refused):
        one.redeem(strict.member, 6, approved=False)
    other.mend()
    strict.sync()
    one.redeem(strict.member, 5, approved=False)
    strict.sync()
    assert strict.mall.points(strict.member).posted == 0
    strict.mall.checked()


def test_a_desk_that_comes_later_has_a_share_of_what_is_told_from_then_on(strict: Strict, tmp_path: Path) -> None:
    third = FollowingDesk(strict.mall, "K3", 13, tmp_path)
    try:
        third.swipe(strict.card)
        third.sync()
        assert strict.share(third) == 0, "the two others may hold all of it"
        third.do(strict.mall.slip(strict.member, 90_000), approved=True)
        third.sync()
        strict.sync()
        strict.mall.hub.authority.submit_as_system(strict.mall.slip(strict.member, 100))
        third.sync()
        assert 0 < strict.share(third) <= 1_900 // 3
    finally:
        third.desk.close()


def test_who_reports_a_desk_lost_frees_what_it_may_have_spent(strict: Strict) -> None:
    one, other = strict.both
    other.cut()
    with pytest.raises(Refused):
        one.redeem(strict.member, 8, approved=False)
    strict.mall.by_two(ReportDeskLost(desk="K2"))
    one.redeem(strict.member, 8, approved=False)
    assert strict.mall.usable(strict.member) == 200


def test_points_that_stand_behind_a_share_do_not_expire_before_it_came_back(strict: Strict) -> None:
    other = strict.other
    other.cut()
    strict.mall.clock.advance(timedelta(days=800))
    through = strict.mall.clock.now.date() - timedelta(days=4)
    with pytest.raises(Refused) as refused:
        strict.mall.hub.authority.submit_as_system(ExpirePoints(through=through))
    assert refused.value.code == "points.set_aside"
    assert strict.mall.hub.expire(through) == 0
    other.mend()
    strict.sync()
    assert strict.mall.hub.expire(through) == 1_000
    assert strict.mall.points(strict.member).posted == 0
    strict.mall.checked()


def test_a_correction_downwards_takes_only_what_is_free(strict: Strict) -> None:
    taken = AdjustPoints(member=strict.member, change=-600, reason="wrong_points", note="更正")
    assert points_taken(taken) == 600
    assert points_taken(AdjustPoints(member=strict.member, change=600, reason="goodwill", note="更正")) == 0


def test_a_restored_hub_takes_and_shares_nothing_until_everybody_has_reported(strict: Strict) -> None:
    one, other = strict.both
    strict.mall.store.write(
        lambda connection: connection.run(
            "UPDATE feed_head SET epoch = :epoch WHERE mall_id = :mall", epoch=uuid4(), mall=strict.mall.name
        )
    )
    other.cut()
    strict.mall.clock.advance(timedelta(seconds=11))
    for _ in range(3):
        one.link.agent.once()
    with pytest.raises(Refused) as refused:
        one.redeem(strict.member, 1, approved=False)
    assert refused.value.code == "hub.not_settled"
    other.mend()
    for _ in range(3):
        strict.sync()
        strict.mall.clock.advance(timedelta(seconds=11))
    one.redeem(strict.member, 1, approved=False)


def test_the_daily_round_gives_shares_of_whoever_was_served_lately(mall: HubMall, tmp_path: Path) -> None:
    desk = FollowingDesk(mall, "K1", 11, tmp_path)
    try:
        member, card = a_member(mall, 1_000)
        desk.swipe(card)
        desk.do(mall.slip(member, 10_000))
        desk.sync()
        make_strict(mall)
        assert mall.hub.tell_shares() == 1
        assert mall.hub.tell_shares() == 0
    finally:
        desk.desk.close()
