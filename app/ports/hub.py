"""How this desk stands with its hub, for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
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
    owner_name: str = ""
    twin: UUID | None = None  # who else has that telephone number
    twin_no: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""  # a name
    outcome: str = ""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True)
class DeskStands:
    """How the hub stands with one desk. What a desk tells (from `last_seen` on) is as it told it last; None: never.

    `behind`: rows of the feed that it had not read then; `clock_skew_ms`: how far its clock stood ahead of the hub's;
    `exposure`: points that it may at most redeem before the hub hears of it; `aside`: operations that were kept aside,
    without effect; `must_enrol`: its store was restored or copied."""

    desk: str
    name: str
    number: int
    state: str  # active | suspended | retired | lost; "" where the hub could not be asked
    why: str | None = None
    since: datetime | None = None
    must_enrol: bool = False
    last_seen: datetime | None = None
    behind: int = 0
    unsent: int = 0
    oldest: datetime | None = None
    program: str = ""
    clock_skew_ms: int | None = None
    licence_until: datetime | None = None
    floor_used: int | None = None
    exposure: int = 0
    aside: int = 0
    kind: str = "counter"  # counter | kiosk | till
    numbers_left: int | None = None  # card numbers that it can still give out, as far as its operations have come


@dataclass(frozen=True)
class AllDesks:
    """`at` by the hub's clock; None: the hub could not be asked, and only names are known here. `program`: the hub's;
    `licensed`: how many desks redeem offline (K); `per_desk`: points that each of them may have on their way (F_k; 0:
    none redeems offline); `strict`: none of these can be overspent; `owed`: points that `owing` members owe, because
    more was redeemed than they had; `findings`: in how many places the books did not add up when they
    were last looked through, of business day `reconciled_on`; `late`: what the hub does by itself and is overdue."""

    rows: tuple[DeskStands, ...]
    at: datetime | None = None
    program: str = ""
    oldest_program: str = ""
    licensed: int = 0
    reconciled_on: date | None = None
    findings: int = 0
    late: tuple[str, ...] = ()
    per_desk: int = 0
    strict: bool = False
    owed: int = 0
    owing: int = 0


class DeskRoll(Protocol):
    """For who keeps desks. Waits for the network: call it from a job."""

    def desks(self) -> AllDesks:
        """Raises Refused("staff.no_right") or Unavailable."""


@dataclass(frozen=True)
class BundleRead:
    """`answers`: of how many own operations the hub told what became of them; `news`: whether it told anything that was
    not known yet; `gap`: an earlier file never came to the hub."""

    answers: int
    news: bool
    gap: bool = False


class HubLink(Protocol):
    """Any thread may ask; nothing here waits for the network."""

    def renew(self, code: str) -> int:
        """A store that was restored or copied, enrolled anew: returns how many operations the hub never had or kept
        aside. Afterwards the program has to open its store anew. In a job. Raises Refused or Unavailable."""

    def write_bundle(self, file: Path) -> int:
        """All that is unsent, sealed for the hub, into a file that somebody carries. Returns how many operations. In a
        job. Raises Unavailable."""

    def read_bundle(self, file: Path) -> BundleRead:
        """What the hub has answered, from a file. In a job. Raises Refused("bundle.…") or Unavailable; then nothing has
        changed."""

    def check_may_leave(self, staff: str, pin: str) -> None:
        """May this desk be given up, by this person? Raises Refused("hub.unsent", count=…) while anything is unsent,
        Refused("staff.no_right" | "pin.wrong" …) where it is not somebody who keeps desks. In a job."""

    def status(self) -> HubStatus: ...
    def tasks(self) -> tuple[SyncTask, ...]:
        """The open ones, oldest first; then those that were closed within a week, the latest first. Reads the store:
        call it from a job."""

    def hurry(self) -> None:
        """Try again now."""
