"""Who may do what, once and only once: the authority's promises, on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import Refused
from app.domain.staff import Role
from app.operations.adjust_points import AdjustPoints
from app.operations.count_wrong_pin import CountWrongPin
from app.operations.enrol_member import Consent, EnrolMember
from app.operations.expire_points import ExpirePoints
from app.operations.hand_out import HandOut
from app.operations.lift_lockout import LiftLockout
from app.operations.redeem import Redeem
from app.operations.reveal import Reveal
from app.operations.reverse import Reverse
from app.operations.set_up import AddGift, AddStaff, ChangeSetting, OpenMall
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.ports.authority import ApprovalGiven, Submission
from app.ports.storage import Person
from db.store import Store
from db.verify import verify
from tests.support.mall import (
    CHEAP_PINS,
    CLERK,
    MEMBER_PIN,
    OTHER_CLERK,
    OTHER_SUPERVISOR,
    PINS,
    SUPERVISOR,
    Mall,
    refused,
)

TABLES = ("operation", "journal", "lot_use", "sale", "redemption", "stock_move", "reversal", "member", "card")


def counted(mall: Mall) -> list[int]:
    return [mall.count(table) for table in TABLES]


# -- once ------------------------------------------------------------------------------------------------------------


def a_busy_morning(mall: Mall) -> list[Submission]:
    member = mall.member(3_000)
    first, second = mall.redemption(member, "CUP", 2), mall.redemption(member, "BOX")
    return [
        mall.submission(mall.slip(member, 12_300)),
        mall.submission(first, HandOut(member=member, redemption=first.id, lines=(0,))),
        mall.submission(second),
        mall.submission(Reverse(reverses=second.id, reason="mistake", member=member)),
        mall.submission(
            AdjustPoints(member=member, change=40, reason="goodwill", note="致歉"),
            by=SUPERVISOR,
            approved_by=OTHER_SUPERVISOR,
        ),
    ]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(repeats=st.lists(st.integers(0, 4), max_size=12))
def test_the_same_submission_any_number_of_times_changes_nothing_and_answers_the_same(
    store: Store, repeats: list[int]
) -> None:
    mall = Mall(store)
    morning = a_busy_morning(mall)
    answers: dict[int, Sequence[Any]] = {}
    # Each first time comes in order; between them, repetitions of whatever has happened.
    for number, submission in enumerate(morning):
        answers[number] = mall.authority().submit(submission)
        for again in repeats:
            if again <= number:
                before = counted(mall)
                repeated = mall.authority().submit(morning[again])
                assert [answer.facts for answer in repeated] == [answer.facts for answer in answers[again]]
                assert all(answer.replayed for answer in repeated)
                assert counted(mall) == before


def test_the_same_id_with_another_body_is_refused(mall: Mall) -> None:
    member = mall.member(3_000)
    redeem = mall.redemption(member, "CUP", 2)
    mall.do(redeem)
    other = Redeem(id=redeem.id, member=member, lines=(replace(redeem.lines[0], quantity=3),))
    with refused("request.id_reused"):
        mall.do(other)
    with refused("request.id_reused"):
        mall.do(replace(mall.slip(member, 100), id=redeem.id))


def test_an_enrolment_sent_again_is_the_same_though_its_pin_is_salted_anew(mall: Mall) -> None:
    enrol = EnrolMember(
        member=uuid4(), person=Person("周迅", "13900008888"), confirmed_adult=True, consents=(Consent("service"),)
    )
    first = mall.do(enrol, new_pin=MEMBER_PIN)
    assert mall.do(enrol, new_pin=MEMBER_PIN) == first


def test_one_submission_is_all_or_nothing(mall: Mall) -> None:
    member = mall.member(1_000)
    before = counted(mall), mall.points(member), mall.stock("CUP")
    redeem = mall.redemption(member)
    with refused("redemption.already_handed_out"):
        mall.do(redeem, HandOut(member=member, redemption=redeem.id, lines=(0, 7)))
    assert (counted(mall), mall.points(member), mall.stock("CUP")) == before


def test_the_same_id_twice_in_one_submission_is_refused(mall: Mall) -> None:
    sale = mall.slip(mall.member(), 1_000)
    with refused("request.same_id_twice"):
        mall.do(sale, sale)


def test_nothing_asked_is_refused(mall: Mall) -> None:
    with refused("request.empty"):
        mall.do()


# -- four eyes -------------------------------------------------------------------------------------------------------


def dear(mall: Mall) -> Redeem:
    """A redemption that a supervisor approves."""
    return mall.redemption(mall.member(7_000), "TV")


def test_what_needs_approval_says_so_and_changes_nothing(mall: Mall) -> None:
    redeem = dear(mall)
    needed = mall.authority().requirements(mall.submission(redeem)).approval
    assert needed is not None
    assert (needed.why, needed.limit) == ("approval.many_points", 5_000)
    before = counted(mall)
    with refused("approval.required", why="approval.many_points", limit=5_000):
        mall.do(redeem)
    assert counted(mall) == before


def test_nobody_approves_what_they_ask_for(mall: Mall) -> None:
    with refused("approval.same_person"):
        mall.do(dear(mall), by=SUPERVISOR, approved_by=SUPERVISOR)


def test_a_clerk_approves_nothing(mall: Mall) -> None:
    with refused("approval.no_right", staff=OTHER_CLERK):
        mall.do(dear(mall), approved_by=OTHER_CLERK)


def test_a_wrong_pin_approves_nothing_and_is_counted(mall: Mall) -> None:
    redeem = dear(mall)
    with refused("pin.wrong", left=4):
        mall.authority().submit(
            replace(mall.submission(redeem), approval=ApprovalGiven(SUPERVISOR, PINS[OTHER_SUPERVISOR]))
        )
    assert mall.one("SELECT failures FROM staff WHERE mall_id = :mall AND staff = :staff", staff=SUPERVISOR) == (1,)


def test_an_approval_serves_the_one_submission_it_was_given_for(mall: Mall) -> None:
    first, second = dear(mall), dear(mall)
    mall.do(first, approved_by=SUPERVISOR)
    with refused("approval.required"):
        mall.do(second)


def test_both_names_are_kept(mall: Mall) -> None:
    redeem = dear(mall)
    mall.do(redeem, approved_by=SUPERVISOR)
    stands = mall.one(
        "SELECT actor, approver FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=redeem.id
    )
    assert stands == (CLERK, SUPERVISOR)


def own_membership(mall: Mall, role: Role = Role.CLERK) -> tuple[str, UUID]:
    """Somebody who works here and is a member."""
    member = mall.member(7_000)
    staff = f"7{uuid4().int % 10_000:04d}"
    PINS[staff] = "864201"
    mall.as_system(
        AddStaff(
            staff=staff, name="自己人", role=role, pin_verifier=CHEAP_PINS.hash(PINS[staff]), own_membership=member
        )
    )
    return staff, member


def test_nobody_serves_themselves(mall: Mall) -> None:
    staff, member = own_membership(mall)
    with refused("staff.own_account"):
        mall.do(mall.redemption(member), by=staff)
    with refused("staff.own_account"):
        mall.do(mall.slip(member, 100_000), by=staff)


def test_nobody_approves_for_their_own_membership(mall: Mall) -> None:
    staff, member = own_membership(mall, Role.SUPERVISOR)
    with refused("staff.own_account"):
        mall.do(mall.redemption(member, "TV"), approved_by=staff)


def test_a_role_without_the_right_is_refused(mall: Mall) -> None:
    member = mall.member(1_000)
    for staff, operation in (
        ("9001", mall.redemption(member)),
        ("3001", mall.redemption(member)),
        (CLERK, AdjustPoints(member=member, change=5, reason="goodwill", note="致歉")),
        (CLERK, ExpirePoints(through=mall.clock.now.date() - timedelta(days=2))),
        (CLERK, AddGift(gift="X", name="赠品", points=1, value_fen=1)),
        (SUPERVISOR, ChangeSetting(name="points_per_yuan", value="100")),
    ):
        with refused("staff.no_right"):
            mall.do(operation, by=staff)


def test_what_only_the_program_does_cannot_be_asked_for(mall: Mall) -> None:
    for operation in (
        OpenMall(name="别家", zone="Asia/Shanghai", card_prefix="9902"),
        CountWrongPin(purpose="sign_in", staff=CLERK),
    ):
        with refused("request.not_from_outside"):
            mall.do(operation)


def test_a_verifier_never_comes_from_outside(mall: Mall) -> None:
    enrol = EnrolMember(
        member=uuid4(),
        person=Person("周迅", "13900008889"),
        confirmed_adult=True,
        consents=(Consent("service"),),
        pin_verifier=CHEAP_PINS.hash(MEMBER_PIN),
    )
    with refused("request.not_from_outside"):
        mall.do(enrol)


# -- sessions --------------------------------------------------------------------------------------------------------


def test_without_a_session_nothing_is_done(mall: Mall) -> None:
    with refused("session.none"):
        mall.authority().submit(Submission((mall.slip(mall.member(), 100),), None))
    with refused("session.unknown"):
        mall.authority().submit(Submission((mall.slip(mall.member(), 100),), uuid4()))


def test_a_session_of_another_desk_does_not_count_here(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    theirs = mall.session(CLERK, "D1")
    with refused("session.unknown"):
        mall.authority("D2").submit(Submission((mall.slip(mall.member(), 100),), theirs))


def test_an_ended_session_does_nothing_more_but_ends_as_often_as_asked(mall: Mall) -> None:
    member, session = mall.member(), mall.sign_in()
    out = Submission((SignOut(),), session)
    mall.authority().submit(out)
    with refused("session.ended"):
        mall.authority().submit(Submission((mall.slip(member, 100),), session))
    assert mall.authority().submit(out)[0].replayed


def test_signing_in_within_a_session_is_refused(mall: Mall) -> None:
    with refused("session.already"):
        mall.do(SignIn(staff=OTHER_CLERK), pin=PINS[OTHER_CLERK])


# -- PINs ------------------------------------------------------------------------------------------------------------


def wrong(mall: Mall, staff: str = CLERK) -> Refused:
    with pytest.raises(Refused) as caught:
        mall.authority().submit(Submission((SignIn(staff=staff),), None, pin="999998"))
    return caught.value


def test_wrong_pins_lock_for_a_minute_then_twice_as_long_then_until_lifted(mall: Mall) -> None:
    said = [wrong(mall) for _ in range(4)]
    assert [(problem.code, problem.facts["left"]) for problem in said] == [("pin.wrong", left) for left in (4, 3, 2, 1)]
    for seconds in (60, 120, 240, 480, 960):
        problem = wrong(mall)
        assert (problem.code, problem.facts["seconds"]) == ("staff.pin_locked", seconds)
        mall.clock.advance(timedelta(seconds=seconds - 1))
        with refused("staff.pin_locked"):  # the right one does not help yet, and is not counted
            mall.sign_in()
        mall.clock.advance(timedelta(seconds=1))
    assert wrong(mall).code == "staff.pin_locked_until_lifted"
    mall.clock.advance(timedelta(days=30))
    with refused("staff.pin_locked_until_lifted"):
        mall.sign_in()
    mall.do(LiftLockout(staff=CLERK), by=SUPERVISOR)
    mall.sign_in()
    assert verify(mall.store, mall.name) == []


def test_a_right_pin_forgets_the_wrong_ones(mall: Mall) -> None:
    for _ in range(3):
        wrong(mall)
    mall.sign_in()
    assert wrong(mall).facts == {"left": 4, "whose": "staff", "staff": CLERK}


def test_nobody_lifts_their_own_lockout(mall: Mall) -> None:
    with refused("staff.own_lockout"):
        mall.do(LiftLockout(staff=SUPERVISOR), by=SUPERVISOR)


def test_a_members_wrong_pins_are_counted_too(mall: Mall) -> None:
    member = mall.member(4_000, pin=MEMBER_PIN)
    redeem = mall.redemption(member, "CUP", 11)
    with refused("member.pin_required", above=1_000):
        mall.do(redeem)
    for left in (4, 3, 2, 1):
        with refused("pin.wrong", left=left):
            mall.do(redeem, member_pin="111112")
    with refused("member.pin_locked", seconds=60):
        mall.do(redeem, member_pin="111112")
    mall.clock.advance(timedelta(seconds=61))
    assert mall.do(redeem, member_pin=MEMBER_PIN)["points"] == 1_100


def test_guessing_goes_on_neither_after_a_restart_nor_at_another_desk(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    for _ in range(5):
        wrong(mall)
    again = mall.authority_on(mall.store, "D2")
    with refused("staff.pin_locked"):
        again.submit(Submission((SignIn(staff=CLERK),), None, pin=PINS[CLERK]))


def test_revealing_asks_for_the_own_pin_again(mall: Mall) -> None:
    reveal = Reveal(member=mall.member(), field="phone", reason="call_member")
    with refused("pin.required"):
        mall.do(reveal)
    with refused("pin.wrong"):
        mall.do(reveal, pin="999998")
    facts = mall.do(reveal, pin=PINS[CLERK])
    assert facts == {"field": "phone", "seconds": 30}


def test_unlocking_checks_the_pin_of_whoever_is_signed_in(mall: Mall) -> None:
    session = mall.session()
    mall.authority().check_pin(session, PINS[CLERK])
    with refused("pin.wrong"):
        mall.authority().check_pin(session, PINS[SUPERVISOR])


# -- the clock -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [timedelta(minutes=2), timedelta(days=400), timedelta(minutes=-2), timedelta(days=-3)])
def test_after_the_clock_was_set_a_second_person_confirms_it(mall: Mall, jump: timedelta) -> None:
    member = mall.member(2_000)
    mall.clock.jump(jump)
    redeem = mall.redemption(member)
    needed = mall.authority().requirements(mall.submission(redeem)).approval
    assert needed is not None
    assert needed.why == "approval.clock"
    with refused("approval.required", why="approval.clock"):
        mall.do(redeem)
    mall.do(mall.slip(member, 1_000))  # what does not depend on the day goes on
    mall.do(redeem, approved_by=SUPERVISOR)
    mall.do(mall.redemption(member))  # confirmed is confirmed
    assert verify(mall.store, mall.name) == []


def test_a_clock_that_keeps_step_is_not_in_doubt(mall: Mall) -> None:
    member = mall.member(2_000)
    mall.clock.advance(timedelta(days=3))
    mall.clock.jump(timedelta(seconds=80))
    mall.do(mall.redemption(member))


def test_after_a_restart_only_a_clock_that_went_back_is_in_doubt(mall: Mall) -> None:
    member = mall.member(2_000)
    mall.clock.advance(timedelta(hours=14))
    mall.clock.reboot()
    mall.do(mall.redemption(member))
    mall.clock.reboot("boot-3")
    mall.clock.jump(timedelta(minutes=-6))
    with refused("approval.required", why="approval.clock"):
        mall.do(mall.redemption(member))


def test_scheduled_expiry_waits_until_the_clock_is_sure(mall: Mall) -> None:
    mall.member(500)
    mall.clock.jump(timedelta(days=900))
    with refused("clock.suspect"):
        mall.as_system(ExpirePoints(through=mall.clock.now.date() - timedelta(days=2)))


def test_many_operations_within_one_millisecond_keep_their_order(mall: Mall) -> None:
    member = mall.member()
    for _ in range(10):
        mall.do(*(mall.slip(member, 100) for _ in range(20)))
    assert verify(mall.store, mall.name) == []
