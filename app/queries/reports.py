"""What the daily report says: frozen rows of figures, of the mall and no member."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

OPENS, CLOSES = 10, 21  # hours that are always shown, so that the charts of two days compare


@dataclass(frozen=True)
class Figures:
    """What was done in a day: by the mall, one desk or one person. All but `adjusted` count upwards from zero.

    A reversal counts where it happens: what is undone today was done today or earlier, and stays in the figures of its
    own day. So the figures of a day never change once it is over. Imported history belongs to no day."""

    operations: int = 0
    approved: int = 0  # operations that a second person approved
    issued: int = 0  # points, as the next six
    used: int = 0
    expired: int = 0
    given_back: int = 0  # to members, by reversals
    taken_back: int = 0  # from members, by reversals
    adjusted: int = 0  # upwards less downwards
    sales: int = 0
    sales_fen: int = 0
    sales_undone: int = 0
    sales_undone_fen: int = 0
    redemptions: int = 0
    redemptions_undone: int = 0
    handed_out: int = 0  # pieces
    enrolled: int = 0  # members
    cards: int = 0  # issued and replaced

    @property
    def change(self) -> int:
        """By how much the points of all members grew."""
        return self.issued - self.used - self.expired + self.given_back - self.taken_back + self.adjusted

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Figures)))


@dataclass(frozen=True)
class DeskDay:
    desk: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class ClerkDay:
    """`approvals`: what this person approved for others."""

    staff: str
    name: str
    figures: Figures
    approvals: int


@dataclass(frozen=True)
class VerbDay:
    verb: str
    count: int
    approved: int


@dataclass(frozen=True)
class HourDay:
    """`hour` on the mall's clock; where clocks are put back, one hour holds two."""

    hour: int
    issued: int
    used: int


@dataclass(frozen=True)
class GiftDay:
    """Pieces of one gift."""

    gift: str
    name: str
    redeemed: int
    points: int
    handed_out: int


@dataclass(frozen=True)
class StockDay:
    """How the pieces of one gift at one desk changed. `returned`: back on the shelf by a reversal (or, below zero, a
    receipt that was undone)."""

    desk: str
    gift: str
    name: str
    received: int
    handed_out: int
    returned: int

    @property
    def change(self) -> int:
        return self.received - self.handed_out + self.returned


@dataclass(frozen=True)
class LateOperation:
    """What a desk did while it was cut off, and the hub was told of only when the report of that day was closed."""

    day: date  # the business day on which it happened
    at: datetime  # when, UTC
    came_at: datetime  # when the hub was told, UTC
    listed_on: date  # the day whose report lists it
    desk: str
    desk_name: str
    staff: str
    verb: str
    points: int  # by how much members' points grew
    fen: int  # of the sale that was credited; 0 where there was none
    pieces: int  # that left a shelf; below zero, came back


@dataclass(frozen=True)
class Closing:
    """When a day's report was closed, and how the hub's feed stood then (the hub has signed it)."""

    at: datetime
    n: int
    h: str  # hexadecimal


@dataclass(frozen=True)
class DailyReport:
    """One business day as known at `as_of`; the parts of each table add up to `total`.

    Once it is closed, none of it changes but `later`: what happened that day and came too late to be counted. It is
    listed as `late`, with its figures, on the report of the day on which it came, and never in any `total`: the points
    of all members changed by the sum, over all days, of `total.change` and `late_total.change`."""

    day: date
    zone: str
    as_of: datetime  # UTC
    total: Figures
    desks: tuple[DeskDay, ...]
    clerks: tuple[ClerkDay, ...]
    verbs: tuple[VerbDay, ...]  # the most frequent first
    hours: tuple[HourDay, ...]  # all hours of a day
    gifts: tuple[GiftDay, ...]
    stock: tuple[StockDay, ...]
    closed: Closing | None = None
    late: tuple[LateOperation, ...] = ()  # of days before it
    late_total: Figures = Figures()
    later: tuple[LateOperation, ...] = ()  # of this day
    later_total: Figures = Figures()
    desk_only: bool = False  # told by a desk that is cut off, of itself alone

    @property
    def is_empty(self) -> bool:
        return self.total.operations == 0 and not self.late and not self.later

    @property
    def shown_hours(self) -> tuple[HourDay, ...]:
        """The hours of trade, and all others from the first to the last in which points moved."""
        active = [hour.hour for hour in self.hours if hour.issued or hour.used]
        return self.hours[min([OPENS, *active]) : max([CLOSES, *active]) + 1]

    def desk_name(self, desk: str) -> str:
        return next((each.name for each in self.desks if each.desk == desk), desk)


class ReportQueries(Protocol):
    """Blocks (database, network): call from a job."""

    def daily(self, session: UUID, day: date) -> DailyReport:
        """The day as it stands now. Raises Refused("staff.no_right" | "session.ended" … | "report.day_to_come")."""

    def keep(self, report: DailyReport) -> None:
        """This one is about to be printed: its paper, and every copy of it, say what it says."""
