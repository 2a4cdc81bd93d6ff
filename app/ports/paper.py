"""Paper: documents as data, the spool that outlives a restart, and previews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from app.domain.slip_look import DocumentName, Logo, SlipLook


class PrintState(Enum):
    """DEVICES.md 1.5. Until SENDING a job may be retried by itself; after the first byte a person decides."""

    QUEUED = "queued"
    SENDING = "sending"
    WAITING = "waiting"  # the printer holds it back: paper end, cover open
    CONFIRMED = "confirmed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    REPLACED = "replaced"  # a person said it did not come out: a copy took its place (`ReprintSlip`)


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
    """Slips of this desk; operations put them there. `jobs`, `preview_png` and `pdf` read the store, so call them in a
    job; the rest is quick."""

    def jobs(self, limit: int = 50) -> tuple[PrintJob, ...]:
        """The newest first."""

    def wake(self) -> None:
        """There may be something new to print."""

    def came_out(self, job_id: UUID) -> None:
        """A person has looked: the uncertain slip is there. Where it is not, the operation `ReprintSlip` prints a copy
        ("重打 n" on the slip), which takes its place."""

    def give_up(self, job_id: UUID) -> None:
        """A person no longer wants to wait for the printer: the slip becomes UNCERTAIN, and they say what it is."""

    def after_jam(self, *, restart: bool) -> None:
        """A person has freed the cutter: print on from where it stopped, or have the printer forget the rest. Raises
        Unavailable("printer.none")."""

    def open_drawer(self) -> None:
        """A pulse for the cash drawer at the printer, after the operation `OpenDrawer`. Raises Unavailable where the
        printer is away."""

    def preview_png(self, operation_id: UUID, document: str, language: str) -> bytes:
        """As this desk's printer would print it. Raises Refused("operation.unknown")."""

    def pdf(self, operation_id: UUID, document: str, language: str) -> bytes:
        """On a sheet of A4 where that is what it is for, else as a roll. Raises Refused("operation.unknown")."""


class SlipDesigner(Protocol):
    """Tries out what the mall decides about its slips. Both calls take a while: make them in a job."""

    def logo_of(self, file: bytes) -> Logo:
        """A PNG or JPEG as dots for paper. Raises Refused("logo.unreadable" | "logo.file_too_large" |
        "logo.too_small" | "logo.blank")."""

    def sample_png(
        self, look: SlipLook, *, mall_name: str, zone: str, document: DocumentName, paper_mm: int, language: str
    ) -> bytes:
        """An invented slip as it would come out; `zone` is the mall's, `paper_mm` is 58 or 80."""


class SpoolStore(Protocol):
    """The spool's memory, durable before each call returns: a job outlives kill -9 in the state last written here.

    Called on the spool's thread, except `recent`. Raises Unavailable when the store cannot be reached; the spool then
    waits and tries again."""

    def next_queued(self) -> PrintJob | None:
        """The oldest job that is QUEUED or FAILED: no byte of it was ever accepted by a printer."""

    def get(self, job_id: UUID) -> PrintJob | None: ...

    def set_state(self, job_id: UUID, state: PrintState, cause: str | None) -> None: ...

    def recent(self, limit: int) -> tuple[PrintJob, ...]:
        """The newest first."""

    def recover(self) -> tuple[PrintJob, ...]:
        """Once at start: jobs that were SENDING or WAITING when the program ended become UNCERTAIN with cause
        "printer.interrupted", for nobody knows how far they came. Returns these."""
