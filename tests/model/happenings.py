"""Everything that may happen, in any order. Who drives the world chooses: Hypothesis, or plain chance with a seed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from tests.model.desk import Refused
from tests.model.world import DAY_S, World

Choose: TypeAlias = Callable[[Sequence[Any]], Any]

MEMBERS = (1, 1, 1, 2)  # mostly the same one: that is where desks meet
CALLS = ("hello", "push", "pull", "pull")


class Kind(Enum):
    REDEEMING = "redemptions at counters whose desks now and then reach the hub"
    ALL_VERBS = "cards, gifts, reversals, slips that come twice"
    HOLDS = "requests that the hub decides"
    WIRE = "messages one by one: lost, doubled, overtaking each other"
    DAYS = "long times, expiry, returned sales"
    CLOCKS = "clocks that are set"
    DISKS = "disks of desks restored from a copy"
    HUB = "the hub restored from a backup"
    LEASES = "points set aside for a desk, spent there and given back"
    LICENCES = "licences given and withdrawn, desks suspended, enrolled anew, lost"


@dataclass(frozen=True)
class Happening:
    kind: Kind
    weight: int
    happen: Callable[[World, Choose], None]


def _desk(world: World, choose: Choose) -> str:
    chosen: str = choose(world.desk_names)
    return chosen


# -- at the counters -------------------------------------------------------------------------------------------------


def spend(world: World, choose: Choose) -> None:
    desk, member = _desk(world, choose), choose(MEMBERS)
    if choose((True, False)):
        world.pass_time(world.limits.contact_timeout_s)
    with suppress(Refused):
        for _ in range(choose((1, 2, 3))):
            world.spend(desk, member, choose((3, 5, 10, 15)))


def credit(world: World, choose: Choose) -> None:
    with suppress(Refused):
        world.credit(_desk(world, choose), choose(MEMBERS), choose((5, 20, 40)), world.next_receipt(), choose((0, 30)))


def call(world: World, choose: Choose) -> None:
    """One request, whose reply comes or does not."""
    world.send(_desk(world, choose), choose(CALLS))
    reply = world.deliver(world.wire.pop(), slow=choose((False, False, True)))
    if reply is not None and choose((True, True, False)):
        world.deliver(reply)


def exchange(world: World, choose: Choose) -> None:
    world.exchange(_desk(world, choose))


def pass_time(world: World, choose: Choose) -> None:
    world.pass_time(choose((1, 20)))


def crash(world: World, choose: Choose) -> None:
    world.crash(_desk(world, choose))


def all_verbs(world: World, choose: Choose) -> None:
    desk, member = _desk(world, choose), choose(MEMBERS)
    with suppress(Refused):
        match choose(("reverse", "card", "gifts", "same slip")):
            case "reverse":
                world.reverse(desk)
            case "card":
                world.issue_card(desk, member)
            case "gifts":
                world.receive(desk, 2)
                world.hand_out(desk)
            case _:
                world.credit_again(desk, member)


# -- with the hub ----------------------------------------------------------------------------------------------------


def redeem_online(world: World, choose: Choose) -> None:
    """Called back from those who are reached, asked, answered, posted: the usual day."""
    desk, member = _desk(world, choose), choose(MEMBERS)
    world.hub.recall(member)
    reached = choose((0, 1, 2))
    for each in world.desk_names[:reached]:
        world.exchange(each)
    world.exchange(desk)
    points = world.hub.free(member) // choose((1, 1, 2))
    if points > 0:
        with suppress(Refused):
            world.ask(desk, member, points)
            asked = world.wire.pop()
            answer = world.deliver(asked)
            assert answer is not None
            world.deliver(answer)
            world.post(desk, asked.hold)
        if choose((True, False)):
            world.exchange(desk)


def ask(world: World, choose: Choose) -> None:
    """The answer may come late, or never."""
    world.ask(_desk(world, choose), choose(MEMBERS), choose((5, 30, 50)))


def resolve(world: World, choose: Choose) -> None:
    waiting = [(name, hold) for name, desk in world.desks.items() for hold in desk.disk.granted]
    if waiting:
        desk, hold = choose(waiting)
        with suppress(Refused):
            choose((world.post, world.post, world.void))(desk, hold)


def no_answer_came(world: World, choose: Choose) -> None:
    waiting = [(name, hold) for name, desk in world.desks.items() for hold in desk.disk.asked]
    if waiting:
        desk, hold = choose(waiting)
        with suppress(Refused):
            choose((world.send_ask, world.go_on_offline))(desk, hold)


def send(world: World, choose: Choose) -> None:
    world.send(_desk(world, choose), choose(CALLS))


def deliver(world: World, choose: Choose) -> None:
    """Any message of those under way: so they overtake each other."""
    if not world.wire:
        return
    message = world.wire.pop(choose(range(len(world.wire))))
    fate = choose(("once", "once", "twice", "through", "through", "lost"))
    if fate == "lost":
        return
    reply = world.deliver(message, slow=choose((False, True)))
    if fate == "twice":
        world.wire.append(message)
    if reply is not None and fate == "through":
        world.deliver(reply)
    elif reply is not None:
        world.wire.append(reply)


def a_slow_transaction_commits(world: World, _: Choose) -> None:
    world.hub.commit_slow_rows()


# -- set aside for a desk --------------------------------------------------------------------------------------------


def lease(world: World, choose: Choose) -> None:
    """Called back from those who are reached first; the desk may hear of it much later."""
    desk, member = _desk(world, choose), choose(MEMBERS)
    if choose((True, False)):
        world.hub.recall(member)
        for each in world.desk_names[: choose((0, 2, 3))]:
            world.exchange(each)
    world.lease(desk, member, world.hub.free(member) // choose((1, 2, 4)), choose((600, 3_600, DAY_S)))
    if choose((True, True, False)):
        world.exchange(desk)


def spend_lease(world: World, choose: Choose) -> None:
    waiting = [(name, lease_id) for name, desk in world.desks.items() for lease_id in desk.disk.leases]
    if waiting:
        desk, lease_id = choose(waiting)
        world.pass_time(choose((1, 1, 300, 1_000)))
        with suppress(Refused):
            for _ in range(choose((1, 2))):
                world.spend_lease(desk, lease_id, world.desks[desk].left_of(lease_id) // choose((1, 2, 3)))


def return_lease(world: World, choose: Choose) -> None:
    waiting = [(name, lease_id) for name, desk in world.desks.items() for lease_id in desk.disk.leases]
    if waiting:
        with suppress(Refused):
            world.return_lease(*choose(waiting))


# -- time ------------------------------------------------------------------------------------------------------------


def pass_a_long_time(world: World, choose: Choose) -> None:
    world.pass_time(choose((1_000, 1_000, 4_000, 5 * DAY_S)))


def expire(world: World, choose: Choose) -> None:
    world.hub.expire(choose(MEMBERS), world.now // DAY_S)


def a_sale_is_returned(world: World, choose: Choose) -> None:
    world.hub.sale_returned(choose(MEMBERS), choose((5, 40)))


def a_clock_is_set(world: World, choose: Choose) -> None:
    desk = world.desks[_desk(world, choose)]
    desk.clock(world.now)
    desk.offset += choose((-3_600, 3_600, -2 * DAY_S))


# -- misfortune ------------------------------------------------------------------------------------------------------


def a_disk_is_copied(world: World, choose: Choose) -> None:
    world.copy_disk(_desk(world, choose))


def a_disk_is_restored(world: World, choose: Choose) -> None:
    if world.copies:
        world.restore_disk(choose(sorted(world.copies)))


def the_hub_is_backed_up(world: World, _: Choose) -> None:
    world.back_up_hub()


def the_hub_is_restored(world: World, _: Choose) -> None:
    if world.backup is not None:
        world.restore_hub()


def a_licence_changes(world: World, choose: Choose) -> None:
    hub, desk = world.hub, _desk(world, choose)
    if hub.desks[desk].state != "lost":
        choose((hub.license, hub.license, hub.license, hub.withdraw_licence, hub.suspend, hub.re_enrol))(desk)


def a_desk_is_declared_lost(world: World, _: Choose) -> None:
    world.hub.declare_lost("K3")


HAPPENINGS = (
    Happening(Kind.REDEEMING, 10, spend),
    Happening(Kind.REDEEMING, 3, credit),
    Happening(Kind.REDEEMING, 6, call),
    Happening(Kind.REDEEMING, 4, exchange),
    Happening(Kind.REDEEMING, 2, pass_time),
    Happening(Kind.REDEEMING, 1, crash),
    Happening(Kind.ALL_VERBS, 3, all_verbs),
    Happening(Kind.HOLDS, 5, redeem_online),
    Happening(Kind.HOLDS, 2, ask),
    Happening(Kind.HOLDS, 3, resolve),
    Happening(Kind.HOLDS, 2, no_answer_came),
    Happening(Kind.WIRE, 6, send),
    Happening(Kind.WIRE, 8, deliver),
    Happening(Kind.WIRE, 2, a_slow_transaction_commits),
    Happening(Kind.DAYS, 3, pass_a_long_time),
    Happening(Kind.DAYS, 2, expire),
    Happening(Kind.DAYS, 1, a_sale_is_returned),
    Happening(Kind.CLOCKS, 1, a_clock_is_set),
    Happening(Kind.DISKS, 2, a_disk_is_copied),
    Happening(Kind.DISKS, 2, a_disk_is_restored),
    Happening(Kind.HUB, 2, the_hub_is_backed_up),
    Happening(Kind.HUB, 1, the_hub_is_restored),
    Happening(Kind.LEASES, 4, lease),
    Happening(Kind.LEASES, 6, spend_lease),
    Happening(Kind.LEASES, 1, return_lease),
    Happening(Kind.LICENCES, 2, a_licence_changes),
    Happening(Kind.LICENCES, 1, a_desk_is_declared_lost),
)


def of_kinds(kinds: Collection[Kind]) -> list[Happening]:
    """As often as they weigh."""
    return [each for each in HAPPENINGS if each.kind in kinds for _ in range(each.weight)]
