"""What every operation is: a frozen value that says what was asked, and how it takes effect.

The envelope (who, where, when, with whose approval, in which order) is added by the authority; `app.sync.envelope`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from app.domain.conflicts import Conflict
from app.domain.errors import Refused
from app.domain.ids import new_id
from app.domain.staff import Right

if TYPE_CHECKING:
    from app.ports.storage import MemberState, Work


EVERY_DESK = "*"


class Offline(Enum):
    """May this operation be decided at a desk that is cut off from the hub?"""

    NEVER = "never"
    WITHIN_LIMITS = "within_limits"
    ALWAYS = "always"


@dataclass(frozen=True)
class ApprovalRequirement:
    """Why a second person must approve: a code of `app.domain.sentences`, and the figure that was passed."""

    why: str
    limit: int | None = None


@dataclass(frozen=True)
class Result:
    """Base of what `apply` returns: frozen facts, stored with the operation and given again when it is repeated."""


@dataclass(frozen=True, kw_only=True)
class Operation(ABC):
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    verb: ClassVar[str]
    version: ClassVar[int] = 1
    needs: ClassVar[Right | None]
    offline: ClassVar[Offline]  # each verb says it for itself, as its author thought it through
    asks_own_pin: ClassVar[bool] = False  # step-up: the actor types their PIN again
    sealed: ClassVar[tuple[str, ...]] = ()  # fields that are stored as ciphertext under `subject()`'s key
    by_system_only: ClassVar[bool] = False
    stops: ClassVar[str | None] = None  # which desks do nothing meanwhile: the field that names one, or EVERY_DESK

    id: UUID = field(default_factory=new_id)

    def subject(self) -> UUID | None:
        """The member whom this operation is about; its sealed fields are under that member's key."""
        return getattr(self, "member", None)

    def normalised(self) -> Self:
        """The same request with typed text in its stored form. Raises Refused where a value cannot be right."""
        return self

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return None

    def member_pin_needed(self, work: Work) -> bool:
        return False

    @abstractmethod
    def apply(self, work: Work) -> Result:
        """Take effect within `work`. Raises Refused; then nothing of it remains."""


def honoured_member(work: Work, member: UUID) -> MemberState:
    """Who may be served; a desk that was cut off may have served one who was frozen or closed by then.

    Raises Refused("member.unknown" | "member.frozen" | "member.closed")."""
    try:
        return work.members.active(member)
    except Refused as refused:
        if not work.act.is_fact or refused.code == "member.unknown":
            raise
        work.conflict(Conflict.MEMBER_CLOSED, why=refused.code)
        return work.members.get(member)
