"""The unit of work on SQL, and the transaction that the authority runs operations in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from app.domain.conflicts import Conflict
from app.domain.errors import Fact, Refused
from app.domain.policy import Policy
from app.domain.staff import Role, Staff
from app.operations.base import EVERY_DESK, Operation
from app.ports.storage import Act, Credential, SessionState, StoredOperation
from app.sync.envelope import Envelope, Head
from app.sync.following import FloorFacts
from app.sync.store import ImportRows, Opening, Transaction
from db.connection import Connection, MissedRow, Row, Statement
from db.following import place
from db.repositories.cards import SqlCards
from db.repositories.desks import SqlDesks, stop_desks
from db.repositories.imports import SqlImports
from db.repositories.leases import SqlLeases
from db.repositories.log import SqlHouse, SqlLog
from db.repositories.members import SqlMembers
from db.repositories.points import SqlPoints
from db.repositories.redemptions import SqlRedemptions
from db.repositories.requests import SqlRequests
from db.repositories.sales import SqlSales
from db.repositories.staff import SqlStaff, find_staff
from db.repositories.stock import SqlStock
from db.store import Store
from db.wire import array_of

T = TypeVar("T")


class SqlWork:
    """Repositories come into being when an operation first asks for them: most touch two or three."""

    def __init__(self, connection: Connection, act: Act, policy: Policy, rows: ImportRows | None) -> None:
        self.act = act
        self.policy = policy
        self._connection = connection
        self.members = SqlMembers(connection, act)
        self.cards = SqlCards(connection, act)
        self.points = SqlPoints(connection, act)
        self.holds = self.points
        self.leases = SqlLeases(connection, act)
        self.sales = SqlSales(connection, act)
        self.stock = SqlStock(connection, act)
        self.redemptions = SqlRedemptions(connection, act)
        self.staff = SqlStaff(connection, act)
        self.log = SqlLog(connection, act)
        self.house = SqlHouse(connection, act)
        self.desks = SqlDesks(connection, act)
        self.imports = SqlImports(connection, act, policy, rows.rows if rows else None)
        self.requests = SqlRequests(connection, act, self.holds)
        self.conflicts: list[tuple[Conflict, Mapping[str, Fact]]] = []
        self.when_done: Callable[[], None] | None = None  # what `attempt` does is complete, and about to be sent

    def conflict(self, conflict: Conflict, **facts: Fact) -> None:
        if conflict not in [other for other, _ in self.conflicts]:
            self.conflicts.append((conflict, facts))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        try:
            with self._connection.savepoint():
                yield
                if self.when_done is not None:
                    self.when_done()
        except MissedRow:  # a desk's fact may stand on what never came to be here
            if not self.act.is_fact:
                raise
            raise Refused("operation.unknown") from None

    def print_slip(self, document: str) -> None:
        self._connection.later(
            "INSERT INTO print_job (mall_id, job, desk, operation_id, document, copy, state, queued_at) "
            "VALUES (:mall, :job, :desk, :operation, :document, 0, 'queued', :at)",
            mall=self.act.mall,
            job=job_id(self.act.operation, document, 0),
            desk=self.act.desk,
            operation=self.act.operation,
            document=document,
            at=self.act.at,
        )

    def print_again(self, operation: UUID, document: str, instead_of: UUID | None) -> None:
        if instead_of is not None:
            # Whether it still is uncertain is the spool's story: it may not decide whether this operation takes effect.
            self._connection.run(
                "UPDATE print_job SET state = 'replaced', cause = NULL WHERE mall_id = :mall AND desk = :desk "
                "AND job = :job AND state = 'uncertain'",
                mall=self.act.mall,
                desk=self.act.desk,
                job=instead_of,
            )
        for copy in count():
            # Another desk that prints the same at this moment has the number it took, or waits here.
            touched = self._connection.run(
                "INSERT INTO print_job (mall_id, job, desk, operation_id, document, copy, state, queued_at) "
                "VALUES (:mall, :job, :desk, :operation, :document, :copy, 'queued', :at) "
                "ON CONFLICT (mall_id, job) DO NOTHING",
                mall=self.act.mall,
                job=job_id(operation, document, copy),
                desk=self.act.desk,
                operation=operation,
                document=document,
                copy=copy,
                at=self.act.at,
            )
            if touched:
                return


def job_id(operation: UUID, document: str, copy: int) -> UUID:
    return uuid5(NAMESPACE_OID, f"{operation}:{document}:{copy}")


class SqlTransaction:
    def __init__(self, connection: Connection, mall: str, desk: str, policies: PolicyCache) -> None:
        self._connection = connection
        self._mall = mall
        self._desk = desk
        self._policies = policies

    def stop_desks(self, kind: type[Operation], said: Mapping[str, Any]) -> None:
        if kind.stops == EVERY_DESK:
            stop_desks(self._connection, self._mall)
        elif kind.stops is not None:
            stop_desks(self._connection, self._mall, self._desk, str(said.get(kind.stops)))

    def opening(self, session: UUID | None, operations: Sequence[UUID]) -> Opening:
        questions = [self._about_desk(session)]
        if operations:
            questions.append(self._about_operations(operations))
        also = self._also_asked()
        answers = self._connection.ask(*questions, *also)
        opened, *done_before = answers[: len(questions)]
        self._heard(answers[len(questions) :])
        if not opened:
            raise Refused("desk.unknown", desk=self._desk)
        (found,) = opened
        (zone, policy_version, staff, at_desk, ended_at, name, role, own_membership, disabled, closed_at) = found[8:]
        policy_version, policy = self._policies.get(self._connection, policy_version)
        state = None
        if session is not None and staff is not None:
            actor = Staff(staff, name, Role(role), own_membership, disabled, closed_at is not None)
            state = SessionState(session, actor, at_desk, is_open=ended_at is None)
        return Opening(
            head=Head(*found[:8]),
            zone=zone,
            policy=policy,
            policy_version=policy_version,
            session=state,
            answered={operation: StoredOperation(*rest) for rows in done_before for operation, *rest in rows},
        )

    def _also_asked(self) -> list[Statement]:
        """What else is asked in the same round trip."""
        return []

    def _heard(self, answers: list[list[Row]]) -> None:
        """Its answers."""

    def _about_desk(self, session: UUID | None) -> Statement:
        return Statement(
            "SELECT d.epoch, d.sequence, d.head, d.hlc, d.wall_ms, d.boot, d.since_boot_ms, d.clock_suspect, "
            "m.zone, m.policy_version, s.staff, s.desk, s.closed_at, f.name, f.role, f.own_membership, f.disabled, "
            "f.closed_at "
            "FROM desk d JOIN mall m ON m.mall_id = d.mall_id "
            "LEFT JOIN session s ON s.mall_id = d.mall_id AND s.session = :session "
            "LEFT JOIN staff f ON f.mall_id = s.mall_id AND f.staff = s.staff "
            "WHERE d.mall_id = :mall AND d.desk = :desk"
            + (" FOR UPDATE OF d" if self._connection.engine == "postgresql" else ""),
            {"mall": self._mall, "desk": self._desk, "session": session},
        )

    def _about_operations(self, operations: Sequence[UUID]) -> Statement:
        if self._connection.engine == "postgresql":
            return Statement(
                "SELECT operation_id, encoded, hash, signature, result FROM operation WHERE mall_id = :mall "
                "AND operation_id = ANY(CAST(:operations AS uuid[]))",
                {"mall": self._mall, "operations": array_of(operations)},
            )
        named = {f"o{number}": operation for number, operation in enumerate(operations)}
        return Statement(
            "SELECT operation_id, encoded, hash, signature, result FROM operation WHERE mall_id = :mall "
            f"AND operation_id IN ({', '.join(':' + name for name in named)})",
            {"mall": self._mall, **named},
        )

    def staff(self, staff: str) -> Staff:
        return find_staff(self._connection, self._mall, staff)

    def staff_credential(self, staff: str) -> Credential:
        found = self._connection.row(
            "SELECT verifier, failures, locked_until, disabled, closed_at IS NOT NULL FROM staff "
            "WHERE mall_id = :mall AND staff = :staff",
            mall=self._mall,
            staff=staff,
        )
        if found is None:
            raise Refused("staff.unknown", staff=staff[:20])
        verifier, failures, locked_until, disabled, closed = found
        return Credential(verifier, failures, locked_until, disabled, bool(closed))

    def member_credential(self, member: UUID) -> Credential | None:
        found = self._connection.row(
            "SELECT pin_verifier, pin_failures, pin_locked_until, pin_disabled FROM member "
            "WHERE mall_id = :mall AND member = :member",
            mall=self._mall,
            member=member,
        )
        return Credential(*found) if found and found[0] else None

    def sealed_approval_key(self, staff: str) -> bytes | None:
        found = self._connection.row(
            "SELECT sealed_key FROM approval_card WHERE mall_id = :mall AND staff = :staff AND ended_at IS NULL",
            mall=self._mall,
            staff=staff,
        )
        return bytes(found[0]) if found else None

    def subject_key(self, subject: UUID) -> bytes | None:
        found = self._connection.row(
            "SELECT key FROM subject_key WHERE mall_id = :mall AND subject = :subject",
            mall=self._mall,
            subject=subject,
        )
        return found[0] if found else None

    def add_subject_key(self, subject: UUID, key: bytes) -> None:
        self._connection.later(
            "INSERT INTO subject_key (mall_id, subject, key) VALUES (:mall, :subject, :key)",
            mall=self._mall,
            subject=subject,
            key=key,
        )

    def work(self, act: Act, policy: Policy, rows: ImportRows | None = None) -> SqlWork:
        return SqlWork(self._connection, act, policy, rows)

    def floor_facts(self, member: UUID, today: date) -> FloorFacts:
        return place.floor_facts(self._connection, self._mall, self._desk, member, today)

    def use_hold(self, operation: UUID, member: UUID) -> None:
        place.use_hold(self._connection, self._mall, operation, member)

    def stand(self) -> None:
        place.stand(self._connection, self._mall, self._desk)

    def was_sent(self, operation: UUID) -> bool:
        return place.was_sent(self._connection, self._mall, self._desk, operation)

    def is_own_card(self, number: str) -> bool:
        return place.is_own_card(self._connection, self._mall, self._desk, number)

    def read_to(self) -> int:
        return place.read_to(self._connection, self._mall)

    def note_floor_use(self, operation: UUID, member: UUID, points: int) -> None:
        place.note_floor_use(self._connection, self._mall, operation, member, points)

    def lease_of(self, member: UUID, points: int, at: datetime) -> UUID | None:
        return place.lease_of(self._connection, self._mall, self._desk, member, points, at)

    def note_asked(self, operation: UUID, session: UUID) -> None:
        place.note_asked(self._connection, self._mall, operation, session)

    def is_asked(self, operation: UUID) -> bool:
        return place.is_asked(self._connection, self._mall, operation)

    def give_up(self, *, operations: Sequence[UUID] = (), session: UUID | None = None) -> None:
        place.give_up(self._connection, self._mall, operations, session)

    def latest_hlc(self) -> str:
        found = self._connection.row("SELECT max(hlc) FROM desk WHERE mall_id = :mall", mall=self._mall)
        assert found is not None
        latest: str = found[0]
        return latest

    def append(self, envelope: Envelope, stored: StoredOperation, member: UUID | None) -> None:
        self._into_log(envelope, stored, member)
        self._move_head(envelope, stored.hash, (envelope.epoch, envelope.sequence - 1))

    def _into_log(self, envelope: Envelope, stored: StoredOperation, member: UUID | None) -> None:
        self._connection.later(
            "INSERT INTO operation (mall_id, operation_id, desk, epoch, sequence, verb, at, actor, approver, member, "
            "encoded, hash, signature, result) VALUES (:mall, :operation, :desk, :epoch, :sequence, :verb, :at, "
            ":actor, :approver, :member, :encoded, :hash, :signature, :result)",
            mall=self._mall,
            operation=envelope.id,
            desk=envelope.desk,
            epoch=envelope.epoch,
            sequence=envelope.sequence,
            verb=envelope.verb,
            at=envelope.at,
            actor=envelope.actor,
            approver=envelope.approver,
            member=member,
            encoded=stored.encoded,
            hash=stored.hash,
            signature=stored.signature,
            result=stored.result,
        )

    def _move_head(self, envelope: Envelope, digest: bytes, before: tuple[int, int]) -> None:
        """The desk's chain ends with `envelope` now; its end was `before` (epoch, sequence), or it begins an epoch."""
        epoch_before, sequence_before = before
        self._connection.later(
            "UPDATE desk SET epoch = :epoch, sequence = :sequence, head = :hash, hlc = :hlc, wall_ms = :wall_ms, "
            "boot = :boot, since_boot_ms = :since_boot_ms, clock_suspect = :suspect "
            "WHERE mall_id = :mall AND desk = :desk AND ((epoch = :epoch_before AND sequence = :sequence_before) "
            "OR (epoch < :epoch AND :sequence = 1))",
            expect=1,
            epoch_before=epoch_before,
            sequence_before=sequence_before,
            epoch=envelope.epoch,
            mall=self._mall,
            desk=envelope.desk,
            sequence=envelope.sequence,
            hash=digest,
            hlc=envelope.hlc,
            wall_ms=envelope.wall_ms,
            boot=envelope.boot,
            since_boot_ms=envelope.since_boot_ms,
            suspect=envelope.clock_suspect,
        )


class PolicyCache:
    """The figures that are in force, read again only when a setting has changed."""

    def __init__(self, mall: str) -> None:
        self._mall = mall
        self._version = -1
        self._policy = Policy()

    def get(self, connection: Connection, version: int) -> tuple[int, Policy]:
        """Version and figures belong together: another desk may have set something since `version` was read."""
        if version != self._version:
            rows = connection.rows(
                "SELECT m.policy_version, s.name, s.value FROM mall m LEFT JOIN setting s ON s.mall_id = m.mall_id "
                "WHERE m.mall_id = :mall",
                mall=self._mall,
            )
            self._policy = Policy().with_settings({name: value for _, name, value in rows if name is not None})
            self._version = rows[0][0]
        return self._version, self._policy


class SqlOperationStore:
    """This desk's view of a store: the authority's transactions."""

    def __init__(self, store: Store, mall: str, desk: str) -> None:
        self._store = store
        self._mall = mall
        self._desk = desk
        self._policies = PolicyCache(mall)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        return self._store.write(
            lambda connection: work(SqlTransaction(connection, self._mall, self._desk, self._policies))
        )
