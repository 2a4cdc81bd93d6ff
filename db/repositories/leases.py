"""Points set aside for one desk. `remaining` is a cache of the moves; what it holds is part of the account's `held`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.errors import Refused
from app.ports.storage import Act, Lease
from db.connection import Connection

_COVERS = (
    "mall_id = :mall AND lease = :lease AND desk = :desk AND member = :member AND ended_by IS NULL "
    "AND remaining >= :points AND until >= :at"
)


class SqlLeases:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def get(self, lease: UUID) -> Lease:
        found = self._connection.row(
            "SELECT lease, desk, member, points, remaining, until, ended_by FROM lease "
            "WHERE mall_id = :mall AND lease = :lease",
            mall=self._act.mall,
            lease=lease,
        )
        if found is None:
            raise Refused("lease.unknown")
        name, desk, member, points, remaining, until, ended_by = found
        return Lease(name, desk, member, points, remaining, until, is_open=ended_by is None)

    def open(self, member: UUID, points: int, until: datetime) -> None:
        self._connection.later(
            "INSERT INTO lease (mall_id, lease, desk, member, points, remaining, until) "
            "VALUES (:mall, :operation, :desk, :member, :points, :points, :until)",
            mall=self._act.mall,
            operation=self._act.operation,
            desk=self._act.desk,
            member=member,
            points=points,
            until=until,
        )
        self._moved(self._act.operation, member, points)

    def covers(self, lease: UUID, member: UUID, points: int) -> bool:
        found = self._connection.row(
            f"SELECT 1 FROM lease WHERE {_COVERS}",
            mall=self._act.mall,
            lease=lease,
            desk=self._act.desk,
            member=member,
            points=points,
            at=self._act.at,
        )
        return found is not None

    def spend(self, lease: UUID, member: UUID, points: int) -> bool:
        touched = self._connection.run(
            f"UPDATE lease SET remaining = remaining - :points WHERE {_COVERS}",
            mall=self._act.mall,
            lease=lease,
            desk=self._act.desk,
            member=member,
            points=points,
            at=self._act.at,
        )
        if touched:
            self._moved(lease, member, -points)
        return bool(touched)

    def end(self, lease: UUID) -> int:
        ended = self._connection.rows(
            "UPDATE lease SET ended_by = :operation WHERE mall_id = :mall AND lease = :lease AND ended_by IS NULL "
            "RETURNING member, remaining",
            mall=self._act.mall,
            lease=lease,
            operation=self._act.operation,
        )
        if not ended:
            return 0
        member, remaining = ended[0]
        self._connection.later(
            "UPDATE lease SET remaining = 0 WHERE mall_id = :mall AND lease = :lease", mall=self._act.mall, lease=lease
        )
        if remaining:
            self._moved(lease, member, -remaining)
        self._connection.touch("lease", str(lease))
        return int(remaining)

    def _moved(self, lease: UUID, member: UUID, points: int) -> None:
        self._connection.touch("lease", str(lease))
        self._connection.touch("account", str(member))
        self._connection.later(
            "INSERT INTO lease_move (mall_id, operation_id, lease, member, points) "
            "VALUES (:mall, :operation, :lease, :member, :points)",
            mall=self._act.mall,
            operation=self._act.operation,
            lease=lease,
            member=member,
            points=points,
        )
        self._connection.later(
            "UPDATE account SET held = held + :points WHERE mall_id = :mall AND account = :member",
            expect=1,
            mall=self._act.mall,
            member=member,
            points=points,
        )
