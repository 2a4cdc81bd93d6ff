"""The power goes at any moment of a desk's work, and nothing that was answered is lost (RELIABILITY.md P1, 9.2)."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.store import Store
from db.verify.chains import Chains
from db.verify.guards import check_file
from db.verify.report import Report
from db.verify.sums import check_sums
from tests.faults.power.images import FILES, Image, Kept
from tests.faults.power.working_desk import AS_IT_IS, SYNCING_LESS, Day, work

FULL = os.environ.get("MEMBERDESK_FULL") == "1"
DAYS, REQUESTS = (20, 300) if FULL else (1, 150)
IMAGES_OF_A_DAY = 50
CONTROL_IMAGES = 50 if FULL else 12

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process writes is seen through LD_PRELOAD")


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """journal.c, compiled."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to make the journal of writes with")
    made = tmp_path_factory.mktemp("shim") / "journal.so"
    source = Path(__file__).with_name("journal.c")
    subprocess.run(
        [compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, source, "-ldl", "-lpthread"], check=True
    )
    return made


@dataclass(frozen=True)
class Judgement:
    lost: int  # operations that had been answered and are not there
    wrong: tuple[str, ...]  # with the file or its books


def judged(image: Image, day: Day, folder: Path) -> Judgement:
    """Open the image as the next start would, read every page of it, add up its books and follow its chains."""
    folder.mkdir()
    file = folder / "store.db"
    image.lay(file)
    try:
        with closing(Store.open(f"sqlite:///{file}", day.key)) as store, store.snapshot() as connection:
            report = Report(None)
            check_file(connection, report)
            kept = {link.envelope.id for link in Chains(connection, day.mall, report).links()}
            check_sums(connection, day.mall, report)
            said = [str(row[0]) for row in connection.rows("PRAGMA integrity_check")]
            wrong = [*said, *map(str, report.findings)]
            return Judgement(len(image.promised - kept), tuple(line for line in wrong if line != "ok"))
    finally:
        shutil.rmtree(folder)


def judgements(day: Day, count: int, seed: int, folder: Path, kept: tuple[Kept, ...] = tuple(Kept)) -> list[Judgement]:
    """Of `count` images, cut at random moments of `day`."""
    chance = random.Random(seed)
    length = len(day.journal.records)
    return [
        judged(day.journal.image(chance.randint(1, length), chance.choice(kept), chance), day, folder / f"{number}")
        for number in range(count)
    ]


@pytest.mark.parametrize("seed", range(DAYS))
def test_whenever_the_power_goes_nothing_answered_is_lost_and_the_books_are_whole(
    tmp_path: Path, shim: Path, seed: int
) -> None:
    day = work(tmp_path / "home", shim, AS_IT_IS, seed=seed, requests=REQUESTS)
    assert the_whole_journal_is_the_disk(day)
    assert judgements(day, IMAGES_OF_A_DAY, seed, tmp_path) == [Judgement(0, ())] * IMAGES_OF_A_DAY


def test_a_desk_that_saves_on_syncs_loses_what_it_answered(tmp_path: Path, shim: Path) -> None:
    """The control: a harness that cannot fail proves nothing."""
    day = work(tmp_path / "home", shim, SYNCING_LESS, seed=0, requests=REQUESTS)
    found = judgements(day, CONTROL_IMAGES, 0, tmp_path, (Kept.NOTHING,))
    assert max(judgement.lost for judgement in found) > 0


def the_whole_journal_is_the_disk(day: Day) -> bool:
    """Every change was written down: played to its end, the journal gives the files that are there."""
    end = day.journal.image(len(day.journal.records), Kept.UP_TO_A_MOMENT, _LastMoment())
    for ending in FILES:
        file = day.home.store_file.with_name(day.home.store_file.name + ending)
        stands = file.read_bytes() if file.exists() else None
        if stands != end.files.get(ending):
            return False
    return True


class _LastMoment(random.Random):
    def randint(self, a: int, b: int) -> int:
        return b
