"""Two desks and a real hub in one process, set up once and then copied: each day begins in the same morning.

The line between them loses replies, alters rows and is cut, wherever a story says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import psycopg

from app.composition import desk as desks
from app.composition.following import Link, found_copy
from app.domain.errors import Refused, Unavailable
from app.hub.service import Hub as HubService
from app.keys import FileKeys
from app.operations.base import Operation
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.settings import DeskSettings, Home
from app.sync.agent import Hub
from app.sync.envelope import DeskKey
from app.sync.following import FeedBroken
from app.sync.protocol import (
    Ask,
    Asked,
    Enrol,
    FeedPlace,
    FeedRow,
    Hello,
    HelloReply,
    Looked,
    Lookup,
    Place,
    PullReply,
    Push,
    PushReply,
    SnapshotLine,
    Void,
    from_json,
)
from db.hub.store import SqlHubStore
from db.store import Store
from tests.support.clocks import SetClock
from tests.support.hub import PROGRAM, HubMall, a_hub
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR

STORE_KEY = bytes(32)
NAMES = ("K1", "K2")


class Wire:
    """What `HubClient` is over HTTP, as far as a day needs it. `lose`: calls whose next reply does not arrive."""

    def __init__(self, hub: HubService, desk: str) -> None:
        self.hub, self.desk = hub, desk
        self.is_cut = False
        self.lose: list[str] = []
        self.refuse: set[str] = set()  # calls that do not get through at all
        self.alter: Callable[[FeedRow], FeedRow] = lambda row: row

    def _through(self, call: str) -> HubService:
        if self.is_cut or call in self.refuse:
            raise Unavailable("hub.unreachable")
        return self.hub

    def _lost(self, call: str) -> None:
        if call in self.lose:
            self.lose.remove(call)
            raise Unavailable("hub.no_answer")

    def hello(self, hello: Hello) -> HelloReply:
        hub = self._through("hello")
        return hub.hello(hub.known_desk(self.desk), hello)

    def push(self, push: Push) -> PushReply:
        reply = self._through("push").push(self.desk, push)
        self._lost("push")
        return reply

    def pull(self, place: FeedPlace, limit: int, wait_s: float, head: Place) -> PullReply:
        hub = self._through("pull")
        hub.acknowledged(self.desk, place.epoch, place.n, head.epoch, head.sequence)
        try:
            reply = hub.pull(place.epoch, place.n, limit)
        except Refused:
            raise FeedBroken("another feed") from None
        return PullReply(tuple(self.alter(row) for row in reply.rows), reply.feed)

    @contextmanager
    def snapshot(self) -> Iterator[tuple[FeedPlace, Iterator[SnapshotLine]]]:
        first, *rest = self._through("snapshot").snapshot(self.desk)
        yield from_json(FeedPlace, first), (from_json(SnapshotLine, line) for line in rest)

    def lookup(self, wish: Lookup) -> Looked:
        hub = self._through("lookup")
        return hub.lookup(hub.known_desk(self.desk), wish)

    def request(self, wish: Ask) -> Asked:
        answer = self._through("request").request(self.desk, wish)
        self._lost("request")
        return answer

    def void(self, operation: UUID) -> None:
        self._through("void").void(self.desk, Void(operation))

    def close(self) -> None:
        pass


class Counter:
    """A desk of the day; `did` is all that it answered with yes."""

    def __init__(self, day: Day, name: str, home: Home, seed: bytes) -> None:
        self.day, self.name, self.home = day, name, home
        settings = DeskSettings(mall=day.morning.mall, desk=name, store="", hub="https://hub.test")
        self.store = Store.open(home.store_url(settings), STORE_KEY, durable=False, whole=False)
        self.wire = Wire(day.hub, name)
        key, keys = DeskKey(seed), FileKeys(home.folder / "keys")
        self.link = Link(home, settings, self.store, key, keys, day.clock, hub=cast(Hub, self.wire))
        self.desk = desks.assembled(home, settings, self.store, key, day.clock, CHEAP_PINS, self.link)
        self.bugs: list[Exception] = []
        self.link.report = self.bugs.append
        self.session = day.morning.sessions.get(name)
        self.did: list[UUID] = []

    def sign_in(self) -> UUID:
        signed_in = SignIn(staff=CLERK)
        self.desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
        self.session = signed_in.id
        return signed_in.id

    def do(self, operation: Operation, *, approved: bool = True) -> UUID:
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR]) if approved else None
        self.desk.authority.submit(Submission((operation,), self.session, approval))
        self.did.append(operation.id)
        return operation.id

    def redeem(self, member: UUID, cups: int) -> UUID:
        return self.do(Redeem(member=member, lines=(RedemptionLine("CUP", cups, 100),)))

    def usable(self, member: UUID) -> int:
        return self.desk.queries.member_page(member).usable

    def talk(self, rounds: int = 2) -> None:
        for _ in range(rounds):
            self.day.clock.advance(timedelta(seconds=11))
            self.link.agent.once()

    def try_to_talk(self) -> str | None:
        try:
            self.talk(1)
        except (Unavailable, Refused) as problem:
            self.link.agent.no_answer()
            return problem.code
        return None

    def cut(self) -> None:
        self.wire.is_cut = True
        self.link.agent.no_answer()

    def mend(self) -> None:
        self.wire.is_cut = False
        self.talk()


@dataclass(frozen=True)
class Morning:
    """What every day begins with: the database to copy, the desks' folders, who is signed in."""

    server: str
    database: str
    folder: Path
    mall: str
    started: SetClock
    member: UUID
    seeds: dict[str, bytes]
    sessions: dict[str, UUID] = field(default_factory=dict)


@contextmanager
def a_morning(server: str, folder: Path) -> Iterator[Morning]:
    """`server`: SQLAlchemy URL of the maintenance database."""
    database = f"test_{uuid4().hex}"
    with psycopg.connect(server.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(f"create database {database}".encode())
        with a_hub(server.replace("/postgres?", f"/{database}?", 1)) as mall:
            morning = _set_up(server, database, folder, mall)
        yield morning
        connection.execute(f"drop database {database} with (force)".encode())


def _set_up(server: str, database: str, folder: Path, mall: HubMall) -> Morning:
    enrol, card = mall.enrolment("李静"), mall.new_card()
    mall.hub.authority.submit_as_system(enrol, IssueCard(member=enrol.member, number=card))
    mall.hub.authority.submit_as_system(mall.slip(enrol.member, 100_000))
    seeds = {name: bytes([at]) * 32 for at, name in enumerate(NAMES, 1)}
    morning = Morning(server, database, folder, mall.name, mall.clock, enrol.member, seeds)
    day = Day(morning, mall.hub, mall.store, mall.clock)
    for at, (name, seed) in enumerate(seeds.items(), 11):
        home = Home(folder / name)
        home.folder.mkdir()
        key = DeskKey(seed)
        told = mall.hub.enrol(Enrol(mall.code(name, at), key.public, "1.0"))
        settings = DeskSettings(mall=mall.name, desk=name, store="", hub="https://hub.test")
        store = Store.open(home.store_url(settings), STORE_KEY, create=True, durable=False, whole=False)
        store.write(lambda connection, told=told, key=key: found_copy(connection, told, key))  # type: ignore[misc]
        store.close()
        counter = Counter(day, name, home, seed)
        counter.talk()
        morning.sessions[name] = counter.sign_in()
        counter.do(ReceiveStock(lines=(StockLine("CUP", 100),)))
        counter.usable(enrol.member)
        counter.talk()
        counter.desk.close()
    return morning


@dataclass
class Day:
    morning: Morning
    hub: HubService
    store: Store
    clock: SetClock

    def one(self, sql: str, **values: object) -> int:
        found = self.store.read(lambda connection: connection.row(sql, mall=self.morning.mall, **values))
        assert found is not None
        return int(found[0])

    def account(self, member: UUID) -> tuple[int, int, int]:
        found = self.store.read(
            lambda connection: connection.row(
                "SELECT posted, held, owed FROM account WHERE mall_id = :mall AND account = :member",
                mall=self.morning.mall,
                member=member,
            )
        )
        assert found is not None
        return found[0], found[1], found[2]


@contextmanager
def a_day(morning: Morning, folder: Path) -> Iterator[tuple[Day, Counter, Counter]]:
    database = f"test_{uuid4().hex}"
    with psycopg.connect(morning.server.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(f"create database {database} template {morning.database}".encode())
        store = Store.open(morning.server.replace("/postgres?", f"/{database}?", 1), None)
        clock = copy(morning.started)
        hub = HubService(SqlHubStore([store], morning.mall, clock), morning.mall, clock, CHEAP_PINS, PROGRAM)
        day = Day(morning, hub, store, clock)
        counters: list[Counter] = []
        try:
            for name in NAMES:
                shutil.copytree(morning.folder / name, folder / name)
                counters.append(Counter(day, name, Home(folder / name), morning.seeds[name]))
                counters[-1].talk(1)
            yield day, counters[0], counters[1]
        finally:
            for counter in counters:
                counter.desk.close()
            store.close()
            connection.execute(f"drop database {database} with (force)".encode())


def altered(row: FeedRow) -> FeedRow:
    """As somebody between the two would: the member has more points than the hub says."""
    images = [
        {**image, "state": {**image["state"], "posted": image["state"]["posted"] + 500}}
        if image["of"] == "account" and image["state"]["posted"] > 0
        else image
        for image in row.result["images"]
    ]
    return replace(row, result={**row.result, "images": images})
