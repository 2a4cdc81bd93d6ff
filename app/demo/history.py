"""Years of membership and sales, as the rows that bulk import takes.

Everything about a member follows from the seed and the member's index; a chunk is made, handed on and forgotten, so a
million members need no more memory than ten thousand. Tiers and points follow `app.domain`: each sale earns at the tier
held before it, and a tier is reached by the spending of the twelve months up to a sale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from app.demo.chance import FIRST, MASK, SECOND, STEP, coprime_step, long_tail, mixed, spread, stream
from app.demo.mall import SHOPS, ZONE, DemoShop
from app.demo.people import KNOWN, People
from app.domain.calendar import add_months
from app.domain.policy import Policy
from app.domain.tier import EARNING_TENTHS, TIERS, thresholds_fen

MemberRow = tuple[int, str, str, date | None, str, date, str, int | None, bool]
"""index (from 0), name, phone, birthday, gender ("f", "m", ""), joined_on, tier, card serial, whether they set a PIN"""

SaleRow = tuple[int, str, str, int, date, int, int, date]
"""member index, shop, slip number, sold_at (ms since 1970 UTC), sold_on, amount (fen), points, expires_on"""

CHUNK_ROWS = 10_000  # what one import operation may hold
# Small enough that their sales, which follow them, fit in a few chunks.
_MEMBERS_PER_CHUNK = 2_000

_DAY_CELLS = 1 << 16
_JOINED_BEFORE = 0.45  # share of members who joined before the first sale that is kept
_YEARS_BEFORE = 6  # the mall opened that long before it
_KNOWN_SALES = 14  # the members of `KNOWN` always have something to show


@dataclass(frozen=True)
class Plan:
    """What to make. Sales lie in the `years` before `today`; the last ones are yesterday's.

    `exact`: each member has `sales_per_member` sales; otherwise that is the average, and a few have none or many."""

    members: int
    years: int
    seed: int
    today: date
    sales_per_member: int = 10
    exact: bool = True
    policy: Policy = field(default_factory=Policy)
    zone: str = ZONE

    def __post_init__(self) -> None:
        if self.members < 1 or not 1 <= self.years <= 30 or not 1 <= self.sales_per_member <= 1_000:
            raise ValueError("at least one member, 1 to 30 years, 1 to 1,000 sales each")


def demo_plan(today: date, *, members: int = 20_000, years: int = 2, seed: int = 1) -> Plan:
    """The mall that `memberdesk demo` opens."""
    return Plan(members, years, seed, today, sales_per_member=12, exact=False)


@dataclass(frozen=True)
class MemberChunk:
    rows: list[MemberRow]
    kind: ClassVar[Literal["members"]] = "members"


@dataclass(frozen=True)
class SaleChunk:
    """Their members were in earlier chunks."""

    rows: list[SaleRow]
    kind: ClassVar[Literal["sales"]] = "sales"


def _day_weight(day: date) -> float:
    """How busy the mall is."""
    weight = (1.0, 0.95, 1.0, 1.05, 1.3, 1.9, 1.75)[day.weekday()]
    if day.day == 5:
        weight *= 1.8  # member day
    if (day.month, day.day) in {(1, 1), (2, 14), (5, 20), (6, 1), (6, 18), (11, 11), (12, 24), (12, 25), (12, 31)}:
        weight *= 1.4
    if (day.month == 10 and day.day <= 7) or (day.month == 5 and day.day <= 5):
        weight *= 1.5
    return weight * (1.1, 0.95, 0.95, 0.95, 1.0, 1.0, 1.05, 1.05, 0.95, 1.0, 1.05, 1.2)[day.month - 1]


# Share of visits by hour from 10 to 21, when the mall is open: on a weekday, at the weekend.
_HOURS = {
    "meals": ((1, 9, 14, 6, 3, 3, 5, 13, 17, 12, 6, 2), (2, 10, 15, 9, 6, 6, 8, 14, 17, 12, 6, 2)),
    "evening": ((1, 1, 2, 4, 5, 5, 5, 6, 9, 15, 14, 9), (3, 4, 5, 9, 11, 12, 11, 9, 10, 14, 13, 9)),
    "shopping": ((4, 5, 6, 5, 5, 6, 7, 9, 13, 14, 11, 4), (6, 8, 8, 10, 13, 15, 14, 11, 10, 10, 8, 3)),
}
_RHYTHM = {"餐饮": "meals", "茶饮烘焙": "meals", "文化娱乐": "evening"}
_OPENS_AT = 10


def _minutes_table(hours: tuple[int, ...]) -> list[int]:
    """Milliseconds after midnight, by the minute."""
    minutes = range(_OPENS_AT * 60, (_OPENS_AT + len(hours)) * 60)
    return [
        minute * 60_000 for minute in spread(minutes, [hours[minute // 60 - _OPENS_AT] for minute in minutes], 1 << 10)
    ]


_MINUTES = {name: tuple(_minutes_table(hours) for hours in both) for name, both in _HOURS.items()}

# Prices end as prices do.
_ENDINGS_FEN = (0,) * 14 + (90,) * 5 + (80,) * 4 + (50,) * 4 + (99, 60, 37, 12, 5)

Visit = tuple[int, int, int, str, str]  # sold_at ms, day (index), amount fen, shop, slip number


class History:
    """The members and sales of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._people = People(plan.seed)
        self._lay_out_days()
        self._set_prices()
        self._members_start = stream(plan.seed, "members")
        self._sales_start = stream(plan.seed, "sales")
        self._set_counts()
        # A slip number is unique by itself, so it is unique in its shop and day.
        slots = plan.members * self._most_sales
        self._slip_digits = max(7, len(str(slots - 1)))
        self._slip_count = 10**self._slip_digits
        slips = stream(plan.seed, "slips")
        self._slip_step = coprime_step(slips, self._slip_count)
        self._slip_start = mixed(slips) % self._slip_count
        self._silver_fen = thresholds_fen(plan.policy)["silver"]
        self._tier_steps = [
            (tier, from_fen, EARNING_TENTHS[tier]) for tier, from_fen in thresholds_fen(plan.policy).items()
        ]

    def _lay_out_days(self) -> None:
        plan, zone = self.plan, ZoneInfo(self.plan.zone)
        first, last = add_months(plan.today, -12 * plan.years) + timedelta(days=1), plan.today - timedelta(days=1)
        self._dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        self._starts_ms = [
            int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000 for day in self._dates
        ]
        self._expiries = [add_months(day, plan.policy.points_live_months) for day in self._dates]
        self._weekend = [int(day.weekday() >= 5) for day in self._dates]
        self._year_before = [(add_months(day, -12) - first).days for day in self._dates]
        self._day_of = spread(range(len(self._dates)), [_day_weight(day) for day in self._dates], _DAY_CELLS)
        self._first_cell = [_DAY_CELLS - 1] * len(self._dates)
        for cell in range(_DAY_CELLS - 1, -1, -1):
            self._first_cell[self._day_of[cell]] = cell

    def _set_prices(self) -> None:
        visited = spread(SHOPS, [shop.visits for shop in SHOPS], 1 << 12)
        self._shops = [self._priced(shop) for shop in visited]
        # In 1/1024: how far one visit is from the usual, and how well off a member is.
        self._visit_spread = [round(1024 * factor) for factor in long_tail(0.55, 1 << 12)]
        # Few visits in many years would leave everybody bronze: what a member spends in a year stays about the same.
        mean_visit_yuan = sum(shop.ticket_yuan for shop in visited) / len(visited) * 1.16
        mean_year_yuan = mean_visit_yuan * self.plan.sales_per_member / self.plan.years
        to_usual = min(3.0, max(0.2, 1_450 / mean_year_yuan))
        self._means = [max(1, round(1024 * factor * to_usual)) for factor in long_tail(1.0, 1 << 10)]

    @staticmethod
    def _priced(shop: DemoShop) -> tuple[str, int, tuple[list[int], ...]]:
        return shop.shop, shop.ticket_yuan, _MINUTES[_RHYTHM.get(shop.category, "shopping")]

    def _set_counts(self) -> None:
        """How many sales a member has, by chance; in cells, and the most anybody can have."""
        wanted = self.plan.sales_per_member
        if self.plan.exact:
            self._counts, self._most_sales = [float(wanted)], wanted
            return
        # Those who joined later have had less time: on average this much of the years.
        mean_time = _JOINED_BEFORE + (1 - _JOINED_BEFORE) / 2
        shape = [0.0 if cell < 24 else min(factor, 5.0) for cell, factor in enumerate(long_tail(0.8, 1 << 10))]
        scale = wanted / (sum(shape) / len(shape)) / mean_time
        self._counts = [factor * scale for factor in shape]
        self._most_sales = max(_KNOWN_SALES, ceil(max(self._counts)) + 1)

    def chunks(self) -> Iterator[MemberChunk | SaleChunk]:
        """All rows, at most `CHUNK_ROWS` at a time; a member comes before its sales."""
        waiting: list[SaleRow] = []
        for first in range(0, self.plan.members, _MEMBERS_PER_CHUNK):
            members: list[MemberRow] = []
            made: list[SaleRow] = []
            for index in range(first, min(first + _MEMBERS_PER_CHUNK, self.plan.members)):
                member, sales = self.member(index)
                members.append(member)
                made += sales
            yield MemberChunk(members)
            waiting += made
            del made
            whole = len(waiting) - len(waiting) % CHUNK_ROWS
            for start in range(0, whole, CHUNK_ROWS):
                yield SaleChunk(waiting[start : start + CHUNK_ROWS])
            del waiting[:whole]
        if waiting:
            yield SaleChunk(waiting)

    def member(self, index: int) -> tuple[MemberRow, list[SaleRow]]:
        """One member with all their sales in the order of time."""
        bits = mixed((self._members_start + index * STEP) & MASK)
        joined_ordinal, cell = self._joined(index)
        wealth = self._means[bits & 1023]
        known = KNOWN[index] if index < len(KNOWN) else None
        if known is not None and known.highest_year_yuan:
            visits = self._visits(index, bits, cell, wealth)
            highest_fen = self._highest_year_fen(visits)
            wealth = max(1, wealth * known.highest_year_yuan * 100 // max(1, highest_fen))
        visits = self._visits(index, bits, cell, wealth)
        tier, sales = self._credited(index, visits)
        name, phone, birthday, gender = self._people.person(index, joined_ordinal)
        has_card = known is not None or bits >> 20 & 127 < 118
        has_pin = known is not None or bits >> 27 & 127 < 90
        joined_on = date.fromordinal(joined_ordinal)
        serial = index + 1 if has_card else None
        return (index, name, phone, birthday, gender, joined_on, tier, serial, has_pin), sales

    def _joined(self, index: int) -> tuple[int, int]:
        """The day (ordinal) and the first cell of the days on which they can have bought. Numbers are given out in the
        order of joining, so a higher index never joined earlier."""
        first = self._dates[0].toordinal()
        share = index / self.plan.members
        if share < _JOINED_BEFORE:
            days = _YEARS_BEFORE * 365
            return first - days + int((share / _JOINED_BEFORE) ** 0.8 * days), 0
        # The newest of those who must have all their sales have had a few weeks for them.
        newest = 0.96 if self.plan.exact else 1.0
        cell = int((share - _JOINED_BEFORE) / (1 - _JOINED_BEFORE) * newest * (_DAY_CELLS - 1))
        day = self._day_of[cell]
        return first + day, self._first_cell[day]

    def _visits(self, index: int, bits: int, first_cell: int, wealth: int) -> list[Visit]:
        """Where, when and for how much, in the order of time. One number of 64 bits makes one visit."""
        cells = _DAY_CELLS - first_cell
        count = int(self._counts[0])
        if not self.plan.exact:
            count = int(self._counts[bits >> 10 & 1023] * cells / _DAY_CELLS + 0.5)
            if index < len(KNOWN):
                count = max(count, _KNOWN_SALES)
        favourites = bits >> 34
        slot = index * self._most_sales
        number = self._sales_start + slot * STEP
        slip = slot * self._slip_step + self._slip_start
        slip_step, slip_count, slip_form = self._slip_step, self._slip_count, f"%0{self._slip_digits}d"
        shops, day_of, starts_ms, weekend = self._shops, self._day_of, self._starts_ms, self._weekend
        visit_spread, endings_fen = self._visit_spread, _ENDINGS_FEN
        visits: list[Visit] = []
        for _ in range(count):
            # `mixed`, written out: a call would cost as much again.
            number += STEP
            bits = number & MASK
            bits = (bits ^ bits >> 30) * FIRST & MASK
            bits = (bits ^ bits >> 27) * SECOND & MASK
            bits ^= bits >> 31
            day = day_of[first_cell + ((bits & 0xFFFF) * cells >> 16)]
            # Half of the visits go to five shops that the member likes.
            choice = bits >> 16 & 4095
            shop, ticket_yuan, minutes = shops[(favourites + choice % 5 * 811) & 4095 if bits >> 28 & 1 else choice]
            sold_at_ms = starts_ms[day] + minutes[weekend[day]][bits >> 29 & 1023] + (bits >> 39 & 63) * 15 // 16 * 1000
            amount_yuan = ticket_yuan * wealth * visit_spread[bits >> 45 & 4095] >> 20
            amount_fen = max(5, amount_yuan) * 100 + endings_fen[bits >> 59]
            visits.append((sold_at_ms, day, amount_fen, shop, slip_form % (slip % slip_count)))
            slip += slip_step
        visits.sort()
        return visits

    def _highest_year_fen(self, visits: list[Visit]) -> int:
        highest = spent = oldest = 0
        for _, day, amount_fen, _, _ in visits:
            spent += amount_fen
            while visits[oldest][1] < self._year_before[day]:
                spent -= visits[oldest][2]
                oldest += 1
            highest = max(highest, spent)
        return highest

    def _credited(self, index: int, visits: list[Visit]) -> tuple[str, list[SaleRow]]:
        """The tier in the end, and the sales with what each earned at the tier held before it."""
        dates, expiries, per_yuan = self._dates, self._expiries, self.plan.policy.points_per_yuan
        if sum([visit[2] for visit in visits]) < self._silver_fen:
            return TIERS[0], [
                (index, shop, slip, at, dates[day], fen, fen * per_yuan // 100, expiries[day])
                for at, day, fen, shop, slip in visits
            ]
        year_before, steps = self._year_before, self._tier_steps
        reached = spent = oldest = 0
        sales: list[SaleRow] = []
        for at, day, fen, shop, slip in visits:
            points = fen * per_yuan * steps[reached][2] // 1000
            sales.append((index, shop, slip, at, dates[day], fen, points, expiries[day]))
            spent += fen
            while visits[oldest][1] < year_before[day]:
                spent -= visits[oldest][2]
                oldest += 1
            while reached + 1 < len(steps) and spent >= steps[reached + 1][1]:
                reached += 1
        return steps[reached][0], sales
