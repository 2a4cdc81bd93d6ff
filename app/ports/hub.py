"""How this desk stands with its hub, for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.domain.mode import Mode


@dataclass(frozen=True)
class HubStatus:
    """`floor_used` and `floor_limit` in points; `trouble` is the code of what is wrong, if anything is."""

    mode: Mode
    since: datetime | None = None  # of being cut off
    unsent: int = 0
    oldest: datetime | None = None
    floor_used: int = 0
    floor_limit: int = 0
    trouble: str | None = None
    open_tasks: int = 0


@dataclass(frozen=True)
class SyncTask:
    """What the hub could not honour as it was asked (RELIABILITY.md 4.9), at the desk where it happened."""

    operation: UUID
    code: str
    verb: str
    raised_at: datetime
    member: UUID | None = None
    member_no: str = ""
    name: str = ""  # masked
    phone: str = ""  # masked
    owner: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class HubLink(Protocol):
    """Any thread may ask; nothing here waits for the network."""

    def status(self) -> HubStatus: ...
    def tasks(self) -> tuple[SyncTask, ...]:
        """The open ones, oldest first. Reads the store: call it from a job."""

    def hurry(self) -> None:
        """Try again now."""
