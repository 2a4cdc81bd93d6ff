"""What the hub applies: operations that desks push, over HTTPS, against pgbench on the same server."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median

from app.composition.bench.at_work import AtWork, at_work
from app.composition.bench.figures import Figure, Say, at_least
from app.composition.bench.hub_ground import RunningHub, Sender, mall_of, running_hubs
from app.composition.postgres_wheel import Server
from app.composition.trial_hub import Tls

ROUNDS = 5
SECONDS = 4.0  # of a round
CLIENTS = 4  # of pgbench; and desks that push to the hubs of one mall
MALLS = 8
HUBS = 2  # processes in front of the one mall
AT_ONCE = 25  # operations of one push: a busy machine, too, answers it in time
MOST_A_SECOND = 1_500  # that one desk could push: so many are made ahead

_ONE = f"hub applies redemptions, one mall, {CLIENTS} desks, {HUBS} hub processes"
_MANY = f"hub applies redemptions, {MALLS} malls, a desk and a hub process each"


def figures(server: Server, database: str, tls: Tls, members: int, say: Say) -> Iterator[Figure]:
    with running_hubs(database, [mall_of(1)] * HUBS, tls) as hubs:
        yield _measured(_ONE, server, database, [hubs[number % HUBS] for number in range(CLIENTS)], members, 0.2, say)
    with running_hubs(database, [mall_of(number) for number in range(1, MALLS + 1)], tls) as hubs:
        yield _measured(_MANY, server, database, hubs, members, 0.3, say, first=CLIENTS)


def _measured(
    name: str,
    server: Server,
    database: str,
    hub_of: list[RunningHub],
    members: int,
    aim: float,
    say: Say,
    first: int = 0,
) -> Figure:
    """One desk for each of `hub_of`."""
    say(f"{name}: enrolling")
    senders = [partial(Sender, hub, hub.code(first + number), members, number) for number, hub in enumerate(hub_of)]
    with at_work(senders) as desks:
        _push_for(desks, 0.5)
        server.tidy(database)  # no hub is measured in its first minute, before autovacuum came by
        ours, theirs = [], []
        for number in range(1, ROUNDS + 1):
            say(f"{name}: {number} of {ROUNDS}")
            theirs.append(server.tpcb_like(clients=CLIENTS, seconds=SECONDS))
            ours.append(_push_for(desks, SECONDS))
    return Figure(name, median(ours), "1/s", median(theirs), at_least(aim))


def _push_for(desks: AtWork, seconds: float) -> float:
    """Operations a second, of all desks together."""
    desks.all_do("prepare_redemptions", round(seconds * MOST_A_SECOND))
    rates: list[float] = [done / took for done, took in desks.all_do("push_for", seconds, AT_ONCE)]
    return sum(rates)
