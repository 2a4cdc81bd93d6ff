"""The line is cut between the hub's grant and the desk's own result, or mended between the desk's two looks at it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.errors import Unavailable
from app.domain.mode import Mode
from app.operations.hold_points import HoldPoints
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.ports.authority import Submission
from app.sync.protocol import Ask, Asked
from db.verify.copies import verify_copy
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import HubMall
from tests.support.mall import PINS, SUPERVISOR


def test_what_is_held_for_a_redemption_counts_once_while_its_result_is_on_its_way(
    mall: HubMall, desk: FollowingDesk
) -> None:
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    asked = desk.wire.request

    def granted_and_told(wish: Ask) -> Asked:
        """The desk's thread reads the grant's row before the desk has written what was granted."""
        answer = asked(wish)
        desk.sync()
        assert desk.usable(member) == 400, "600 are held"
        desk.wire.is_cut = True
        return answer

    desk.wire.request = granted_and_told  # type: ignore[method-assign]
    desk.redeem(member, 6, approved=False)
    desk.link.agent.no_answer()
    assert desk.usable(member) == 400, "held for it and taken by it: once"
    assert verify_copy(desk.store, mall.name, "K1") == []
    desk.wire.request = asked  # type: ignore[method-assign]
    mall.clock.advance(timedelta(seconds=20))
    desk.redeem(member, 4)
    assert desk.usable(member) == 0
    desk.mend()
    desk.sync()
    assert (desk.usable(member), mall.usable(member), mall.points(member).held) == (0, 0, 0)
    assert mall.tasks() == []
    mall.checked()


def test_a_request_whose_answer_was_lost_goes_on_within_limits_on_the_points_held_for_it(
    mall: HubMall, desk: FollowingDesk
) -> None:
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    operation = Redeem(member=member, lines=(RedemptionLine("CUP", 8, 100),))
    desk.wire.loses.add("request")
    with pytest.raises(Unavailable):
        desk.do(operation)
    desk.wire.is_cut = False
    mall.clock.advance(timedelta(seconds=11))
    desk.sync()
    assert desk.usable(member) == 200, "the hub holds what was asked for"
    desk.cut()
    desk.do(operation, approved=True)
    assert desk.usable(member) == 200
    desk.mend()
    desk.sync()
    assert (desk.usable(member), mall.usable(member), mall.points(member).held) == (200, 200, 0)
    assert mall.tasks() == []
    mall.checked()


def mended_after_the_first_look(desk: FollowingDesk) -> None:
    """The authority has seen that there is no hub to ask; a moment later, when it writes, there is."""
    look = desk.link.gate.mode

    def then_mended() -> Mode:
        found = look()
        desk.link.gate.mode = look  # type: ignore[method-assign]
        desk.mend()
        return found

    desk.link.gate.mode = then_mended  # type: ignore[method-assign]


def test_what_the_hub_decides_is_asked_of_it_also_where_it_is_back_in_that_very_moment(
    mall: HubMall, desk: FollowingDesk
) -> None:
    member, card = a_member(mall, 1_000)
    signed_in = SignIn(staff=SUPERVISOR)
    desk.desk.authority.submit(Submission((signed_in,), None, pin=PINS[SUPERVISOR]))
    desk.sync()
    desk.swipe(card)
    desk.cut()
    mended_after_the_first_look(desk)
    desk.redeem(member, 3)
    desk.cut()
    mended_after_the_first_look(desk)
    held = HoldPoints(member=member, points=100, note="等家属来签字")
    desk.desk.authority.submit(Submission((held,), signed_in.id))
    desk.sync()
    assert (desk.usable(member), mall.usable(member)) == (600, 600)
    assert mall.tasks() == [], "both were asked for and granted"
    mall.checked()


def test_a_hub_that_comes_and_goes_is_said_to_give_no_answer(mall: HubMall, desk: FollowingDesk) -> None:
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    desk.link.gate.mode = lambda: Mode.FRESH  # type: ignore[method-assign]
    with pytest.raises(Unavailable) as said:
        desk.redeem(member, 3)
    assert said.value.code == "hub.no_answer_go_on"
    assert desk.usable(member) == 1_000
