"""The offline protocol keeps its promises whatever happens, and the model would notice if it did not.

RELIABILITY.md 4 and 9.4; docs/adr/0012 has the argument for the strict policy."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.model.desk import Refused
from tests.model.happenings import Kind, of_kinds
from tests.model.words import Mutant, Policy
from tests.model.world import World

FULL = os.environ.get("MEMBERDESK_FULL") == "1"
HISTORIES = 20_000 if FULL else 100
HISTORIES_OF_A_TEST = 1_000  # well below the tests' time limit
MOST_OF_A_MUTANT = 3_000
STEPS = 60

# What has to become of leases before histories are settled, once in so many: else they prove nothing of them.
LEAST_OF_LEASES = {"given": 2, "spent": 4, "returned": 15, "lapsed": 20, "written off": 30}

B, S = Policy.BOUNDED, Policy.STRICT
ALL = frozenset(Kind)

# Each rule left out, and what has to happen beside redemptions for that to matter.
MUTANTS: tuple[tuple[Mutant, Policy, set[Kind]], ...] = (
    (Mutant.APPLY_TWICE, B, {Kind.WIRE}),
    (Mutant.ACCEPT_FORK, B, {Kind.DISKS}),
    (Mutant.RESET_LIMITS, B, set()),
    (Mutant.RECLAIM_EARLY, B, {Kind.HOLDS, Kind.DAYS}),
    (Mutant.RECLAIM_EARLY, S, {Kind.HOLDS, Kind.DAYS}),
    (Mutant.REFUSE_FACT, B, set()),
    (Mutant.READ_FEED_BY_ID, B, {Kind.WIRE}),
    (Mutant.SETTLED_BY_NUMBER, B, {Kind.DISKS}),
    (Mutant.NO_DESK_LIMIT, B, set()),
    (Mutant.TRUST_RESTORED_HUB, B, {Kind.HOLDS, Kind.HUB}),
    (Mutant.TRUST_RESTORED_HUB, S, {Kind.HOLDS, Kind.HUB}),
    (Mutant.LOSE_UNSENT, B, set()),
    (Mutant.CLOCK_IGNORED, B, {Kind.CLOCKS}),
    (Mutant.AGE_FROM_REPLY, B, {Kind.WIRE, Kind.DAYS}),
    (Mutant.GRANT_BY_TIMEOUT, S, {Kind.HOLDS}),
    (Mutant.FORGET_LARGER_SHARE, S, {Kind.HOLDS}),
    (Mutant.ACK_BEFORE_PUSH, S, {Kind.HOLDS}),
    (Mutant.SHARE_OF_ALL, S, {Kind.HOLDS}),
    (Mutant.LICENSED_TOO_EARLY, S, {Kind.LICENCES}),
    (Mutant.SHARE_AFTER_LICENCE, S, {Kind.LICENCES}),
    (Mutant.SPEND_AFTER_RESTART, S, {Kind.HOLDS, Kind.DISKS}),
    (Mutant.EXPIRE_WHAT_IS_SHARED, S, {Kind.DAYS}),
    (Mutant.LEASE_BY_HUB_CLOCK, B, {Kind.LEASES}),
    (Mutant.LEASE_BY_HUB_CLOCK, S, {Kind.LEASES}),
    (Mutant.LEASE_PAST_END, B, {Kind.LEASES}),
    (Mutant.LEASE_AFTER_RESTART, B, {Kind.LEASES, Kind.HUB, Kind.DISKS}),
    (Mutant.LEASE_COUNTED_TWICE, B, {Kind.LEASES, Kind.DISKS}),
    (Mutant.LEASE_COUNTED_TWICE, S, {Kind.LEASES, Kind.DISKS}),
)


def live(policy: Policy, mutant: Mutant, kinds: frozenset[Kind], seed: int) -> Counter[str]:
    """One history, chosen by plain chance, and what became of leases in it before it was settled; raises AssertionError
    where a promise is broken."""
    chance = random.Random(seed)
    world = World(policy, mutant)
    happenings = of_kinds(kinds)
    for _ in range(STEPS):
        chance.choice(happenings).happen(world, chance.choice)
        world.judge()
    became = world.became_of_leases()
    world.settle_and_judge()
    return became


def seed_that_shows(mutant: Mutant, policy: Policy, kinds: frozenset[Kind]) -> int | None:
    for seed in range(MOST_OF_A_MUTANT):
        try:
            live(policy, mutant, kinds, seed)
        except AssertionError:
            return seed
    return None


@pytest.mark.parametrize("first", range(0, HISTORIES, HISTORIES_OF_A_TEST))
@pytest.mark.parametrize("policy", Policy)
def test_every_promise_holds_whatever_happens(policy: Policy, first: int) -> None:
    chance = random.Random(first)
    became: Counter[str] = Counter()
    seeds = range(first, min(HISTORIES, first + HISTORIES_OF_A_TEST))
    for seed in seeds:
        kinds = frozenset({Kind.REDEEMING, *chance.sample(sorted(ALL, key=str), chance.randint(1, len(ALL)))})
        became += live(policy, Mutant.NONE, kinds, seed)
    for what, one_in in LEAST_OF_LEASES.items():
        assert became[what] >= len(seeds) // one_in, f"hardly any lease was {what}"


@pytest.mark.parametrize(("mutant", "policy", "kinds"), MUTANTS, ids=lambda each: getattr(each, "name", ""))
def test_a_rule_left_out_is_noticed_and_only_because_it_is(mutant: Mutant, policy: Policy, kinds: set[Kind]) -> None:
    all_kinds = frozenset({Kind.REDEEMING, *kinds})
    seed = seed_that_shows(mutant, policy, all_kinds)
    assert seed is not None, "the model does not see it"
    live(policy, Mutant.NONE, all_kinds, seed)  # the same chances with the rule in its place


def test_what_a_hub_granted_before_it_was_put_back_is_not_posted_after() -> None:
    """Too rare for chance: one history in 20,000 showed it."""
    world = World(S)
    world.back_up_hub()
    world.ask("K3", 1, 5)
    answer = world.deliver(world.wire.pop())
    assert answer is not None
    assert answer.granted
    world.deliver(answer)
    world.restore_hub()
    for name in world.desk_names * 2:
        world.exchange(name)
    with pytest.raises(Refused):
        world.post("K3", answer.hold)


def test_a_store_whose_epoch_has_ended_does_not_hear_of_what_is_set_aside_for_the_next() -> None:
    """Too rare for chance: one history in 20,000 showed it."""
    world = World(B)
    for name in world.desk_names * 2:
        world.exchange(name)
    world.hub.re_enrol("K2")
    world.lease("K2", 1, 5, 600)

    def says(kind: str) -> None:
        world.send("K2", kind)
        reply = world.deliver(world.wire.pop())
        assert reply is not None
        world.deliver(reply)

    says("pull")
    assert not world.desks["K2"].disk.leases
    says("hello")
    says("pull")
    assert [lease.left for lease in world.desks["K2"].disk.leases.values()] == [5]
    world.settle_and_judge()


def test_every_rule_that_can_be_left_out_is() -> None:
    assert {mutant for mutant, _, _ in MUTANTS} == set(Mutant) - {Mutant.NONE}


class Histories(RuleBasedStateMachine):
    """The same happenings, chosen by Hypothesis: what it finds it makes short."""

    policy: Policy

    @initialize()
    def begin(self) -> None:
        self.world = World(self.policy)

    @rule(data=st.data(), kind=st.sampled_from(Kind))
    def something_happens(self, data: st.DataObject, kind: Kind) -> None:
        happening = data.draw(st.sampled_from(of_kinds({kind})))
        happening.happen(self.world, lambda options: data.draw(st.sampled_from(options)))

    @invariant()
    def promises_hold(self) -> None:
        self.world.judge()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.settle_and_judge()


class BoundedHistories(Histories):
    policy = Policy.BOUNDED


class StrictHistories(Histories):
    policy = Policy.STRICT


TestBounded = BoundedHistories.TestCase
TestStrict = StrictHistories.TestCase
TestBounded.settings = TestStrict.settings = settings(
    max_examples=500 if FULL else 20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
