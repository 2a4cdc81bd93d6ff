"""Self-tests, read back from the operations that recorded them."""

from __future__ import annotations

import json

from app.domain.self_test import Check
from app.queries.self_tests import SelfTestRow
from db.connection import Connection
from db.store import Store


class SqlSelfTests:
    """`app.queries.self_tests.SelfTestQueries` of one desk."""

    def __init__(self, store: Store, mall: str, desk: str) -> None:
        self._store = store
        self._mall = mall
        self._desk = desk

    def recent(self, limit: int = 50) -> tuple[SelfTestRow, ...]:
        def look(connection: Connection) -> tuple[SelfTestRow, ...]:
            rows = connection.rows(
                "SELECT o.operation_id, o.at, o.actor, s.name, o.encoded FROM operation o "
                "LEFT JOIN staff s ON s.mall_id = o.mall_id AND s.staff = o.actor "
                "WHERE o.mall_id = :mall AND o.desk = :desk AND o.verb = 'record_self_test' "
                "ORDER BY o.epoch DESC, o.sequence DESC LIMIT :limit",
                mall=self._mall,
                desk=self._desk,
                limit=limit,
            )
            found = []
            for operation, at, staff, name, encoded in rows:
                body = json.loads(encoded)["body"]
                checks = tuple(Check(**check) for check in body["checks"])
                found.append(SelfTestRow(operation, at, f"{staff} {name}" if name else staff, checks, body["took_ms"]))
            return tuple(found)

        return self._store.read(look)
