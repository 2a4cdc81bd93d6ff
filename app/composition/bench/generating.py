"""`memberdesk data generate` against the driver's own `executemany`."""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from app.composition.bench.bare import copy_seconds
from app.composition.bench.figures import Figure, Say, at_least, at_most, not_measured, seconds_of
from app.composition.bench.ground import SALES, plan_of
from app.composition.demo import make_demo
from app.composition.desk import open_desk
from app.settings import Home

SAMPLE = 20_000  # members; enough that what is done once does not count
ROUNDS = 3


def figures(members: int, say: Say) -> Iterator[Figure]:
    sample = min(members, SAMPLE)
    rows = sample * (1 + SALES)
    generated, bare = [], []
    for number in range(1, ROUNDS + 1):
        say(f"generating {sample:,} members, {number} of {ROUNDS}")
        with TemporaryDirectory(prefix="memberdesk-bench-") as folder:
            home = Home(Path(folder) / "home")
            generated.append(rows / _in_a_process_of_its_own(home, sample)[0])
            desk = open_desk(home)
            try:
                bare.append(rows / copy_seconds(desk.store, Path(folder)))
            finally:
                desk.close()
    yield Figure("data generate", median(generated), "rows/s", median(bare), at_least(0.3))
    yield _memory(sample, say)


def _memory(sample: int, say: Say) -> Figure:
    """Flat: four times the members take no more."""
    name = "data generate, peak memory, against a quarter of the members"
    if sys.platform == "win32":
        return not_measured(name, "Windows does not tell", at_most(1.15), "MiB")
    say("generating, peak memory")
    with TemporaryDirectory(prefix="memberdesk-bench-") as folder:
        _, quarter = _in_a_process_of_its_own(Home(Path(folder) / "quarter"), max(1, sample // 4))
        _, whole = _in_a_process_of_its_own(Home(Path(folder) / "whole"), sample)
    return Figure(name, whole, "MiB", quarter, at_most(1.15))


def _in_a_process_of_its_own(home: Home, members: int) -> tuple[float, float]:
    """Seconds, and the most memory it ever held (MiB)."""
    with multiprocessing.get_context("spawn").Pool(1) as one:
        return one.apply(_generate, (home.folder, members))


def _generate(folder: Path, members: int) -> tuple[float, float]:
    taken = seconds_of(lambda: make_demo(Home(folder), plan_of(members)).close())
    return taken, _most_mib()


def _most_mib() -> float:
    """The most memory that this process ever held; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # `ru_maxrss` would start from what the parent held when it made this process
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(found[1]) / 2**10 if found else 0.0
    if sys.platform == "win32":
        return 0.0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10
