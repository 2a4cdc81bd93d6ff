"""What is measured on: stores full of invented members, and a clerk who redeems without pause."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from app.authority import LocalAuthority
from app.composition.bench.figures import Say
from app.composition.demo import make_demo
from app.composition.desk import Desk, open_desk
from app.demo import load, mall
from app.demo.history import Plan
from app.domain.errors import Refused, Unavailable
from app.domain.ids import new_id
from app.operations.credit_sale import CreditSale
from app.operations.enrol_member import Consent, EnrolMember
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.set_up import AddGift
from app.operations.sign_in import SignIn
from app.ports.authority import Submission
from app.ports.storage import Person
from app.settings import Home, write_whole

SEED = 1
YEARS = 2
SALES = 10  # of each member
GIFT = "BENCH"  # costs one point, so that nobody's points run out
_CLERK = mall.STAFF[0]
_PIECES = 100_000


def plan_of(members: int) -> Plan:
    return Plan(members, YEARS, SEED, datetime.now(UTC).date(), sales_per_member=SALES)


@contextmanager
def store_of(members: int, keep: Path | None, say: Say) -> Iterator[Home]:
    """A home whose store has that many members: in a temporary folder, or in `keep`, where it is found again.

    Raises Unavailable("bench.other_store") where `keep` holds something else."""
    if keep is None:
        with TemporaryDirectory(prefix="memberdesk-bench-") as folder:
            home = Home(Path(folder) / "home")
            _generate(home, members, say)
            yield home
        return
    home, made = Home(keep), keep / "made-for-bench.txt"
    wanted = f"{members}/{SEED}"
    if not made.exists():
        if keep.exists() and any(keep.iterdir()):
            raise Unavailable("bench.other_store", folder=str(keep))
        _generate(home, members, say)
        write_whole(made, wanted + "\n")
    elif made.read_text(encoding="utf-8").strip() != wanted:
        raise Unavailable("bench.other_store", folder=str(keep))
    yield home


def _generate(home: Home, members: int, say: Say) -> None:
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        percent = done * 100 // total
        if percent >= shown + 5:
            shown = percent
            say(f"a store of {members:,} members: {percent} %")

    make_demo(home, plan_of(members), progress=progress).close()


def lay_out_gifts(authority: LocalAuthority) -> None:
    """Enough of the one-point gift at this desk."""
    authority.submit_as_system(
        AddGift(gift=GIFT, name="纪念贴纸", points=1, value_fen=100),
        ReceiveStock(lines=(StockLine(GIFT, _PIECES),), delivery_note="BENCH"),
    )


def sign_in(desk: Desk) -> UUID:
    (answer,) = desk.authority.submit(Submission((SignIn(staff=_CLERK.staff),), None, pin=_CLERK.pin))
    return UUID(str(answer.facts["session"]))


class BusyClerk:
    """Signed in at one desk; redeems the one-point gift for one member after another, chosen by chance."""

    def __init__(self, home: Home, members: int, seed: int) -> None:
        self.desk = open_desk(home)
        self._session = sign_in(self.desk)
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._members = members

    def redeem(self, member: UUID) -> None:
        line = RedemptionLine(GIFT, 1, 1)
        self.desk.authority.submit(Submission((Redeem(member=member, lines=(line,)),), self._session))

    def redeem_times(self, times: int) -> None:
        for _ in range(times):
            self.redeem(load.member_id(SEED, self._chance.randrange(self._members)))

    def redeem_for(self, seconds: float) -> int:
        """Returns how many."""
        until, times = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            self.redeem_times(1)
            times += 1
        return times

    def new_member_with(self, points: int) -> UUID:
        """At one point a yuan, before any tier, campaign or cap."""
        member, now = new_id(), datetime.now(UTC)
        phone = f"19{self._chance.randrange(10**9):09d}"
        self.desk.authority.submit(
            Submission(
                (
                    EnrolMember(
                        member=member,
                        person=Person("欧阳竞", phone),
                        confirmed_adult=True,
                        consents=(Consent("service"),),
                    ),
                    CreditSale(
                        member=member,
                        shop=mall.SHOPS[0].shop,
                        slip_number=phone,
                        sold_at=now - timedelta(minutes=1),
                        amount_fen=points * 100,
                    ),
                ),
                self._session,
            )
        )
        return member

    def race(self, member: UUID, threads: int) -> int:
        """That many threads redeem for one member until there is nothing left. Returns how many succeeded."""
        succeeded: list[int] = []

        def redeem_all() -> None:
            times = 0
            try:
                while True:
                    self.redeem(member)
                    times += 1
            except Refused as refusal:
                if refusal.code != "points.not_enough":
                    raise
            finally:
                succeeded.append(times)

        racing = [threading.Thread(target=redeem_all) for _ in range(threads)]
        for thread in racing:
            thread.start()
        for thread in racing:
            thread.join()
        return sum(succeeded)

    def close(self) -> None:
        self.desk.close()
