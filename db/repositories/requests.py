"""What a hub has granted: a desk may do it under the id it asked with, and what it needs is held until then."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.errors import Refused
from app.ports.storage import Act, Holds
from db.connection import Connection, Row, Statement

_ANY = 1 << 53  # points: whatever it was


def about_grant(mall: str, operation: UUID, desk: str, at: datetime) -> Statement:
    return Statement(
        "SELECT points FROM hub_request WHERE mall_id = :mall AND operation_id = :operation AND desk = :desk "
        # The hub was put back to an earlier time, and no longer knows what it had granted (`begin_feed`).
        f"UNION ALL SELECT {_ANY} FROM restoration WHERE mall_id = :mall AND since <= :at AND until > :at",
        {"mall": mall, "operation": operation, "desk": desk, "at": at},
    )


def about_request(mall: str, asked: UUID) -> Statement:
    return Statement(
        "SELECT granted_by, desk, verb, member, points, state FROM hub_request WHERE mall_id = :mall "
        "AND operation_id = :asked",
        {"mall": mall, "asked": asked},
    )


class SqlRequests:
    def __init__(self, connection: Connection, act: Act, holds: Holds) -> None:
        self._connection = connection
        self._act = act
        self._holds = holds

    def grant(self, asked: UUID, desk: str, verb: str, member: UUID | None, points: int, until: datetime) -> None:
        granted = self._connection.run(
            "INSERT INTO hub_request (mall_id, operation_id, granted_by, desk, verb, member, points, until, state) "
            "VALUES (:mall, :asked, :operation, :desk, :verb, :member, :points, :until, 'granted') "
            "ON CONFLICT (mall_id, operation_id) DO UPDATE SET granted_by = :operation, points = :points, "
            "until = :until, state = 'granted' WHERE hub_request.state = 'void' AND hub_request.desk = :desk",
            mall=self._act.mall,
            asked=asked,
            operation=self._act.operation,
            desk=desk,
            verb=verb,
            member=member,
            points=points,
            until=until,
        )
        if not granted:
            raise Refused("request.id_reused")
        if member is not None and points:
            self._holds.open(member, points)

    def was_granted(self, points: int = 0) -> bool:
        act = self._act
        (found,) = self._connection.ask(about_grant(act.mall, act.operation, act.desk, act.at))
        return any(granted >= points for (granted,) in found)

    def end(self, asked: UUID) -> bool:
        ended = self._connection.rows(
            "UPDATE hub_request SET state = 'void' WHERE mall_id = :mall AND operation_id = :asked "
            "AND state = 'granted' RETURNING granted_by, points",
            mall=self._act.mall,
            asked=asked,
        )
        self._let_go(ended)
        return bool(ended)

    def fulfil(self) -> bool:
        if not self.was_granted():
            return False
        self.fulfil_for(self._act.operation, self._act.desk)
        return True  # also where it had lapsed: it happened all the same, and nothing is held any more

    def fulfil_for(self, asked: UUID, desk: str) -> None:
        done = self._connection.rows(
            "UPDATE hub_request SET state = 'done' WHERE mall_id = :mall AND operation_id = :asked "
            "AND desk = :desk AND state = 'granted' RETURNING granted_by, points",
            mall=self._act.mall,
            asked=asked,
            desk=desk,
        )
        self._let_go(done)

    def note_guest(self, home: str, member: UUID, points: int) -> None:
        self._connection.later(
            "INSERT INTO guest_redemption (mall_id, operation_id, home, member, points) "
            "VALUES (:mall, :operation, :home, :member, :points)",
            mall=self._act.mall,
            operation=self._act.operation,
            home=home,
            member=member,
            points=points,
        )

    def _let_go(self, requests: list[Row]) -> None:
        for granted_by, points in requests:
            if points:
                self._holds.resolve(granted_by)
