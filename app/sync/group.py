"""What the hubs of one group say to each other (docs/adr/0015): who a guest is, whether their points are there, that
they were spent. Each request is signed with the key of the hub that sends it, as a desk's is with its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from annotated_types import Ge, Le, Len

from app.queries.rows import Guest
from app.sync.http import HubClient
from app.sync.images import keyed
from app.sync.protocol import Asked, Base64, Count

Points = Annotated[int, Ge(1), Le(1_000_000_000)]
OF_PAGE = 2_000  # members
# For what a desk waits for: it gives its own hub TOTAL_S, and would take a silent home for a silent hub.
ASKED_WITHIN_S = 4.0


def group_hash(key: bytes, kind: str, value: str) -> bytes:
    """`kind`: card or phone. Every mall of the group has the key, and nobody else."""
    return keyed(key, f"group {kind}", value)


@dataclass(frozen=True)
class Partner:
    mall: str
    name: str
    url: str
    public_key: bytes


@dataclass(frozen=True)
class FindGuest:
    """POST /v1/group/find: somebody stands at a counter of ours, with this card or telephone number."""

    digits: Annotated[str, Len(11, 16)] = field(repr=False)
    staff: str


@dataclass(frozen=True)
class AskGuest:
    """POST /v1/group/request: hold these points for the operation that one of our desks is about to make."""

    operation: UUID
    member: UUID
    points: Points


@dataclass(frozen=True)
class PostGuest:
    """POST /v1/group/post: it was made. Sent until it is answered; posted once."""

    operation: UUID
    member: UUID
    points: Points


@dataclass(frozen=True)
class GuestPosted:
    operation: UUID
    owed: Count
    feed: UUID  # the epoch of the home's feed


@dataclass(frozen=True)
class VoidGuest:
    """POST /v1/group/void: it will not be made."""

    operation: UUID


@dataclass(frozen=True)
class AskDirectory:
    """POST /v1/group/directory: the mall's own members, by keyed hashes, from `after` on in the order of their ids."""

    after: UUID | None = None


@dataclass(frozen=True)
class DirectoryPage:
    hashes: tuple[Base64, ...]
    last: UUID | None  # None: there are no more
    feed: UUID  # the epoch of the home's feed


@dataclass(frozen=True)
class Call:
    """A redemption of a guest that their home has not heard the end of. `done`: the gift was given."""

    operation: UUID
    home: str
    member: UUID
    points: int
    done: bool


class Calls(Protocol):
    """To one partner. Each raises Refused or Unavailable."""

    def find(self, wish: FindGuest) -> Guest: ...
    def ask(self, wish: AskGuest) -> Asked: ...
    def post(self, said: PostGuest) -> GuestPosted: ...
    def void(self, said: VoidGuest) -> VoidGuest: ...
    def directory(self, wish: AskDirectory) -> DirectoryPage: ...
    def close(self) -> None: ...


class PartnerClient:
    """`Calls` over HTTP."""

    def __init__(self, client: HubClient) -> None:
        self._client = client

    def find(self, wish: FindGuest) -> Guest:
        return self._client.post("/v1/group/find", wish, Guest, ASKED_WITHIN_S)

    def ask(self, wish: AskGuest) -> Asked:
        return self._client.post("/v1/group/request", wish, Asked, ASKED_WITHIN_S)

    def post(self, said: PostGuest) -> GuestPosted:
        return self._client.post("/v1/group/post", said, GuestPosted)

    def void(self, said: VoidGuest) -> VoidGuest:
        return self._client.post("/v1/group/void", said, VoidGuest)

    def directory(self, wish: AskDirectory) -> DirectoryPage:
        return self._client.post("/v1/group/directory", wish, DirectoryPage)

    def close(self) -> None:
        self._client.close()


class GroupStore(Protocol):
    """What a hub keeps of its group. `db.hub.group` has it in SQL."""

    def key(self) -> bytes | None:
        """None: this mall is in no group."""

    def partner(self, mall: str) -> Partner | None: ...
    def partners(self) -> Sequence[Partner]: ...
    def home_of(self, digest: bytes) -> str | None: ...
    def note_directory(self, home: str, hashes: Iterable[bytes]) -> None: ...
    def page(self, after: UUID | None) -> DirectoryPage: ...
    def own(self, digits: str) -> Guest:
        """By card or telephone number: a member of this mall. Raises Refused("member.unknown")."""

    def check_may_be_served(self, member: UUID) -> None:
        """Raises Refused("member.unknown" | "member.frozen" | "member.closed")."""

    def note_call(self, call: Call, at: datetime) -> None: ...
    def open_calls(self, asked_before: datetime) -> Sequence[Call]:
        """Those that are over here: done, or given up, or asked for before that and never granted here."""

    def unposted(self, home: str, member: UUID) -> int:
        """Points for which they took something here, and of which `home` has not answered that it knows."""

    def end_call(self, operation: UUID, state: str, feed: UUID | None) -> None: ...
    def post_again(self, home: str, feed: UUID) -> None:
        """What `home` was told in another epoch of its feed, it may have lost: it was put back."""
