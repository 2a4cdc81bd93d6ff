"""The power goes at a desk that sends to its hub and reads from it: what it answered, and what it read, is whole."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.composition.desk import STORE_KEY, open_desk
from app.composition.following import enrol_desk
from app.domain.errors import Refused
from app.domain.ids import new_id
from app.domain.mode import Mode
from app.keys import keys_for
from app.settings import Home
from app.sync.following import Waiting
from db.following.place import SqlFollowing
from db.store import Store
from db.verify.chains import Chains
from db.verify.copies import verify_copy
from db.verify.report import Report
from tests.faults.power.images import Image, Journal, Kept
from tests.faults.power.test_power_cuts import Judgement, shim
from tests.faults.power.working_desk import AS_IT_IS, ROOT, SYNCING_LESS
from tests.story.test_desk_and_hub_over_http import Served, until
from tests.support.hub import a_hub
from tests.support.hub_process import Present
from tests.support.mall import CHEAP_PINS, CLERK, PINS

FULL = os.environ.get("MEMBERDESK_FULL") == "1"
DAYS, REQUESTS, IMAGES_OF_A_DAY, CONTROL_IMAGES = (20, 90, 50, 50) if FULL else (1, 30, 12, 5)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process writes is seen through LD_PRELOAD")
__all__ = ["shim"]


@dataclass(frozen=True)
class Day:
    home: Home
    key: bytes
    mall: str
    journal: Journal


@pytest.fixture
def served(fresh_postgres: str) -> Iterator[Served]:
    with a_hub(fresh_postgres, clock=Present()) as mall:
        made = Served(mall)
        yield made
        made.stop()


class Clerk:
    """Sends requests to a desk's process one by one, and waits for each answer."""

    def __init__(self, command: str, home: Home, watched: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", command.format(home=str(home.folder))],
            cwd=ROOT,
            env={**os.environ, **watched},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.session = new_id()
        assert self.ask("sign_in", {"staff": CLERK, "pin": PINS[CLERK]}, request=self.session, signed_in=False)

    def ask(self, verb: str, body: dict[str, Any], *, request: UUID | None = None, signed_in: bool = True) -> bool:
        who = {"session": str(self.session)} if signed_in else {}
        line = {"id": str(request or new_id()), **who, "op": verb, "body": body}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        self._process.stdin.flush()
        return bool(json.loads(self._process.stdout.readline())["result"] == "ok")

    def leave(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


def a_day(served: Served, folder: Path, shim: Path, command: str, *, seed: int) -> Day:
    """A third of it in contact, a third cut off, a third in contact again; the hub has news all the while."""
    mall, home = served.mall, Home(folder)
    desk = enrol_desk(home, served.url, mall.code("K1", 11), keys_kind="file", pins=CHEAP_PINS)
    desk.close()
    key = keys_for(home.folder, "file").get(STORE_KEY)
    assert key is not None
    before = {"": home.store_file.read_bytes()}
    assert not home.store_file.with_name("store.db-wal").exists()
    log = folder / "journal"
    store = str(home.store_file.resolve())
    clerk = Clerk(command, home, {"LD_PRELOAD": str(shim), "POWER_STORE": store, "POWER_JOURNAL": str(log)})
    _work(served, clerk, random.Random(seed))
    until(lambda: mall.hub_store.head_of("K1").sequence > REQUESTS // 2)
    clerk.leave()
    return Day(home, key, mall.name, Journal.read(before, log))


def _work(served: Served, clerk: Clerk, chance: random.Random) -> None:
    members: list[UUID] = []
    known: list[UUID] = []  # to the hub
    sold_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    for number in range(REQUESTS):
        if number == REQUESTS // 3:
            served.stop()
            known = list(members)
        if number == REQUESTS * 2 // 3:
            served.start()
        in_contact = not REQUESTS // 3 <= number < REQUESTS * 2 // 3
        kind = chance.choice(("enrol", "credit", "credit", "redeem", "receive")) if members else "enrol"
        if kind == "enrol":
            member = new_id()
            person = {"name": "李𬭚", "phone": str(13_800_000_000 + number)}
            body = {"person": person, "confirmed_adult": True, "consents": [{"purpose": "service"}]}
            assert clerk.ask("enrol_member", {"member": str(member), **body})
            members.append(member)
        elif kind == "credit":
            body = {"shop": "S1", "slip_number": f"A{number}", "sold_at": sold_at, "amount_fen": 50_000}
            assert clerk.ask("credit_sale", {"member": str(chance.choice(members)), **body})
        elif kind == "redeem":  # refused where there is nothing, or nobody to approve it while cut off
            lines = [{"gift": "CUP", "quantity": 1, "points_each": 100}]
            clerk.ask("redeem", {"member": str(chance.choice(members)), "lines": lines})
        else:
            assert clerk.ask("receive_stock", {"lines": [{"gift": "CUP", "quantity": 3}]})
        if in_contact and known:  # another desk's work, which this one has to read
            with suppress(Refused):  # not every member has been sent by now
                served.mall.hub.authority.submit_as_system(served.mall.slip(chance.choice(known), 10_000))


def judged(image: Image, day: Day, folder: Path) -> Judgement:
    """Open the image as the next start would: all that was answered is there, each account is the hub's image and what
    is pending over it, and its place in the feed is one."""
    folder.mkdir()
    file = folder / "store.db"
    image.lay(file)
    with closing(Store.open(f"sqlite:///{file}", day.key, whole=False)) as store:
        wrong = [str(finding) for finding in verify_copy(store, day.mall, "K1")]
        with store.snapshot() as connection:
            kept = {link.envelope.id for link in Chains(connection, day.mall, Report(None)).links()}
            wrong += [row[0] for row in connection.rows("PRAGMA integrity_check") if row[0] != "ok"]
        following = SqlFollowing(store, day.mall, "K1", Present())
        assert following.feed() is not None
        assert isinstance(following.waiting(), Waiting)
    return Judgement(len(image.promised - kept), tuple(wrong))


def cuts(day: Day, count: int, seed: int, kinds: tuple[Kept, ...] = tuple(Kept)) -> Iterator[Image]:
    chance = random.Random(seed)
    for _ in range(count):
        yield day.journal.image(chance.randint(1, len(day.journal.records)), chance.choice(kinds), chance)


@pytest.mark.parametrize("seed", range(DAYS))
def test_a_desk_that_sends_and_reads_loses_nothing_that_it_answered(
    served: Served, tmp_path: Path, shim: Path, seed: int
) -> None:
    day = a_day(served, tmp_path / "home", shim, AS_IT_IS, seed=seed)
    found = [judged(image, day, tmp_path / f"{at}") for at, image in enumerate(cuts(day, IMAGES_OF_A_DAY, seed))]
    assert found == [Judgement(0, ())] * IMAGES_OF_A_DAY
    goes_on_from(served, day, day.journal.image(len(day.journal.records), Kept.NOTHING, random.Random(1)))


def goes_on_from(served: Served, day: Day, image: Image) -> None:
    """The desk whose power went at the end of the day finds its hub again: no other history, and nothing unsent."""
    for file in day.home.folder.glob("store.db*"):
        file.unlink()
    image.lay(day.home.store_file)
    desk = open_desk(day.home, pins=CHEAP_PINS)
    assert desk.link is not None
    for _ in range(3):
        desk.link.agent.once()
    status = desk.link.status()
    assert (status.mode, status.trouble, status.unsent) == (Mode.ONLINE, None, 0)
    desk.close()
    served.mall.checked()


def test_a_following_desk_that_saves_on_syncs_loses_what_it_answered(
    served: Served, tmp_path: Path, shim: Path
) -> None:
    """The control: a harness that cannot fail proves nothing."""
    day = a_day(served, tmp_path / "home", shim, SYNCING_LESS, seed=2)
    found = [
        judged(image, day, tmp_path / f"{at}") for at, image in enumerate(cuts(day, CONTROL_IMAGES, 2, (Kept.NOTHING,)))
    ]
    assert max(judgement.lost for judgement in found) > 0
