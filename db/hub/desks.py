"""How the hub stands with all desks of the mall."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from app.domain.desk_kind import DeskKind
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.ports.hub import DeskStands
from app.sync.envelope import decoded
from app.sync.hub import HUB_DESK
from db.connection import Connection
from db.hub.card_blocks import numbers_left_of_desks


def desks_of(connection: Connection, mall: str, rules: OfflineRules, at: datetime) -> tuple[DeskStands, ...]:
    """By number. A desk that never enrolled (the one where the mall was founded) is none of them."""
    rows = connection.rows(
        "SELECT d.desk, d.name, d.number, h.state, h.state_why, h.state_since, h.must_enrol, h.last_seen, "
        "greatest(0, f.n - h.seen_n), h.unsent, h.oldest_unsent, h.program, h.clock_skew_ms, h.licence_until, "
        "h.floor_used, h.kind, (SELECT count(*) FROM op_quarantine q WHERE q.mall_id = d.mall_id AND q.desk = d.desk) "
        "FROM desk d JOIN hub_desk h ON h.mall_id = d.mall_id AND h.desk = d.desk "
        "JOIN feed_head f ON f.mall_id = d.mall_id WHERE d.mall_id = :mall AND d.desk <> :hub "
        "ORDER BY d.number, d.desk",
        mall=mall,
        hub=HUB_DESK,
    )
    late = _arrived_later(connection, mall)
    cards = numbers_left_of_desks(connection, mall)
    found = []
    for row in rows:
        desk, name, number, state, why, since, must_enrol, last_seen, behind, unsent, oldest, *rest = row
        program, skew, until, used, kind, aside = rest
        found.append(
            DeskStands(
                desk=desk,
                name=name,
                number=number,
                state=state,
                why=why,
                since=since,
                must_enrol=bool(must_enrol),
                last_seen=last_seen,
                behind=int(behind),
                unsent=unsent,
                oldest=oldest,
                program=program,
                clock_skew_ms=skew,
                licence_until=until,
                floor_used=used,
                exposure=_exposure(rules, state, until, at),
                aside=int(aside) - late[desk],
                kind=kind,
                numbers_left=cards.get(desk, 0) if kind == DeskKind.COUNTER.value else None,
            )
        )
    return tuple(found)


OWED = "SELECT coalesce(sum(owed), 0), count(*) FROM account WHERE mall_id = :mall AND kind = 'member' AND owed > 0"


def owed_by_members(connection: Connection, mall: str) -> tuple[int, int]:
    """Points that members owe, and how many members: more was redeemed, or taken back, than they had."""
    ((points, members),) = connection.rows(OWED, mall=mall)
    return int(points), int(members)


def _arrived_later(connection: Connection, mall: str) -> Counter[str]:
    """Of each desk, how many of what the hub once could not read have been taken since: nothing is taken out of what
    was kept aside."""
    rows = connection.rows(
        "SELECT desk, encoded FROM op_quarantine WHERE mall_id = :mall AND why = 'hub.unreadable'", mall=mall
    )
    arrived: Counter[str] = Counter()
    for desk, encoded in rows:
        try:
            operation = decoded(encoded).id
        except ValueError:
            continue
        taken = "SELECT 1 FROM operation WHERE mall_id = :mall AND operation_id = :operation AND encoded = :encoded"
        if connection.row(taken, mall=mall, operation=operation, encoded=encoded):
            arrived[desk] += 1
    return arrived


def _exposure(rules: OfflineRules, state: str, until: datetime | None, at: datetime) -> int:
    """The licence of a desk that is stopped lives on where it does not hear of it. It gives F_k points, or, strict,
    shares, of which none can be spent twice."""
    if rules.policy is OfflinePolicy.STRICT or state in ("retired", "lost") or until is None or until < at:
        return 0
    return rules.per_desk if rules.per_redemption else 0
