"""Points in lots: earned together, expiring together, spent earliest-expiring first (RELIABILITY.md 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.domain.errors import Refused

# A hub lets lots expire so much later: what a desk that is cut off spends of them then still finds them there.
GRACE = timedelta(days=3)


@dataclass(frozen=True)
class LotId:
    """A lot is named by the journal line that made it."""

    source: UUID
    line: int


@dataclass(frozen=True)
class Lot:
    lot: LotId
    expires_on: date  # the last business day on which these points can be used
    quantity: int
    remaining: int
    earned_on: date

    def usable_on(self, day: date) -> bool:
        return self.remaining > 0 and day <= self.expires_on


@dataclass(frozen=True)
class LotUse:
    lot: LotId
    quantity: int


def spending_order(lots: Sequence[Lot]) -> list[Lot]:
    return sorted(lots, key=lambda lot: (lot.expires_on, lot.earned_on, lot.lot.source.int, lot.lot.line))


@dataclass(frozen=True)
class Account:
    """A member's points, locked for the length of one operation.

    `posted` is the sum of the journal, `held` is set aside by holds, `owed` is what was overdrawn, or taken back after
    it had been spent (posted = remaining of all lots - owed)."""

    member: UUID
    posted: int
    held: int
    owed: int
    lots: tuple[Lot, ...]  # those with something left

    def usable(self, day: date) -> int:
        """What can be spent on `day`: lots that have not expired, less holds, less what is owed."""
        live = sum(lot.remaining for lot in self.lots if lot.usable_on(day))
        return max(0, live - self.held - self.owed)

    def spend(self, points: int, *, on: date) -> tuple[LotUse, ...]:
        """Which lots give `points`, earliest expiry first. Raises Refused("points.not_enough")."""
        usable = self.usable(on)
        if points > usable:
            raise Refused("points.not_enough", usable=usable, missing=points - usable)
        return taken(spending_order([lot for lot in self.lots if lot.usable_on(on)]), points)


def taken(lots: Sequence[Lot], points: int) -> tuple[LotUse, ...]:
    """`points`, or as much as there is, from `lots` in the order given."""
    uses: list[LotUse] = []
    for lot in lots:
        if points <= 0:
            break
        part = min(points, lot.remaining)
        if part:
            uses.append(LotUse(lot.lot, part))
            points -= part
    return tuple(uses)
