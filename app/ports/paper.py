"""Paper: documents as data, the spool that outlives a restart, and previews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID


class PrintState(Enum):
    """DEVICES.md 1.5. Until SENDING a job may be retried by itself; after the first byte a person decides."""

    QUEUED = "queued"
    SENDING = "sending"
    WAITING = "waiting"  # the printer holds it back: paper end, cover open
    CONFIRMED = "confirmed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True)
class PrintJob:
    """One slip in the spool. `document` names its kind ("redemption"); `copy` is 0 for the first print, then 1, 2, …"""

    job_id: UUID
    operation_id: UUID
    document: str
    copy: int
    state: PrintState
    cause: str | None
    queued_at: datetime


class Paper(Protocol):
    """Slips of this desk. Nothing here blocks; `jobs` and `preview_png` and `pdf` read the store, so call them in a job."""

    def jobs(self, limit: int = 50) -> tuple[PrintJob, ...]:
        """The newest first."""

    def wake(self) -> None:
        """There may be something new to print."""

    def settle(self, job_id: UUID, *, printed: bool) -> None:
        """A person says what became of an uncertain job: it was printed, or print it again ("重打 n" on the slip)."""

    def preview_png(self, operation_id: UUID, document: str, language: str) -> bytes: ...

    def pdf(self, operation_id: UUID, document: str, language: str) -> bytes: ...
