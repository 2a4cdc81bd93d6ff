"""The program itself under the model's histories: strict never overspends, bounded never beyond K·F_m; and a rule of
the program that is left out is noticed.

The hub's service, its PostgreSQL, the desks' stores, authorities and agents are the real ones; only the network between
them is played, because it has to fail on demand."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.domain.errors import Refused, Unavailable
from app.domain.mode import Unsettled
from app.domain.offline_rules import OfflinePolicy
from app.domain.shares import Share, ShareSpend, SharingDesk
from app.operations.begin_feed import BeginFeed
from app.operations.tell_shares import TellShares
from app.sync.protocol import Ask, Asked
from db.connection import Connection
from db.following import place
from db.hub import store as hub_store
from db.hub import transactions
from db.hub.shares import acknowledge
from tests.model.real import HAPPENINGS, POINTS, RealWorld, a_real_world
from tests.support.following_desks import FollowingDesk

FULL = os.environ.get("MEMBERDESK_FULL") == "1"
STEPS = 40 if FULL else 25
HISTORIES = 200 if FULL else 1


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
    sizes: dict[str, Any] = {"max_examples": 100 if FULL else 1, "stateful_step_count": STEPS, "deadline": None}
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


def test_what_a_hub_granted_before_it_was_put_back_is_not_done_after_that(strict: RealWorld) -> None:
    """All in one submission: the answer comes, the hub is put back to before it had given it, every desk says how it
    stands (this one, too), the hub gives the points to another; and only then is there time to go on."""
    one, other, _ = strict.desks
    strict.begin()
    (member, _) = strict.members
    plain, answers = one.wire.request, list[Asked]()

    def answered_by_a_hub_that_forgets(wish: Ask) -> Asked:
        if answers:
            return plain(wish)
        now = strict.mall.clock.now
        answers.append(Asked("granted", uuid4(), round((now.timestamp() + 900) * 1000), POINTS))
        strict.mall.by_two(BeginFeed(feed=uuid4(), since=now - timedelta(seconds=1)))
        strict.pass_time(60)
        strict.peace()
        strict.redeem(other, member, 30)
        return answers[0]

    one.wire.request = answered_by_a_hub_that_forgets  # type: ignore[method-assign]
    with pytest.raises(Refused) as refusal:
        strict.redeem(one, member, 30)
    assert refusal.value.code == "points.not_enough", "the hub was asked again"
    strict.judge()
    one.wire.request = plain  # type: ignore[method-assign]
    strict.settle_and_judge()


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
        "FROM floor_use f WHERE f.mall_id = :mall AND NOT EXISTS (SELECT 1 FROM operation_result r "
        "WHERE r.mall_id = f.mall_id AND r.operation_id = f.operation_id)",
        mall=mall,
        member=member or UUID(int=0),
    )
    assert found is not None
    return Unsettled(int(found[0]), int(found[1]))


# -- what shows each of them -----------------------------------------------------------------------------------------


def the_hub_gives_all_while_one_is_cut_off(world: RealWorld) -> None:
    one, other, _ = world.desks
    other.cut()
    attempt(world, one, 30)
    world.pass_time(16)
    attempt(world, other, 10)
    world.judge()


def the_rest_is_shared_while_one_holds_an_older_share(world: RealWorld) -> None:
    one, other, third = world.desks
    third.cut()
    attempt(world, one, 20)
    for desk in (one, other):
        desk.sync()
        desk.cut()
    world.pass_time(16)
    for desk, pens in ((one, 3), (other, 3), (third, 10)):
        attempt(world, desk, pens)
    world.judge()


def a_recall_is_read_before_what_was_spent_is_sent(world: RealWorld) -> None:
    one, other, _ = world.desks
    other.cut()
    world.pass_time(16)
    attempt(world, other, 10)
    world.mall.hub.authority.submit_as_system(TellShares(members=world.members[:1], recall=True))
    other.wire.is_cut = False
    for _ in range(2):
        other.link.agent._pull()
    other.cut()
    world.reach(one)
    attempt(world, one, 30)
    world.judge()


def what_was_sent_is_spent_once_more_before_its_result_is_read(world: RealWorld) -> None:
    one, *_ = world.desks
    for desk in world.desks:
        desk.cut()
    world.pass_time(16)
    attempt(world, one, 10)
    one.wire.is_cut = False
    one.wire.loses.add("pull")
    world.reach(one)
    one.cut()
    world.pass_time(16)
    for desk in world.desks:
        attempt(world, desk, 10)
    world.judge()


def attempt(world: RealWorld, desk: FollowingDesk, pens: int) -> None:
    with suppress(Refused, Unavailable):
        world.redeem(desk, world.members[0], pens)


FAULTS: dict[str, tuple[Any, str, Any, Callable[[RealWorld], None]]] = {
    "share_of_all": (
        transactions,
        "largest_share",
        share_of_all,
        the_rest_is_shared_while_one_holds_an_older_share,
    ),
    "nothing_set_aside": (transactions, "exposures", nothing_set_aside, the_hub_gives_all_while_one_is_cut_off),
    "ack_before_push": (
        hub_store,
        "acknowledge",
        without_what_came_before,
        a_recall_is_read_before_what_was_spent_is_sent,
    ),
    "reset_limits": (
        place,
        "unsettled",
        reset_by_an_answer,
        what_was_sent_is_spent_once_more_before_its_result_is_read,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_rule_left_out_of_the_program_is_noticed_and_only_because_it_is(
    strict: RealWorld, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name, instead, history = FAULTS[fault]
    strict.begin()
    history(strict)
    strict.settle_and_judge()
    monkeypatch.setattr(where, name, instead)
    strict.begin()
    with pytest.raises(AssertionError, match="overspent"):
        history(strict)
