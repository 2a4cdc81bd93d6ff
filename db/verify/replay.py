"""Every operation takes effect again, in order, in an empty store (RELIABILITY.md I13).

The same `apply` runs on the same repositories; only who, when and with whose approval come from the envelope. On the
way it is asked again whether the operation was allowed at all: the actor's right and session, the second person's
approval, the member's PIN.

An erased member's personal data is gone for good: their operations are applied to a stand-in, which is taken out
again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy

from app.authority import SYSTEM
from app.domain.calendar import business_day
from app.domain.conflicts import Conflict
from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused
from app.domain.policy import Policy
from app.domain.staff import Staff
from app.operations import VERBS
from app.operations.base import Operation
from app.operations.set_up import ImportHistory
from app.ports.storage import Act, SessionState
from app.sync import codec
from app.sync.approvals import approved
from app.sync.effect import (
    Doubt,
    Rules,
    doubts,
    lease_of,
    nobody,
    rules_for,
    shown_by,
    take_effect,
    till_of,
    was_cut_off,
)
from app.sync.envelope import Envelope, canonical
from app.sync.imports import MemberRow, SaleRow, members_hash, person_digest, sales_hash
from db.connection import Connection, MissedRow
from db.engines import KEY_BYTES, open_engine
from db.failures import translated
from db.founding import found, roots_of
from db.hub.transactions import BEGINNING
from db.repositories.cards import SEARCH_KEY, search_key
from db.repositories.desks import kind_of_epoch
from db.repositories.imports import SqlImports
from db.repositories.staff import approval_keys_at, find_staff, find_staff_at
from db.store import bring_up_to_date
from db.verify.chains import Link, Place
from db.verify.report import Report
from db.work import PolicyCache, SqlTransaction, SqlWork

_OPERATIONS_PER_TRANSACTION = 500
_OVER_LICENCE = canonical(Conflict.OVER_LICENCE.value)


class Scratch:
    """An empty store for as long as the check takes; nobody was promised anything of it, and its key is never kept."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @classmethod
    @contextmanager
    def made_in(cls, folder: Path) -> Iterator[Scratch]:
        """`folder` goes away with it."""
        try:
            file = folder / "again.db"
            engine = open_engine(f"sqlite:///{file}", os.urandom(KEY_BYTES), durable=False)
            with translated(file):
                bring_up_to_date(engine, "sqlite")
                with engine.connect() as pooled:
                    connection = Connection(pooled.connection.dbapi_connection, "sqlite")
                    # Damage is to be named, not to stop the check: an operation may be missing that rows refer to.
                    connection.run("PRAGMA foreign_keys = OFF")
                    connection.run("PRAGMA cache_size = -128000")
                    yield cls(connection)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class StoredImports(SqlImports):
    """Rows that were read back from the store being checked, whose hash has been compared by then."""

    def __init__(
        self, connection: Connection, act: Act, policy: Policy, rows: list[Any], digests: list[bytes | None]
    ) -> None:
        super().__init__(connection, act, policy, rows)
        self._digests = digests

    def _are_those(self, kind: str, rows: object, count: int, sha256: str) -> bool:
        return True

    def _digest(self, line: int, row: MemberRow) -> bytes:
        return self._digests[line] or b""


class Replay:
    def __init__(self, source: Connection, scratch: Connection, mall: str, report: Report) -> None:
        self._source = source
        self._scratch = scratch
        self._mall = mall
        self._report = report
        self._zone = ""
        self._rules = [Rules(0, BEGINNING, Policy())]
        self._waiting = 0
        self._erased: list[UUID] = []
        self._showed: dict[str, UUID | None] = {}  # who last showed their code, by desk

    def found(self) -> None:
        """The roots that no operation makes are taken over as they stand; signatures and card numbers rest on them."""
        roots = roots_of(self._source, self._mall)
        self._zone = roots.zone
        self._scratch.begin()
        enrolled = self._enrolled()
        for desk in roots.desks:
            if desk.desk in enrolled:
                continue
            found(self._scratch, self._mall, roots.card_prefix, roots.zone, roots.card_key, desk)
        key = search_key(self._source, self._mall)
        if key is not None:  # desks call a card that they know only in short by its keyed hash
            self._scratch.run(
                "INSERT INTO secret (mall_id, name, value) VALUES (:mall, :name, :key)",
                mall=self._mall,
                name=SEARCH_KEY,
                key=key,
            )
        self._scratch.commit()
        self._scratch.begin()

    def _enrolled(self) -> set[str]:
        """Desks that an operation of the hub has made."""
        answers = [
            json.loads(result)
            for (result,) in self._source.rows(
                "SELECT result FROM operation WHERE mall_id = :mall AND verb = 'enrol_desk'", mall=self._mall
            )
        ]
        return {answer["desk"] for answer in answers if answer.get("epoch") == 1}

    def finish(self) -> None:
        for member in self._erased:
            for table in ("search_key", "person"):
                self._scratch.run(
                    f"DELETE FROM {table} WHERE mall_id = :mall AND member = :member", mall=self._mall, member=member
                )
        self._scratch.commit()

    def check_rows(self, link: Link) -> None:
        """Without a replay: only that the rows of an import are the ones it named."""
        if link.envelope.verb == ImportHistory.verb:
            self._imported(link.envelope)

    def apply(self, link: Link) -> None:
        envelope = link.envelope
        where: Place = {"desk": envelope.desk, "sequence": envelope.sequence, "verb": envelope.verb[:40]}
        result: bytes | None = None
        try:
            with self._whole(envelope):
                result = self._effect(link, where)
        except Refused as refused:
            self._report.add("verify.refused_again", said=str(refused)[:200], operation=str(envelope.id), **where)
        except (MissedRow, AssertionError, KeyError, sqlalchemy.exc.DBAPIError, self._engine_error) as problem:
            self._report.add("verify.fails_again", said=str(problem)[:200], operation=str(envelope.id), **where)
        if result is not None and result != link.stored.result:
            self._report.add("verify.other_result", operation=str(envelope.id), **where)
        self._append(link, where)
        self._waiting += 1
        # An import is thousands of rows: more of them in one transaction would no longer fit into the cache.
        if self._waiting >= _OPERATIONS_PER_TRANSACTION or envelope.verb == ImportHistory.verb:
            self._commit()

    @contextmanager
    def _whole(self, envelope: Envelope) -> Iterator[None]:
        """What an operation does takes effect as a whole or not at all: an import, whose thousands of rows a savepoint
        would slow down tenfold, in a transaction of its own."""
        if envelope.verb != ImportHistory.verb:
            with self._scratch.savepoint():
                yield
            return
        self._commit()
        try:
            yield
            self._scratch.flush()
        except BaseException:
            self._scratch.rollback()
            self._scratch.begin()
            raise

    @property
    def _engine_error(self) -> type[Exception]:
        import sqlcipher3.dbapi2 as sqlcipher

        error: type[Exception] = sqlcipher.Error
        return error

    def _commit(self) -> None:
        self._waiting = 0
        self._scratch.commit()
        self._scratch.begin()

    def _effect(self, link: Link, where: Place) -> bytes | None:
        envelope = link.envelope
        operation = self._operation(envelope, where)
        if operation is None:
            return None
        noted: list[Doubt] = []
        if link.is_fact:
            policy, stale = rules_for(envelope.policy, envelope.at, self._rules)
            if stale:
                noted.append(Doubt("verify.unknown_rules", Conflict.POLICY_STALE))
        else:
            policy = self._named_rules(envelope, where)
        act = self._act(link)
        work = SqlWork(self._scratch, act, policy, None)
        if isinstance(operation, ImportHistory):
            rows, digests = self._imported(envelope)
            work.imports = StoredImports(self._scratch, act, policy, rows, digests)
        noted = self._doubts(operation, work, link, where) + noted
        if link.is_fact and _OVER_LICENCE in link.stored.result:
            # What a desk had read, and which licence it had, the hub knew then and keeps no log of: its word stands.
            noted.append(Doubt(Conflict.OVER_LICENCE.value, Conflict.OVER_LICENCE))
        version = self._version()
        result = canonical(take_effect(operation, work, noted))
        if self._version() != version:
            self._note_rules(act.at)
        elif envelope.verb == "open_mall":
            self._zone = self._one("SELECT zone FROM mall WHERE mall_id = :mall")
        return result

    def _named_rules(self, envelope: Envelope, where: Place) -> Policy:
        for rules in self._rules:
            if str(rules.version) == envelope.policy:
                return rules.policy
        self._report.add("verify.unknown_rules", policy=envelope.policy[:20], **where)
        return self._rules[-1].policy

    def _version(self) -> int:
        return int(self._one("SELECT policy_version FROM mall WHERE mall_id = :mall"))

    def _one(self, sql: str) -> Any:
        found = self._scratch.row(sql, mall=self._mall)
        return found[0] if found else None

    def _note_rules(self, since: datetime) -> None:
        """From now on operations name a new version of the rules."""
        rows = self._scratch.rows("SELECT name, value FROM setting WHERE mall_id = :mall", mall=self._mall)
        self._rules.append(Rules(self._version(), since, Policy().with_settings(dict(rows))))

    def _operation(self, envelope: Envelope, where: Place) -> Operation | None:
        subject = envelope.body.get("member")
        key = self._key_of(envelope.id, UUID(subject)) if isinstance(subject, str) else None
        try:
            body = codec.opened_body(envelope.id, envelope.body, key)
        except codec.Erased:
            body = self._with_stand_ins(envelope)
        except ValueError:
            self._report.add("verify.sealed", operation=str(envelope.id), **where)
            body = self._with_stand_ins(envelope)
        try:
            return codec.operation_as_sent(envelope.verb, envelope.version, envelope.id, body)
        except ValueError:
            self._report.add("verify.unknown_version", version=envelope.version, **where)
            return None

    def _key_of(self, operation: UUID, subject: UUID) -> bytes | None:
        own = self._source.row(
            "SELECT key FROM operation_key WHERE mall_id = :mall AND operation_id = :operation",
            mall=self._mall,
            operation=operation,
        )
        if own is not None:
            key: bytes = own[0]
            return key
        found = self._source.row(
            "SELECT key FROM subject_key WHERE mall_id = :mall AND subject = :subject",
            mall=self._mall,
            subject=subject,
        )
        return found[0] if found else None

    def _with_stand_ins(self, envelope: Envelope) -> dict[str, Any]:
        body = dict(envelope.body)
        for name in VERBS[envelope.verb].sealed if envelope.verb in VERBS else ():
            if name == "person":
                member = UUID(body["member"])
                body[name] = {"name": "?", "phone": f"erased:{member.hex}", "birthday": None, "gender": ""}
                self._erased.append(member)
            elif isinstance(body[name], dict):
                body[name] = "erased"
        return body

    def _act(self, link: Link) -> Act:
        envelope = link.envelope

        def staff(number: str) -> Staff:
            return self._staff(number, link)

        return Act(
            operation=envelope.id,
            mall=self._mall,
            desk=envelope.desk,
            epoch=envelope.epoch,
            sequence=envelope.sequence,
            wall_ms=envelope.wall_ms,
            at=envelope.at,
            business_day=business_day(envelope.at, self._zone),
            zone=self._zone,
            actor=staff(envelope.actor),
            approver=staff(envelope.approver) if envelope.approver else None,
            session=envelope.session,
            member_proof=envelope.member_proof,
            lease=lease_of(envelope),
            is_fact=link.is_fact,
            kind=self._kind(link),
            till=None if link.is_fact else till_of(envelope),
        )

    def _kind(self, link: Link) -> DeskKind:
        if not link.is_fact:
            return DeskKind.COUNTER
        return kind_of_epoch(self._scratch, self._mall, link.envelope.desk, link.envelope.epoch)

    def _staff(self, staff: str, link: Link) -> Staff:
        if staff == SYSTEM.staff:
            return SYSTEM
        if not link.is_fact:
            return find_staff(self._scratch, self._mall, staff)
        try:
            return find_staff_at(self._scratch, self._mall, staff, link.envelope.at)
        except Refused:
            return nobody(staff)

    # -- was it allowed? ---------------------------------------------------------------------------------------------

    def _doubts(self, operation: Operation, work: SqlWork, link: Link, where: Place) -> list[Doubt]:
        """Of a fact they are no findings but tasks, which `compare` looks for."""
        envelope = link.envelope
        self._showed[envelope.desk] = shown_by(operation, self._showed.get(envelope.desk))
        approver = envelope.approver
        keys = approval_keys_at(self._scratch, self._mall, approver, envelope.at) if approver else ()
        found = doubts(
            operation,
            work,
            session=self._session(envelope),
            was_suspect=link.was_suspect,
            showed=self._showed.get(envelope.desk),
            approved=approved(envelope, keys, cut_off=was_cut_off(operation, work, envelope)),
        )
        if not link.is_fact:
            for doubt in found:
                self._report.add(doubt.code, **doubt.facts, **where)
        return found

    def _session(self, envelope: Envelope) -> SessionState | None:
        if envelope.session is None:
            return None
        found = self._scratch.row(
            "SELECT s.desk, s.closed_at, s.staff FROM session s WHERE s.mall_id = :mall AND s.session = :session",
            mall=self._mall,
            session=envelope.session,
        )
        if found is None:
            return None
        desk, closed_at, staff = found
        return SessionState(
            envelope.session, find_staff(self._scratch, self._mall, staff), desk, is_open=closed_at is None
        )

    # -- rows of imports ---------------------------------------------------------------------------------------------

    def _imported(self, envelope: Envelope) -> tuple[list[Any], list[bytes | None]]:
        kind, count, named = envelope.body.get("kind"), envelope.body.get("rows"), envelope.body.get("sha256")
        digests: list[bytes | None] = []
        if kind == "members":
            rows, digests = self._imported_members(envelope.id)
            hashed = members_hash(
                (row[0], row[1], digest or b"", row[6], row[7], row[8])
                for row, digest in zip(rows, digests, strict=True)
            )
        else:
            rows = self._imported_sales(envelope.id)
            hashed = sales_hash(rows)
        if len(rows) != count or hashed != named:
            self._report.add(
                "verify.import",
                desk=envelope.desk,
                sequence=envelope.sequence,
                operation=str(envelope.id),
                kind=str(kind),
                rows=len(rows),
            )
        return rows, digests

    def _imported_members(self, operation: UUID) -> tuple[list[Any], list[bytes | None]]:
        rows: list[Any] = []
        digests: list[bytes | None] = []
        for *row, digest, later_pin in self._source.rows(
            "SELECT m.member, m.member_no, p.name, p.phone, p.birthday, p.gender, m.joined_on, m.first_tier, "
            "m.first_card, m.pin_verifier, k.key, m.person_digest, (SELECT 1 FROM operation o "
            "WHERE o.mall_id = m.mall_id AND o.member = m.member AND o.verb = 'set_member_pin' LIMIT 1) FROM member m "
            "LEFT JOIN person p ON p.mall_id = m.mall_id AND p.member = m.member "
            "LEFT JOIN subject_key k ON k.mall_id = m.mall_id AND k.subject = m.member "
            "WHERE m.mall_id = :mall AND m.operation_id = :operation ORDER BY m.line",
            mall=self._mall,
            operation=operation,
        ):
            member, name, key = row[0], row[2], row[10]
            if name is None or key is None:
                self._erased.append(member)
                row[2:6] = ["?", f"erased:{member.hex}", None, ""]
                row[10] = key or b""
            elif not later_pin and person_digest(tuple(row)) != digest:
                # After a change of PIN the digest still covers the person, but cannot be made again.
                self._report.add("verify.imported_person", member=str(member), operation=str(operation))
            rows.append(tuple(row))
            digests.append(digest)
        return rows, digests

    def _imported_sales(self, operation: UUID) -> list[SaleRow]:
        rows: list[Any] = self._source.rows(
            "SELECT member, shop, slip_number, sold_at, sold_on, amount_fen, points FROM sale "
            "WHERE mall_id = :mall AND operation_id = :operation ORDER BY line",
            mall=self._mall,
            operation=operation,
        )
        return rows

    # -- the log -----------------------------------------------------------------------------------------------------

    def _append(self, link: Link, where: Place) -> None:
        envelope = link.envelope
        told = envelope.body.get("member")
        transaction = SqlTransaction(self._scratch, self._mall, envelope.desk, PolicyCache(self._mall))
        try:
            with self._scratch.savepoint():
                transaction.append(envelope, link.stored, UUID(told) if isinstance(told, str) else None)
        except (MissedRow, self._engine_error):
            # A gap or a double in the chain, which `chains` has named.
            self._report.add("verify.not_in_order", operation=str(envelope.id), **where)
