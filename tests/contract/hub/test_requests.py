"""What the hub decides before it happens: asked, held, done or given up (RELIABILITY.md 4.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.operations.adjust_points import AdjustPoints
from app.operations.receive_stock import ReceiveStock, StockLine
from app.sync.protocol import Asked, Void
from tests.support.hub import DeskOfHub, HubMall
from tests.support.mall import SUPERVISOR


@pytest.fixture
def desk(mall: HubMall) -> DeskOfHub:
    return stocked(mall)


def stocked(mall: HubMall) -> DeskOfHub:
    made = mall.hub_desk()
    made.do(ReceiveStock(lines=(StockLine("CUP", 100), StockLine("TV", 5))))
    return made


def test_what_was_granted_is_held_and_then_posted_once(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(150)
    redeem = mall.redemption(member)
    asked = mall.hub.request(desk.desk, desk.ask(redeem))
    assert (asked.verdict, asked.usable, asked.hold is not None) == ("granted", 150, True)
    assert mall.points(member).held == 100
    assert mall.hub.request(desk.desk, desk.ask(redeem)) == asked, "asked again, the first answer comes back"
    assert mall.points(member).held == 100
    assert desk.do(redeem).verdict == "ok"
    assert (mall.points(member).held, mall.usable(member)) == (0, 50)
    mall.checked()


def test_two_desks_cannot_have_the_same_points(mall: HubMall, desk: DeskOfHub) -> None:
    other, member = stocked(mall), desk.member(150)
    mine, theirs = mall.redemption(member), mall.redemption(member)
    assert mall.hub.request(desk.desk, desk.ask(mine)).verdict == "granted"
    refused = mall.hub.request(other.desk, other.ask(theirs))
    assert (refused.verdict, refused.code, refused.facts["missing"]) == ("refused", "points.not_enough", 50)
    mall.checked()


def test_what_is_given_up_is_free_again(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(150)
    redeem = mall.redemption(member)
    mall.hub.request(desk.desk, desk.ask(redeem))
    mall.hub.void(desk.desk, Void(redeem.id))
    mall.hub.void(desk.desk, Void(redeem.id))
    assert (mall.points(member).held, mall.usable(member)) == (0, 150)
    mall.checked()


def test_what_is_not_done_in_time_lapses_and_is_honoured_if_it_was(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(150)
    redeem = mall.redemption(member)
    mall.hub.request(desk.desk, desk.ask(redeem))
    mall.clock.advance(timedelta(minutes=14))
    assert mall.hub.end_lapsed() == 0
    mall.clock.advance(timedelta(minutes=2))
    assert mall.hub.end_lapsed() == 0, "the desk may have done it by its own clock, and not sent it yet"
    desk.do(desk.enrolment())
    assert (mall.hub.end_lapsed(), mall.hub.end_lapsed()) == (1, 0)
    assert mall.points(member).held == 0
    assert desk.do(redeem).verdict == "ok"
    assert mall.usable(member) == 50
    mall.checked()


def test_gone_on_offline_under_the_same_id_releases_the_hold(mall: HubMall, desk: DeskOfHub) -> None:
    """The reply was lost and nobody waited: the fact supersedes the request."""
    member = desk.member(100)
    redeem = mall.redemption(member)
    mall.hub.request(desk.desk, desk.ask(redeem))
    assert desk.do(redeem).verdict == "ok"
    assert (mall.points(member).held, mall.points(member).posted) == (0, 0)
    mall.hub.void(desk.desk, Void(redeem.id))
    assert mall.points(member).held == 0
    mall.checked()


def code_of(asked: Asked) -> tuple[str, str | None, object]:
    return asked.verdict, asked.code, asked.facts.get("why")


def test_an_intent_is_refused_where_a_fact_would_be_an_exception(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(9_000)
    dear = mall.redemption(member, "TV")
    refused = mall.hub.request(desk.desk, desk.ask(dear))
    assert code_of(refused) == ("refused", "hub.not_allowed", "conflict.approver_invalid")
    assert mall.hub.request(desk.desk, desk.ask(dear, approver=SUPERVISOR)).verdict == "granted"
    adjust = AdjustPoints(member=member, change=100, reason="goodwill", note="补偿")
    refused = mall.hub.request(desk.desk, desk.ask(adjust))
    assert code_of(refused) == ("refused", "hub.not_allowed", "conflict.actor_invalid")
    assert mall.usable(member) == 3_000


def test_looking_whether_it_would_be_allowed_leaves_nothing(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(500)
    before = mall.stock("CUP", desk.desk)
    mall.hub.request(desk.desk, desk.ask(mall.redemption(member)))
    assert mall.stock("CUP", desk.desk) == before
    assert mall.count("redemption") == 0
    mall.checked()
