"""Desks with stores of their own that follow the real hub, in one process; the network is cut on demand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from app.composition import desk as desks
from app.composition.following import Link, found_copy
from app.domain.card_code import PresentedCard
from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused, Unavailable
from app.keys import FileKeys
from app.operations.base import Operation
from app.operations.issue_card import IssueCard
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.ports.hub import AllDesks
from app.settings import DeskSettings, Home
from app.sync.envelope import DeskKey
from app.sync.following import FeedBroken
from app.sync.protocol import (
    Ask,
    AskDesks,
    Asked,
    AskReport,
    Enrol,
    FeedPlace,
    Hello,
    HelloReply,
    Looked,
    Lookup,
    Place,
    PullReply,
    Push,
    PushReply,
    Reported,
    SnapshotLine,
    Void,
    from_json,
)
from db.store import Store
from tests.support.hub import HubMall
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR


class Wire:
    """What `HubClient` is over HTTP, without it."""

    def __init__(self, mall: HubMall, desk: str) -> None:
        self.mall, self.desk = mall, desk
        self.is_cut = False
        self.loses: set[str] = set()  # the next reply to such a call, after it took effect

    def _lost(self, call: str) -> None:
        if call in self.loses:
            self.loses.discard(call)
            raise Unavailable("hub.no_answer")

    def _hub(self) -> HubMall:
        if self.is_cut:
            raise Unavailable("hub.unreachable")
        return self.mall

    def hello(self, hello: Hello) -> HelloReply:
        hub = self._hub().hub
        reply = hub.hello(hub.known_desk(self.desk), hello)
        self._lost("hello")
        return reply

    def push(self, push: Push) -> PushReply:
        reply = self._hub().hub.push(self.desk, push)
        self._lost("push")
        return reply

    def pull(self, place: FeedPlace, limit: int, wait_s: float, head: Place) -> PullReply:
        hub = self._hub().hub
        hub.acknowledged(self.desk, place.epoch, place.n, head.epoch, head.sequence)
        try:
            reply = hub.pull(place.epoch, place.n, limit)
        except Refused as refused:  # as the client makes of 410
            raise FeedBroken(refused.code) from None
        self._lost("pull")
        return reply

    @contextmanager
    def snapshot(self) -> Iterator[tuple[FeedPlace, Iterator[SnapshotLine]]]:
        first, *rest = self._hub().hub.snapshot(self.desk)
        yield from_json(FeedPlace, first), (from_json(SnapshotLine, line) for line in rest)

    def lookup(self, wish: Lookup) -> Looked:
        hub = self._hub().hub
        return hub.lookup(hub.known_desk(self.desk), wish)

    def request(self, wish: Ask) -> Asked:
        reply = self._hub().hub.request(self.desk, wish)
        self._lost("request")
        return reply

    def report(self, wish: AskReport) -> Reported:
        hub = self._hub().hub
        return hub.report(hub.known_desk(self.desk), wish)

    def desks(self, wish: AskDesks) -> AllDesks:
        hub = self._hub().hub
        return hub.desks(hub.known_desk(self.desk), wish)

    def void(self, operation: UUID) -> None:
        self._hub().hub.void(self.desk, Void(operation))

    def close(self) -> None:
        pass


class FollowingDesk:
    def __init__(self, mall: HubMall, name: str, number: int, folder: Path, kind: DeskKind = DeskKind.COUNTER) -> None:
        self.mall = mall
        self.home = Home(folder / name)
        self.home.folder.mkdir()
        seed = os.urandom(32)
        key = DeskKey(seed)
        told = mall.hub.enrol(Enrol(mall.code(name, number, kind), key.public, "1.0"))
        settings = DeskSettings(mall=mall.name, desk=name, store="", hub="https://hub.test")
        self.store = Store.open(self.home.store_url(settings), bytes(32), create=True, durable=False, whole=False)
        self.store.write(lambda connection: found_copy(connection, told, key))
        self.wire = Wire(mall, name)
        self._settings, self._key = settings, key
        self._assemble()
        self.sync()
        signed_in = SignIn(staff=CLERK)
        self.desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
        self.session = signed_in.id
        self.sync()

    def _assemble(self) -> None:
        keys = FileKeys(self.home.folder / "keys")
        clock = self.mall.clock
        self.link = Link(self.home, self._settings, self.store, self._key, keys, clock, hub=self.wire)
        self.desk = desks.assembled(self.home, self._settings, self.store, self._key, clock, CHEAP_PINS, self.link)

    def restart(self) -> None:
        """The program is gone, and another one opens the same store."""
        self._assemble()

    def sync(self, rounds: int = 2) -> None:
        for _ in range(rounds):
            self.link.agent.once()

    def answers_the_hub(self) -> None:
        """What its thread does by itself as soon as the feed has grown."""
        if not self.wire.is_cut:
            self.sync()

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


def a_member(mall: HubMall, points: int) -> tuple[UUID, str]:
    """Of before there were desks with a hub: only the hub knows them."""
    enrol = mall.enrolment("李静")
    number = mall.new_card()
    mall.hub.authority.submit_as_system(enrol, IssueCard(member=enrol.member, number=number))
    mall.hub.authority.submit_as_system(mall.slip(enrol.member, points * 100))
    return enrol.member, number
