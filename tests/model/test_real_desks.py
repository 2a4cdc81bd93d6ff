"""The program itself under the model's histories: strict never overspends, bounded never beyond K·F_m; and a rule of
the program that is left out is noticed.

The hub's service, its PostgreSQL, the desks' stores, authorities and agents are the real ones; only the network between
them is played, because it has to fail on demand."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.domain.mode import Unsettled
from app.domain.offline_rules import OfflinePolicy
from app.domain.shares import Share, ShareSpend, SharingDesk
from db.connection import Connection
from db.following import place
from db.hub import store as hub_store
from db.hub import transactions
from db.hub.shares import acknowledge
from tests.model.real import HAPPENINGS, RealWorld, a_real_world

FULL = os.environ.get("MEMBERDESK_FULL") == "1"
STEPS = 40
HISTORIES = 200 if FULL else 2
MOST_OF_A_FAULT = 40


@pytest.fixture
def strict(fresh_postgres: str, tmp_path: Path) -> Iterator[RealWorld]:
    with a_real_world(fresh_postgres, OfflinePolicy.STRICT, tmp_path) as world:
        yield world


@pytest.fixture
def bounded(fresh_postgres: str, tmp_path: Path) -> Iterator[RealWorld]:
    with a_real_world(fresh_postgres, OfflinePolicy.BOUNDED, tmp_path) as world:
        yield world


def live(world: RealWorld, seed: int) -> None:
    """One history, chosen by plain chance; raises AssertionError where a promise is broken."""
    chance = random.Random(seed)
    world.begin()
    for _ in range(STEPS):
        chance.choice(HAPPENINGS)(world, chance.choice)
        world.judge()
    world.settle_and_judge()


def machine(world: RealWorld) -> type[RuleBasedStateMachine]:
    class Histories(RuleBasedStateMachine):
        """The same happenings, chosen by Hypothesis: what it finds it makes short."""

        @initialize()
        def begin(self) -> None:
            world.begin()

        @rule(data=st.data(), happening=st.sampled_from(HAPPENINGS))
        def something_happens(self, data: st.DataObject, happening: Any) -> None:
            happening(world, lambda options: data.draw(st.sampled_from(list(options))))

        @invariant()
        def promises_hold(self) -> None:
            world.judge()

        def teardown(self) -> None:
            world.settle_and_judge()

    return Histories


def run(world: RealWorld) -> None:
    sizes: dict[str, Any] = {"max_examples": 100 if FULL else 2, "stateful_step_count": STEPS, "deadline": None}
    phases = tuple(Phase) if FULL else (Phase.generate,)
    run_state_machine_as_test(
        machine(world), settings=settings(**sizes, phases=phases, suppress_health_check=list(HealthCheck))
    )


@pytest.mark.parametrize("policy", OfflinePolicy)
def test_every_promise_holds_of_the_program_itself(policy: OfflinePolicy, request: pytest.FixtureRequest) -> None:
    world: RealWorld = request.getfixturevalue(policy.value)
    for seed in range(HISTORIES):
        live(world, seed)
    run(world)


# -- rules left out --------------------------------------------------------------------------------------------------


def share_of_all(usable: int, most: int, desks: list[SharingDesk], *_: object) -> int:
    """A part of the balance, not of what other desks' shares leave."""
    return min(most, max(0, usable) // max(1, sum(desk.is_licensed for desk in desks)))


def nothing_set_aside(_desks: object, _shares: list[Share], _spends: list[ShareSpend]) -> dict[str, int]:
    """The hub gives what it has: who is heard of again will not have spent anything."""
    return {}


def without_what_came_before(
    connection: Connection, mall: str, desk: str, feed: UUID, n: int, epoch: int, _sequence: int
) -> None:
    """An acknowledgement counts, whatever is still on its way."""
    acknowledge(connection, mall, desk, feed, n, epoch, 0)


def reset_by_an_answer(connection: Connection, mall: str, member: UUID | None) -> Unsettled:
    """Limits begin anew when the hub has taken what was done, not when its result was read from the feed."""
    found = connection.row(
        "SELECT coalesce(sum(CASE WHEN f.member = :member THEN f.points ELSE 0 END), 0), coalesce(sum(f.points), 0) "
        "FROM floor_use f WHERE f.mall_id = :mall AND f.operation_id IN (SELECT operation_id FROM operation "
        "WHERE mall_id = :mall ORDER BY epoch DESC, sequence DESC LIMIT 1)",
        mall=mall,
        member=member or UUID(int=0),
    )
    assert found is not None
    return Unsettled(int(found[0]), int(found[1]))


FAULTS = {
    "share_of_all": (transactions, "largest_share", share_of_all),
    "nothing_set_aside": (transactions, "exposures", nothing_set_aside),
    "ack_before_push": (hub_store, "acknowledge", without_what_came_before),
    "reset_limits": (place, "unsettled", reset_by_an_answer),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_rule_left_out_of_the_program_is_noticed(
    strict: RealWorld, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name, instead = FAULTS[fault]
    monkeypatch.setattr(where, name, instead)
    for seed in range(MOST_OF_A_FAULT):
        try:
            live(strict, seed)
        except AssertionError:
            return
    pytest.fail("nobody noticed")
