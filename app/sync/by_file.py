"""A desk without a network: what it has not sent goes into a file, and a file from the hub settles it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from app.domain.errors import Refused
from app.ports.clock import Clock
from app.ports.hub import BundleRead
from app.sync.agent import (
    LICENCE,
    NOT_TAKEN,
    OLDEST_PROGRAM,
    RE_ENROL,
    READ_AT,
    SAID_AT,
    STATE,
    TAKES,
    takes_text,
    why_not_taken,
)
from app.sync.bundle import Answered, Handed, head_of, opened, written
from app.sync.envelope import DeskKey, canonical
from app.sync.following import FeedBroken, Waiting
from app.sync.protocol import (
    PROTOCOL,
    DeskState,
    FeedPlace,
    FeedRow,
    Hello,
    Place,
    Pushed,
    SentOperation,
    SnapshotLine,
    from_json,
    stopped_by,
    to_json,
)

_ROWS_AT_ONCE = 500


class FollowingByFile(Protocol):
    """Of `app.sync.following.Following`, what a file needs, and all that is unsent at once."""

    def get(self, name: str) -> str | None: ...
    def put(self, **values: str) -> None: ...
    def head(self) -> Place: ...
    def feed(self) -> FeedPlace | None: ...
    def waiting(self) -> Waiting: ...
    def unsent(self) -> tuple[SentOperation, ...]: ...
    def note_pushed(self, results: Sequence[Pushed]) -> None: ...
    def apply(self, rows: Sequence[FeedRow]) -> FeedPlace: ...
    def take_snapshot(self, at: FeedPlace, lines: Iterable[SnapshotLine]) -> None: ...


class ByFile:
    def __init__(
        self,
        following: FollowingByFile,
        *,
        mall: str,
        desk: str,
        key: DeskKey,
        hub_key: bytes,
        clock: Clock,
        program: str,
    ) -> None:
        self._following = following
        self._mall = mall
        self._desk = desk
        self._key = key
        self._hub_key = hub_key
        self._clock = clock
        self._program = program

    def operations(self) -> tuple[int, bytes]:
        """How many are unsent, and the file of them for the hub. It may be none: then the file asks for news."""
        following, now = self._following, self._clock.wall_ms()
        unsent, waiting, head = following.unsent(), following.waiting(), following.head()
        hello = Hello(
            head=head,
            feed=following.feed(),
            program=self._program,
            protocol=PROTOCOL,
            wall_ms=now,
            boot=self._clock.boot(),
            since_boot_ms=self._clock.since_boot_ms(),
            unsent=len(unsent),
            oldest_unsent_ms=int(waiting.oldest.timestamp() * 1000) if waiting.oldest else None,
        )
        messages = (canonical(to_json(each)) for each in (Handed(hello), *unsent))
        return len(unsent), written(
            "operations", self._mall, self._desk, head.epoch, now, messages, to=self._hub_key, by=self._key
        )

    def take_answers(self, file: bytes) -> BundleRead:
        """Raises Refused("bundle.…"); then nothing has changed. A file that was taken in before changes nothing."""
        head = head_of(file)
        if head.kind != "answers":
            raise Refused("bundle.for_hub")
        if (head.mall, head.desk) != (self._mall, self._desk):
            raise Refused("bundle.other_desk", desk=head.desk)
        lines = opened(file, by=self._hub_key, key=self._key)
        answered = from_json(Answered, next(lines))
        reply = answered.hello
        copied, rows = False, 0
        place = self._following.feed()
        if answered.copy_at is None and (place is None or place.epoch != reply.feed.epoch):
            raise Refused("bundle.other_feed")
        self._following.note_pushed(answered.results)  # before the rows that settle them, as over the network
        if answered.copy_at is None:
            rows = self._read_on(lines, reply.feed)
        elif place is None or place.epoch != answered.copy_at.epoch or place.n < answered.copy_at.n:
            self._following.take_snapshot(answered.copy_at, (from_json(SnapshotLine, line) for line in lines))
            copied = True
        self._note(answered)
        return BundleRead(len(answered.results), bool(rows or copied), answered.gap)

    def _read_on(self, lines: Iterator[bytes], end: FeedPlace) -> int:
        taken = 0
        while some := list(islice(lines, _ROWS_AT_ONCE)):
            place = self._following.feed()
            if place is None or place.epoch != end.epoch:
                raise Refused("bundle.other_feed")
            rows = [row for line in some if (row := from_json(FeedRow, line)).n > place.n]
            try:
                if rows:
                    self._following.apply(rows)
            except FeedBroken:
                raise Refused("bundle.other_feed") from None
            taken += len(rows)
        return taken

    def _note(self, answered: Answered) -> None:
        """State and licence, where this is the newest that the hub has said. The copy is as old as the file is."""
        reply, get = answered.hello, self._following.get
        if reply.server_ms <= int(get(SAID_AT) or 0):
            return
        kept = {
            SAID_AT: str(reply.server_ms),
            STATE: reply.state.value,
            RE_ENROL: "1" if reply.re_enrol else "",
            OLDEST_PROGRAM: reply.oldest_program,
            TAKES: takes_text(reply),
            READ_AT: str(max(int(get(READ_AT) or 0), min(self._clock.wall_ms(), reply.server_ms))),
        }
        if reply.licence is not None:
            reply.licence.checked(self._hub_key)
            kept[LICENCE] = canonical(to_json(reply.licence)).decode()
        elif reply.state is not DeskState.ACTIVE:
            kept[LICENCE] = ""
        if answered.results:
            kept[NOT_TAKEN] = why_not_taken(stopped_by(answered.results), self._program, reply.program) or ""
        self._following.put(**kept)
