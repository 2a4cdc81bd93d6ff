"""What the hub could not honour as it was asked, at the desk where it happened."""

from __future__ import annotations

import json

from app.domain.masking import masked_name, masked_phone
from app.ports.hub import SyncTask
from db.connection import Connection

MOST_TASKS = 200


def open_tasks(connection: Connection, mall: str, desk: str) -> tuple[SyncTask, ...]:
    """Oldest first."""
    rows = connection.rows(
        "SELECT t.operation_id, t.code, t.verb, t.raised_at, t.member, m.member_no, p.name, p.phone, t.owner, t.facts "
        "FROM exception_task t LEFT JOIN member m ON m.mall_id = t.mall_id AND m.member = t.member "
        "LEFT JOIN person p ON p.mall_id = t.mall_id AND p.member = t.member "
        "WHERE t.mall_id = :mall AND t.desk = :desk AND t.state = 'open' ORDER BY t.raised_at LIMIT :most",
        mall=mall,
        desk=desk,
        most=MOST_TASKS,
    )
    return tuple(
        SyncTask(
            operation=operation,
            code=code,
            verb=verb,
            raised_at=raised_at,
            member=member,
            member_no=member_no or "",
            name=masked_name(name or ""),
            phone=masked_phone(phone or ""),
            owner=owner,
            facts=json.loads(facts),
        )
        for operation, code, verb, raised_at, member, member_no, name, phone, owner, facts in rows
    )
