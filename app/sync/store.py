"""What the authority asks of the store: one transaction at a time on this desk's chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from app.domain.policy import Policy
from app.domain.staff import Staff
from app.operations.base import Operation
from app.ports.storage import Act, Credential, SessionState, StoredOperation, Work
from app.sync.envelope import Envelope, Head
from app.sync.following import FloorFacts

T = TypeVar("T")


@dataclass(frozen=True)
class Opening:
    """What a transaction begins with, read in one go while the desk's row is locked."""

    head: Head
    zone: str
    policy: Policy
    policy_version: int
    session: SessionState | None
    answered: dict[UUID, StoredOperation]


@dataclass(frozen=True)
class ImportRows:
    """Rows that go in with an `import history` operation, which names them by their hash (see `db.imports`)."""

    rows: Sequence[tuple[object, ...]] = field(repr=False)


class Transaction(Protocol):
    def stop_desks(self, kind: type[Operation], said: Mapping[str, Any]) -> None:
        """Before `opening`: whoever such an operation stops (`Operation.stops`) has finished, and begins nothing until
        this transaction has ended. `said` are its fields."""

    def opening(self, session: UUID | None, operations: Sequence[UUID]) -> Opening: ...
    def staff(self, staff: str) -> Staff:
        """Raises Refused("staff.unknown")."""

    def staff_credential(self, staff: str) -> Credential: ...
    def member_credential(self, member: UUID) -> Credential | None:
        """None where the member has set no PIN."""

    def sealed_approval_key(self, staff: str) -> bytes | None:
        """None where they have no approval card."""

    def subject_key(self, subject: UUID) -> bytes | None: ...
    def add_subject_key(self, subject: UUID, key: bytes) -> None: ...
    def work(self, act: Act, policy: Policy, rows: ImportRows | None = None) -> Work: ...
    # At a desk that follows a hub (`app.sync.gate`):
    def floor_facts(self, member: UUID, today: date) -> FloorFacts: ...
    def use_hold(self, operation: UUID, member: UUID) -> None:
        """What the hub holds for this very operation is there for it, if its hold has been read from the feed."""

    def stand(self) -> None:
        """Every account that this touched stands as the hub's image ⊕ all own operations that are pending, this one
        among them, whatever the lots were that it took effect on."""

    def was_sent(self, operation: UUID) -> bool: ...
    def is_own_card(self, number: str) -> bool: ...
    def read_to(self) -> int: ...
    def note_floor_use(self, operation: UUID, member: UUID, points: int) -> None: ...
    def lease_of(self, member: UUID, points: int, at: datetime) -> UUID | None:
        """Points that the hub has set aside for this desk: as many of this member's, until after `at`."""

    def note_asked(self, operation: UUID, session: UUID) -> None:
        """The hub is going to be asked for it."""

    def is_asked(self, operation: UUID) -> bool:
        """Does the hub's answer to it still count? Not after it was given up, or the hub was put back."""

    def give_up(self, *, operations: Sequence[UUID] = (), session: UUID | None = None) -> None:
        """What it was asked for and was not done, of these or of that session, will not be done: it is told when it
        can be."""

    def latest_hlc(self) -> str:
        """The latest clock of any desk whose operations this one could have seen. Asked when the operation has taken
        effect and holds its locks: whoever it waited for has committed, and counts."""

    def append(self, envelope: Envelope, stored: StoredOperation, member: UUID | None) -> None:
        """The operation itself, last: the database checks then that its journal sums to zero, and closes it."""


class OperationStore(Protocol):
    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction on the store's one writing thread; commit, durably, if it returns.

        Raises Unavailable("store.full" | "store.busy" | "store.unreachable" …); then nothing has happened."""
