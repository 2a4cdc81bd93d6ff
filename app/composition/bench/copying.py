"""A desk's first copy of its hub, and what it finds in it when it is cut off."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from app.composition.bench.at_work import at_work
from app.composition.bench.figures import Figure, Say, at_most, p99, seconds_of
from app.composition.bench.ground import SEED
from app.composition.bench.hub_ground import CHEAP_PINS, RunningHub, Tls, mall_of, running_hubs
from app.composition.bench.searching import TYPED
from app.composition.bench.weather import Weather
from app.composition.desk import open_desk, roots
from app.composition.following import enrol_desk
from app.demo import mall
from app.domain.card import card_number
from app.domain.card_code import PresentedCard
from app.domain.errors import Refused
from app.settings import Home

CARDS = 100


def figures(database: str, tls: Tls, folder: Path, members: int, say: Say) -> Iterator[Figure]:
    home = Home(folder / "copying")
    with running_hubs(database, [mall_of(1)], tls) as (hub,):
        weather = Weather(hub.port)
        try:
            code = hub.code(1)
            say(f"the first copy of {members:,} members")
            with at_work([partial(Newcomer, home.folder, hub, weather.port, code)]) as newcomer:
                seconds, peak_mib = newcomer.one_does("enrol")
        finally:
            weather.close()
    what = f"first copy of {members:,} members"
    yield Figure(f"{what}: enrolled and usable", seconds, "s", aim=at_most(60, "value"))
    yield Figure(f"{what}: over the line", weather.to_desk_bytes / 1e6, "MB", aim=at_most(400, "value"))
    yield Figure(f"{what}: the desk's file", home.store_file.stat().st_size / 1e6, "MB", aim=at_most(400, "value"))
    if peak_mib:
        yield Figure(f"{what}: the desk's memory meanwhile, at most", peak_mib, "MiB")
    yield from _cut_off(home, members, say)


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
        return seconds, _peak_mib()

    def close(self) -> None: ...


def _peak_mib() -> float:
    if sys.platform == "win32":
        return 0.0
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _cut_off(home: Home, members: int, say: Say) -> Iterator[Figure]:
    say("searching in the thin copy")
    desk = open_desk(home)  # its thread that talks to the hub does not run: as on a day without a line
    try:
        keystrokes = [text[:end] for text in TYPED for end in range(1, len(text) + 1)]
        chance = random.Random(SEED)  # noqa: S311 - no secret
        chance.shuffle(keystrokes)
        taken = [seconds_of(partial(desk.queries.find_members, text)) * 1000 for text in keystrokes]
        yield Figure("cut off: search, the query alone, p99", p99(taken), "ms", aim=at_most(40, "value"))
        key, taken = roots(desk).card_key, []
        for _ in range(CARDS * 4):
            number = card_number(chance.randrange(members) + 1, mall.CARD_PREFIX, key)
            seconds = seconds_of(partial(_swiped, desk.queries.card_holder, PresentedCard(number)))
            taken.append(seconds * 1000)
            if len(taken) == CARDS:
                break
        yield Figure("cut off: a card of the thin copy, until its member stands, p99", p99(taken), "ms")
    finally:
        desk.close()


def _swiped(ask: Callable[[PresentedCard], object], card: PresentedCard) -> None:
    with suppress(Refused):  # one of the few numbers that are nobody's
        ask(card)
