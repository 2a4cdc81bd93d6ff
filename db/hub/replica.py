"""A server that follows the hub's database, and answers what reads much and decides nothing: the reports.

How far it has come is judged by the feed, which both servers hold, and by no clock of theirs: it knows all that came
before the first row that it lacks. A feed copied from another history (the database was put back, and the follower was
not made anew) does not hash into the hub's own, and is not believed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import structlog

from app.domain.errors import Refused, Unavailable
from app.sync.protocol import GENESIS, FeedPlace
from db import schema
from db.connection import Connection
from db.engines import connector, engine_kind
from db.store import Store

T = TypeVar("T")

MOST_BEHIND = timedelta(minutes=1)  # what is further back is no report of now, and the main server answers
RESTS_S = 30.0  # after it could not be reached, before it is tried again: connecting may take seconds each time
_CATCHES_UP_WITHIN_S = 0.5  # who asks for a report has often just done what they look for in it
_LOOKS_EVERY_S = 0.02
ANSWERS, BEHIND, OTHER, UNREACHABLE = "answers", "behind", "other_history", "unreachable"

log = structlog.get_logger("memberdesk.hub")


class MainServer(Protocol):
    """Where the feed is written."""

    def read(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True)
class _Lacking:
    """After a place of the feed. `same_history`: the feed has this very place; `since`: when the next row came."""

    same_history: bool
    since: datetime | None


class Replica:
    """`state` is how it stood when it was last asked: ANSWERS, or why the main server answers instead; None: not yet.

    From several threads."""

    def __init__(self, url: str, mall: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Raises Refused("database.not_postgres"), Unavailable("store.bad_url"). It need not be there yet."""
        if engine_kind(url) != "postgresql":
            raise Refused("database.not_postgres")
        self._mall = mall
        self._store = Store(connector(url, None, mall=mall), "postgresql", None, None)  # nothing is ever migrated here
        self._monotonic = monotonic
        self._rests_until = float("-inf")
        self._lock = threading.Lock()
        self.state: str | None = None
        self.behind = timedelta()

    def close(self) -> None:
        self._store.close()

    def look(self, main: MainServer, now: datetime) -> None:
        """Only how it stands."""
        self.ask(main, now, lambda _connection, _as_of: None)

    def ask(self, main: MainServer, now: datetime, work: Callable[[Connection, datetime], T]) -> T | None:
        """`work` is given the replica as it stands at one moment, and until when all that came is known there. None
        where it cannot be reached, or is no more than an earlier or another state of the hub's database. Raises
        Unavailable where the main server cannot be asked, and what `work` refuses."""
        if self._monotonic() < self._rests_until:
            return None
        end = main.read(self._place)
        with ExitStack() as stack:
            try:
                self._wait_for(end.n if end is not None else 0)
                connection = stack.enter_context(self._store.snapshot())
                place = self._place(connection)
            except Unavailable as problem:
                self._cannot(problem)
                return None
            lacking = (
                main.read(partial(_lacking, self._mall, place))
                if place is not None
                else _Lacking(same_history=False, since=None)
            )
            as_of = now if lacking.since is None else min(now, lacking.since)
            state = OTHER if not lacking.same_history else BEHIND if now - as_of > MOST_BEHIND else ANSWERS
            self._note(state, now - as_of)
            try:
                return work(connection, as_of) if state == ANSWERS else None
            except Unavailable as problem:  # also where it had to go on, and this stood in its way
                self._cannot(problem)
                return None

    def _cannot(self, problem: Unavailable) -> None:
        self._rests_until = self._monotonic() + RESTS_S
        self._note(UNREACHABLE, timedelta(), why=str(problem.__cause__ or problem).strip())

    def _wait_for(self, n: int) -> None:
        give_up = self._monotonic() + _CATCHES_UP_WITHIN_S
        while self._monotonic() < give_up:
            place = self._store.read(self._place)
            if place is None or place.n >= n:
                return
            time.sleep(_LOOKS_EVERY_S)

    def _place(self, connection: Connection) -> FeedPlace | None:
        """None: no hub's database, or not of this program yet."""
        if schema.version_on(connection) != schema.HEAD:
            return None
        found = connection.row("SELECT epoch, n, h FROM feed_head WHERE mall_id = :mall", mall=self._mall)
        return FeedPlace(found[0], found[1], bytes(found[2])) if found else None

    def _note(self, state: str, behind: timedelta, **more: str) -> None:
        with self._lock:
            before, self.state, self.behind = self.state, state, behind
        if state == before:
            return
        if state == ANSWERS:
            log.info("replica", state=state)
        else:
            log.warning("replica", state=state, behind_s=round(behind.total_seconds()), **more)


def _lacking(mall: str, place: FeedPlace, connection: Connection) -> _Lacking:
    rows = connection.rows(
        "SELECT n, h, received_at FROM feed WHERE mall_id = :mall AND n IN (:n, :next)",
        mall=mall,
        n=place.n,
        next=place.n + 1,
    )
    found = {n: (bytes(h), received_at) for n, h, received_at in rows}
    own = GENESIS if place.n == 0 else found.get(place.n, (b"", None))[0]
    following = found.get(place.n + 1)
    return _Lacking(own == place.h, following[1] if following else None)
