"""Days of anything: after them the books are right to the last row."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.domain.errors import Refused
from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.release_hold import ReleaseHold
from app.operations.reverse import Reverse
from app.operations.set_up import ChangeSetting
from db.store import Store
from db.verify import verify
from tests.support.mall import OTHER_SUPERVISOR, SUPERVISOR, Mall
from tests.support.random_counter import RandomCounter

FULL = os.environ.get("MEMBERDESK_FULL") == "1"


def outcome_of(mall: Mall, operation: Operation, **how: Any) -> str:
    """ "ok", or the code of the refusal."""
    try:
        mall.do(operation, **how)
    except Refused as refused:
        return refused.code
    return "ok"


@pytest.mark.parametrize("seed", range(2))
def test_after_random_operations_verify_finds_nothing(store: Store, seed: int) -> None:
    mall = Mall(store)
    counter = RandomCounter(mall, seed)
    wanted = 1_000 if FULL else 100
    done = 0
    while done < wanted:
        done += len(counter.step())
    assert verify(store, mall.name) == []


def test_random_operations_at_two_desks_are_replayed_in_the_order_they_happened(store: Store) -> None:
    mall = Mall(store)
    mall.add_desk("D2", 2)
    chance = random.Random(7)
    members = [mall.member(3_000) for _ in range(3)]
    for _ in range(60):
        desk, member = chance.choice(("D1", "D2")), chance.choice(members)
        slip, redemption = mall.slip(member, chance.randrange(100, 190_000)), mall.redemption(member)
        outcome = outcome_of(mall, slip if chance.random() < 0.5 else redemption, desk=desk)
        assert outcome in {"ok", "points.not_enough", "gift.out_of_stock"}
    assert verify(store, mall.name) == []


class Books(RuleBasedStateMachine):
    """One member and one gift against a model of a few lines: what is there, what is held, what is owed."""

    store: Store

    @initialize()
    def open(self) -> None:
        self.mall = Mall(self.store)
        self.mall.as_system(ChangeSetting(name="tier_silver_fen", value="1000000000"))  # one rate all along
        self.member = self.mall.member()
        self.posted = self.held = self.owed = 0
        self.on_hand, self.reserved = self.mall.stock("CUP")
        self.sales: dict[object, int] = {}
        self.redeemed: dict[object, int] = {}
        self.handed_out: set[object] = set()
        self.holds: dict[object, int] = {}

    @property
    def usable(self) -> int:
        return max(0, self.posted - self.held)  # nothing expires in this story

    def earns(self, points: int) -> None:
        self.owed -= min(self.owed, points)
        self.posted += points

    def loses(self, points: int) -> None:
        self.owed += max(0, points - max(0, self.posted + self.owed))
        self.posted -= points

    @rule(points=st.integers(1, 900))
    def credit(self, points: int) -> None:
        self.sales[self.mall.earn(self.member, points).id] = points
        self.earns(points)

    @rule(quantity=st.integers(1, 4))
    def redeem(self, quantity: int) -> None:
        operation, points = self.mall.redemption(self.member, "CUP", quantity), quantity * 100
        outcome = outcome_of(self.mall, operation)
        assert outcome == ("ok" if points <= self.usable else "points.not_enough")
        if outcome != "ok":
            return
        self.redeemed[operation.id] = quantity
        self.posted -= points
        self.reserved += quantity

    @precondition(lambda self: self.redeemed.keys() - self.handed_out)
    @rule(data=st.data())
    def hand_out(self, data: st.DataObject) -> None:
        redemption = data.draw(st.sampled_from(sorted(self.redeemed.keys() - self.handed_out, key=str)))
        self.mall.do(HandOut(member=self.member, redemption=redemption, lines=(0,)))  # type: ignore[arg-type]
        self.handed_out.add(redemption)
        self.on_hand -= self.redeemed[redemption]
        self.reserved -= self.redeemed[redemption]

    @precondition(lambda self: self.redeemed)
    @rule(data=st.data())
    def undo_redemption(self, data: st.DataObject) -> None:
        redemption = data.draw(st.sampled_from(sorted(self.redeemed, key=str)))
        quantity = self.redeemed.pop(redemption)
        self._undo(redemption)
        if redemption in self.handed_out:
            self.on_hand += quantity
        else:
            self.reserved -= quantity
        self.earns(quantity * 100)

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def undo_sale(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from(sorted(self.sales, key=str)))
        self._undo(sale)
        self.loses(self.sales.pop(sale))

    def _undo(self, operation: object) -> None:
        undo = Reverse(reverses=operation, reason="mistake", member=self.member, goods_back=True)  # type: ignore[arg-type]
        self.mall.do(undo, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)

    @rule(change=st.integers(-300, 300).filter(bool))
    def adjust(self, change: int) -> None:
        operation = AdjustPoints(member=self.member, change=change, reason="other", note="更正")
        outcome = outcome_of(self.mall, operation, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)
        assert outcome == ("ok" if change > 0 or -change <= self.usable else "points.not_enough")
        if outcome != "ok":
            return
        if change > 0:
            self.earns(change)
        else:
            self.posted += change

    @rule(points=st.integers(1, 400))
    def hold(self, points: int) -> None:
        operation = HoldPoints(member=self.member, points=points, note="争议")
        outcome = outcome_of(self.mall, operation, by=SUPERVISOR)
        assert outcome == ("ok" if points <= self.usable else "points.not_enough")
        if outcome != "ok":
            return
        self.holds[operation.id] = points
        self.held += points

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(sorted(self.holds, key=str)))
        self.mall.do(ReleaseHold(member=self.member, hold=hold), by=SUPERVISOR)  # type: ignore[arg-type]
        self.held -= self.holds.pop(hold)

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        if not hasattr(self, "member"):
            return
        points = self.mall.points(self.member)
        assert (points.posted, points.held, points.owed) == (self.posted, self.held, self.owed)
        assert sum(points.lots) == points.posted + points.owed
        assert self.mall.usable(self.member) == self.usable
        assert self.mall.stock("CUP") == (self.on_hand, self.reserved)

    def teardown(self) -> None:
        if hasattr(self, "member"):
            assert verify(self.mall.store, self.mall.name) == []


def test_the_books_follow_the_model_whatever_happens(store: Store) -> None:
    class OnThisStore(Books):
        pass

    OnThisStore.store = store
    run_state_machine_as_test(
        OnThisStore,
        settings=settings(
            max_examples=100 if FULL else 6,
            stateful_step_count=40 if FULL else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
