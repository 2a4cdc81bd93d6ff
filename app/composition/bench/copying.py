"""A desk's first copy of its hub, and what it finds in it when it is cut off."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from app.composition.bench.at_work import at_work
from app.composition.bench.crowd import card_of, phone_of
from app.composition.bench.figures import Figure, Say, at_most, p99, peak_mib, seconds_of
from app.composition.bench.ground import SEED
from app.composition.bench.hub_ground import CHEAP_PINS, RunningHub, mall_of, running_hubs
from app.composition.bench.searching import TYPED
from app.composition.desk import open_desk
from app.composition.following import enrol_desk
from app.composition.trial_hub import Tls
from app.composition.weather import Weather
from app.domain.card_code import PresentedCard
from app.queries.ports import Queries
from app.settings import Home

TOUCHED = 200  # by card, and as many by telephone


def figures(database: str, tls: Tls, folder: Path, crowd: range, say: Say) -> Iterator[Figure]:
    """`crowd`: the numbers, from 0, of the members that `add_crowd` made; the last of the mall."""
    members = crowd.stop
    home = Home(folder / "copying")
    with running_hubs(database, [mall_of(1)], tls) as (hub,):
        weather = Weather(hub.port)
        try:
            code = hub.code(1)
            say(f"the first copy of {members:,} members")
            with at_work([partial(Newcomer, home.folder, hub, weather.port, code)]) as newcomer:
                seconds, peak_of_desk = newcomer.one_does("enrol")
        finally:
            weather.close()
        peak_of_hub = peak_mib(hub.process_id)
    what = f"first copy of {members:,} members"
    yield Figure(f"{what}: enrolled and usable", seconds, "s", aim=at_most(60, "value"))
    yield Figure(f"{what}: over the line", weather.to_desk_bytes / 1e6, "MB", aim=at_most(400, "value"))
    yield Figure(f"{what}: the desk's file", home.store_file.stat().st_size / 1e6, "MB", aim=at_most(400, "value"))
    for whose, peak in (("desk", peak_of_desk), ("hub", peak_of_hub)):
        if peak:
            yield Figure(f"{what}: the {whose}'s memory meanwhile, at most", peak, "MiB")
    yield from _cut_off(home, crowd, say)


class Newcomer:
    """A process that enrols: what it needs at most is its own."""

    def __init__(self, folder: Path, hub: RunningHub, port: int, code: str) -> None:
        self._home = Home(folder)
        self._hub = hub
        self._port = port
        self._code = code

    def enrol(self) -> tuple[float, float]:
        """(seconds until the desk is open and can be signed in at, peak resident memory in MiB or 0)"""
        started = time.perf_counter()
        desk = enrol_desk(
            self._home,
            f"https://127.0.0.1:{self._port}",
            self._code,
            ca=self._hub.ca,
            keys_kind="file",
            pins=CHEAP_PINS,
        )
        seconds = time.perf_counter() - started
        desk.close()
        return seconds, peak_mib()

    def close(self) -> None: ...


def _cut_off(home: Home, crowd: range, say: Say) -> Iterator[Figure]:
    say("searching in the thin copy")
    desk = open_desk(home)  # its thread that talks to the hub does not run: as on a day without a line
    try:
        keystrokes = [text[:end] for text in TYPED for end in range(1, len(text) + 1)]
        chance = random.Random(SEED)  # noqa: S311 - no secret
        chance.shuffle(keystrokes)
        taken = [seconds_of(partial(desk.queries.find_members, text)) * 1000 for text in keystrokes]
        yield Figure("cut off: search, the query alone, p99", p99(taken), "ms", aim=at_most(40, "value"))
        touched = chance.sample(crowd, min(2 * TOUCHED, len(crowd)))
        cards, phones = touched[::2], touched[1::2]
        taken = [seconds_of(partial(desk.queries.card_holder, PresentedCard(card_of(each)))) * 1000 for each in cards]
        yield Figure(
            "cut off: a card of the thin copy, until its member stands, p99", p99(taken), "ms", aim=at_most(50, "value")
        )
        taken = [seconds_of(partial(_found_by, desk.queries, phone_of(each))) * 1000 for each in phones]
        yield Figure(
            "cut off: a telephone of the thin copy, until its member stands, p99",
            p99(taken),
            "ms",
            aim=at_most(50, "value"),
        )
    finally:
        desk.close()


def _found_by(queries: Queries, phone: str) -> None:
    assert len(queries.find_members(phone).rows) == 1, phone
