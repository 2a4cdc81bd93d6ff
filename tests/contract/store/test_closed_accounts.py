"""Somebody works here no more, on both engines: nothing is done in their name, and what they did stays theirs."""

from __future__ import annotations

from dataclasses import replace

from app.domain.staff import Role
from app.operations.adjust_points import AdjustPoints
from app.operations.close_staff import CloseStaff
from app.operations.lift_lockout import LiftLockout
from app.operations.reopen_staff import ReopenStaff
from app.operations.set_staff_pin import SetStaffPin
from app.operations.set_up import AddStaff
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.ports.authority import ApprovalGiven, Submission
from db.queries.counter import SqlQueries
from db.verify import verify
from tests.support.mall import CLERK, OTHER_SUPERVISOR, PINS, SUPERVISOR, Mall, refused

ADMINISTRATOR = "9001"


def close(mall: Mall, staff: str, by: str = ADMINISTRATOR) -> None:
    mall.do(CloseStaff(staff=staff), by=by)


def sign_in(mall: Mall, staff: str) -> None:
    mall.authority().submit(Submission((SignIn(staff=staff),), None, pin=PINS[staff]))


def test_an_open_session_ends_and_no_other_begins_until_the_account_is_open_again(mall: Mall) -> None:
    session, member = mall.session(CLERK), mall.member(100)
    close(mall, CLERK)
    for attempt in (
        lambda: mall.do(mall.slip(member, 100)),
        lambda: mall.authority().check_pin(session, PINS[CLERK]),
        lambda: sign_in(mall, CLERK),
        lambda: SqlQueries(mall.store, mall.name, "D1", mall.clock).session_staff(session),
    ):
        with refused("staff.closed"):
            attempt()
    mall.do(SignOut())
    mall.do(ReopenStaff(staff=CLERK), by=ADMINISTRATOR)
    with refused("staff.not_closed"):
        mall.do(ReopenStaff(staff=CLERK), by=ADMINISTRATOR)
    sign_in(mall, CLERK)
    assert verify(mall.store, mall.name) == []


def test_who_is_gone_approves_nothing_and_no_lifted_lockout_or_new_pin_brings_them_back(mall: Mall) -> None:
    thanks = AdjustPoints(member=mall.member(100), change=1, reason="goodwill", note="致歉")
    close(mall, OTHER_SUPERVISOR)
    approved = replace(
        mall.submission(thanks, by=SUPERVISOR), approval=ApprovalGiven(OTHER_SUPERVISOR, PINS[OTHER_SUPERVISOR])
    )
    with refused("staff.closed"):
        mall.authority().submit(approved)
    with refused("staff.closed"):
        mall.do(LiftLockout(staff=OTHER_SUPERVISOR), by=SUPERVISOR)
    with refused("staff.closed"):
        mall.do(SetStaffPin(staff=OTHER_SUPERVISOR), by=ADMINISTRATOR, pin=PINS[ADMINISTRATOR], new_pin="730519")
    with refused("staff.closed"):
        sign_in(mall, OTHER_SUPERVISOR)
    assert verify(mall.store, mall.name) == []


def test_the_administrator_closes_others_and_the_last_one_stays(mall: Mall) -> None:
    with refused("staff.no_right"):
        close(mall, CLERK, by=SUPERVISOR)
    with refused("staff.close_self"):
        close(mall, ADMINISTRATOR)
    for staff in ("system", "9999"):
        with refused("staff.unknown"):
            close(mall, staff)
    mall.do(AddStaff(staff="9002", name="周敏", role=Role.ADMINISTRATOR), by=ADMINISTRATOR, new_pin="730519")
    other = SignIn(staff="9002")
    mall.authority().submit(Submission((other,), None, pin="730519"))
    close(mall, "9002")
    with refused("staff.closed"):
        close(mall, "9002")
    with refused("staff.closed"):
        mall.authority().submit(Submission((CloseStaff(staff=ADMINISTRATOR),), other.id))
    assert verify(mall.store, mall.name) == []


def test_who_is_gone_is_on_the_roll_and_not_among_those_who_sign_in_or_approve(mall: Mall) -> None:
    queries = SqlQueries(mall.store, mall.name, "D1", mall.clock)
    close(mall, SUPERVISOR)
    assert SUPERVISOR not in {tile.staff for tile in queries.staff()}
    (row,) = (row for row in queries.staff_roll() if row.staff == SUPERVISOR)
    assert row.closed
    assert not row.has_card
