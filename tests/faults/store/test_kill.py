"""What was acknowledged survives kill -9, at any moment (RELIABILITY.md P1, P7)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.errors import Unavailable
from db.store import Store
from db.verify import verify
from tests.support.stores import KEY

KILLS = 200 if os.environ.get("MEMBERDESK_FULL") == "1" else 20
KILLS_PER_TEST = 10
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX; Windows ends processes otherwise")
ROOT = Path(__file__).resolve().parents[3]


class Programs:
    """Programs that work at a counter until they are killed."""

    def __init__(self) -> None:
        self._starter = subprocess.Popen(
            [sys.executable, "-m", "tests.support.random_counter"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, file: Path, seed: int, acknowledged: Path) -> int:
        """Returns the process id, when the program has had its first answers."""
        self._say(f"sqlite:///{file} {KEY.hex()} {seed} {acknowledged}")
        program = int(self._hear())
        for _ in range(6_000):
            if acknowledged.exists() and acknowledged.read_bytes().count(b"\n") >= 3:
                return program
            time.sleep(0.01)
        raise AssertionError("no work was done in a minute")

    def kill(self, program: int) -> None:
        os.kill(program, signal.SIGKILL)
        assert self._hear() == "gone", "it had ended by itself"

    def _say(self, line: str) -> None:
        assert self._starter.stdin is not None
        print(line, file=self._starter.stdin, flush=True)

    def _hear(self) -> str:
        assert self._starter.stdout is not None
        return self._starter.stdout.readline().strip()

    def close(self) -> None:
        self._starter.communicate()


@pytest.fixture
def programs() -> Iterator[Programs]:
    programs = Programs()
    yield programs
    programs.close()


@pytest.mark.parametrize("first", range(0, KILLS, KILLS_PER_TEST))
def test_nothing_acknowledged_is_lost_when_the_program_is_killed(
    tmp_path: Path, programs: Programs, first: int
) -> None:
    """Programs one after another on the same file, each killed at a random moment of its work."""
    file, chance = tmp_path / "mall.db", random.Random(first)
    promised: list[str] = []
    malls: list[str] = []
    for number in range(first, first + KILLS_PER_TEST):
        acknowledged = tmp_path / f"acknowledged-{number}"
        program = programs.start(file, number, acknowledged)
        time.sleep(chance.uniform(0, 0.2))
        programs.kill(program)
        mall, *operations = acknowledged.read_text().splitlines()
        malls.append(mall.removeprefix("mall "))
        promised += [operation for operation in operations if len(operation) == 36]
    store = Store.open(f"sqlite:///{file}", KEY)
    try:
        kept = {row[0] for row in store.read(lambda c: c.rows("SELECT operation_id FROM operation"))}
        assert {UUID(operation) for operation in promised} <= kept
        for mall in malls:
            assert verify(store, mall) == []
    finally:
        store.close()


def test_a_second_program_is_refused_until_the_first_is_gone_however_it_went(
    tmp_path: Path, programs: Programs
) -> None:
    file = tmp_path / "mall.db"
    program = programs.start(file, 1, tmp_path / "acknowledged")
    with pytest.raises(Unavailable) as caught:
        Store.open(f"sqlite:///{file}", KEY)
    assert caught.value.code == "store.in_use"
    programs.kill(program)
    Store.open(f"sqlite:///{file}", KEY).close()
