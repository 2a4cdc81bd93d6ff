"""A hub in the same process: takes operations in their order, feeds them back, and has faults on demand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from app.domain.errors import Unavailable
from app.ports.hub import AllDesks, DeskStands
from app.queries.reports import DailyReport, Figures, HourDay
from app.sync.envelope import DeskKey, Envelope, decoded, instant, operation_hash
from app.sync.following import FeedBroken
from app.sync.protocol import (
    GENESIS,
    Ask,
    AskDesks,
    Asked,
    AskReport,
    DeskState,
    FeedPlace,
    FeedRow,
    Hello,
    HelloReply,
    Image,
    Licence,
    Looked,
    Lookup,
    OfflinePolicy,
    Place,
    PullReply,
    Push,
    Pushed,
    PushReply,
    Reported,
    SignedLicence,
    SnapshotLine,
    next_h,
    to_json,
)


def a_licence(mall: str, desk: str, **changes: Any) -> Licence:
    figures: dict[str, Any] = {
        "number": 1,
        "since": 1,
        "policy": OfflinePolicy.BOUNDED,
        "desks": 2,
        "per_redemption": 1_000,
        "per_member": 2_000,
        "per_desk": 50_000,
        "newest_copy_s": 86_400,
        "credit_per_day": 100_000,
        "contact_timeout_s": 15,
        "not_after_ms": 4_000_000_000_000,
    }
    return Licence(mall, desk, **{**figures, **changes})


class FakeHub:
    """`images_of` says what a row brings; `fault` may raise before or after a request takes effect."""

    def __init__(self, mall: str, desk: str, licence: Licence | None = None) -> None:
        self.key = DeskKey(os.urandom(32))
        self.desk = desk
        self.epoch = uuid4()
        self.rows: list[FeedRow] = []
        self.heads: dict[str, Place] = {desk: Place(1, 0, GENESIS)}
        self.taken: dict[UUID, tuple[bytes, int]] = {}
        self.images_of: Callable[[Envelope], Sequence[Image]] = lambda _envelope: ()
        self.verdict_of: Callable[[Envelope], tuple[str, str | None]] = lambda _envelope: ("ok", None)
        self.snapshot_lines: list[SnapshotLine] = []
        self.licence = licence or a_licence(mall, desk)
        self.state = DeskState.ACTIVE
        self.re_enrol = self.wipe = self.down = False
        self.lose: list[str] = []  # the next replies to these calls are lost after they took effect
        self.hellos: list[Hello] = []
        self.pushes = 0
        self.server_ms: Callable[[], int] | None = None  # None: what the desk believes is right
        self.voided: list[UUID] = []

    def end(self) -> FeedPlace:
        return FeedPlace(self.epoch, len(self.rows), self.rows[-1].h if self.rows else GENESIS)

    def add(self, images: Sequence[Image], *, kind: str = "system", desk: str = "HUB", verb: str = "x") -> FeedRow:
        return self._append(kind, uuid4(), desk, 1, len(self.rows) + 1, verb, os.urandom(32), ("ok", None), images)

    def hello(self, hello: Hello) -> HelloReply:
        self._up()
        self.hellos.append(hello)
        signed = SignedLicence.by(self.key, self.licence)
        reply = HelloReply(
            hello.wall_ms if self.server_ms is None else self.server_ms(),
            self.state,
            self.heads[self.desk],
            self.end(),
            "0.1.0",
            signed,
            self.re_enrol,
            self.wipe,
        )
        self._lost("hello")
        return reply.signed(self.key)

    def push(self, push: Push) -> PushReply:
        self._up()
        self.pushes += 1
        results: list[Pushed] = []
        gap = False
        for sent in push.operations:
            envelope, digest = decoded(sent.encoded), operation_hash(sent.encoded)
            if envelope.id in self.taken:
                assert self.taken[envelope.id][0] == digest, "the same operation with other bytes"
                results.append(self._pushed(envelope, self.taken[envelope.id][1]))
                continue
            head = self.heads[self.desk]
            if (envelope.epoch, envelope.sequence, envelope.prev) != (head.epoch, head.sequence + 1, head.hash):
                gap = True
                break
            row = self._append(
                "op",
                envelope.id,
                envelope.desk,
                envelope.epoch,
                envelope.sequence,
                envelope.verb,
                digest,
                self.verdict_of(envelope),
                self.images_of(envelope),
            )
            self.heads[self.desk] = Place(envelope.epoch, envelope.sequence, digest)
            self.taken[envelope.id] = (digest, row.n)
            results.append(self._pushed(envelope, row.n))
        self._lost("push")
        return PushReply(tuple(results), self.heads[self.desk], gap)

    def pull(self, place: FeedPlace, limit: int, wait_s: float, head: Place) -> PullReply:
        self._up()
        if place.epoch != self.epoch:
            raise FeedBroken("another feed")
        reply = PullReply(tuple(self.rows[place.n : place.n + limit]), self.end())
        self._lost("pull")
        return reply

    @contextmanager
    def snapshot(self) -> Iterator[tuple[FeedPlace, Iterator[SnapshotLine]]]:
        self._up()
        yield self.end(), iter(self.snapshot_lines)

    def lookup(self, wish: Lookup) -> Looked:
        raise Unavailable("hub.no_answer")

    def request(self, wish: Ask) -> Asked:
        raise Unavailable("hub.no_answer")

    def void(self, operation: UUID) -> None:
        self._up()
        self.voided.append(operation)

    def desks(self, wish: AskDesks) -> AllDesks:
        self._up()
        said = self.hellos[-1]
        row = DeskStands(
            self.desk,
            f"{self.desk} 号台",
            1,
            self.state.value,
            must_enrol=self.re_enrol,
            last_seen=instant(said.wall_ms),
            unsent=said.unsent,
            program=said.program,
            floor_used=said.floor_used,
        )
        return AllDesks((row,), instant(said.wall_ms), "0.1.0", "0.1.0", licensed=self.licence.desks)

    def report(self, wish: AskReport) -> Reported:
        """A day on which it does not know of anything."""
        self._up()
        hours = tuple(HourDay(hour, 0, 0) for hour in range(24))
        as_of = instant(self.hellos[-1].wall_ms)
        return Reported(DailyReport(wish.day, "Asia/Shanghai", as_of, Figures(), (), (), (), hours, (), ()))

    def close(self) -> None:
        pass

    def restored_to(self, n: int) -> None:
        """The hub's database was put back: it lacks what came after row `n`, and its feed is another one."""
        gone = {row.operation for row in self.rows[n:]}
        self.rows = self.rows[:n]
        self.epoch = uuid4()
        self.taken = {operation: kept for operation, kept in self.taken.items() if operation not in gone}
        own = [row for row in self.rows if row.desk == self.desk and row.kind == "op"]
        self.heads[self.desk] = Place(own[-1].epoch, own[-1].sequence, own[-1].op_hash) if own else Place(1, 0, GENESIS)

    def _pushed(self, envelope: Envelope, n: int) -> Pushed:
        verdict, code = self.verdict_of(envelope)
        return Pushed(envelope.id, verdict, n, code)  # type: ignore[arg-type]

    def _append(
        self,
        kind: str,
        operation: UUID,
        desk: str,
        epoch: int,
        sequence: int,
        verb: str,
        op_hash: bytes,
        verdict: tuple[str, str | None],
        images: Sequence[Image],
    ) -> FeedRow:
        before = self.end()
        result: dict[str, Any] = {
            "verdict": verdict[0],
            "code": verdict[1],
            "facts": {},
            "images": [to_json(image) for image in images],
        }
        row = FeedRow(before.n + 1, before.h, GENESIS, kind, operation, desk, epoch, sequence, verb, op_hash, result)
        row = FeedRow(**{**vars(row), "h": next_h(before.h, op_hash, row.result_hash)})
        self.rows.append(row)
        return row

    def _up(self) -> None:
        if self.down:
            raise Unavailable("hub.unreachable")

    def _lost(self, call: str) -> None:
        if call in self.lose:
            self.lose.remove(call)
            raise Unavailable("hub.no_answer")
