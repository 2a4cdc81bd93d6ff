"""Somebody is closed while a desk that they work at is cut off: what was done there in their name is posted, and looked
into."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from app.operations.close_staff import CloseStaff
from app.operations.reopen_staff import ReopenStaff
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.ports.authority import Submission
from tests.contract.hub.test_life_of_a_desk import decide
from tests.support.following_desks import FollowingDesk
from tests.support.hub import ADMINISTRATOR, HubMall
from tests.support.mall import CLERK, PINS, SUPERVISOR, refused


def test_what_was_done_before_is_theirs_and_what_was_done_after_is_looked_into(mall: HubMall) -> None:
    office, away = mall.hub_desk("OFFICE2"), mall.hub_desk()
    office.sign_in(ADMINISTRATOR)
    member = away.member()
    before = away.make(mall.slip(member, 5_000))
    mall.clock.advance(timedelta(minutes=1))
    decide(mall, office, CloseStaff(staff=CLERK), second=None)
    mall.clock.advance(timedelta(minutes=1))
    after = away.make(mall.slip(member, 7_000))
    approved = away.make(mall.slip(member, 900_000), approved_by=SUPERVISOR)
    out = away.make(SignOut())
    reply = away.push(before, after, approved, out)
    assert [pushed.code for pushed in reply.results] == [
        None,
        "conflict.actor_invalid",
        "conflict.actor_invalid",
        None,
    ]
    assert mall.usable(member) > 0
    away.session = None
    again = SignIn(staff=CLERK)
    assert away.do(again).code == "conflict.actor_invalid", "a fact is taken; it opens nothing"
    assert mall.one("SELECT disabled FROM staff WHERE mall_id = :mall AND staff = :staff", staff=CLERK)[0]
    away.session = again.id
    assert mall.hub.request(away.desk, away.ask(mall.redemption(member))).code == "hub.not_allowed"
    decide(mall, office, ReopenStaff(staff=CLERK), second=None)
    assert not mall.one("SELECT disabled FROM staff WHERE mall_id = :mall AND staff = :staff", staff=CLERK)[0]
    mall.checked()


def test_an_approval_of_who_is_gone_counts_as_none(mall: HubMall) -> None:
    office, away = mall.hub_desk("OFFICE2"), mall.hub_desk()
    office.sign_in(ADMINISTRATOR)
    member = away.member()
    decide(mall, office, CloseStaff(staff=SUPERVISOR), second=None)
    mall.clock.advance(timedelta(minutes=1))
    slip = mall.slip(member, 900_000)
    assert away.do(slip, approved_by=SUPERVISOR).code == "conflict.approver_invalid"
    mall.checked()


def test_a_desk_that_has_heard_of_it_does_nothing_more_in_their_name_also_when_it_is_cut_off(
    mall: HubMall, tmp_path: Path
) -> None:
    office, counter = mall.hub_desk("OFFICE2"), FollowingDesk(mall, "K1", 31, tmp_path)
    office.sign_in(ADMINISTRATOR)
    decide(mall, office, CloseStaff(staff=CLERK), second=None)
    counter.do(office.enrolment("王芳"))  # it has not heard of it
    counter.sync()
    counter.cut()
    with refused("staff.closed"):
        counter.do(office.enrolment("王明"))
    with refused("staff.closed"):
        counter.desk.authority.submit(Submission((SignIn(staff=CLERK),), None, pin=PINS[CLERK]))
    assert CLERK not in {tile.staff for tile in counter.desk.queries.staff()}
    counter.do(SignOut())
    counter.mend()
    counter.sync()
    assert mall.tasks() == ["conflict.actor_invalid"]
    decide(mall, office, ReopenStaff(staff=CLERK), second=None)
    counter.sync()
    counter.desk.authority.submit(Submission((SignIn(staff=CLERK),), None, pin=PINS[CLERK]))
    counter.desk.close()
    mall.checked()
