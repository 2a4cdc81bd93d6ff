"""Two desks with stores of their own and the real hub between them, in one process; the network is cut on demand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.composition import desk as desks
from app.composition.following import Link, found_copy
from app.domain.card_code import PresentedCard
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.keys import FileKeys
from app.operations.base import Operation
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.settle_task import SettleTask
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.settings import DeskSettings, Home
from app.sync.envelope import DeskKey
from app.sync.protocol import (
    Ask,
    Asked,
    Enrol,
    FeedPlace,
    Hello,
    HelloReply,
    Looked,
    Lookup,
    PullReply,
    Push,
    PushReply,
    SnapshotLine,
    Void,
    from_json,
)
from db.store import Store
from db.verify.copies import verify_copy
from tests.support.hub import HubMall, a_hub
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR


class Wire:
    """What `HubClient` is over HTTP, without it."""

    def __init__(self, mall: HubMall, desk: str) -> None:
        self.mall, self.desk = mall, desk
        self.is_cut = False

    def _hub(self) -> HubMall:
        if self.is_cut:
            raise Unavailable("hub.unreachable")
        return self.mall

    def hello(self, hello: Hello) -> HelloReply:
        hub = self._hub().hub
        return hub.hello(hub.known_desk(self.desk), hello)

    def push(self, push: Push) -> PushReply:
        return self._hub().hub.push(self.desk, push)

    def pull(self, place: FeedPlace, limit: int, wait_s: float) -> PullReply:
        return self._hub().hub.pull(place.epoch, place.n, limit)

    @contextmanager
    def snapshot(self) -> Iterator[tuple[FeedPlace, Iterator[SnapshotLine]]]:
        first, *rest = self._hub().hub.snapshot(self.desk)
        yield from_json(FeedPlace, first), (from_json(SnapshotLine, line) for line in rest)

    def lookup(self, wish: Lookup) -> Looked:
        hub = self._hub().hub
        return hub.lookup(hub.known_desk(self.desk), wish)

    def request(self, wish: Ask) -> Asked:
        return self._hub().hub.request(self.desk, wish)

    def void(self, operation: UUID) -> None:
        self._hub().hub.void(self.desk, Void(operation))

    def close(self) -> None:
        pass


class Desk:
    def __init__(self, mall: HubMall, name: str, number: int, folder: Path) -> None:
        self.mall = mall
        self.home = Home(folder / name)
        self.home.folder.mkdir()
        seed = os.urandom(32)
        key = DeskKey(seed)
        told = mall.hub.enrol(Enrol(mall.code(name, number), key.public, "1.0"))
        settings = DeskSettings(mall=mall.name, desk=name, store="", hub="https://hub.test")
        self.store = Store.open(self.home.store_url(settings), bytes(32), create=True, durable=False, whole=False)
        self.store.write(lambda connection: found_copy(connection, told, key))
        self.wire = Wire(mall, name)
        keys = FileKeys(self.home.folder / "keys")
        link = Link(self.home, settings, self.store, key, keys, mall.clock, hub=self.wire)
        self.desk = desks.assembled(self.home, settings, self.store, key, mall.clock, CHEAP_PINS, link)
        self.link = link
        self.sync()
        signed_in = SignIn(staff=CLERK)
        self.desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
        self.session = signed_in.id
        self.sync()

    def sync(self, rounds: int = 2) -> None:
        for _ in range(rounds):
            self.link.agent.once()

    def cut(self) -> None:
        self.wire.is_cut = True
        self.link.agent.no_answer()

    def mend(self) -> None:
        self.wire.is_cut = False
        self.mall.clock.advance(timedelta(seconds=11))
        self.sync()

    def do(self, *operations: Operation, approved: bool = False) -> None:
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR]) if approved else None
        self.desk.authority.submit(Submission(operations, self.session, approval))

    def swipe(self, number: str) -> UUID:
        return self.desk.queries.card_holder(PresentedCard(number)).member

    def usable(self, member: UUID) -> int:
        return self.desk.queries.member_page(member).usable

    def redeem(self, member: UUID, cups: int, *, approved: bool = True) -> UUID:
        operation = Redeem(member=member, lines=(RedemptionLine("CUP", cups, 100),))
        self.do(operation, approved=approved)
        return operation.id


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres) as made:
        yield made


@pytest.fixture
def pair(mall: HubMall, tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    made = (Desk(mall, "K1", 11, tmp_path), Desk(mall, "K2", 12, tmp_path))
    for desk in made:
        desk.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
        desk.sync()
    yield made
    for desk in made:
        desk.desk.close()


def a_member(mall: HubMall, points: int) -> tuple[UUID, str]:
    """Of before there were desks with a hub: only the hub knows them."""
    enrol = mall.enrolment("李静")
    number = mall.new_card()
    mall.hub.authority.submit_as_system(enrol, IssueCard(member=enrol.member, number=number))
    mall.hub.authority.submit_as_system(mall.slip(enrol.member, points * 100))
    return enrol.member, number


def everybody(*all_desks: Desk) -> Sequence[Desk]:
    for desk in all_desks:
        desk.sync()
    return all_desks


def test_one_desk_redeems_cut_off_and_both_see_it_when_it_is_back(mall: HubMall, pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    assert one.swipe(card) == other.swipe(card) == member
    assert one.usable(member) == other.usable(member) == 1_000
    one.cut()
    assert one.link.status().mode is Mode.FRESH
    one.redeem(member, 3)
    assert (one.usable(member), other.usable(member)) == (700, 1_000)
    assert verify_copy(one.store, mall.name, "K1") == []
    assert one.link.following.unsettled_points() == 300
    one.mend()
    other.sync()
    assert one.link.status().mode is Mode.ONLINE
    assert (one.usable(member), other.usable(member), mall.usable(member)) == (700, 700, 700)
    assert one.link.following.unsettled_points() == 0
    assert one.link.following.waiting().count == 0
    mall.checked()
    assert verify_copy(one.store, mall.name, "K1") == []
    one.store.write(lambda c: c.run("UPDATE account SET posted = posted + 1 WHERE account = :member", member=member))
    assert {found.code for found in verify_copy(one.store, mall.name, "K1")} == {
        "verify.balance",
        "verify.balance_of_lots",
    }


def test_an_overdraft_is_recorded_and_comes_back_as_a_task(mall: HubMall, pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    for desk in pair:
        desk.swipe(card)
        desk.cut()
        desk.redeem(member, 8)
    one.mend()
    other.mend()
    one.sync()
    assert mall.account(member).posted == -600
    assert [task.code for task in other.link.tasks()] == ["conflict.overdrawn"]
    assert other.link.tasks()[0].member == member
    assert one.link.tasks() == ()
    task = other.link.tasks()[0]
    other.do(SettleTask(settles=task.operation, code=task.code, outcome="called"))
    other.sync()
    assert other.link.tasks() == ()
    assert mall.tasks() == []
    assert (one.usable(member), other.usable(member)) == (0, 0)
    one.cut()
    with pytest.raises(Refused) as owes:
        one.redeem(member, 1)
    assert owes.value.code == "offline.member_owes"
    mall.checked()


def test_online_the_hub_decides_and_nobody_overspends(mall: HubMall, pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    member, card = a_member(mall, 1_000)
    everybody(one, other)
    one.swipe(card)
    other.swipe(card)
    one.redeem(member, 8, approved=False)
    with pytest.raises(Refused) as short:  # this desk has not heard of it; the hub has
        other.redeem(member, 8, approved=False)
    assert short.value.code == "points.not_enough"
    everybody(one, other)
    assert (one.usable(member), other.usable(member), mall.usable(member)) == (200, 200, 200)
    mall.checked()


def test_a_member_who_joins_at_one_desk_is_known_at_the_other(mall: HubMall, pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    enrol = mall.enrolment("欧阳静")
    one.cut()
    one.do(enrol)
    one.do(mall.slip(enrol.member, 30_000))
    one.mend()
    other.sync()
    assert other.usable(enrol.member) == one.usable(enrol.member) == mall.usable(enrol.member) == 300
    assert other.desk.queries.member_page(enrol.member).surname == "欧阳"
    mall.checked()
