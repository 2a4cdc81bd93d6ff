"""What a desk that follows a hub keeps of it, as the agent and the gate see it. `db.following` has it in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.mode import Unsettled
from app.sync.protocol import FeedPlace, FeedRow, FullMember, Place, Pushed, SentOperation, SnapshotLine


class FeedBroken(Exception):
    """The rows do not follow what was read before: stop, tell, take a snapshot."""


class FeedUnreadable(Exception):
    """The feed says what this program does not know: stop reading, credit only, ask for an update. Never skip."""


@dataclass(frozen=True)
class Waiting:
    """What the hub has not taken yet."""

    count: int
    oldest: datetime | None


class Following(Protocol):
    """Every method is one transaction. Raises Unavailable as the store does."""

    def get(self, name: str) -> str | None: ...
    def put(self, **values: str) -> None: ...
    def head(self) -> Place: ...
    def feed(self) -> FeedPlace | None:
        """None: there is no copy yet, or it has to be made anew."""

    def outbox(self, limit: int) -> tuple[SentOperation, ...]:
        """The first operations without a result, in their order, never more than a request may hold."""

    def note_pushed(self, results: Sequence[Pushed]) -> None:
        """What became of them. What the hub could not take (`Pushed.stops`) has no result: it is still to be sent."""

    def resend_after(self, head: Place) -> None:
        """The hub has less than it had answered (it was restored): what comes after `head` is sent again."""

    def waiting(self) -> Waiting: ...
    def given_up(self) -> tuple[UUID, ...]:
        """What the hub was asked for and nobody is going to do; what was done meanwhile is none of it."""

    def give_up_all(self) -> None:
        """The program begins: whoever asked has no form any more in which to go on."""

    def told_given_up(self, operation: UUID) -> None: ...
    def open_tasks(self) -> int: ...
    def unsettled_points(self) -> int: ...
    def apply(self, rows: Sequence[FeedRow]) -> FeedPlace:
        """All of `rows` and the new place, or nothing. Raises FeedBroken, FeedUnreadable."""

    def take_snapshot(self, at: FeedPlace, lines: Iterable[SnapshotLine]) -> None: ...
    def take_full(self, n: int, full: FullMember) -> None: ...
    def forget_place(self) -> None:
        """The next thing that is read is a snapshot; what the hub of before had granted is given up (docs/adr/0012)."""


@dataclass(frozen=True)
class FloorFacts:
    """Of one member: what was redeemed within limits and is not settled, what of their points was credited here and is
    not settled (not spendable yet), and the share that the hub last told, less what of it has expired since."""

    used: Unsettled = field(default_factory=Unsettled)
    unsettled_credit: int = 0
    owes: bool = False
    share: int = 0
    share_licence: int = 0
