"""The one way to write: an operation is submitted, and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from app.domain.card_code import PresentedCard
from app.operations.base import ApprovalRequirement, Operation


@dataclass(frozen=True)
class ApprovalGiven:
    """A second person's own PIN, for this one submission. It is checked and forgotten; so is the secret of their
    approval card, by which the approval can be proved to a hub that was not there."""

    staff: str
    pin: str = field(repr=False)
    card: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Submission:
    """Operations that take effect together or not at all, in the name of whoever is signed in.

    `pin` is the staff's own PIN where an operation asks for it again (sign in, reveal); `member_pin` is typed by the
    member to agree; `new_pin` is one to be set, of the member or person that the operation is about. None is stored;
    the operation only says that it was checked, or holds its verifier. `new_card` is the secret of an approval card
    that whoever approves is given. `card` is the card by which the member came: how it was read is recorded, and with
    a wrong card code the member is only looked at."""

    operations: tuple[Operation, ...]
    session: UUID | None
    approval: ApprovalGiven | None = None
    pin: str | None = field(default=None, repr=False)
    member_pin: str | None = field(default=None, repr=False)
    new_pin: str | None = field(default=None, repr=False)
    new_card: bytes | None = field(default=None, repr=False)
    card: PresentedCard | None = None


@dataclass(frozen=True)
class Answer:
    """What became of one operation; asked again with the same id, the same answer comes back."""

    operation_id: UUID
    verb: str
    facts: Mapping[str, Any]
    replayed: bool = False


@dataclass(frozen=True)
class Requirements:
    """What a submission still needs before it can take effect, so that the screen can ask for it first."""

    approval: ApprovalRequirement | None
    member_pin: bool


class Authority(Protocol):
    """Blocks (database, PIN hash): call it from a job, never on the GUI thread."""

    def submit(self, submission: Submission) -> tuple[Answer, ...]:
        """All operations, in order, in one transaction. Raises Refused or Unavailable; then nothing has happened."""

    def requirements(self, submission: Submission) -> Requirements:
        """What `submit` would ask for; changes nothing."""

    def give_up(self, operations: Sequence[UUID]) -> None:
        """Nobody is going to submit these any more, whatever was answered: what the hub may have set aside for them is
        let go."""

    def check_pin(self, session: UUID, pin: str) -> None:
        """Unlock: the signed-in person's PIN. Raises Refused("pin.wrong" | "staff.locked" …); failures are counted."""
