"""Redemptions through `Authority.submit`: whole operations, signed and durable."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from app.composition.bench.at_work import at_work
from app.composition.bench.bare import BareCommits
from app.composition.bench.figures import Figure, Say, at_least, exactly, not_measured, p99, seconds_of
from app.composition.bench.ground import BusyClerk, lay_out_gifts, plan_of
from app.composition.desk import open_desk, set_up
from app.composition.desk import roots as roots_of_desk
from app.composition.postgres_wheel import NoServer, Server, running_server
from app.demo import load, mall
from app.ports.first_start import FirstStartAnswers
from app.settings import Home

ROUNDS = 5
TIMES = 100  # redemptions and commits in a round on SQLite
SECONDS = 4.0  # of a round on PostgreSQL
DESKS = 4
WORTH = 100  # redemptions that the one account is worth
THREADS = 20
POSTGRES_MEMBERS = 5_000

_SQLITE = "redeem, SQLite, FULL, encrypted"
_POSTGRES = f"redeem, PostgreSQL, {DESKS} desks"
_SQLITE_RACE = f"one account worth {WORTH} redemptions, SQLite, {THREADS} threads at one desk"
_POSTGRES_RACE = f"one account worth {WORTH} redemptions, PostgreSQL, {DESKS} desks × {THREADS // DESKS} threads"


def on_sqlite(home: Home, members: int, say: Say) -> Iterator[Figure]:
    desk = open_desk(home)
    lay_out_gifts(desk.authority)
    desk.close()
    clerk = BusyClerk(home, members, seed=1)
    with TemporaryDirectory(prefix="memberdesk-bench-", dir=home.folder) as folder:  # the same file system
        bare = BareCommits(Path(folder))
        try:
            clerk.redeem_times(TIMES)  # the first ones fill the caches
            ours, theirs = [], []
            for number in range(1, ROUNDS + 1):
                say(f"redeeming on SQLite, {number} of {ROUNDS}")
                theirs.append(TIMES / seconds_of(lambda: bare.run(TIMES)))
                ours.append(TIMES / seconds_of(lambda: clerk.redeem_times(TIMES)))
            yield Figure(_SQLITE, median(ours), "1/s", median(theirs), at_least(0.15))
            latencies = [seconds_of(lambda: clerk.redeem_times(1)) * 1000 for _ in range(TIMES)]
            yield Figure(f"{_SQLITE}, p99", p99(latencies), "ms")
            say("one account on SQLite, from many threads")
            yield Figure(
                _SQLITE_RACE, clerk.race(clerk.new_member_with(WORTH), THREADS), "succeed", WORTH, exactly(WORTH)
            )
        finally:
            bare.close()
            clerk.close()


def on_postgres(members: int, say: Say) -> Iterator[Figure]:
    aim = at_least(0.2)
    members = min(members, POSTGRES_MEMBERS)
    try:
        with running_server() as server, TemporaryDirectory(prefix="memberdesk-bench-") as folder:
            say("a mall on PostgreSQL")
            homes = _four_desks(Path(folder), server, members)
            clerks = [partial(BusyClerk, home, members, number) for number, home in enumerate(homes)]
            with at_work(clerks) as desks:
                desks.all_do("redeem_for", 0.5)  # everybody is signed in and warm
                ours, theirs = [], []
                for number in range(1, ROUNDS + 1):
                    say(f"redeeming on PostgreSQL, {number} of {ROUNDS}")
                    theirs.append(server.tpcb_like(clients=DESKS, seconds=SECONDS))
                    ours.append(sum(desks.all_do("redeem_for", SECONDS)) / SECONDS)
                yield Figure(_POSTGRES, median(ours), "1/s", median(theirs), aim)
                say("one account on PostgreSQL, from four desks")
                member = desks.one_does("new_member_with", WORTH)
                succeeded = sum(desks.all_do("race", member, THREADS // DESKS))
                yield Figure(_POSTGRES_RACE, succeeded, "succeed", WORTH, exactly(WORTH))
    except NoServer as missing:
        yield not_measured(_POSTGRES, str(missing), aim, "1/s")
        yield not_measured(_POSTGRES_RACE, str(missing), exactly(WORTH), "succeed")


def _four_desks(folder: Path, server: Server, members: int) -> list[Home]:
    """Each in a home of its own, on one store."""
    url = server.new_database("bench")
    administrator = mall.STAFF[-1]
    homes = []
    for number in range(1, DESKS + 1):
        home = Home(folder / f"desk{number}")
        desk = set_up(
            home,
            FirstStartAnswers(
                mall_name=mall.MALL_NAME,
                desk_name=f"{number} 号服务台",
                desk_number=number,
                administrator_staff=administrator.staff,
                administrator_name=administrator.name,
                administrator_pin=administrator.pin,
                card_prefix=mall.CARD_PREFIX,
            ),
            desk=f"D{number}",
            store_url=url,
            keys_kind="file",
        )
        try:
            if number == 1:
                load.load_staff(desk.authority)
                load.load_shelf(desk.authority, "D1")
                load.load_history(desk.authority, plan_of(members), roots_of_desk(desk).card_key)
            lay_out_gifts(desk.authority)
        finally:
            desk.close()
        homes.append(home)
    server.tidy(url)
    return homes
