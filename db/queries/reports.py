"""The daily report, added up from what the operations of one business day wrote.

Only append-only tables and columns are read, so that the report of a past day always says the same. Where there is a
hub, operations of a desk that was cut off come later than they happened: a day ends where its closing stands in the
feed, and what comes after that is listed as late."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.calendar import DEFAULT_ZONE, business_day
from app.domain.errors import Refused
from app.domain.staff import Right, Staff
from app.ports.clock import Clock
from app.queries.reports import (
    ClerkDay,
    Closing,
    DailyReport,
    DeskDay,
    Figures,
    GiftDay,
    HourDay,
    LateOperation,
    StockDay,
    VerbDay,
)
from app.sync.envelope import instant
from db.connection import Connection
from db.store import Store

# Who is signed in is no business, nor is asking for the report or what the hub writes about itself; history that was
# brought in belongs to no day.
_NO_BUSINESS = (
    "('import_history', 'sign_in', 'sign_out', 'count_wrong_pin', 'forget_wrong_pins', 'confirm_clock', "
    "'print_report', 'close_day', 'begin_feed', 'enrol_desk', 'grant_request', 'end_request', 'record_lookup')"
)
_OF_OPERATION = "{0}.mall_id = o.mall_id AND {0}.operation_id = o.operation_id"
_GIVEN = frozenset({"hand_out", "redeem_as_guest"})
_CARDS = frozenset({"issue_card", "replace_card"})
_Key = tuple[str, str]  # desk, who did it


@dataclass(frozen=True)
class _Chosen:
    """Operations, as `o`: where a statement begins, which of them, and the values that its text names."""

    begin: str
    which: str
    values: Mapping[str, Any]


class SqlReports:
    """`app.queries.reports.ReportQueries`. `whose` tells whose open session at this desk it is, or raises Refused."""

    def __init__(self, store: Store, mall: str, clock: Clock, whose: Callable[[UUID], Staff]) -> None:
        self._store = store
        self._mall = mall
        self._clock = clock
        self._whose = whose

    def daily(self, session: UUID, day: date) -> DailyReport:
        self._whose(session).must(Right.REPORTS)
        now = instant(self._clock.wall_ms())
        return self._store.read(partial(daily_report, mall=self._mall, day=day, as_of=now))

    def keep(self, report: DailyReport) -> None:
        """What it says follows from the store, today and ever after."""


def bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first moment of a business day and the first of the next, UTC; 23 to 25 hours where clocks are changed."""
    mall = ZoneInfo(zone)
    days = (day, day + timedelta(days=1))
    begin, end = (datetime(each.year, each.month, each.day, tzinfo=mall).astimezone(UTC) for each in days)
    return begin, end


def daily_report(connection: Connection, *, mall: str, day: date, as_of: datetime) -> DailyReport:
    """Raises Refused("report.day_to_come")."""
    found = connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=mall)
    zone = found[0] if found else DEFAULT_ZONE
    if day > business_day(as_of, zone):
        raise Refused("report.day_to_come")
    begin, end = bounds(day, zone)
    closings = _closings(connection, mall)
    own = next((closing for closing in closings if closing.day >= day), None)
    which = f"o.mall_id = :mall AND o.at >= :begin AND o.at < :end AND o.at <= :as_of AND o.verb NOT IN {_NO_BUSINESS}"
    values: dict[str, Any] = {"mall": mall, "begin": begin, "end": end, "as_of": as_of}
    came_later = f"EXISTS (SELECT 1 FROM feed f WHERE {_OF_OPERATION.format('f')} AND f.n > :closing)"
    if own is None:
        chosen = _Chosen("operation o", which, values)
    else:
        values = {**values, "closing": own.n}
        chosen = _Chosen("operation o", f"{which} AND NOT {came_later}", values)
    report = _Sums(connection, mall, zone, chosen).report(day, as_of)
    if closings:
        report = _with_late(connection, mall, report, closings, (begin, end))
    alone = connection.row("SELECT 1 FROM sync_state WHERE mall_id = :mall AND name = 'feed'", mall=mall)
    return replace(report, closed=Closing(own.at, own.n, own.h) if own else None, desk_only=alone is not None)


@dataclass(frozen=True)
class _Closed:
    """All up to `day`, at place `n` of the feed."""

    day: date
    n: int
    h: str
    at: datetime


def _closings(connection: Connection, mall: str) -> list[_Closed]:
    """In their order, which is that of the days and of the feed."""
    rows = connection.rows(
        "SELECT c.day, f.n, f.h, f.received_at FROM closed_day c JOIN feed f ON f.mall_id = c.mall_id "
        "AND f.operation_id = c.operation_id WHERE c.mall_id = :mall ORDER BY c.day",
        mall=mall,
    )
    return [_Closed(day, n, bytes(h).hex(), at) for day, n, h, at in rows]


def _with_late(
    connection: Connection,
    mall: str,
    report: DailyReport,
    closings: Sequence[_Closed],
    day_bounds: tuple[datetime, datetime],
) -> DailyReport:
    """What came between two closings and happened before is listed on the first day that the second one closes."""
    begin, end = day_bounds
    own = next((closing for closing in closings if closing.day >= report.day), None)
    before = [closing for closing in closings if closing.day < report.day]
    values = {"mall": mall, "begin": begin, "end": end}
    in_feed = "feed f CROSS JOIN operation o"
    of_feed = f"f.mall_id = :mall AND {_OF_OPERATION.format('f')} AND o.verb NOT IN {_NO_BUSINESS}"
    if before and before[-1].day == report.day - timedelta(days=1):
        late = _Chosen(
            in_feed,
            f"{of_feed} AND f.n > :after AND f.n < :before AND o.at < :begin",
            {**values, "after": before[-1].n, "before": own.n if own else 2**62},
        )
        listed = _late(connection, mall, report.zone, late, closings)
        if listed:
            total = _Sums(connection, mall, report.zone, late).report(report.day, report.as_of).total
            report = replace(report, late=listed, late_total=total)
    if own is not None:
        which = f"{of_feed} AND f.n > :after AND o.at >= :begin AND o.at < :end"
        later = _Chosen("operation o CROSS JOIN feed f", which, {**values, "after": own.n})
        listed = _late(connection, mall, report.zone, later, closings)
        if listed:
            total = _Sums(connection, mall, report.zone, later).report(report.day, report.as_of).total
            report = replace(report, later=listed, later_total=total)
    return report


def _late(
    connection: Connection, mall: str, zone: str, chosen: _Chosen, closings: Sequence[_Closed]
) -> tuple[LateOperation, ...]:
    """As they came."""

    def sums(amount: str, joined: str, where: str) -> dict[UUID, int]:
        rows = connection.rows(
            f"SELECT o.operation_id, sum({amount}) FROM {chosen.begin} {joined} WHERE {chosen.which} {where} "
            "GROUP BY o.operation_id",
            **chosen.values,
        )
        return {operation: int(total) for operation, total in rows}

    rows = connection.rows(
        "SELECT f.n, o.operation_id, o.at, f.received_at, o.desk, d.name, o.actor, o.verb "
        f"FROM {chosen.begin} CROSS JOIN desk d WHERE {chosen.which} AND d.mall_id = o.mall_id AND d.desk = o.desk "
        "ORDER BY f.n",
        **chosen.values,
    )
    if not rows:
        return ()
    points = sums(
        "j.amount",
        "CROSS JOIN journal j CROSS JOIN account a",
        f"AND {_OF_OPERATION.format('j')} AND a.mall_id = j.mall_id AND a.account = j.account AND a.kind = 'member'",
    )
    fen = sums("s.amount_fen", "CROSS JOIN sale s", f"AND {_OF_OPERATION.format('s')}")
    pieces = sums(
        "-m.on_hand",
        "CROSS JOIN stock_move m",
        f"AND o.verb <> 'receive_stock' AND {_OF_OPERATION.format('m')}",
    )

    def listed_on(n: int) -> date:
        return max(closing.day for closing in closings if closing.n < n) + timedelta(days=1)

    return tuple(
        LateOperation(
            business_day(at, zone),
            at,
            came_at,
            listed_on(n),
            desk,
            name,
            actor,
            verb,
            points.get(operation, 0),
            fen.get(operation, 0),
            pieces.get(operation, 0),
        )
        for n, operation, at, came_at, desk, name, actor, verb in rows
    )


class _Sums:
    """What the chosen operations did."""

    def __init__(self, connection: Connection, mall: str, zone: str, chosen: _Chosen) -> None:
        self._connection = connection
        self._mall = mall
        self._zone = zone
        self._chosen = chosen
        self._done: defaultdict[_Key, Figures] = defaultdict(Figures)
        self._issued: Counter[int] = Counter()
        self._used: Counter[int] = Counter()

    def report(self, day: date, as_of: datetime) -> DailyReport:
        verbs = self._operations()
        self._points()
        self._sales()
        self._undone()
        gifts, stock = self._goods()
        return DailyReport(
            day,
            self._zone,
            as_of,
            sum(self._done.values(), Figures()),
            self._desks(),
            self._clerks(),
            verbs,
            tuple(HourDay(hour, self._issued[hour], self._used[hour]) for hour in range(24)),
            gifts,
            stock,
        )

    def _rows(self, select: str, group: str, joined: str = "", where: str = "") -> list[tuple[Any, ...]]:
        """CROSS JOIN keeps SQLite to beginning with the operations: left alone it goes through every line of the
        mall."""
        return self._connection.rows(
            f"SELECT {select} FROM {self._chosen.begin} {joined} WHERE {self._chosen.which} {where} GROUP BY {group}",
            **self._chosen.values,
        )

    def _add(self, key: _Key, **figures: int) -> None:
        self._done[key] += Figures(**figures)

    def _operations(self) -> tuple[VerbDay, ...]:
        counts: Counter[str] = Counter()
        approved: Counter[str] = Counter()
        for desk, actor, verb, count, with_approval in self._rows(
            "o.desk, o.actor, o.verb, count(*), count(o.approver)", "o.desk, o.actor, o.verb"
        ):
            counts[verb] += count
            approved[verb] += with_approval
            self._add(
                (desk, actor),
                operations=count,
                approved=with_approval,
                enrolled=count if verb == "enrol_member" else 0,
                cards=count if verb in _CARDS else 0,
                redemptions=count if verb == "redeem" else 0,
            )
        ordered = sorted(counts, key=lambda verb: (-counts[verb], verb))
        return tuple(VerbDay(verb, counts[verb], approved[verb]) for verb in ordered)

    def _points(self) -> None:
        rows = self._rows(
            "o.desk, o.actor, o.at, j.kind, sum(j.amount)",
            "o.desk, o.actor, o.operation_id, o.at, j.kind",
            "CROSS JOIN journal j CROSS JOIN account a",
            f"AND {_OF_OPERATION.format('j')} AND a.mall_id = j.mall_id AND a.account = j.account "
            "AND a.kind = 'member'",
        )
        for desk, actor, at, kind, total in rows:
            points, hour = int(total), at.astimezone(ZoneInfo(self._zone)).hour
            match kind:
                case "earn":
                    self._add((desk, actor), issued=points)
                    self._issued[hour] += points
                case "redeem":
                    self._add((desk, actor), used=-points)
                    self._used[hour] -= points
                case "expire":
                    self._add((desk, actor), expired=-points)
                case "give_back":
                    self._add((desk, actor), given_back=points)
                case "take_back":
                    self._add((desk, actor), taken_back=-points)
                case "adjust":
                    self._add((desk, actor), adjusted=points)
                case _:
                    raise AssertionError(f"the report does not know the movement {kind}")

    def _sales(self) -> None:
        for desk, actor, count, fen in self._rows(
            "o.desk, o.actor, count(*), sum(s.amount_fen)",
            "o.actor, o.desk",
            "CROSS JOIN sale s",
            f"AND {_OF_OPERATION.format('s')}",
        ):
            self._add((desk, actor), sales=count, sales_fen=int(fen))

    def _undone(self) -> None:
        undoing = f"AND o.verb = 'reverse' AND {_OF_OPERATION.format('r')}"
        for desk, actor, count, fen in self._rows(
            "o.desk, o.actor, count(*), sum(s.amount_fen)",
            "o.actor, o.desk",
            "CROSS JOIN reversal r CROSS JOIN sale s",
            f"{undoing} AND s.mall_id = r.mall_id AND s.operation_id = r.reverses",
        ):
            self._add((desk, actor), sales_undone=count, sales_undone_fen=int(fen))
        for desk, actor, count in self._rows(
            "o.desk, o.actor, count(*)",
            "o.actor, o.desk",
            "CROSS JOIN reversal r CROSS JOIN redemption d",
            f"{undoing} AND d.mall_id = r.mall_id AND d.operation_id = r.reverses",
        ):
            self._add((desk, actor), redemptions_undone=count)

    def _goods(self) -> tuple[tuple[GiftDay, ...], tuple[StockDay, ...]]:
        gifts: dict[str, GiftDay] = {}
        stock: dict[tuple[str, str], StockDay] = {}
        for gift, name, quantity, points in self._rows(
            "l.gift, g.name, sum(l.quantity), sum(l.points)",
            "l.gift, g.name",
            "CROSS JOIN redemption_line l CROSS JOIN gift g",
            f"AND {_OF_OPERATION.format('l')} AND g.mall_id = l.mall_id AND g.gift = l.gift",
        ):
            gifts[gift] = GiftDay(gift, name, int(quantity), int(points), 0)
        for desk, here, actor, gift, name, verb, pieces in self._rows(
            "o.desk, m.desk, o.actor, m.gift, g.name, o.verb, sum(m.on_hand)",
            "o.desk, m.desk, o.actor, m.gift, g.name, o.verb",
            "CROSS JOIN stock_move m CROSS JOIN gift g",
            f"AND {_OF_OPERATION.format('m')} AND g.mall_id = m.mall_id AND g.gift = m.gift",
        ):
            moved = int(pieces)
            if moved == 0:
                continue
            row = stock.get((here, gift)) or StockDay(here, gift, name, 0, 0, 0)
            if verb == "receive_stock":
                row = replace(row, received=row.received + moved)
            elif verb in _GIVEN:
                row = replace(row, handed_out=row.handed_out - moved)
                self._add((desk, actor), handed_out=-moved)
                given = gifts.get(gift) or GiftDay(gift, name, 0, 0, 0)
                gifts[gift] = replace(given, handed_out=given.handed_out - moved)
            else:
                row = replace(row, returned=row.returned + moved)
            stock[here, gift] = row
        ordered = sorted(gifts.values(), key=lambda each: (-each.points, each.gift))
        return tuple(ordered), tuple(stock[key] for key in sorted(stock))

    def _desks(self) -> tuple[DeskDay, ...]:
        names = self._connection.rows(
            "SELECT desk, name FROM desk WHERE mall_id = :mall ORDER BY number", mall=self._mall
        )
        done: defaultdict[str, Figures] = defaultdict(Figures)
        for (desk, _), figures in self._done.items():
            done[desk] += figures
        return tuple(DeskDay(desk, name, done[desk]) for desk, name in names if desk in done)

    def _clerks(self) -> tuple[ClerkDay, ...]:
        names: dict[str, str] = dict(
            self._connection.rows("SELECT staff, name FROM staff WHERE mall_id = :mall", mall=self._mall)
        )
        done: defaultdict[str, Figures] = defaultdict(Figures)
        for (_, actor), figures in self._done.items():
            done[actor] += figures
        approvals: dict[str, int] = dict(
            self._rows("o.approver, count(*)", "o.approver", where="AND o.approver IS NOT NULL")
        )
        people = sorted({*done, *approvals})
        return tuple(ClerkDay(each, names.get(each, ""), done[each], approvals.get(each, 0)) for each in people)
