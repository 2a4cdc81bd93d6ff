"""What a desk begins with: the mall as it stands at one place of the feed, nothing of people but keyed hashes, and in
full those whom this desk served lately."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from app.domain.calendar import business_day
from app.operations.begin_feed import HUB
from app.sync.images import PLAIN_TABLES, Keying
from app.sync.protocol import FeedPlace, SnapshotLine, ThinMembers, ThinRow, to_json
from db.connection import Connection, Row
from db.hub.images import Images
from db.hub.people import full_member
from db.repositories.policy import policy_in_force

_THIN_IN_A_LINE = 1_000  # members: one line of them is read and checked in one go


def lines_of(connection: Connection, mall: str, desk: str, search_key: bytes, at: datetime) -> Iterator[bytes]:
    """JSON lines: a `FeedPlace`, then `SnapshotLine`s, then how many these were. `connection` is one snapshot of the
    store."""
    epoch, n, h = connection.rows("SELECT epoch, n, h FROM feed_head WHERE mall_id = :mall", mall=mall)[0]
    yield _line(to_json(FeedPlace(epoch, n, bytes(h))))
    count = 0
    for line in _all(connection, mall, desk, search_key, at):
        count += 1
        yield line
    yield _line({"end": count})


def _all(connection: Connection, mall: str, desk: str, search_key: bytes, at: datetime) -> Iterator[bytes]:
    images = Images(connection, mall, search_key)
    for of, key in _things(connection, mall, desk):
        yield _line({"image": to_json(SnapshotLine(image=images.image(of, key)))["image"]})
    policy = policy_in_force(connection, mall)
    since = at - timedelta(days=policy.desk_copy_days)
    for (member,) in connection.rows(
        "SELECT DISTINCT member FROM operation WHERE mall_id = :mall AND desk = :desk AND at >= :since "
        "AND member IS NOT NULL",
        mall=mall,
        desk=desk,
        since=since,
    ):
        if connection.row("SELECT 1 FROM member WHERE mall_id = :mall AND member = :member", mall=mall, member=member):
            yield _line({"full": to_json(full_member(connection, mall, images, member))})
    if policy.desk_copy_everybody:
        yield from _thin(connection, mall, search_key, at)


def _things(connection: Connection, mall: str, desk: str) -> Iterator[tuple[str, str]]:
    for table, (keys, _) in PLAIN_TABLES.items():
        if not keys:
            yield table, ""
            continue
        for (key,) in connection.rows(
            f"SELECT {keys[0]} FROM {table} WHERE mall_id = :mall ORDER BY {keys[0]}", mall=mall
        ):
            yield table, str(key)
    for (gift,) in connection.rows(
        "SELECT gift FROM stock WHERE mall_id = :mall AND desk = :desk ORDER BY gift", mall=mall, desk=desk
    ):
        yield "stock", f"{desk} {gift}"
    for (lease,) in connection.rows(
        "SELECT lease FROM lease WHERE mall_id = :mall AND desk = :desk AND ended_by IS NULL ORDER BY lease",
        mall=mall,
        desk=desk,
    ):
        yield "lease", str(lease)
    for operation, code in connection.rows(
        "SELECT operation_id, code FROM exception_task WHERE mall_id = :mall AND desk IN (:desk, :hub) "
        "AND state = 'open' ORDER BY raised_at, operation_id, code",
        mall=mall,
        desk=desk,
        hub=HUB,
    ):
        yield "task", f"{operation} {code}"


def _thin(connection: Connection, mall: str, search_key: bytes, at: datetime) -> Iterator[bytes]:
    """Everybody, in the order of their ids, in which a desk's table takes them fastest. In one pass, joined by the
    database: a million of them within a minute."""
    zone = connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=mall)
    assert zone is not None
    connection.run("SET LOCAL cursor_tuple_fraction = 1")  # planned for all of them, not for the first few
    rows = connection.stream(
        "SELECT uuid_send(m.member), m.tier, m.state, greatest(0, coalesce(l.live, 0) - a.held - a.owed), p.phone, "
        "c.cards FROM member m JOIN account a ON a.mall_id = m.mall_id AND a.account = m.member "
        "LEFT JOIN person p ON p.mall_id = m.mall_id AND p.member = m.member "
        "LEFT JOIN (SELECT account, sum(remaining)::bigint AS live FROM lot WHERE mall_id = :mall AND remaining > 0 "
        "AND expires_on >= :today GROUP BY account) l ON l.account = m.member "
        "LEFT JOIN (SELECT member, string_agg(number || ' ' || state, ' ' ORDER BY number) AS cards FROM card "
        "WHERE mall_id = :mall GROUP BY member) c ON c.member = m.member WHERE m.mall_id = :mall ORDER BY m.member",
        mall=mall,
        today=business_day(at, zone[0]),
    )
    keyed = Keying(search_key)
    while some := [_thin_row(keyed, row) for row in islice(rows, _THIN_IN_A_LINE)]:
        yield _line({"thin": to_json(ThinMembers.of(some))})


def _thin_row(keyed: Keying, row: Row) -> ThinRow:
    member, tier, state, usable, phone, cards = row
    words = cards.split() if cards else ()
    return (
        *(bytes(member), tier, state, usable),
        keyed("phone", phone) if phone is not None else None,
        [(keyed("card", number), stands) for number, stands in zip(words[::2], words[1::2], strict=True)],
    )


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
