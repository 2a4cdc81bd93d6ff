"""A PIN proves one person, and only wrong ones in a row count, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Lock
from typing import Any

import pytest

from app.domain.errors import Refused
from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.ports.authority import ApprovalGiven, Submission
from app.sync.envelope import decoded
from db.verify import verify
from tests.support.mall import CHEAP_PINS, CLERK, MEMBER_PIN, OTHER_SUPERVISOR, PINS, SUPERVISOR, Mall, refused

WRONG = "730519"


def proof(mall: Mall, operation: Operation) -> str | None:
    (encoded,) = mall.one(
        "SELECT encoded FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=operation.id
    )
    return decoded(encoded).member_proof


def test_one_members_pin_does_not_spend_anothers_points(mall: Mall) -> None:
    helper, victim = mall.member(10, pin=MEMBER_PIN), mall.member(3_000, pin="462813")
    with refused("member.pin_required"):
        mall.do(mall.slip(helper, 100), mall.redemption(victim, "CUP", 11), member_pin=MEMBER_PIN)
    assert mall.usable(victim) == 3_000


def test_only_what_a_member_agreed_to_carries_their_proof(mall: Mall) -> None:
    one, other = mall.member(100, pin=MEMBER_PIN), mall.member(100, pin="462813")
    ours, theirs = mall.redemption(one), mall.redemption(other)
    mall.do(ours, theirs, member_pin=MEMBER_PIN)
    assert (proof(mall, ours), proof(mall, theirs)) == ("pin", None)


def test_a_members_right_pin_forgets_the_wrong_ones(mall: Mall) -> None:
    member = mall.member(20_000, pin=MEMBER_PIN)
    for _ in range(3):
        for left in (4, 3):
            with refused("pin.wrong", left=left):
                mall.do(mall.redemption(member, "CUP", 11), member_pin=WRONG)
        mall.do(mall.redemption(member, "CUP", 11), member_pin=MEMBER_PIN)
    assert verify(mall.store, mall.name) == []


def test_an_approvers_right_pin_forgets_the_wrong_ones(mall: Mall) -> None:
    thanks = AdjustPoints(member=mall.member(100), change=1, reason="goodwill", note="致歉")
    mistyped = replace(mall.submission(thanks, by=SUPERVISOR), approval=ApprovalGiven(OTHER_SUPERVISOR, WRONG))
    for _ in range(3):
        for left in (4, 3):
            with refused("pin.wrong", left=left):
                mall.authority().submit(mistyped)
        mall.do(replace(thanks, id=mall.slip(thanks.member, 1).id), by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)
    assert verify(mall.store, mall.name) == []


def test_unlocking_forgets_the_wrong_ones(mall: Mall) -> None:
    session = mall.session(CLERK)
    for _ in range(3):
        for left in (4, 3):
            with refused("pin.wrong", left=left):
                mall.authority().check_pin(session, WRONG)
        mall.authority().check_pin(session, PINS[CLERK])


class SlowPins:
    """Takes its time, so that guesses overlap; `most` ran side by side."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = Lock()
        self._wait = Event()

    def hash(self, pin: str) -> str:
        return CHEAP_PINS.hash(pin)

    def verify(self, verifier: str, pin: str) -> bool:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._wait.wait(0.02)
        with self._lock:
            self._now -= 1
        return CHEAP_PINS.verify(verifier, pin)


def test_guesses_side_by_side_are_counted_one_after_the_other(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    session, pins = mall.session(CLERK), SlowPins()
    monkeypatch.setattr(mall.authority(), "_hasher", pins)

    def guess(number: int) -> str:
        try:
            mall.authority().check_pin(session, f"{730_500 + number}")
        except Refused as problem:
            return problem.code
        return "right"

    with ThreadPoolExecutor(20) as people:
        said = list(people.map(guess, range(20)))
    assert (said.count("pin.wrong"), said.count("staff.pin_locked"), pins.most) == (4, 16, 1)


def test_a_submission_sent_again_needs_no_pin_to_be_answered(mall: Mall) -> None:
    member = mall.member(3_000, pin=MEMBER_PIN)
    submission: Submission = mall.submission(mall.redemption(member, "CUP", 11), member_pin=MEMBER_PIN)
    first: tuple[Any, ...] = mall.authority().submit(submission)
    (again,) = mall.authority().submit(replace(submission, member_pin=WRONG))
    assert (again.facts, again.replayed) == (first[0].facts, True)
