"""Points set aside for one desk: spent there cut off, whatever the limits, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.errors import Refused
from app.domain.mode import Mode
from app.operations.lease_points import LeasePoints
from app.operations.return_lease import ReturnLease
from app.ports.authority import ApprovalGiven, Submission
from app.sync.protocol import DeskState
from db.verify.copies import verify_copy
from tests.story.test_cut_off_and_proved import approve, cups, opened, signed_in
from tests.support.following_desks import FollowingDesk as Desk
from tests.support.following_desks import a_member
from tests.support.hub import DeskOfHub, HubMall
from tests.support.mall import PINS, SUPERVISOR


@pytest.fixture
def desk(mall: HubMall, tmp_path: Path) -> Iterator[Desk]:
    yield from opened(mall, "K1", 11, tmp_path)


@pytest.fixture
def other(mall: HubMall, tmp_path: Path) -> Iterator[Desk]:
    yield from opened(mall, "K2", 12, tmp_path)


def served(mall: HubMall, *desks: Desk, points: int = 5_000) -> UUID:
    member, number = a_member(mall, points)
    for each in desks:
        each.sync()
        each.swipe(number)
    return member


def set_aside(desk: Desk, member: UUID, points: int = 3_000, hours: int = 24) -> UUID:
    operation = LeasePoints(member=member, points=points, hours=hours)
    desk.desk.authority.submit(Submission((operation,), signed_in(desk, SUPERVISOR)))
    desk.sync()
    return operation.id


def remaining(mall: HubMall, lease: UUID) -> int:
    return int(mall.one("SELECT remaining FROM lease WHERE mall_id = :mall AND lease = :lease", lease=lease)[0])


def refusal(desk: Desk, member: UUID, quantity: int) -> str:
    with pytest.raises(Refused) as caught:
        approve(desk, cups(member, quantity), None)
    return caught.value.code


def test_it_is_spent_above_the_limits_and_only_there(mall: HubMall, desk: Desk, other: Desk) -> None:
    member = served(mall, desk, other)
    lease = set_aside(desk, member)
    other.sync()
    assert (desk.usable(member), other.usable(member), mall.usable(member)) == (2_000, 2_000, 2_000)
    desk.cut()
    approve(desk, cups(member, 25), None)  # 2,500: above F_op and F_m
    assert desk.link.following.unsettled_points() == 0, "it counts towards no limit"
    assert refusal(desk, member, 11) == "offline.over_operation", "more than is left of it: within limits or not at all"
    approve(desk, cups(member, 4), None)
    assert verify_copy(desk.store, mall.name, "K1") == []
    with pytest.raises(Refused) as not_there:
        other.do(cups(member, 21), approved=True)
    assert not_there.value.code == "points.not_enough"
    other.do(cups(member, 20), approved=True)
    desk.mend()
    other.sync()
    assert (mall.usable(member), mall.points(member).held, remaining(mall, lease)) == (0, 100, 100)
    assert mall.tasks() == []
    assert mall.account(member).owed == 0
    mall.checked()
    assert verify_copy(desk.store, mall.name, "K1") == []


def test_a_copy_too_old_for_the_limits_still_spends_what_was_set_aside(mall: HubMall, desk: Desk) -> None:
    member = served(mall, desk)
    set_aside(desk, member, hours=72)
    desk.cut()
    mall.clock.advance(timedelta(hours=30))
    assert desk.link.agent.standing().limits is not None
    assert desk.link.status().mode is Mode.STALE
    assert refusal(desk, member, 31) == "offline.copy_too_old"
    approve(desk, cups(member, 30), None)
    desk.mend()
    assert mall.usable(member) == 2_000
    assert mall.tasks() == []
    mall.checked()


def test_what_is_left_comes_back_and_is_spent_as_before(mall: HubMall, desk: Desk) -> None:
    member = served(mall, desk)
    lease = set_aside(desk, member)
    desk.cut()
    approve(desk, cups(member, 10), None)
    desk.do(ReturnLease(member=member, lease=lease))
    assert desk.usable(member) == 4_000
    assert refusal(desk, member, 15) == "offline.over_operation"
    desk.mend()
    assert (mall.usable(member), mall.points(member).held, remaining(mall, lease)) == (4_000, 0, 0)
    mall.checked()


def test_it_lapses_by_the_desks_own_clock_and_never_by_the_hubs(mall: HubMall, desk: Desk) -> None:
    member = served(mall, desk)
    lease = set_aside(desk, member, hours=2)
    desk.cut()
    approve(desk, cups(member, 5), None)
    mall.clock.advance(timedelta(hours=3))
    assert refusal(desk, member, 11) == "offline.over_operation", "past its end the desk does not spend it"
    mall.hub.end_lapsed()
    assert remaining(mall, lease) == 3_000, "what the desk did before its end may still be on the way"
    desk.mend()
    desk.do(cups(member, 1))  # by now its log has come past the end
    desk.sync()
    mall.hub.end_lapsed()
    desk.sync()
    assert (remaining(mall, lease), mall.points(member).held, mall.usable(member)) == (0, 0, 4_400)
    assert desk.usable(member) == 4_400
    mall.checked()


def test_in_contact_it_is_spent_too_and_a_lease_that_is_made_up_is_found(
    mall: HubMall, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = served(mall, desk, points=3_000)
    lease = set_aside(desk, member)
    assert desk.usable(member) == 0
    desk.do(cups(member, 5))  # no second person: they were set aside by one
    desk.sync()
    assert (remaining(mall, lease), mall.usable(member), mall.tasks()) == (2_500, 0, [])
    desk.do(ReturnLease(member=member, lease=lease))
    desk.cut()
    monkeypatch.setattr(desk.link.gate, "lease", lambda *_: lease)
    monkeypatch.setattr("db.repositories.leases.SqlLeases.spend", lambda *_: True)
    desk.desk.authority.submit(
        Submission((cups(member, 1),), desk.session, ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR]))
    )
    monkeypatch.undo()
    desk.mend()
    assert mall.usable(member) == 2_400
    mall.checked()


def test_of_a_desk_that_is_gone_it_is_taken_back(mall: HubMall, desk: Desk) -> None:
    member = served(mall, desk)
    lease = set_aside(desk, member)
    mall.hub_store.transact("K1", lambda transaction: transaction.set_state(DeskState.LOST, must_enrol=False, why=""))
    mall.hub.end_lapsed()
    assert (remaining(mall, lease), mall.usable(member)) == (0, 5_000)
    mall.checked()


def test_of_a_desk_that_enrols_anew_it_is_taken_back_before_the_desk_is_told_anything(
    mall: HubMall, desk: Desk
) -> None:
    """What the store of before had spent of it, the hub never hears of, or keeps aside."""
    member = served(mall, desk)
    lease = set_aside(desk, member)
    desk.cut()
    approve(desk, cups(member, 20), None)
    again = DeskOfHub(mall, "K1", 11)
    assert (again.enrolled.epoch, remaining(mall, lease), mall.usable(member)) == (2, 0, 5_000)
    new = again.enrolled.head
    desk.mend()
    assert (mall.usable(member), mall.hub_store.head_of("K1")) == (5_000, new), "its old chain has ended"
    assert mall.count("op_quarantine") > 0
    again.sign_in(SUPERVISOR)
    later = LeasePoints(member=member, points=1_000)
    assert mall.hub.request("K1", again.ask(later, by=SUPERVISOR)).verdict == "granted"
    assert again.do(later, by=SUPERVISOR).verdict == "ok"
    mall.hub.end_lapsed()
    assert remaining(mall, later.id) == 1_000, "what is set aside for the new chain stays"
    mall.checked()


def test_more_than_there_is_or_without_the_hub_nothing_is_set_aside(mall: HubMall, desk: Desk) -> None:
    member = served(mall, desk, points=500)
    with pytest.raises(Refused) as short:
        set_aside(desk, member, 501)
    assert short.value.code == "points.not_enough"
    desk.cut()
    with pytest.raises(Refused) as cut:
        set_aside(desk, member, 100)
    assert cut.value.code == "offline.not_possible"


def test_a_desk_that_was_started_cut_off_spends_it_only_once_it_has_spoken_with_its_hub(
    mall: HubMall, desk: Desk
) -> None:
    """Its store may be an older one, and so may the hub's: neither knows of the other."""
    member = served(mall, desk)
    lease = set_aside(desk, member)
    desk.sync()
    desk.cut()
    desk.restart()
    assert refusal(desk, member, 20) == "offline.over_operation"
    desk.mend()
    desk.cut()
    approve(desk, cups(member, 20), None)
    desk.mend()
    assert (remaining(mall, lease), mall.tasks()) == (1_000, [])
