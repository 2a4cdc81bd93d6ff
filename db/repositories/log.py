"""Operations that others name, and the mall's own rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from app.domain.conflicts import Conflict
from app.domain.desk_kind import DeskKind
from app.domain.errors import Fact, Refused
from app.ports.storage import Act, PastOperation
from app.sync.envelope import FIRST_HLC, GENESIS
from app.sync.protocol import DeskState
from db.connection import Connection
from db.repositories.desks import set_desk_kind, set_desk_state, stop_desks


class SqlLog:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def past(self, operation: UUID) -> PastOperation:
        found = self._connection.row(
            "SELECT o.verb, o.desk, o.actor, o.approver, o.at, o.member, o.result, r.operation_id FROM operation o "
            "LEFT JOIN reversal r ON r.mall_id = o.mall_id AND r.reverses = o.operation_id "
            "WHERE o.mall_id = :mall AND o.operation_id = :operation",
            mall=self._act.mall,
            operation=operation,
        )
        if found is None:
            raise Refused("operation.unknown")
        verb, desk, actor, approver, at, member, result, reversed_by = found
        is_reversed = reversed_by is not None
        return PastOperation(operation, verb, desk, actor, approver, at, member, is_reversed, json.loads(result))

    def note_reversal(self, reverses: UUID) -> None:
        touched = self._connection.run(
            "INSERT INTO reversal (mall_id, reverses, operation_id) VALUES (:mall, :reverses, :operation) "
            "ON CONFLICT (mall_id, reverses) DO NOTHING",
            mall=self._act.mall,
            reverses=reverses,
            operation=self._act.operation,
        )
        if not touched:
            raise Refused("reverse.already")
        self._connection.touch("reversal", str(reverses))

    def note_task(self, conflict: Conflict, facts: Mapping[str, Fact], verb: str, member: UUID | None) -> None:
        self._connection.touch("task", f"{self._act.operation} {conflict.value}")
        self._connection.later(
            "INSERT INTO exception_task (mall_id, operation_id, code, desk, verb, member, owner, facts, state, "
            "raised_at) "
            "VALUES (:mall, :operation, :code, :desk, :verb, :member, :owner, :facts, 'open', :at)",
            mall=self._act.mall,
            operation=self._act.operation,
            code=conflict.value,
            desk=self._act.desk,
            verb=verb,
            member=member,
            owner=self._act.actor.staff,
            facts=json.dumps(dict(facts), ensure_ascii=False, sort_keys=True),
            at=self._act.at,
        )

    def assign_task(self, operation: UUID, code: str, owner: str) -> None:
        touched = self._connection.run(
            "UPDATE exception_task SET owner = :owner WHERE mall_id = :mall AND operation_id = :operation "
            "AND code = :code AND state = 'open'",
            mall=self._act.mall,
            operation=operation,
            code=code,
            owner=owner,
        )
        self._note_task(operation, code, touched)

    def settle_task(self, operation: UUID, code: str, outcome: str) -> None:
        touched = self._connection.run(
            "UPDATE exception_task SET state = 'closed', closed_by = :staff, closed_at = :at, outcome = :outcome "
            "WHERE mall_id = :mall AND operation_id = :operation AND code = :code AND state = 'open'",
            mall=self._act.mall,
            operation=operation,
            code=code,
            staff=self._act.actor.staff,
            at=self._act.at,
            outcome=outcome,
        )
        self._note_task(operation, code, touched)

    def _note_task(self, operation: UUID, code: str, touched: int) -> None:
        if touched:
            self._connection.touch("task", f"{operation} {code}")
        elif not self._act.is_fact:  # settled twice is settled
            raise Refused("task.settled")

    def close_day(self, day: date) -> None:
        closed = self._connection.row(
            "SELECT day FROM closed_day WHERE mall_id = :mall ORDER BY day DESC LIMIT 1", mall=self._act.mall
        )
        if closed is not None and closed[0] >= day:
            raise Refused("report.day_closed")
        self._connection.later(
            "INSERT INTO closed_day (mall_id, day, operation_id) VALUES (:mall, :day, :operation)",
            mall=self._act.mall,
            day=day,
            operation=self._act.operation,
        )


class SqlHouse:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def open_mall(self, name: str, zone: str, card_prefix: str) -> None:
        self._connection.touch("mall", "")
        touched = self._connection.run(
            "UPDATE mall SET name = :name, zone = :zone, card_prefix = :prefix WHERE mall_id = :mall",
            mall=self._act.mall,
            name=name,
            zone=zone,
            prefix=card_prefix,
        )
        assert touched, "the mall's row is founded with the store"

    def add_desk(self, desk: str, name: str, number: int, public_key: bytes) -> None:
        taken = self._connection.rows(
            "SELECT desk FROM desk WHERE mall_id = :mall AND (desk = :desk OR number = :number)",
            mall=self._act.mall,
            desk=desk,
            number=number,
        )
        if any((desk, self._act.desk) != (other, other) for (other,) in taken):
            raise Refused("desk.exists", desk=desk, number=number)
        self._connection.touch("desk", desk)
        found_desk(self._connection, self._act.mall, desk, number, name, public_key)

    def open_enrolment(
        self, code_hash: str, desk: str, name: str, number: int, kind: DeskKind, until: datetime
    ) -> None:
        taken = self._connection.rows(
            "SELECT desk, number FROM desk WHERE mall_id = :mall AND (desk = :desk OR number = :number)",
            mall=self._act.mall,
            desk=desk,
            number=number,
        )
        if any((desk, number) != (other, its) for other, its in taken):
            raise Refused("desk.exists", desk=desk, number=number)
        self._connection.later(
            "INSERT INTO enrol_code (mall_id, code_hash, operation_id, desk, name, number, kind, until) "
            "VALUES (:mall, :code, :operation, :desk, :name, :number, :kind, :until)",
            mall=self._act.mall,
            code=code_hash,
            operation=self._act.operation,
            desk=desk,
            name=name,
            number=number,
            kind=kind.value,
            until=until,
        )

    def enrol(self, code_hash: str, public_key: bytes) -> tuple[str, int, int]:
        used = self._connection.rows(
            "UPDATE enrol_code SET used_by = :operation WHERE mall_id = :mall AND code_hash = :code "
            "AND used_by IS NULL AND until > :at RETURNING desk, name, number, kind",
            mall=self._act.mall,
            code=code_hash,
            operation=self._act.operation,
            at=self._act.at,
        )
        if not used:
            raise Refused(self._why_no_code(code_hash))
        desk, name, number, kind = used[0]
        stop_desks(self._connection, self._act.mall, desk)  # what comes of its old epoch is in, or finds that it ended
        there = self._connection.row(
            "SELECT d.epoch, (SELECT max(k.epoch) FROM desk_key k WHERE k.mall_id = d.mall_id AND k.desk = d.desk) "
            "FROM desk d WHERE d.mall_id = :mall AND d.desk = :desk",
            mall=self._act.mall,
            desk=desk,
        )
        self._connection.touch("desk", desk)
        set_desk_state(
            self._connection, self._act.mall, desk, DeskState.ACTIVE, self._act.at, must_enrol=False, why=None
        )
        set_desk_kind(self._connection, self._act.mall, desk, kind)
        if there is None:
            found_desk(self._connection, self._act.mall, desk, number, name, public_key)
            return desk, number, 1
        epoch = max(there[0], there[1] or 0) + 1
        self._connection.later(
            "INSERT INTO desk_key (mall_id, desk, epoch, public_key, operation_id) "
            "VALUES (:mall, :desk, :epoch, :key, :operation)",
            mall=self._act.mall,
            desk=desk,
            epoch=epoch,
            key=public_key,
            operation=self._act.operation,
        )
        return desk, number, epoch

    def _why_no_code(self, code_hash: str) -> str:
        found = self._connection.row(
            "SELECT used_by FROM enrol_code WHERE mall_id = :mall AND code_hash = :code",
            mall=self._act.mall,
            code=code_hash,
        )
        if found is None:
            return "hub.code_wrong"
        return "hub.code_used" if found[0] is not None else "hub.code_old"

    def add_partner(self, partner: str, name: str, url: str, public_key: bytes) -> None:
        self._connection.later(
            "INSERT INTO partner (mall_id, partner, name, url, public_key) VALUES (:mall, :partner, :name, :url, :key) "
            "ON CONFLICT (mall_id, partner) DO UPDATE SET name = :name, url = :url, public_key = :key",
            mall=self._act.mall,
            partner=partner,
            name=name,
            url=url,
            key=public_key,
        )

    def begin_feed(self, feed: UUID, since: datetime) -> None:
        self._connection.later(
            "UPDATE feed_head SET epoch = :feed WHERE mall_id = :mall", mall=self._act.mall, feed=feed
        )
        self._connection.later(
            "INSERT INTO restoration (mall_id, operation_id, since, until) VALUES (:mall, :operation, :since, :until)",
            mall=self._act.mall,
            operation=self._act.operation,
            since=since,
            until=self._act.at,
        )

    def set(self, name: str, value: str) -> None:
        self.set_text(name, value)
        self._connection.touch("mall", "")
        self._connection.later(
            "UPDATE mall SET policy_version = policy_version + 1 WHERE mall_id = :mall", mall=self._act.mall
        )

    def set_text(self, name: str, value: str) -> None:
        self._connection.touch("setting", name)
        self._connection.later(
            "INSERT INTO setting (mall_id, name, value) VALUES (:mall, :name, :value) "
            "ON CONFLICT (mall_id, name) DO UPDATE SET value = :value",
            mall=self._act.mall,
            name=name,
            value=value,
        )


def found_desk(connection: Connection, mall: str, desk: str, number: int, name: str, public_key: bytes) -> None:
    """The row that a desk's chain hangs on."""
    connection.run(
        "INSERT INTO desk (mall_id, desk, number, name, public_key, epoch, sequence, head, hlc, wall_ms, boot, "
        "since_boot_ms, clock_suspect, members_enrolled) VALUES (:mall, :desk, :number, :name, :public_key, 1, 0, "
        ":head, :hlc, 0, '', 0, :no, 0) ON CONFLICT (mall_id, desk) DO UPDATE SET name = :name, number = :number",
        mall=mall,
        desk=desk,
        number=number,
        name=name,
        public_key=public_key,
        head=GENESIS,
        hlc=FIRST_HLC,
        no=False,
    )
