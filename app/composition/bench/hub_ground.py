"""What the suite `sync` is measured on: malls in one PostgreSQL, hubs in processes of their own, desks that push."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from argon2 import PasswordHasher

from app.composition.bench.figures import Say
from app.composition.bench.ground import GIFT, SEED, YEARS, lay_out_gifts
from app.composition.desk import roots, set_up
from app.composition.following import PROGRAM, enrol_desk
from app.composition.hub import enrolment_code
from app.composition.trial_hub import Tls, free_port, hub_process, until_listening
from app.demo import load, mall
from app.demo.history import Plan
from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.operations.base import Operation
from app.operations.credit_sale import CreditSale
from app.operations.hand_out import HandOut
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.set_up import ChangeSetting
from app.operations.sign_in import SignIn
from app.pins import Argon2Pins
from app.ports.clock import SystemClock
from app.ports.first_start import FirstStartAnswers
from app.settings import Home
from app.sync import codec
from app.sync.envelope import FIRST_HLC, DeskKey, Envelope, next_hlc, operation_hash
from app.sync.http import HubClient, enrol
from app.sync.protocol import Ask, Asked, Enrol, Place, Push, PushReply, SentOperation

CLERK, SUPERVISOR, ADMINISTRATOR = mall.STAFF[0], mall.STAFF[2], mall.STAFF[-1]
# PINs are checked at the desk, and what that costs on purpose is none of this suite's figures.
CHEAP_PINS = Argon2Pins(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
_FIRST_NUMBER = 20  # of the desks that are measured


def mall_of(number: int) -> str:
    """The mall's id, counted from 1."""
    return f"M{number:02d}"


def found_mall(url: str, folder: Path, mall_id: str, members: int, sales: int, say: Say) -> None:
    """A mall with that many members, each of whom has bought `sales` times, founded at a desk on the database."""
    desk = set_up(
        Home(folder / f"founder-{mall_id}"),
        FirstStartAnswers(
            mall_name=mall.MALL_NAME,
            desk_name="1 号服务台",
            desk_number=1,
            administrator_staff=ADMINISTRATOR.staff,
            administrator_name=ADMINISTRATOR.name,
            administrator_pin=ADMINISTRATOR.pin,
            card_prefix=mall.CARD_PREFIX,
        ),
        mall_id=mall_id,
        desk="D1",
        store_url=url,
        keys_kind="file",
        pins=CHEAP_PINS,
    )
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done * 10 // total > shown:
            shown = done * 10 // total
            say(f"mall {mall_id} of {members:,} members: {shown * 10} %")

    try:
        # Redemptions of this suite are approved by PIN, as in all its figures so far.
        desk.authority.submit_as_system(ChangeSetting(name="offline_approval_card", value="0"))
        load.load_staff(desk.authority)
        load.load_shelf(desk.authority, "D1")
        plan = Plan(members, YEARS, SEED, datetime.now(UTC).date(), sales_per_member=sales)
        load.load_history(desk.authority, plan, roots(desk).card_key, progress)
        lay_out_gifts(desk.authority)
    finally:
        desk.close()


@dataclass(frozen=True)
class RunningHub:
    """A process of `memberdesk hub`, as it is installed."""

    database: str
    mall: str
    port: int
    tls: Tls
    process_id: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        return self.tls.certificate

    def code(self, number: int) -> str:
        """With which desk number `_FIRST_NUMBER + number` enrols."""
        at = _FIRST_NUMBER + number
        return enrolment_code(
            self.database,
            self.mall,
            desk=f"K{at}",
            name=f"{at} 号服务台",
            number=at,
            administrator=ADMINISTRATOR.staff,
            pin=ADMINISTRATOR.pin,
            approver=SUPERVISOR.staff,
            approver_pin=SUPERVISOR.pin,
        )

    def desk_at(self, folder: Path, number: int, *, url: str = "") -> Home:
        """A desk as it is installed, its first copy taken; `url`: by way of something in between."""
        home = Home(folder)
        enrol_desk(home, url or self.url, self.code(number), ca=self.ca, keys_kind="file", pins=CHEAP_PINS).close()
        return home


@contextmanager
def running_hubs(database: str, malls: Sequence[str], tls: Tls) -> Iterator[list[RunningHub]]:
    """One process for each entry of `malls`, in that order."""
    with ExitStack() as stack:
        hubs = []
        processes = []
        for mall_id in malls:
            hub = RunningHub(database, mall_id, free_port(), tls)
            processes.append(stack.enter_context(hub_process(database, mall_id, hub.port, tls)))
            hubs.append(replace(hub, process_id=processes[-1].pid))
        for hub, process in zip(hubs, processes, strict=True):
            until_listening(process, hub.port)
        yield hubs


class Sender:
    """A desk as the hub sees it: signs its chain and pushes it; keeps no store, so that what is measured is the hub."""

    def __init__(self, hub: RunningHub, code: str, members: int, seed: int) -> None:
        self._key = DeskKey(os.urandom(32))
        self._clock = SystemClock()
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._members = members
        told = enrol(hub.url, hub.ca, Enrol(code, self._key.public, PROGRAM))
        self._mall, self._desk = told.mall, told.desk
        self._epoch, self._head, self._hlc = told.epoch, told.head, FIRST_HLC
        self.client = HubClient(
            hub.url, mall=told.mall, desk=told.desk, key=self._key, hub_key=told.hub_key, clock=self._clock, ca=hub.ca
        )
        self._ready: list[SentOperation] = []
        signed_in = SignIn(staff=CLERK.staff)
        self._session: UUID | None = None
        sent = [self.made(signed_in)]
        self._session = signed_in.id
        sent += [self.made(ReceiveStock(lines=(StockLine(GIFT, 99_999),), delivery_note="BENCH")) for _ in range(5)]
        self.push(sent)

    def close(self) -> None:
        self.client.close()

    def any_member(self) -> UUID:
        return load.member_id(SEED, self._chance.randrange(self._members))

    def a_redemption(self) -> Redeem:
        return Redeem(member=self.any_member(), lines=(RedemptionLine(GIFT, 1, 1),))

    def made(self, operation: Operation, basis: dict[str, str] | None = None) -> SentOperation:
        """The next link of the chain; a redemption without `basis` was approved at the desk, which was cut off."""
        operation = codec.checked(operation)
        wall_ms = self._clock.wall_ms()
        self._hlc = next_hlc(self._hlc, wall_ms)
        sequence = 1 if self._head.epoch != self._epoch else self._head.sequence + 1
        encoded = Envelope(
            id=operation.id,
            mall=self._mall,
            desk=self._desk,
            epoch=self._epoch,
            sequence=sequence,
            prev=self._head.hash,
            hlc=self._hlc,
            wall_ms=wall_ms,
            boot=self._clock.boot(),
            since_boot_ms=self._clock.since_boot_ms(),
            verb=operation.verb,
            version=operation.version,
            policy="0",
            actor=CLERK.staff,
            session=self._session,
            approver=SUPERVISOR.staff if isinstance(operation, Redeem) and basis is None else None,
            member_proof=None,
            clock_suspect=False,
            body=codec.body_of(operation),
            basis=basis,
        ).encoded()
        digest = operation_hash(encoded)
        self._head = Place(self._epoch, sequence, digest)
        return SentOperation(encoded, self._key.sign(digest))

    def push(self, sent: Sequence[SentOperation]) -> PushReply:
        """All of them, sent again where no answer came in time: each counts once. Raises AssertionError where the hub
        did not take one."""
        while True:
            with suppress(Unavailable):
                reply = self.client.push(Push(tuple(sent)))
                break
        odd = [result for result in reply.results if result.verdict == "quarantined"]
        assert not odd, odd[0]
        assert len(reply.results) == len(sent), reply
        return reply

    def prepare_redemptions(self, count: int) -> int:
        """Makes and signs them ahead of time: that is the desk's work. Returns how many are ready."""
        self._ready += [self.made(self.a_redemption()) for _ in range(count)]
        return len(self._ready)

    def prepare_day(self, count: int) -> int:
        """As a counter's day goes: slips credited, and two of ten operations a redemption and its handing out."""
        while len(self._ready) < count:
            redeem = self.a_redemption()
            self._ready += [self.made(self._a_slip()) for _ in range(6)]
            handed_out = HandOut(redemption=redeem.id, lines=(0,), member=redeem.member)
            self._ready += [self.made(redeem), self.made(handed_out)]
        return len(self._ready)

    def _a_slip(self) -> CreditSale:
        return CreditSale(
            member=self.any_member(),
            shop=mall.SHOPS[0].shop,
            slip_number=new_id().hex,
            sold_at=datetime.now(UTC) - timedelta(minutes=1),
            amount_fen=self._chance.randrange(1_000, 50_000),
        )

    def push_for(self, seconds: float, at_once: int) -> tuple[int, float]:
        """(operations answered, seconds it took) of what is prepared."""
        started, done = time.perf_counter(), 0
        while self._ready and time.perf_counter() - started < seconds:
            some, self._ready = self._ready[:at_once], self._ready[at_once:]
            self.push(some)
            done += len(some)
        return done, time.perf_counter() - started

    def redeem_online(self) -> tuple[float, float]:
        """Asked for, granted, done and posted: seconds until the hub's yes, and until it has it."""
        started = time.perf_counter()
        redemption = self.a_redemption()
        wish = Ask(
            operation=redemption.id,
            verb=redemption.verb,
            body=codec.body_of(redemption),
            actor=CLERK.staff,
            session=self._session or UUID(int=0),
        )
        asked: Asked = self.client.request(wish)
        granted = time.perf_counter() - started
        assert asked.verdict == "granted", asked
        self.push([self.made(redemption, {"right": "online", "hold": str(asked.hold)})])
        return granted, time.perf_counter() - started
