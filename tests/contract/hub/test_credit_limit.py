"""What a desk credits in a day beyond A_k is held until a supervisor has looked at it (RELIABILITY.md P16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.offline_rules import OfflineRules
from app.operations.reverse import Reverse
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.settle_task import SettleTask
from app.sync.protocol import DeskState, Pushed
from tests.support.hub import DeskOfHub, HubMall
from tests.support.mall import SUPERVISOR

REVIEW = "conflict.pending_review"


@pytest.fixture
def desk(mall: HubMall) -> DeskOfHub:
    mall.by_two(SetOfflineRules(rules=OfflineRules(credit_per_day=1_000)))
    return mall.hub_desk()


def credited(mall: HubMall, desk: DeskOfHub, member: object, points: int) -> tuple[Pushed, object]:
    slip = mall.slip(member, points * 100)  # type: ignore[arg-type]
    return desk.do(slip, approved_by=SUPERVISOR), slip.id


def state(mall: HubMall, desk: DeskOfHub) -> DeskState:
    return mall.hub.known_desk(desk.desk).state


def test_what_is_beyond_it_is_credited_and_cannot_be_spent(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member()
    assert credited(mall, desk, member, 1_000)[0].verdict == "ok"
    beyond, _ = credited(mall, desk, member, 300)
    assert (beyond.verdict, beyond.code) == ("exception", REVIEW)
    assert (mall.points(member).posted, mall.usable(member)) == (1_300, 1_000)
    assert mall.tasks() == [REVIEW]
    assert state(mall, desk) is DeskState.ACTIVE
    mall.clock.advance(timedelta(days=1))
    assert credited(mall, desk, member, 300)[0].verdict == "ok", "another day"
    mall.checked()


def test_a_supervisor_who_has_looked_lets_it_be_spent(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member()
    _, slip = credited(mall, desk, member, 1_300)
    assert mall.usable(member) == 0
    refused = desk.do(SettleTask(settles=slip, code=REVIEW, outcome="confirmed"))  # type: ignore[arg-type]
    assert refused.verdict == "exception", "a clerk does not"
    assert mall.usable(member) == 0
    desk.sign_in("2002")
    settled = desk.do(SettleTask(settles=slip, code=REVIEW, outcome="confirmed"), by="2002")  # type: ignore[arg-type]
    assert settled.verdict == "ok"
    assert mall.usable(member) == 1_300
    assert REVIEW not in mall.tasks()
    mall.checked()


def test_a_credit_that_was_none_is_reversed_and_nothing_is_held(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member()
    _, slip = credited(mall, desk, member, 1_300)
    desk.sign_in("2002")
    undo = Reverse(reverses=slip, reason="mistake", member=member)  # type: ignore[arg-type]
    assert desk.do(undo, by="2002").verdict == "ok"
    points = mall.points(member)
    assert (points.posted, points.held, points.owed) == (0, 0, 0)
    mall.checked()


def test_a_desk_that_credits_twice_as_much_is_suspended_and_still_heard(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member()
    for _ in range(4):
        credited(mall, desk, member, 700)
    assert state(mall, desk) is DeskState.SUSPENDED
    assert mall.usable(member) == 700
    late, _ = credited(mall, desk, member, 100)
    assert late.verdict == "exception", "what it did before it knew is taken all the same"
    reply = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert (reply.state, reply.licence) == (DeskState.SUSPENDED, None)
    mall.checked()


def test_nothing_is_suspended_where_everything_is_looked_at(mall: HubMall, desk: DeskOfHub) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(credit_per_day=0)))
    member = desk.member()
    assert credited(mall, desk, member, 100)[0].code == REVIEW
    assert state(mall, desk) is DeskState.ACTIVE
