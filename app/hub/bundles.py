"""Files that are carried to the hub and back: taken in by the same admission as what comes over the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol
from uuid import UUID

from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused
from app.sync.bundle import Answered, Handed, head_of, opened, written
from app.sync.envelope import DeskKey, canonical
from app.sync.hub import HubDesk
from app.sync.protocol import (
    MOST_ROWS,
    FeedPlace,
    HelloReply,
    PullReply,
    Push,
    Pushed,
    PushReply,
    SentOperation,
    from_json,
    to_json,
)

_AT_ONCE = 50  # operations: each of them is a transaction anyway


class Taking(Protocol):
    """`app.hub.service.Hub`, as far as a file needs it."""

    mall: str

    def known_desk(self, desk: str) -> HubDesk: ...
    def now_ms(self) -> int: ...
    def push(self, desk: str, pushed: Push) -> PushReply: ...
    def pull(self, epoch: UUID, after: int, limit: int) -> PullReply: ...
    def snapshot(self, desk: str) -> Iterator[bytes]: ...
    def hello_by_file(self, desk: HubDesk) -> HelloReply: ...
    def has_row(self, place: FeedPlace) -> bool: ...


@dataclass(frozen=True)
class TakenIn:
    """`handed`: operations in the file; `new`: of them, those that were not known; `exceptions`, `aside`: how many were
    recorded for somebody to look after, or kept aside. `gap`: what comes before them has never come."""

    desk: str
    handed: int
    new: int
    exceptions: int
    aside: int
    gap: bool
    answers: bytes


def take_in(hub: Taking, key: DeskKey, file: bytes) -> TakenIn:
    """Everything in the file, and the file that tells its desk. Taken in twice it counts once. Raises
    Refused("bundle.…" | "hub.desk_unknown"); then nothing of it counts."""
    head = head_of(file)
    if head.kind != "operations":
        raise Refused("bundle.for_desk", desk=head.desk)
    if head.mall != hub.mall:
        raise Refused("bundle.other_reader")
    desk = hub.known_desk(head.desk)
    if desk.kind is DeskKind.TILL:
        raise Refused("hub.till_only_sells")
    signer = desk.keys.get(head.epoch)
    if signer is None:
        raise Refused("bundle.damaged")
    lines = opened(file, by=signer, key=key)
    handed = from_json(Handed, next(lines))
    sent = [from_json(SentOperation, line) for line in lines]  # all of it can be read, or none of it is taken
    before = hub.hello_by_file(desk).head
    results, gap = _push(hub, head.desk, sent)
    desk = hub.known_desk(head.desk)
    reply = hub.hello_by_file(desk)
    new = reply.head.sequence - before.sequence if reply.head.epoch == before.epoch else reply.head.sequence
    place = handed.hello.feed
    answered = Answered(reply, tuple(results), gap=gap)
    if place is not None and hub.has_row(place):
        lines = _with(answered, _rows(hub, place))
    else:
        copy = hub.snapshot(head.desk)
        at = from_json(FeedPlace, next(copy))
        lines = _with(Answered(reply, tuple(results), at, gap), copy)
    answers = written("answers", hub.mall, head.desk, head.epoch, hub.now_ms(), lines, to=desk.keys[head.epoch], by=key)
    verdicts = [result.verdict for result in results]
    return TakenIn(head.desk, len(sent), new, verdicts.count("exception"), verdicts.count("quarantined"), gap, answers)


def _push(hub: Taking, desk: str, sent: list[SentOperation]) -> tuple[list[Pushed], bool]:
    results: list[Pushed] = []
    rest = iter(sent)
    while some := tuple(islice(rest, _AT_ONCE)):
        reply = hub.push(desk, Push(some))
        results += reply.results
        if len(reply.results) < len(some) or reply.gap or reply.fork:
            return results, reply.gap
    return results, False


def _with(answered: Answered, lines: Iterator[bytes]) -> Iterator[bytes]:
    yield canonical(to_json(answered))
    yield from lines


def _rows(hub: Taking, place: FeedPlace) -> Iterator[bytes]:
    n = place.n
    while rows := hub.pull(place.epoch, n, MOST_ROWS).rows:
        for row in rows:
            yield canonical(to_json(row))
        n = rows[-1].n
