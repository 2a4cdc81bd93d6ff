"""A member's new PIN, and points that are frozen for a while."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.domain.errors import Refused
from app.operations.hold_points import HoldPoints
from app.operations.lift_lockout import LiftLockout
from app.operations.release_hold import ReleaseHold
from app.operations.set_member_pin import SetMemberPin
from app.queries.rows import HoldRow
from tests.unit.presenters.fakes import FACTS, NOW, SUPERVISOR, WANG, Desk, FakeHost, a_page, needs_approval
from ui.counter.sending import Step
from ui.members.holds.presenter import HoldsPresenter, HoldsState
from ui.members.new_pin.presenter import LOCKED, NewPinPresenter, NewPinState

HOLD = HoldRow(UUID(int=70), 400, NOW, "2001", "来历不明")


class Screen:
    pin = NewPinState()
    holds = HoldsState()

    def show_new_pin(self, state: NewPinState) -> None:
        self.pin = state

    def show_holds(self, state: HoldsState) -> None:
        self.holds = state


@pytest.fixture(autouse=True)
def facts(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(FACTS) | {
        "set_member_pin": lambda _o: {},
        "hold_points": lambda o: {"usable_before": 12_480, "usable_after": 12_480 - o.points},
        "release_hold": lambda _o: {"points": 400, "usable_after": 12_480},
    }
    monkeypatch.setattr("tests.unit.presenters.fakes.FACTS", known)


def new_pin(desk: Desk, **page: Any) -> tuple[Screen, NewPinPresenter]:
    screen = Screen()
    presenter = NewPinPresenter(screen, desk.services)
    presenter.host = FakeHost()
    presenter.show_member(a_page(**page))
    presenter.opened()
    return screen, presenter


def holds(desk: Desk) -> tuple[Screen, HoldsPresenter]:
    desk.person = SUPERVISOR
    desk.queries.holds = lambda member: (HOLD,) if member == WANG else ()  # type: ignore[method-assign]
    screen = Screen()
    presenter = HoldsPresenter(screen, desk.services)
    presenter.host = FakeHost()
    presenter.show_member(a_page(held=400))
    presenter.opened()
    return screen, presenter


def test_a_new_member_pin_waits_for_somebody_else_and_is_not_in_the_operation(desk: Desk) -> None:
    desk.authority.needs = needs_approval("approval.member_pin")
    screen, presenter = new_pin(desk)
    presenter.type_pin("135790")
    presenter.type_again("135790")
    presenter.set_pin()
    assert screen.pin.sending.step is Step.APPROVAL
    presenter.sending.approve("2001", "246801")
    (submission,) = desk.authority.submitted
    assert isinstance(submission.operations[0], SetMemberPin)
    assert submission.new_pin == "135790"
    assert screen.pin.done == "set"
    assert screen.pin.pin == ""


def test_a_pin_that_cannot_be_set_is_said_before_anybody_is_asked(desk: Desk) -> None:
    screen, presenter = new_pin(desk)
    said = []
    for pin, again in (("1", ""), ("123456", "123456"), ("135790", "135791")):
        presenter.type_pin(pin)
        presenter.type_again(again)
        presenter.set_pin()
        problem = screen.pin.sending.problem
        said.append(problem.code if problem else "")
    assert said == ["pin.six_digits", "pin.too_simple", "pin.not_the_same"]
    assert desk.authority.submitted == []


def test_a_locked_pin_is_lifted_by_who_may_approve(desk: Desk) -> None:
    screen, _clerk = new_pin(desk, warnings=(LOCKED,))
    assert (screen.pin.locked, screen.pin.can_lift) == (True, False)
    desk.person = SUPERVISOR
    screen, presenter = new_pin(desk, warnings=(LOCKED,))
    assert screen.pin.can_lift
    presenter.lift()
    assert [type(one) for one in desk.authority.operations] == [LiftLockout]
    assert screen.pin.done == "lifted"


def test_no_typed_pin_survives_the_lock_or_the_next_member(desk: Desk) -> None:
    screen, presenter = new_pin(desk)
    presenter.type_pin("135790")
    presenter.lock()
    assert screen.pin.pin == ""
    presenter.type_pin("135790")
    presenter.show_member(None)
    assert screen.pin.pin == ""


def test_points_are_frozen_with_a_reason_and_seen_before_and_after(desk: Desk) -> None:
    screen, presenter = holds(desk)
    presenter.type_points("1,500")
    presenter.type_note("核对小票")
    presenter.keep()
    (operation,) = desk.authority.operations
    assert isinstance(operation, HoldPoints)
    assert (operation.points, operation.note) == (1_500, "核对小票")
    result = screen.holds.result
    assert result is not None
    assert (result.before, result.after, result.released) == (12_480, 10_980, False)


@pytest.mark.parametrize(
    ("points", "note", "code"),
    [
        ("", "why", "hold.points_unreadable"),
        ("0", "why", "hold.points_unreadable"),
        ("12481", "why", "points.not_enough"),
        ("5", "", "text.missing"),
    ],
)
def test_what_cannot_be_frozen_is_said_at_once(desk: Desk, points: str, note: str, code: str) -> None:
    screen, presenter = holds(desk)
    presenter.type_points(points)
    presenter.type_note(note)
    presenter.keep()
    problem = screen.holds.sending.problem
    assert problem is not None
    assert problem.code == code
    assert desk.authority.submitted == []


def test_frozen_points_are_listed_and_released(desk: Desk) -> None:
    screen, presenter = holds(desk)
    assert screen.holds.holds == (HOLD,)
    presenter.give_back(HOLD.hold)
    (operation,) = desk.authority.operations
    assert isinstance(operation, ReleaseHold)
    assert operation.hold == HOLD.hold
    result = screen.holds.result
    assert result is not None
    assert (result.before, result.after, result.released) == (12_080, 12_480, True)


def test_a_hold_that_is_gone_is_said_and_the_form_stays(desk: Desk) -> None:
    screen, presenter = holds(desk)
    desk.authority.failures = [Refused("hold.resolved")]
    presenter.give_back(HOLD.hold)
    assert screen.holds.sending.problem is not None
    assert screen.holds.sending.problem.code == "hold.resolved"
    assert screen.holds.sending.editable


def test_a_clerk_is_told_that_a_supervisor_freezes(desk: Desk) -> None:
    screen = Screen()
    presenter = HoldsPresenter(screen, desk.services)
    presenter.show_member(a_page())
    presenter.opened()
    assert not screen.holds.allowed
    assert screen.holds.holds == ()
