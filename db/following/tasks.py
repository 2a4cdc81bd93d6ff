"""What the hub could not honour as it was asked, at the desk where it happened; what tills told it, at every desk."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.masking import masked_name, masked_phone
from app.operations.begin_feed import HUB
from app.ports.hub import SyncTask
from db.connection import Connection

MOST_TASKS = 200
CLOSED_STAY = timedelta(days=7)


def tasks(connection: Connection, mall: str, desk: str, now: datetime) -> tuple[SyncTask, ...]:
    """The open ones, oldest first, then the closed ones of the last days, the latest first."""
    is_open = _read(connection, mall, desk, "t.state = 'open' ORDER BY t.raised_at", now)
    closed = _read(
        connection, mall, desk, "t.state = 'closed' AND t.closed_at >= :since ORDER BY t.closed_at DESC", now
    )
    return (*is_open, *closed)


def _read(connection: Connection, mall: str, desk: str, which: str, now: datetime) -> list[SyncTask]:
    rows = connection.rows(
        "SELECT t.operation_id, t.code, t.verb, t.raised_at, t.member, m.member_no, p.name, p.phone, t.owner, t.facts, "
        "o.name, c.name, t.closed_at, t.outcome FROM exception_task t "
        "LEFT JOIN member m ON m.mall_id = t.mall_id AND m.member = t.member "
        "LEFT JOIN person p ON p.mall_id = t.mall_id AND p.member = t.member "
        "LEFT JOIN staff o ON o.mall_id = t.mall_id AND o.staff = t.owner "
        "LEFT JOIN staff c ON c.mall_id = t.mall_id AND c.staff = t.closed_by "
        f"WHERE t.mall_id = :mall AND t.desk IN (:desk, :hub) AND {which} LIMIT :most",
        mall=mall,
        desk=desk,
        hub=HUB,
        most=MOST_TASKS,
        **({"since": now - CLOSED_STAY} if ":since" in which else {}),
    )
    return [_task(connection, mall, *row) for row in rows]


def _task(connection: Connection, mall: str, *row: Any) -> SyncTask:
    operation, code, verb, raised_at, member, member_no, name, phone, owner, facts, *rest = row
    owner_name, closer_name, closed_at, outcome = rest
    said = json.loads(facts)
    twin = UUID(said["other"]) if "other" in said else None
    return SyncTask(
        operation=operation,
        code=code,
        verb=verb,
        raised_at=raised_at,
        member=member,
        member_no=member_no or "",
        name=masked_name(name or ""),
        phone=masked_phone(phone or ""),
        owner=owner,
        facts=said,
        owner_name=owner_name or owner or "",
        twin=twin,
        twin_no=_number_of(connection, mall, twin),
        closed_at=closed_at,
        closed_by=closer_name or "",
        outcome=outcome or "",
    )


def _number_of(connection: Connection, mall: str, member: UUID | None) -> str:
    if member is None:
        return ""
    found = connection.row(
        "SELECT member_no FROM member WHERE mall_id = :mall AND member = :member", mall=mall, member=member
    )
    return found[0] if found else ""
