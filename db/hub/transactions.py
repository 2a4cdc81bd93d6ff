"""One desk's operation into the log and the feed, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from app.domain.calendar import DEFAULT_ZONE, business_day
from app.domain.conflicts import WITHOUT_EFFECT
from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.domain.policy import Policy
from app.domain.shares import Share, ShareSpend, exposures, largest_share, no_longer_counted
from app.domain.staff import Staff
from app.ports.storage import Act, StoredOperation
from app.sync.effect import Rules, names_no_grant, place_read
from app.sync.envelope import Envelope, canonical, decoded, operation_hash
from app.sync.hub import TOGETHER, Admitted, Expected, HubDesk, NotTogether, Requested, SpentCutOff
from app.sync.images import AccountImage
from app.sync.protocol import DeskState, Place, next_h
from app.sync.store import ImportRows, Opening
from db.connection import Connection, Row, Statement
from db.hub.foresight import about_desk, questions_of
from db.hub.images import Images
from db.hub.licences import Spending, rules_since
from db.hub.shares import Sharing, forget_spends, keep_share, keep_spend, read_member, read_sharing
from db.repositories.desks import set_desk_state
from db.repositories.requests import about_request
from db.repositories.staff import approval_keys_at, find_staff_at
from db.wire import array_of
from db.work import PolicyCache, SqlTransaction, SqlWork


@dataclass(frozen=True)
class _Row:
    """A row of the feed that has no place yet."""

    kind: str
    envelope: Envelope
    hash: bytes
    result: bytes


@dataclass(frozen=True)
class _Given:
    member: UUID
    share: Share
    shared_on: date
    first: int  # rows before it are looked at by nobody any more


# What others did meanwhile that changes nothing of what several operations of a desk read once (`several`): who works
# here with which rights, sessions, settings, gifts, shops, how desks stand, members' states.
_MEANWHILE = TOGETHER | {
    *("end_request", "expire_points", "grant_request", "receive_stock", "record_lookup", "return_expired", "sign_in"),
}
_NOT_PLACED = 1 << 62  # rows of this transaction come after all that have a place
_HUB_TAKES = frozenset({"expire_points", "grant_request"})


class SqlHubTransaction(SqlTransaction):
    def __init__(
        self,
        connection: Connection,
        mall: str,
        desk: str,
        policies: PolicyCache,
        history: RulesHistory,
        search_key: bytes,
        received_at: datetime,
    ) -> None:
        super().__init__(connection, mall, desk, policies)
        self._history = history
        self._images = Images(connection, mall, search_key, locked=True)
        self._next: Envelope | None = None
        self._known: HubDesk | None = None
        self._began_at: int | None = None  # of several operations: where the feed stood before anything was read
        self._head_before: tuple[int, int] | None = None
        self._received_at = received_at
        self._rows: list[_Row] = []
        self._zone = DEFAULT_ZONE
        self.head: Place | None = None
        self._offline = OfflineRules()
        self._given: list[_Given] = []  # shares of rows that have no place yet, in their order
        self._spent: list[tuple[UUID, ShareSpend]] = []
        self._places: dict[UUID, int] = {}
        self._spending = Spending(connection, mall, desk)

    def expect(self, coming: Envelope | Expected) -> None:
        self._connection.foresee(*questions_of(coming, self._mall, self._desk, self._zone))
        if isinstance(coming, Envelope) and coming.verb == "redeem" and names_no_grant(coming):
            with suppress(KeyError, TypeError, ValueError, AttributeError):
                self._spending.foresee(UUID(coming.body["member"]), place_read(coming))

    def expect_next(self, envelope: Envelope) -> None:
        self._next = envelope

    def _ask_ahead(self) -> None:
        """With what the operation at hand has written travels the question how things stand after it, and whatever the
        next one will ask."""
        self._images.foresee(self._connection.touched())
        if self._next is not None:
            self.expect(self._next)
            self._next = None

    def several(self) -> None:
        self._began_at = 0
        self._connection.later(
            "SELECT n FROM feed_head WHERE mall_id = :mall", then=self._note_beginning, mall=self._mall
        )

    def _note_beginning(self, rows: list[Row]) -> None:
        ((self._began_at,),) = rows

    def lock_members(self, members: Collection[UUID]) -> None:
        if self._offline.policy is OfflinePolicy.STRICT:
            raise NotTogether  # shares are proved for one operation at a time (docs/adr/0012)
        self._spending.about(members)
        self._connection.later(
            "SELECT 1 FROM account WHERE mall_id = :mall AND account = ANY(CAST(:members AS uuid[])) "
            "ORDER BY account FOR UPDATE",
            mall=self._mall,
            members=array_of(members),
        )

    def opening(self, session: UUID | None, operations: Sequence[UUID]) -> Opening:
        opened = super().opening(session, operations)
        self._zone = opened.zone
        self.head = Place(opened.head.epoch, opened.head.sequence, bytes(opened.head.hash))
        return opened

    def work(self, act: Act, policy: Policy, rows: ImportRows | None = None) -> SqlWork:
        work = super().work(act, policy, rows)
        work.when_done = self._ask_ahead
        return work

    def _also_asked(self) -> list[Statement]:
        return [
            Statement(
                "SELECT name, value FROM setting WHERE mall_id = :mall AND name LIKE 'offline%'", {"mall": self._mall}
            )
        ]

    def _heard(self, answers: list[list[Row]]) -> None:
        (settings,) = answers
        self._offline = OfflineRules.of(dict(settings))

    def hub_desk(self) -> HubDesk | None:
        if self._known is None:  # its row is locked
            self._known = read_desk(self._connection, self._mall, self._desk)
        return self._known

    def request(self, asked: UUID) -> Requested | None:
        (found,) = self._connection.ask(about_request(self._mall, asked))
        return Requested(*found[0]) if found else None

    def at(self, epoch: int, sequence: int) -> Admitted | None:
        found = self._connection.row(
            "SELECT o.operation_id, o.hash, f.n, f.result FROM operation o LEFT JOIN feed f ON f.mall_id = o.mall_id "
            "AND f.operation_id = o.operation_id WHERE o.mall_id = :mall AND o.desk = :desk AND o.epoch = :epoch "
            "AND o.sequence = :sequence",
            mall=self._mall,
            desk=self._desk,
            epoch=epoch,
            sequence=sequence,
        )
        if found is None:
            return None
        operation, digest, n, result = found
        return Admitted(operation, digest, n or 0, json.loads(result) if result else {"verdict": "ok"})

    def rules(self, version: int) -> Sequence[Rules]:
        return self._history.up_to(self._connection, version)

    def staff_at(self, staff: str, at: datetime) -> Staff:
        return find_staff_at(self._connection, self._mall, staff, at)

    def approval_keys(self, staff: str, at: datetime) -> Sequence[bytes]:
        return approval_keys_at(self._connection, self._mall, staff, at)

    def had_read_the_end_of(self, staff: str, n: int) -> bool:
        found = self._connection.row(
            "SELECT 1 FROM staff s JOIN feed f ON f.mall_id = s.mall_id AND f.operation_id = s.disabled_by "
            "WHERE s.mall_id = :mall AND s.staff = :staff AND s.disabled = :yes AND f.n <= :n",
            mall=self._mall,
            staff=staff,
            yes=True,
            n=n,
        )
        return found is not None

    def spent_cut_off(self, member: UUID, read_to: int) -> SpentCutOff | None:
        found = self._spending.before(member, read_to)
        if found is None or self._offline.policy is not OfflinePolicy.STRICT:
            return found
        sharing = read_sharing(self._connection, self._mall)
        of_member = read_member(self._connection, self._mall, member)
        held = exposures(sharing.desks, of_member.shares, of_member.spends)
        return replace(found, share=held.get(self._desk, 0))

    def note_cut_off(self, member: UUID, read_to: int, points: int) -> None:
        self._spending.note(member, read_to, points, len(self._rows) + 1)

    def offline_rules(self) -> OfflineRules:
        return self._offline

    def offline_rules_since(self, since: datetime) -> Sequence[OfflineRules]:
        return rules_since(self._connection, self._mall, since)

    def member_who_showed(self) -> UUID | None:
        found = self._connection.row(
            "SELECT member FROM operation WHERE mall_id = :mall AND desk = :desk AND verb = 'present_member_code' "
            "ORDER BY epoch DESC, sequence DESC LIMIT 1",
            mall=self._mall,
            desk=self._desk,
        )
        return found[0] if found else None

    def note_operation_key(self, operation: UUID, subject: UUID, key: bytes) -> None:
        self._connection.later(
            "INSERT INTO operation_key (mall_id, operation_id, subject, key) "
            "VALUES (:mall, :operation, :subject, :key)",
            mall=self._mall,
            operation=operation,
            subject=subject,
            key=key,
        )

    def append(self, envelope: Envelope, stored: StoredOperation, member: UUID | None) -> None:
        """What the hub decides by itself."""
        facts = json.loads(stored.result)
        code = next(iter(facts.get("conflicts", ())), None)
        verdict = "ok" if code is None else "exception"
        self._append("system", envelope, stored, member, {"verdict": verdict, "code": code, "facts": facts})

    def admit(
        self, envelope: Envelope, stored: StoredOperation, member: UUID | None, result: Mapping[str, Any]
    ) -> None:
        self._append("op", envelope, stored, member, result)

    def _append(
        self, kind: str, envelope: Envelope, stored: StoredOperation, member: UUID | None, result: Mapping[str, Any]
    ) -> None:
        self.head = Place(envelope.epoch, envelope.sequence, stored.hash)
        if self._began_at is None:
            super().append(envelope, stored, member)
        else:  # the desk's head is moved once, by `finish`
            self._into_log(envelope, stored, member)
            self._head_before = self._head_before or (envelope.epoch, envelope.sequence - 1)
        self._ask_ahead()
        touched = self._connection.take_touched()
        n = _NOT_PLACED + len(self._rows)
        accounts = sorted({UUID(key) for of, key in touched if of == "account"})
        self._share_out(envelope, accounts, n, result.get("facts", {}))
        whole = {**result, "images": self._images.of(touched)}
        self._images.accounts.clear()
        self._rows.append(_Row(kind, envelope, stored.hash, canonical(whole)))

    # -- strict: docs/adr/0012 -----------------------------------------------------------------------------------------

    def _share_out(self, envelope: Envelope, accounts: Sequence[UUID], n: int, facts: Mapping[str, Any]) -> None:
        """What the desks may spend of each account that this row shows, worked out last. Raises
        Refused("hub.not_settled" | "points.set_aside") where the hub would take what is not its to take."""
        takes = envelope.verb in _HUB_TAKES
        is_strict = self._offline.policy is OfflinePolicy.STRICT
        if not accounts or not (is_strict or takes):
            return
        sharing = read_sharing(self._connection, self._mall)
        if takes and not sharing.is_settled:
            raise Refused("hub.not_settled")
        if not is_strict:
            return
        basis = envelope.basis or {}
        if envelope.verb == "redeem" and basis.get("right") == "floor" and facts.get("points"):
            (member,) = accounts
            self._spent.append((member, ShareSpend(envelope.desk, n, int(facts["points"]))))
        recalled = envelope.verb == "tell_shares" and bool(envelope.body["recall"])
        for member in accounts:
            image = self._images.account(member)
            assert image is not None, "it was touched"
            self._images.accounts[member] = self._shared(member, image, sharing, n, takes=takes, recalled=recalled)

    def _shared(
        self, member: UUID, image: AccountImage, sharing: Sharing, n: int, *, takes: bool, recalled: bool
    ) -> AccountImage:
        today = business_day(self._received_at, self._zone)
        stored = read_member(self._connection, self._mall, member)
        shares = [*stored.shares, *(given.share for given in self._given if given.member == member)]
        spends = [*stored.spends, *(spend for of, spend in self._spent if of == member)]
        usable = image.usable(today)
        if takes:
            held = exposures(sharing.desks, shares, spends)
            if usable < sum(held.values()):
                raise Refused("points.set_aside", desks=", ".join(sorted(held)))
        for_each = max(0, usable) * self._offline.share_percent // 100 // max(1, sharing.active)
        most = 0 if recalled else min(self._offline.per_member, for_each)
        points = largest_share(usable, most, sharing.desks, shares, spends)
        first, seen = no_longer_counted(sharing.desks, stored.shares, stored.spends)
        self._given.append(_Given(member, Share(n, points, sharing.licence), today, first))
        forget_spends(self._connection, self._mall, member, seen)
        return replace(image, share=points, licence=sharing.licence, shared_on=today)

    def place_of(self, operation: UUID) -> int:
        return self._places[operation]

    def quarantine(self, why: str, encoded: bytes, signature: bytes) -> None:
        self._connection.later(
            "INSERT INTO op_quarantine (mall_id, hash, desk, why, encoded, signature, at) "
            "VALUES (:mall, :hash, :desk, :why, :encoded, :signature, :at) ON CONFLICT DO NOTHING",
            mall=self._mall,
            hash=operation_hash(encoded),
            desk=self._desk,
            why=why,
            encoded=encoded,
            signature=signature,
            at=self._received_at,
        )

    def set_state(self, state: DeskState, *, must_enrol: bool, why: str | None) -> None:
        self._known = None
        set_desk_state(
            self._connection, self._mall, self._desk, state, self._received_at, must_enrol=must_enrol, why=why
        )

    def finish(self) -> None:
        if not self._rows:
            return
        if self._head_before is not None:
            self._move_head(self._rows[-1].envelope, self._rows[-1].hash, self._head_before)
        self._connection.flush()  # whatever else may have to wait for others does so before the feed waits for it
        if self._began_at is not None:
            self._finish_several(self._began_at)
            return
        # The server computes the place (`app.sync.protocol.next_h`), so that the head is held for one round trip,
        # which is that of COMMIT.
        self._connection.later("SELECT 1 FROM feed_head WHERE mall_id = :mall FOR UPDATE", mall=self._mall)
        self._keep_shares()
        for row in self._rows:
            hashes: dict[str, Any] = {"op_hash": row.hash, "result_hash": sha256(row.result).digest()}
            self._connection.later(
                "INSERT INTO feed (mall_id, n, prev, h, kind, operation_id, desk, epoch, sequence, verb, op_hash, "
                "result, received_at) SELECT mall_id, n + 1, h, sha256(h || :op_hash || :result_hash), :kind, "
                ":operation, :desk, :epoch, :sequence, :verb, :op_hash, :result, :at FROM feed_head "
                "WHERE mall_id = :mall RETURNING n",
                then=partial(self._placed, row.envelope.id),
                mall=self._mall,
                kind=row.kind,
                operation=row.envelope.id,
                desk=row.envelope.desk,
                epoch=row.envelope.epoch,
                sequence=row.envelope.sequence,
                verb=row.envelope.verb,
                result=row.result,
                at=self._received_at,
                **hashes,
            )
            self._connection.later(
                "UPDATE feed_head SET n = n + 1, h = sha256(h || :op_hash || :result_hash) WHERE mall_id = :mall",
                mall=self._mall,
                **hashes,
            )
        self._rows.clear()

    def _finish_several(self, began_at: int) -> None:
        """The places are computed here: the head is held for two round trips, for all of them."""
        named = {"mall": self._mall}
        ((head,), since) = self._connection.ask(
            Statement("SELECT n, h FROM feed_head WHERE mall_id = :mall FOR UPDATE", named),
            Statement(
                "SELECT DISTINCT verb FROM feed WHERE mall_id = :mall AND n > :began_at",
                {**named, "began_at": began_at},
            ),
        )
        if not _MEANWHILE.issuperset(verb for (verb,) in since):
            raise NotTogether  # what was read once, for all of them, may no longer be so
        self._keep_shares()
        n, h = head[0], bytes(head[1])
        for row in self._rows:
            n, before, result_hash = n + 1, h, sha256(row.result).digest()
            h = next_h(before, row.hash, result_hash)
            self._connection.later(
                "INSERT INTO feed (mall_id, n, prev, h, kind, operation_id, desk, epoch, sequence, verb, op_hash, "
                "result, received_at) VALUES (:mall, :n, :prev, :h, :kind, :operation, :desk, :epoch, :sequence, "
                ":verb, :op_hash, :result, :at)",
                mall=self._mall,
                n=n,
                prev=before,
                h=h,
                kind=row.kind,
                operation=row.envelope.id,
                desk=row.envelope.desk,
                epoch=row.envelope.epoch,
                sequence=row.envelope.sequence,
                verb=row.envelope.verb,
                op_hash=row.hash,
                result=row.result,
                at=self._received_at,
            )
            self._places[row.envelope.id] = n
        self._connection.later("UPDATE feed_head SET n = :n, h = :h WHERE mall_id = :mall", mall=self._mall, n=n, h=h)
        self._rows.clear()

    def _placed(self, operation: UUID, rows: list[Row]) -> None:
        assert rows, "a hub begins by making its feed"
        self._places[operation] = rows[0][0]

    def _keep_shares(self) -> None:
        """Under the lock of the feed's head: their rows come next."""
        self._spending.keep()
        for given in self._given:
            share = replace(given.share, n=given.share.n - _NOT_PLACED + 1)
            keep_share(self._connection, self._mall, given.member, share, given.shared_on, given.first)
        for member, spend in self._spent:
            placed = replace(spend, n=spend.n - _NOT_PLACED + 1)
            keep_spend(self._connection, self._mall, member, placed)
        self._given.clear()
        self._spent.clear()


def read_desk(connection: Connection, mall: str, desk: str) -> HubDesk | None:
    """None where it never enrolled."""
    return as_desk(desk, *connection.ask(*about_desk(mall, desk)))


def as_desk(desk: str, found: list[Row], keys: list[Row]) -> HubDesk | None:
    """Of the answers to `about_desk`."""
    if not found:
        return None
    number, first_key, state, must_enrol, seen_n, last_seen, program, kind = found[0]
    by_epoch = {1: bytes(first_key), **{epoch: bytes(key) for epoch, key in keys}}
    stands = DeskState(state), bool(must_enrol), by_epoch
    return HubDesk(desk, number, *stands, seen_n, last_seen, program, DeskKind(kind))


class RulesHistory:
    """The figures of every version, from the log; read again when there is a newer one."""

    def __init__(self, mall: str) -> None:
        self._mall = mall
        self._known: list[Rules] = []

    def up_to(self, connection: Connection, version: int) -> Sequence[Rules]:
        if not self._known or self._known[-1].version < version:
            self._known = rules_of(connection, self._mall)
        return self._known


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def rules_of(connection: Connection, mall: str) -> list[Rules]:
    rows = connection.rows(
        "SELECT f.n, o.encoded, o.result FROM operation o LEFT JOIN feed f ON f.mall_id = o.mall_id "
        "AND f.operation_id = o.operation_id WHERE o.mall_id = :mall AND o.verb = 'change_setting'",
        mall=mall,
    )
    took_effect = [
        (n or 0, decoded(bytes(encoded)))
        for n, encoded, result in rows
        if not WITHOUT_EFFECT.intersection(json.loads(bytes(result)).get("conflicts", ()))
    ]
    changes = [change for _, change in sorted(took_effect, key=lambda found: (found[0], found[1].hlc))]
    found = [Rules(0, BEGINNING, Policy())]
    settings: dict[str, str] = {}
    for change in changes:
        settings[change.body["name"]] = change.body["value"]
        found.append(Rules(found[-1].version + 1, change.at, Policy().with_settings(settings)))
    return found
