"""Strict (docs/adr/0012): which desks are licensed since when, what each row of the feed has shared out of a member's
points, and what the hub itself may take of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.shares import Share, ShareSpend, SharingDesk
from app.sync.envelope import instant
from db.connection import Connection, Statement

# Desks that may have worked: one that was retired or lost, or is a till by now, has nothing admitted any more.
_MAY_HAVE_WORKED = (
    "h.mall_id = :mall AND h.state NOT IN ('retired', 'lost') AND h.kind <> 'till' AND h.last_seen IS NOT NULL"
)


@dataclass(frozen=True)
class Sharing:
    """`licence`: the licence epoch that is now; `missing` and `surplus`: desks that should be licensed and are not, and
    the other way round; then the next licence epoch is due."""

    licence: int
    desks: tuple[SharingDesk, ...]
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    is_of_this_feed: bool = True
    active: int = 0

    @property
    def is_settled(self) -> bool:
        return all(desk.is_settled for desk in self.desks)

    @property
    def is_due(self) -> bool:
        return bool(self.missing or self.surplus) or not self.is_of_this_feed

    def since(self, desk: str) -> int | None:
        """None: it is not licensed."""
        found = [since for known in self.desks if known.desk == desk for since, until in known.spans if until is None]
        return found[0] if found else None


@dataclass(frozen=True)
class OfMember:
    shares: tuple[Share, ...]
    spends: tuple[ShareSpend, ...]


def read_sharing(connection: Connection, mall: str) -> Sharing:
    named = {"mall": mall}
    epochs, desks, spans = connection.ask(
        Statement(
            "SELECT e.number, e.feed_epoch = f.epoch FROM licence_epoch e JOIN feed_head f ON f.mall_id = e.mall_id "
            "WHERE e.mall_id = :mall ORDER BY e.number DESC LIMIT 1",
            named,
        ),
        # A desk that was enrolled anew has dropped what it had not sent, and none of its old operations is admitted.
        Statement(
            "SELECT h.desk, h.state, CASE WHEN h.acked_feed = f.epoch THEN h.acked_n ELSE 0 END, "
            "coalesce(h.acked_feed = f.epoch, false), (SELECT max(r.n) FROM desk_key k JOIN feed r "
            "ON r.mall_id = k.mall_id AND r.operation_id = k.operation_id WHERE k.mall_id = h.mall_id "
            f"AND k.desk = h.desk) FROM hub_desk h JOIN feed_head f ON f.mall_id = h.mall_id WHERE {_MAY_HAVE_WORKED}",
            named,
        ),
        Statement(
            "SELECT s.desk, s.since, s.until FROM licence_span s JOIN licence_epoch e ON e.mall_id = s.mall_id "
            "AND e.number = s.since JOIN feed_head f ON f.mall_id = s.mall_id AND f.epoch = e.feed_epoch "
            "WHERE s.mall_id = :mall",
            named,
        ),
    )
    spans_of: dict[str, list[tuple[int, int | None]]] = {}
    for desk, since, until in spans:
        spans_of.setdefault(desk, []).append((since, until))
    known = tuple(
        SharingDesk(desk, max(acked, anew or 0), tuple(spans_of.get(desk, ())), settled)
        for desk, _, acked, settled, anew in desks
    )
    active = {desk for desk, state, *_ in desks if state == "active"}
    now = {desk for desk, of_desk in spans_of.items() if any(until is None for _, until in of_desk)}
    number, is_of_this_feed = epochs[0] if epochs else (0, False)
    return Sharing(
        licence=number,
        desks=known,
        missing=tuple(sorted(active - now)),
        surplus=tuple(sorted(now - active)),
        is_of_this_feed=bool(is_of_this_feed),
        active=len(active),
    )


def begin_licence_epoch(connection: Connection, mall: str, now_ms: int) -> Sharing:
    """Each desk that is active is licensed from now on, no other is. The number was never given before, also not by
    this hub before it was restored: it is no smaller than the time."""
    connection.row("SELECT 1 FROM mall WHERE mall_id = :mall FOR UPDATE", mall=mall)  # one at a time
    sharing = read_sharing(connection, mall)
    if not sharing.is_due:
        return sharing
    ((feed,),) = connection.rows("SELECT epoch FROM feed_head WHERE mall_id = :mall", mall=mall)
    number = max(sharing.licence + 1, now_ms // 1000)
    for desk in sharing.surplus:
        connection.later(
            "UPDATE licence_span SET until = :number WHERE mall_id = :mall AND desk = :desk AND until IS NULL",
            mall=mall,
            desk=desk,
            number=number,
        )
    for desk in sharing.missing:
        connection.later(
            "INSERT INTO licence_span (mall_id, desk, since) VALUES (:mall, :desk, :number)",
            mall=mall,
            desk=desk,
            number=number,
        )
    connection.later(
        "INSERT INTO licence_epoch (mall_id, number, desks, since, feed_epoch) "
        "VALUES (:mall, :number, :desks, :since, :feed)",
        mall=mall,
        number=number,
        desks=sharing.active,
        since=instant(now_ms),
        feed=feed,
    )
    return read_sharing(connection, mall)


def read_member(connection: Connection, mall: str, member: UUID) -> OfMember:
    named = {"mall": mall, "member": member}
    shares, spends = connection.ask(
        Statement(
            "SELECT n, share, licence FROM member_share WHERE mall_id = :mall AND member = :member ORDER BY n", named
        ),
        Statement("SELECT desk, n, points FROM share_spend WHERE mall_id = :mall AND member = :member", named),
    )
    return OfMember(tuple(Share(*row) for row in shares), tuple(ShareSpend(*row) for row in spends))


def newest_share(connection: Connection, mall: str, member: UUID) -> tuple[int, int, date] | None:
    found = connection.row(
        "SELECT share, licence, shared_on FROM member_share WHERE mall_id = :mall AND member = :member "
        "ORDER BY n DESC LIMIT 1",
        mall=mall,
        member=member,
    )
    return (found[0], found[1], found[2]) if found else None


def keep_share(connection: Connection, mall: str, member: UUID, share: Share, shared_on: date, first: int) -> None:
    """Its `n` counts from the feed's head on, which is locked; `first`: rows before it are looked at by nobody."""
    connection.later(
        "INSERT INTO member_share (mall_id, member, n, share, licence, shared_on) "
        "SELECT mall_id, :member, n + :after, :share, :licence, :shared_on FROM feed_head WHERE mall_id = :mall",
        mall=mall,
        member=member,
        after=share.n,
        share=share.points,
        licence=share.licence,
        shared_on=shared_on,
    )
    if first:
        connection.later(
            "DELETE FROM member_share WHERE mall_id = :mall AND member = :member AND n < :first",
            mall=mall,
            member=member,
            first=first,
        )


def keep_spend(connection: Connection, mall: str, member: UUID, spend: ShareSpend) -> None:
    connection.later(
        "INSERT INTO share_spend (mall_id, member, n, desk, points) "
        "SELECT mall_id, :member, n + :after, :desk, :points FROM feed_head WHERE mall_id = :mall",
        mall=mall,
        member=member,
        after=spend.n,
        desk=spend.desk,
        points=spend.points,
    )


def forget_spends(connection: Connection, mall: str, member: UUID, spends: Sequence[ShareSpend]) -> None:
    for spend in spends:
        connection.later(
            "DELETE FROM share_spend WHERE mall_id = :mall AND member = :member AND n = :n",
            mall=mall,
            member=member,
            n=spend.n,
        )


def acknowledge(connection: Connection, mall: str, desk: str, feed: UUID, n: int, epoch: int, sequence: int) -> None:
    """`desk` holds `feed` to `n` and had made `sequence` operations of its epoch by then. That counts when all of them
    are admitted; where they are not, it says so again with its next question."""
    connection.later("SET LOCAL synchronous_commit = off")  # lost, it is said again; until then more is set aside
    connection.later(
        "UPDATE hub_desk h SET acked_feed = f.epoch, "
        "acked_n = CASE WHEN h.acked_feed = f.epoch THEN greatest(h.acked_n, :n) ELSE :n END "
        "FROM desk d, feed_head f WHERE h.mall_id = :mall AND h.desk = :desk AND d.mall_id = h.mall_id "
        "AND d.desk = h.desk AND f.mall_id = h.mall_id AND f.epoch = :feed AND f.n >= :n "
        "AND (CAST(:sequence AS bigint) = 0 OR (d.epoch = :epoch AND d.sequence >= CAST(:sequence AS bigint))) "
        "AND (h.acked_feed IS DISTINCT FROM f.epoch OR h.acked_n < :n)",
        mall=mall,
        desk=desk,
        feed=feed,
        n=n,
        epoch=epoch,
        sequence=sequence,
    )
