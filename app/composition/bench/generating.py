"""`memberdesk data generate` against the driver's own `executemany`."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from argon2 import PasswordHasher

from app.composition.bench.bare import copy_seconds
from app.composition.bench.figures import Figure, Say, at_least, at_most, not_measured, peak_mib, seconds_of
from app.composition.bench.ground import SALES, plan_of
from app.composition.demo import make_demo
from app.composition.desk import open_desk
from app.pins import Argon2Pins
from app.settings import Home

# Members; enough that what is done once does not count, and a quarter of them fill SQLite's page cache.
SAMPLE = 24_000
ROUNDS = 3


def figures(members: int, say: Say) -> Iterator[Figure]:
    sample = min(members, SAMPLE)
    rows = sample * (1 + SALES)
    generated, bare = [], []
    for number in range(1, ROUNDS + 1):
        say(f"generating {sample:,} members, {number} of {ROUNDS}")
        with TemporaryDirectory(prefix="memberdesk-bench-") as folder:
            home = Home(Path(folder) / "home")
            generated.append(rows / _in_a_process_of_its_own(_generate, home, sample))
            desk = open_desk(home)
            try:
                bare.append(rows / copy_seconds(desk.store, Path(folder)))
            finally:
                desk.close()
    yield Figure("data generate", median(generated), "rows/s", median(bare), at_least(0.3))
    yield _memory(say)


def _memory(say: Say) -> Figure:
    """Flat: four times the members take no more. Of the whole sample, however small the store that is asked for: below
    a few thousand members it is the page cache that grows, up to its bound."""
    title = "data generate, peak memory, against a quarter of the members"
    if sys.platform == "win32":
        return not_measured(title, "Windows does not tell", at_most(1.15), "MiB")
    say("generating, peak memory")
    with TemporaryDirectory(prefix="memberdesk-bench-") as folder:
        quarter, whole = (
            _in_a_process_of_its_own(_generate_and_tell_memory, Home(Path(folder) / name), many)
            for name, many in (("quarter", max(1, SAMPLE // 4)), ("whole", SAMPLE))
        )
    return Figure(title, whole, "MiB", quarter, at_most(1.15))


def _in_a_process_of_its_own(work: Callable[[Path, int], float], home: Home, members: int) -> float:
    with multiprocessing.get_context("spawn").Pool(1) as one:
        return one.apply(work, (home.folder, members))


def _generate(folder: Path, members: int) -> float:
    return seconds_of(lambda: make_demo(Home(folder), plan_of(members)).close())


def _generate_and_tell_memory(folder: Path, members: int) -> float:
    # The PINs' own 64 MiB would cover up whatever the rows take.
    cheap = Argon2Pins(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    make_demo(Home(folder), plan_of(members), pins=cheap).close()
    return peak_mib()
