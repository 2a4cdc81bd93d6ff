"""A hub on a real PostgreSQL, and desks that sign what they send; they keep no store of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import UUID

from app.domain.desk_kind import DeskKind
from app.domain.enrolment_code import code_hash, new_enrolment_code
from app.domain.ids import new_id
from app.hub.service import Hub, Program
from app.operations.base import Operation
from app.operations.enrol_member import Consent, EnrolMember
from app.operations.open_enrolment import OpenEnrolment
from app.operations.redeem import Redeem
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.ports.clock import Clock
from app.ports.storage import Person
from app.sync import codec
from app.sync.envelope import FIRST_HLC, DeskKey, Envelope, next_hlc, operation_hash
from app.sync.protocol import (
    Ask,
    Enrol,
    Enrolled,
    FeedRow,
    Hello,
    Place,
    Push,
    Pushed,
    PushReply,
    Sales,
    SaleTaken,
    SentOperation,
    TillSale,
)
from db.hub.store import SqlHubStore
from db.store import Store
from db.verify import verify
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR, Mall

ADMINISTRATOR = "9001"
AS_IT_SHOULD_BE = "?"
PROGRAM = Program("1.0", oldest="0.1.0")


class InContact(Protocol):
    def answers_the_hub(self) -> None: ...


class HubMall(Mall):
    """The mall was set up at a desk of its own before there was a hub; from then on everything goes through the hub."""

    def __init__(self, store: Store, *, connections: int = 1, url: str = "", clock: Clock | None = None) -> None:
        super().__init__(store, clock)
        self.more = [Store.open(url, None) for _ in range(connections - 1)]
        self.hub_store = SqlHubStore([store, *self.more], self.name, self.clock)
        self.hub = Hub(self.hub_store, self.name, self.clock, CHEAP_PINS, PROGRAM, pause=self._pause)
        self._near: tuple[InContact, ...] = ()
        self._number = 10
        self._admin: UUID | None = None
        self.restricted = store  # the hub's own, where a test gives it a role

    def close(self) -> None:
        for store in self.more:
            store.close()

    def waits_for(self, *desks: InContact) -> None:
        """While the hub waits for shares to come back, these are there to answer."""
        self._near = desks

    def _pause(self, _seconds: float) -> None:
        for desk in self._near:
            desk.answers_the_hub()

    def _administrator(self) -> UUID:
        if self._admin is None:
            signed_in = SignIn(staff=ADMINISTRATOR)
            self.hub.authority.submit(Submission((signed_in,), None, pin=PINS[ADMINISTRATOR]))
            self._admin = signed_in.id
        return self._admin

    def by_two(self, operation: Operation) -> None:
        """What the administrator does, and a supervisor approves."""
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
        self.hub.authority.submit(Submission((operation,), self._administrator(), approval, PINS[ADMINISTRATOR]))

    def code(self, desk: str, number: int, kind: DeskKind = DeskKind.COUNTER) -> str:
        """An enrolment code, made by the administrator and a supervisor."""
        administrator = self._administrator()
        code = new_enrolment_code()
        asked = OpenEnrolment(desk=desk, name=f"{number} 号台", number=number, code_hash=code_hash(code), kind=kind)
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
        self.hub.authority.submit(Submission((asked,), administrator, approval, PINS[ADMINISTRATOR]))
        return code

    def hub_desk(self, desk: str | None = None, kind: DeskKind = DeskKind.COUNTER) -> DeskOfHub:
        """A new desk, enrolled, with a clerk signed in."""
        self._number += 1
        made = DeskOfHub(self, desk or f"K{self._number:02d}", self._number, kind)
        made.sign_in()
        return made

    def till(self, desk: str = "T01") -> DeskOfHub:
        self._number += 1
        return DeskOfHub(self, desk, self._number, DeskKind.TILL)

    def rows(self) -> tuple[FeedRow, ...]:
        head = self.hub_store.head()
        return self.hub_store.rows(0, head.n)

    def checked(self) -> None:
        """The whole store follows from its operations."""
        found = verify(self.store, self.name)
        assert found == [], [str(finding) for finding in found]

    def tasks(self) -> list[str]:
        rows = self.store.read(
            lambda connection: connection.rows(
                "SELECT code FROM exception_task WHERE mall_id = :mall AND state = 'open' ORDER BY code",
                mall=self.name,
            )
        )
        return [code for (code,) in rows]


class DeskOfHub:
    """What a desk sends, made by hand: it keeps its chain, and knows nothing else."""

    def __init__(self, mall: HubMall, desk: str, number: int, kind: DeskKind = DeskKind.COUNTER) -> None:
        self.mall = mall
        self.desk = desk
        self.key = DeskKey(os.urandom(32))
        self.clock: Clock = mall.clock
        self.enrolled: Enrolled = mall.hub.enrol(Enrol(mall.code(desk, number, kind), self.key.public, "1.0"))
        self.head = self.enrolled.head
        self.epoch = self.enrolled.epoch
        self.hlc = FIRST_HLC
        self.session: UUID | None = None
        self.keys: dict[UUID, bytes] = {}

    def make(
        self,
        operation: Operation,
        *,
        by: str = CLERK,
        approved_by: str | None = AS_IT_SHOULD_BE,
        member_proof: str | None = None,
        **changed: Any,
    ) -> SentOperation:
        """The next link of this desk's chain. `changed`: fields of the envelope that are not as they should be."""
        operation = codec.checked(operation)
        if approved_by == AS_IT_SHOULD_BE:  # without the hub nobody redeems alone
            approved_by = SUPERVISOR if isinstance(operation, Redeem) else None
        body = codec.body_of(operation)
        member = operation.subject()
        key = None
        if member is not None and any(body[name] for name in operation.sealed):
            key = self.keys.setdefault(member, codec.new_subject_key())
            body = codec.sealed_body(operation, body, key)
        wall_ms = self.clock.wall_ms()  # read once: an operation is never later than its own place in time
        self.hlc = next_hlc(self.hlc, wall_ms)
        sequence = 1 if self.head.epoch != self.epoch else self.head.sequence + 1
        fields: dict[str, Any] = {
            "id": operation.id,
            "mall": self.mall.name,
            "desk": self.desk,
            "epoch": self.epoch,
            "sequence": sequence,
            "prev": self.head.hash,
            "hlc": self.hlc,
            "wall_ms": wall_ms,
            "boot": self.clock.boot(),
            "since_boot_ms": self.clock.since_boot_ms(),
            "verb": operation.verb,
            "version": operation.version,
            "policy": "0",
            "actor": by,
            "session": self.session,
            "approver": approved_by,
            "member_proof": member_proof,
            "clock_suspect": False,
            "body": body,
        }
        encoded = Envelope(**{**fields, **changed}).encoded()
        digest = operation_hash(encoded)
        self.head = Place(self.epoch, sequence, digest)
        return SentOperation(encoded, self.key.sign(digest), key)

    def tell(self, *sales: TillSale) -> list[SaleTaken]:
        """As a till."""
        return list(self.mall.hub.sales(self.mall.hub.known_desk(self.desk), Sales(sales)).results)

    def push(self, *sent: SentOperation) -> PushReply:
        return self.mall.hub.push(self.desk, Push(sent))

    def do(self, operation: Operation, **how: Any) -> Pushed:
        """Make it, push it; what became of it."""
        reply = self.push(self.make(operation, **how))
        assert not reply.gap, reply
        assert not reply.fork, reply
        return reply.results[0]

    def sign_in(self, staff: str = CLERK) -> None:
        operation = SignIn(staff=staff)
        self.session = None
        pushed = self.do(operation, by=staff)
        assert pushed.verdict == "ok", pushed
        self.session = operation.id

    def member(self, points: int = 0, *, name: str = "李𬭚") -> UUID:
        enrol = self.enrolment(name)
        assert self.do(enrol).verdict == "ok"
        if points:
            slip = self.mall.slip(enrol.member, points * 100)
            assert self.do(slip, approved_by=SUPERVISOR).verdict == "ok"
        return enrol.member

    @staticmethod
    def enrolment(name: str = "李𬭚", phone: str | None = None) -> EnrolMember:
        if phone is None:
            return Mall.enrolment(name)
        return EnrolMember(
            member=new_id(), person=Person(name, phone), confirmed_adult=True, consents=(Consent("service"),)
        )

    def ask(self, operation: Operation, **how: Any) -> Ask:
        assert self.session is not None
        return Ask(operation.id, operation.verb, codec.body_of(operation), how.pop("by", CLERK), self.session, **how)

    def hello(self, **changed: Any) -> Hello:
        said: dict[str, Any] = {
            "head": self.head,
            "feed": self.mall.hub_store.head(),
            "program": "1.0",
            "protocol": 1,
            "wall_ms": self.clock.wall_ms(),
            "boot": self.clock.boot(),
            "since_boot_ms": self.clock.since_boot_ms(),
            "unsent": 0,
        }
        return Hello(**{**said, **changed})


@contextmanager
def a_hub(url: str, *, connections: int = 1, clock: Clock | None = None) -> Iterator[HubMall]:
    store = Store.open(url, None)
    mall = HubMall(store, connections=connections, url=url, clock=clock)
    try:
        yield mall
    finally:
        mall.close()
        store.close()
