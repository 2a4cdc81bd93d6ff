"""What a desk redeemed while it was cut off, against what its licences allowed (RELIABILITY.md 4.6 and 8.6)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from app.domain.conflicts import WITHOUT_EFFECT
from app.domain.mode import Unsettled
from app.domain.offline_rules import OfflineRules
from app.operations.set_offline_rules import SetOfflineRules
from app.sync import codec
from app.sync.envelope import decoded
from app.sync.hub import SpentCutOff
from db.connection import Connection, Row, Statement
from db.wire import array_of


def about_spending(mall: str, desk: str, members: Collection[UUID], read_to: int) -> Statement:
    """Of each of `members`: the feed's end; what the desk had redeemed by all that is admitted, and by the place to
    which it had read; the same of that member. Nothing where the desk has not acknowledged this feed: the hub was put
    back, and what the desk had read of the one before counts there.

    Whatever it says, it had read what it acknowledged: that counts only with all that it had done before."""
    of_desk = "(SELECT s.of_desk FROM limits_spend s WHERE s.mall_id = :mall AND s.desk = :desk"
    of_member = (
        "(SELECT s.of_member FROM limits_spend s WHERE s.mall_id = :mall AND s.desk = :desk AND s.member = w.member"
    )
    last, by_then = " ORDER BY s.n DESC LIMIT 1)", " AND s.n <= place.n"
    return Statement(
        f"SELECT w.member, place.head, coalesce({of_desk}{last}, 0), coalesce({of_desk}{by_then}{last}, 0), "
        f"coalesce({of_member}{last}, 0), coalesce({of_member}{by_then}{last}, 0) "
        "FROM (SELECT greatest(CAST(:read_to AS bigint), h.acked_n) AS n, f.n AS head FROM hub_desk h "
        "JOIN feed_head f ON f.mall_id = h.mall_id AND f.epoch = h.acked_feed "
        "WHERE h.mall_id = :mall AND h.desk = :desk) place, unnest(CAST(:members AS uuid[])) AS w(member)",
        {"mall": mall, "desk": desk, "read_to": read_to, "members": array_of(sorted(members))},
    )


class Spending:
    """Of one desk, within one transaction: its row is locked."""

    def __init__(self, connection: Connection, mall: str, desk: str) -> None:
        self._connection = connection
        self._mall = mall
        self._desk = desk
        self._members: frozenset[UUID] = frozenset()
        self._known: dict[tuple[UUID, int], Row] = {}
        self._here: Counter[UUID] = Counter()  # in this transaction; none of it had a result that could be read
        self._rows: list[tuple[int, UUID, int, int]] = []

    def about(self, members: Collection[UUID]) -> None:
        """Nobody else's redemptions come in this transaction: what there is to know of them is asked at once."""
        self._members = frozenset(members)

    def foresee(self, member: UUID, read_to: int) -> None:
        if (member, read_to) not in self._known:
            self._connection.foresee(self._question(member, read_to))

    def before(self, member: UUID, read_to: int) -> SpentCutOff | None:
        if (member, read_to) not in self._known:
            (rows,) = self._connection.ask(self._question(member, read_to))
            self._known.update(((row[0], read_to), row) for row in rows)
        found = self._known.get((member, read_to))
        if found is None:
            return None
        _, head, of_desk, read_of_desk, of_member, read_of_member = found
        here = Unsettled(self._here[member], self._here.total())
        used = Unsettled(of_member - read_of_member + here.of_member, of_desk - read_of_desk + here.of_desk)
        return SpentCutOff(used, could_read=read_to <= head)

    def note(self, member: UUID, read_to: int, points: int, row: int) -> None:
        """In what will be the `row`-th of the feed from its end on."""
        found = self._known.get((member, read_to))
        if found is not None:
            self._here[member] += points
            self._rows.append((row, member, found[4] + self._here[member], found[2] + self._here.total()))

    def keep(self) -> None:
        """Under the lock of the feed's head: their rows come next."""
        if not self._rows:
            return
        rows, members, of_member, of_desk = zip(*self._rows, strict=True)
        self._connection.later(
            "INSERT INTO limits_spend (mall_id, desk, n, member, of_member, of_desk) "
            "SELECT f.mall_id, :desk, f.n + w.row, w.member, w.of_member, w.of_desk FROM feed_head f, "
            "unnest(CAST(:rows AS bigint[]), CAST(:members AS uuid[]), CAST(:of_member AS bigint[]), "
            "CAST(:of_desk AS bigint[])) AS w(row, member, of_member, of_desk) WHERE f.mall_id = :mall",
            mall=self._mall,
            desk=self._desk,
            rows=array_of(rows),
            members=array_of(members),
            of_member=array_of(of_member),
            of_desk=array_of(of_desk),
        )
        self._rows.clear()

    def _question(self, member: UUID, read_to: int) -> Statement:
        return about_spending(self._mall, self._desk, self._members | {member}, read_to)


def rules_since(connection: Connection, mall: str, since: datetime) -> list[OfflineRules]:
    """All that were in force at `since` or later, by the hub's clock, oldest first."""
    rows = connection.rows(
        "SELECT o.encoded, o.result, coalesce(f.received_at, o.at) FROM operation o LEFT JOIN feed f "
        "ON f.mall_id = o.mall_id AND f.operation_id = o.operation_id WHERE o.mall_id = :mall AND o.verb = :verb "
        "ORDER BY coalesce(f.n, 0), o.at",
        mall=mall,
        verb=SetOfflineRules.verb,
    )
    in_force, later = OfflineRules(), []
    for encoded, result, at in rows:
        if not WITHOUT_EFFECT.isdisjoint(json.loads(bytes(result)).get("conflicts", ())):
            continue
        envelope = decoded(bytes(encoded))
        operation = codec.operation_as_sent(envelope.verb, envelope.version, envelope.id, envelope.body)
        assert isinstance(operation, SetOfflineRules)
        if at <= since:
            in_force = operation.rules
        else:
            later.append(operation.rules)
    return [in_force, *later]
