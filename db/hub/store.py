"""One mall's hub on PostgreSQL: several connections, each with a thread of its own, in one process of several."""

from __future__ import annotations

import json
import os
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from app.domain.calendar import DEFAULT_ZONE, business_day
from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.domain.phone import normalised_phone
from app.domain.policy import Policy
from app.domain.shares import exposures
from app.domain.staff import RIGHTS, Right, Role
from app.ports.clock import Clock
from app.ports.hub import AllDesks
from app.queries.reports import DailyReport
from app.sync.envelope import GENESIS as NO_OPERATION
from app.sync.envelope import DeskKey, instant
from app.sync.hub import (
    HUB_DESK,
    EarlyRefund,
    Free,
    Heard,
    HubDesk,
    HubTransaction,
    LicenceTerms,
    MallSecrets,
    Requested,
    ToldSale,
)
from app.sync.protocol import GENESIS, FeedPlace, FeedRow, Looked, Lookup, Place, TillSale
from app.sync.store import OperationStore, Transaction
from db.connection import Connection, Row, Statement
from db.hub.card_blocks import short_of_cards
from db.hub.desks import desks_of, owed_by_members
from db.hub.foresight import about_desk
from db.hub.images import Images
from db.hub.people import look_up
from db.hub.replica import Replica
from db.hub.schedule import last_reconciled
from db.hub.shares import Sharing, acknowledge, begin_licence_epoch, read_member, read_sharing
from db.hub.snapshot import lines_of
from db.hub.transactions import RulesHistory, SqlHubTransaction, as_desk, read_desk
from db.queries.reports import daily_report
from db.repositories.cards import CARD_KEY, SEARCH_KEY
from db.repositories.log import found_desk
from db.repositories.points import expired_since
from db.repositories.requests import about_request
from db.repositories.sales import about_sale
from db.repositories.staff import find_staff
from db.store import Store
from db.work import PolicyCache

T = TypeVar("T")

HUB_SEED = "hub_seed"  # name of a secret


@dataclass
class _Line:
    """A store with what is remembered between its transactions."""

    store: Store
    policies: PolicyCache
    history: RulesHistory


class SqlHubStore:
    def __init__(self, stores: Sequence[Store], mall: str, clock: Clock) -> None:
        if not stores or any(store.kind != "postgresql" for store in stores):
            raise Refused("database.not_postgres")
        self.mall = mall
        self._clock = clock
        self._lines: queue.LifoQueue[_Line] = queue.LifoQueue()
        for store in stores:
            self._lines.put(_Line(store, PolicyCache(mall), RulesHistory(mall)))
        self._secrets: MallSecrets | None = None
        self.replica: Replica | None = None  # set where reports are asked of another server

    @contextmanager
    def _line(self) -> Iterator[_Line]:
        line = self._lines.get()
        try:
            yield line
        finally:
            self._lines.put(line)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        with self._line() as line:
            store = line.store
        with store.snapshot() as connection:  # a connection of its own: nobody waits for it
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        with self._line() as line:
            return line.store.write(work)

    def read(self, work: Callable[[Connection], T]) -> T:
        with self._line() as line:
            return line.store.read(work)

    # -- operations --------------------------------------------------------------------------------------------------

    def transact(self, desk: str, work: Callable[[HubTransaction], T]) -> T:
        return self._transacted(desk, work, keep=True)

    def try_out(self, desk: str, work: Callable[[HubTransaction], T]) -> T:
        return self._transacted(desk, work, keep=False)

    def _transacted(self, desk: str, work: Callable[[HubTransaction], T], *, keep: bool) -> T:
        secrets = self.begin()
        with self._line() as line:

            def whole(connection: Connection) -> T:
                received_at = instant(self._clock.wall_ms())
                transaction = SqlHubTransaction(
                    connection, self.mall, desk, line.policies, line.history, secrets.search_key, received_at
                )
                result = work(transaction)
                if keep:
                    transaction.finish()
                return result

            return line.store.write(whole, keep=keep)

    def own_operations(self) -> OperationStore:
        return _OwnOperations(self)

    # -- roots -------------------------------------------------------------------------------------------------------

    def begin(self) -> MallSecrets:
        if self._secrets is None:
            self._secrets = self.write(self._begin)
        return self._secrets

    def _begin(self, connection: Connection) -> MallSecrets:
        if not connection.row("SELECT 1 FROM mall WHERE mall_id = :mall FOR UPDATE", mall=self.mall):
            raise Refused("mall.unknown")
        for name in (HUB_SEED, SEARCH_KEY):
            connection.run(
                "INSERT INTO secret (mall_id, name, value) VALUES (:mall, :name, :value) "
                "ON CONFLICT (mall_id, name) DO NOTHING",
                mall=self.mall,
                name=name,
                value=os.urandom(32),
            )
        values = {
            name: bytes(value)
            for name, value in connection.rows("SELECT name, value FROM secret WHERE mall_id = :mall", mall=self.mall)
        }
        secrets = MallSecrets(values[HUB_SEED], values[SEARCH_KEY], values[CARD_KEY])
        if not connection.row(
            "SELECT 1 FROM desk WHERE mall_id = :mall AND desk = :desk", mall=self.mall, desk=HUB_DESK
        ):
            found_desk(connection, self.mall, HUB_DESK, 0, "Hub", DeskKey(secrets.hub_seed).public)
        begun = connection.row("SELECT 1 FROM feed_head WHERE mall_id = :mall", mall=self.mall)
        if not begun and not self._somebody_approves(connection):
            raise Refused("hub.nobody_approves")  # no desk could ever be enrolled, and no desk is left to add anybody
        connection.run(
            "INSERT INTO feed_head (mall_id, epoch, n, h) VALUES (:mall, :epoch, 0, :h) "
            "ON CONFLICT (mall_id) DO NOTHING",
            mall=self.mall,
            epoch=uuid4(),
            h=GENESIS,
        )
        return secrets

    def _somebody_approves(self, connection: Connection) -> bool:
        approving = [
            role.value for role, rights in RIGHTS.items() if Right.APPROVE in rights and role is not Role.SYSTEM
        ]
        roles = {role for (role,) in connection.rows("SELECT role FROM staff WHERE mall_id = :mall", mall=self.mall)}
        return not roles.isdisjoint(approving)

    # -- desks -------------------------------------------------------------------------------------------------------

    def desk(self, desk: str) -> HubDesk | None:
        return self.read(lambda connection: read_desk(connection, self.mall, desk))

    def saw(self, desk: str, heard: Heard) -> None:
        def note(connection: Connection) -> None:
            connection.later("SET LOCAL synchronous_commit = off")  # the next hello is ten seconds away
            connection.later(
                "UPDATE hub_desk SET last_seen = :at, program = :program, unsent = :unsent, oldest_unsent = :oldest, "
                "seen_n = :n, clock_skew_ms = :skew, licence_until = coalesce(:until, licence_until), "
                "floor_used = :used WHERE mall_id = :mall AND desk = :desk",
                mall=self.mall,
                desk=desk,
                at=heard.at,
                program=heard.program[:40],
                unsent=heard.unsent,
                oldest=heard.oldest,
                n=heard.feed.n if heard.feed else 0,
                skew=heard.clock_skew_ms,
                until=heard.licence_until,
                used=heard.floor_used,
            )

        self.write(note)

    def desks(self, actor: str, at: datetime) -> AllDesks:
        terms = self.licence_terms(HUB_DESK)
        with self.snapshot() as connection:
            staff = find_staff(connection, self.mall, actor)
            if staff.disabled or not staff.rights & {Right.DESKS, Right.APPROVE}:
                raise Refused("staff.no_right", right=Right.DESKS.value, role=staff.role.value)
            rows = desks_of(connection, self.mall, terms.rules, at)
            day, findings = last_reconciled(connection, self.mall)
            owed, owing = owed_by_members(connection, self.mall)
            return AllDesks(
                rows,
                at,
                licensed=terms.desks,
                reconciled_on=day,
                findings=findings,
                per_desk=terms.rules.per_desk if terms.rules.per_redemption else 0,
                strict=terms.rules.policy is OfflinePolicy.STRICT,
                owed=owed,
                owing=owing,
            )

    def licence_terms(self, desk: str) -> LicenceTerms:
        def look(connection: Connection) -> tuple[OfflineRules, Sharing]:
            settings: dict[str, str] = dict(
                connection.rows(
                    "SELECT name, value FROM setting WHERE mall_id = :mall AND name LIKE 'offline%'", mall=self.mall
                )
            )
            return OfflineRules.of(settings), read_sharing(connection, self.mall)

        rules, sharing = self.read(look)
        if sharing.is_due:
            now_ms = self._clock.wall_ms()
            sharing = self.write(lambda connection: begin_licence_epoch(connection, self.mall, now_ms))
        return LicenceTerms(rules, sharing.licence, sharing.active, sharing.since(desk))

    def says_hello(self, desk: str, at: datetime) -> None:
        self.write(
            lambda connection: connection.run(
                "UPDATE hub_desk SET last_seen = :at WHERE mall_id = :mall AND desk = :desk AND last_seen IS NULL",
                mall=self.mall,
                desk=desk,
                at=at,
            )
        )

    def enrolled(self, desk: str) -> None:
        self.write(
            lambda connection: connection.run(
                "UPDATE hub_desk h SET acked_n = 0, acked_feed = f.epoch FROM feed_head f WHERE h.mall_id = :mall "
                "AND f.mall_id = h.mall_id AND h.desk = :desk AND h.acked_feed IS DISTINCT FROM f.epoch",
                mall=self.mall,
                desk=desk,
            )
        )

    def acknowledged(self, desk: str, feed: UUID, n: int, epoch: int, sequence: int) -> None:
        self.write(lambda connection: acknowledge(connection, self.mall, desk, feed, n, epoch, sequence))

    def free(self, member: UUID, heard_since: datetime) -> Free:
        def look(connection: Connection) -> Free:
            sharing, of_member = read_sharing(connection, self.mall), read_member(connection, self.mall, member)
            held = exposures(sharing.desks, of_member.shares, of_member.spends)
            image = Images(connection, self.mall, b"").account(member)
            ((zone,),) = connection.rows("SELECT zone FROM mall WHERE mall_id = :mall", mall=self.mall)
            usable = image.usable(business_day(instant(self._clock.wall_ms()), zone)) if image is not None else 0
            near = {
                desk
                for (desk,) in connection.rows(
                    "SELECT desk FROM hub_desk WHERE mall_id = :mall AND last_seen >= :since",
                    mall=self.mall,
                    since=heard_since,
                )
            }
            return Free(usable - sum(held.values()), tuple(sorted(held)), tuple(sorted(near.intersection(held))))

        return self.read(look)

    def members_expiring(self, through: date, after: UUID | None, limit: int) -> tuple[UUID, ...]:
        rows = self.read(
            lambda connection: connection.rows(
                "SELECT DISTINCT account FROM lot WHERE mall_id = :mall AND remaining > 0 AND expires_on <= :through "
                "AND account > :after ORDER BY account LIMIT :limit",
                mall=self.mall,
                through=through,
                after=after or UUID(int=0),
                limit=limit,
            )
        )
        return tuple(member for (member,) in rows)

    def without_share(self, served_since: datetime, after: UUID | None, limit: int) -> tuple[UUID, ...]:
        rows = self.read(
            lambda connection: connection.rows(
                "SELECT a.account FROM account a WHERE a.mall_id = :mall AND a.kind = 'member' AND a.posted > 0 "
                "AND a.account > :after "
                "AND EXISTS (SELECT 1 FROM operation o WHERE o.mall_id = a.mall_id AND o.member = a.account "
                "AND o.at >= :since) AND NOT EXISTS (SELECT 1 FROM member_share s WHERE s.mall_id = a.mall_id "
                "AND s.member = a.account AND s.licence = (SELECT max(number) FROM licence_epoch "
                "WHERE mall_id = :mall)) ORDER BY a.account LIMIT :limit",
                mall=self.mall,
                since=served_since,
                after=after or UUID(int=0),
                limit=limit,
            )
        )
        return tuple(member for (member,) in rows)

    def answer(self, operation: UUID) -> Mapping[str, Any] | None:
        found = self.read(
            lambda connection: connection.row(
                "SELECT result FROM operation WHERE mall_id = :mall AND operation_id = :operation",
                mall=self.mall,
                operation=operation,
            )
        )
        return json.loads(bytes(found[0])) if found else None

    def request(self, asked: UUID) -> Requested | None:
        (found,) = self.read(lambda connection: connection.ask(about_request(self.mall, asked)))
        return Requested(*found[0]) if found else None

    def lapsed_leases(self) -> tuple[tuple[UUID, bool], ...]:
        # A key of a later epoch: from then on nothing of the one that it was given in is taken.
        gone = (
            "(h.state IN ('retired', 'lost') OR EXISTS (SELECT 1 FROM operation o JOIN desk_key k "
            "ON k.mall_id = o.mall_id AND k.desk = o.desk AND k.epoch > o.epoch "
            "WHERE o.mall_id = l.mall_id AND o.operation_id = l.lease))"
        )
        found = self.read(
            lambda connection: connection.rows(
                f"SELECT l.lease, {gone} FROM lease l JOIN desk d ON d.mall_id = l.mall_id "
                "AND d.desk = l.desk JOIN hub_desk h ON h.mall_id = l.mall_id AND h.desk = l.desk "
                "WHERE l.mall_id = :mall AND l.ended_by IS NULL AND (d.wall_ms > extract(epoch FROM l.until) * 1000 "
                f"OR {gone}) ORDER BY l.until LIMIT 500",
                mall=self.mall,
            )
        )
        return tuple((lease, gone) for lease, gone in found)

    def lapsed_requests(self, at: datetime) -> tuple[UUID, ...]:
        found = self.read(
            lambda connection: connection.rows(
                "SELECT r.operation_id FROM hub_request r JOIN desk d ON d.mall_id = r.mall_id AND d.desk = r.desk "
                "JOIN hub_desk h ON h.mall_id = r.mall_id AND h.desk = r.desk WHERE r.mall_id = :mall "
                "AND r.state = 'granted' AND r.until < :at "
                "AND (d.wall_ms > extract(epoch FROM r.until) * 1000 OR h.state IN ('retired', 'lost')) "
                "ORDER BY r.until LIMIT 500",
                mall=self.mall,
                at=at,
            )
        )
        return tuple(operation for (operation,) in found)

    def expired_since(self, member: UUID, day: date) -> int:
        return self.read(
            lambda connection: sum(points for _, _, points in expired_since(connection, self.mall, member, day))
        )

    def zone(self) -> str:
        found = self.read(
            lambda connection: connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=self.mall)
        )
        return str(found[0]) if found else DEFAULT_ZONE

    def batches_of_gone_desks(self) -> tuple[int, ...]:
        found = self.read(
            lambda connection: connection.rows(
                "SELECT b.first_serial FROM card_batch b JOIN hub_desk h ON h.mall_id = b.mall_id AND h.desk = b.desk "
                "WHERE b.mall_id = :mall AND h.state IN ('retired', 'lost') AND NOT EXISTS (SELECT 1 FROM card_void v "
                "WHERE v.mall_id = b.mall_id AND v.first_serial <= b.first_serial "
                "AND v.last_serial >= b.first_serial + b.count - 1) ORDER BY b.first_serial",
                mall=self.mall,
            )
        )
        return tuple(first_serial for (first_serial,) in found)

    def code_kind(self, code_hash: str) -> DeskKind | None:
        found = self.read(
            lambda connection: connection.row(
                "SELECT kind FROM enrol_code WHERE mall_id = :mall AND code_hash = :code",
                mall=self.mall,
                code=code_hash,
            )
        )
        return DeskKind(found[0]) if found else None

    def short_of_cards(self) -> tuple[tuple[str, int, int], ...]:
        return self.read(lambda connection: short_of_cards(connection, self.mall))

    def looked_up(self, desk: str, asked: Lookup, at: datetime) -> Looked:
        with self.snapshot() as connection:
            self._may(connection, asked.actor, Right.LOOK_UP)
            return look_up(connection, self.mall, self.begin().search_key, asked)

    def may_show(self, desk: str, member: UUID, day: date) -> int | None:
        named = {"mall": self.mall, "desk": desk, "day": day}
        of_day = "FROM desk_shown WHERE mall_id = :mall AND desk = :desk AND on_day = :day"

        def note(connection: Connection) -> int | None:
            figures, known, ((count,),) = connection.ask(
                Statement("SELECT value FROM setting WHERE mall_id = :mall AND name = 'lookups_per_day'", named),
                Statement(f"SELECT 1 {of_day} AND member = :member", {**named, "member": member}),
                Statement(f"SELECT count(*) {of_day}", named),
            )
            most = int(figures[0][0]) if figures else Policy().lookups_per_day
            if known:
                return None
            if count >= most:
                return most
            if not count:  # the first of the day: whom it was shown before, nobody has to know
                connection.later(
                    "DELETE FROM desk_shown WHERE mall_id = :mall AND desk = :desk AND on_day < :day",
                    mall=self.mall,
                    desk=desk,
                    day=day,
                )
            connection.later(
                "INSERT INTO desk_shown (mall_id, desk, on_day, member) VALUES (:mall, :desk, :day, :member) "
                "ON CONFLICT DO NOTHING",
                mall=self.mall,
                desk=desk,
                day=day,
                member=member,
            )
            return None

        return self.write(note)

    def report(self, actor: str, day: date, at: datetime) -> DailyReport:
        self.read(lambda connection: self._may(connection, actor, Right.REPORTS))
        if self.replica is not None:
            with suppress(Refused):  # what is not known there yet may be known here

                def told(connection: Connection, as_of: datetime) -> DailyReport:
                    return daily_report(connection, mall=self.mall, day=day, as_of=as_of)

                report = self.replica.ask(self, at, told)
                if report is not None:
                    return report
        with self.snapshot() as connection:
            return daily_report(connection, mall=self.mall, day=day, as_of=at)

    def look_at_replica(self, at: datetime) -> None:
        if self.replica is not None:
            self.replica.look(self, at)

    def replica_state(self) -> tuple[str | None, int | None]:
        if self.replica is None or self.replica.state is None:
            return None, None
        return self.replica.state, round(self.replica.behind.total_seconds() * 1000)

    def _may(self, connection: Connection, actor: str, right: Right) -> None:
        """Raises Refused("staff.unknown" | "staff.no_right"), whatever the desk has said of them."""
        staff = find_staff(connection, self.mall, actor)
        if staff.disabled:
            raise Refused("staff.no_right")
        staff.must(right)

    def snapshot_lines(self, desk: str, at: datetime) -> Iterator[bytes]:
        search_key = self.begin().search_key
        with self.snapshot() as connection:
            yield from lines_of(connection, self.mall, desk, search_key, at)

    # -- tills -------------------------------------------------------------------------------------------------------

    def till_sale(self, transaction: str) -> ToldSale | None:
        found = self.read(
            lambda connection: connection.row(
                "SELECT told, answer, operation_id FROM till_sale WHERE mall_id = :mall "
                "AND transaction_id = :transaction",
                mall=self.mall,
                transaction=transaction,
            )
        )
        return ToldSale(bytes(found[0]), bytes(found[1]), found[2]) if found else None

    def refunds_of(self, transaction: str) -> tuple[EarlyRefund, ...]:
        rows = self.read(
            lambda connection: connection.rows(
                "SELECT transaction_id, amount_fen FROM till_sale WHERE mall_id = :mall AND refund_of = :transaction "
                "AND operation_id IS NULL ORDER BY at, transaction_id",
                mall=self.mall,
                transaction=transaction,
            )
        )
        return tuple(EarlyRefund(*row) for row in rows)

    def credited_today(self, desk: str, day: date) -> tuple[int, int]:
        rules = self.licence_terms(HUB_DESK).rules
        found = self.read(
            lambda connection: connection.row(
                "SELECT points FROM desk_credit WHERE mall_id = :mall AND desk = :desk AND on_day = :day",
                mall=self.mall,
                desk=desk,
                day=day,
            )
        )
        return (found[0] if found else 0), rules.credit_per_day

    def credited(self, shop: str, slip_number: str, sold_on: date) -> UUID:
        (found,) = self.read(lambda connection: connection.ask(about_sale(self.mall, shop, slip_number, sold_on)))
        if not found:
            raise Refused("sale.unknown")
        operation: UUID = found[0][0]
        return operation

    def note_till_sale(self, sale: TillSale, told: bytes, answer: bytes, operation: UUID | None, at: datetime) -> None:
        self.write(
            lambda connection: connection.run(
                "INSERT INTO till_sale (mall_id, transaction_id, refund_of, amount_fen, told, answer, operation_id, "
                "at) VALUES (:mall, :transaction, :refund_of, :amount_fen, :told, :answer, :operation, :at) "
                "ON CONFLICT DO NOTHING",
                mall=self.mall,
                transaction=sale.transaction,
                refund_of=sale.refund_of,
                amount_fen=sale.amount_fen,
                told=told,
                answer=answer,
                operation=operation,
                at=at,
            )
        )

    def member_of(self, sale: TillSale) -> UUID:
        found = None
        if sale.member is not None:
            found = self._found("SELECT member FROM member WHERE mall_id = :mall AND member = :key", sale.member)
        elif sale.card is not None:
            found = self._found(
                "SELECT member FROM card WHERE mall_id = :mall AND number = :key AND state = 'issued'", sale.card
            )
        elif sale.phone is not None:
            phone = normalised_phone(sale.phone)
            found = self._found("SELECT member FROM person WHERE mall_id = :mall AND phone = :key ORDER BY twin", phone)
        if found is None:
            raise Refused("member.unknown")
        member: UUID = found[0]
        return member

    def sale_of(self, operation: UUID) -> tuple[UUID, int]:
        found = self._found(
            "SELECT member, amount_fen FROM sale WHERE mall_id = :mall AND operation_id = :key", operation
        )
        if found is None:
            raise Refused("sale.unknown")
        return found[0], found[1]

    def _found(self, sql: str, key: object) -> Row | None:
        return self.read(lambda connection: connection.row(sql, mall=self.mall, key=key))

    # -- requests of desks -------------------------------------------------------------------------------------------

    def nonce_is_new(self, desk: str, nonce: str, at: datetime) -> bool:
        """Also among all processes of this hub."""

        return self.read(lambda connection: bool(self._noted(connection, desk, nonce, at)[0]))

    def hears(self, desk: str, nonce: str, at: datetime) -> tuple[bool, HubDesk | None]:
        """`nonce_is_new` and `desk`, in one round trip."""

        def note(connection: Connection) -> tuple[bool, HubDesk | None]:
            is_new, *about = self._noted(connection, desk, nonce, at, *about_desk(self.mall, desk))
            return bool(is_new), as_desk(desk, *about)

        return self.read(note)

    def _noted(
        self, connection: Connection, desk: str, nonce: str, at: datetime, *questions: Statement
    ) -> list[list[Row]]:
        # A transaction of its own that ends with it: one round trip.
        connection.later("SELECT set_config('synchronous_commit', 'off', true)")
        return connection.ask(
            Statement(
                "INSERT INTO request_nonce (mall_id, desk, nonce, at) VALUES (:mall, :desk, :nonce, :at) "
                "ON CONFLICT DO NOTHING RETURNING 1",
                {"mall": self.mall, "desk": desk, "nonce": nonce, "at": at},
            ),
            *questions,
        )

    def forget_nonces(self, before: datetime) -> None:
        self.write(
            lambda connection: connection.run(
                "DELETE FROM request_nonce WHERE mall_id = :mall AND at < :before", mall=self.mall, before=before
            )
        )

    # -- the feed ----------------------------------------------------------------------------------------------------

    def head(self) -> FeedPlace:
        return self.read(lambda connection: read_head(connection, self.mall))

    def head_of(self, desk: str) -> Place:
        found = self.read(
            lambda connection: connection.row(
                "SELECT epoch, sequence, head FROM desk WHERE mall_id = :mall AND desk = :desk",
                mall=self.mall,
                desk=desk,
            )
        )
        return Place(found[0], found[1], bytes(found[2])) if found else Place(0, 0, NO_OPERATION)

    def feed_hash(self, n: int) -> bytes | None:
        if n == 0:
            return GENESIS
        found = self.read(
            lambda connection: connection.row(
                "SELECT h FROM feed WHERE mall_id = :mall AND n = :n", mall=self.mall, n=n
            )
        )
        return bytes(found[0]) if found else None

    def rows(self, after: int, limit: int) -> tuple[FeedRow, ...]:
        found = self.read(
            lambda connection: connection.rows(
                "SELECT n, prev, h, kind, operation_id, desk, epoch, sequence, verb, op_hash, result FROM feed "
                "WHERE mall_id = :mall AND n > :after ORDER BY n LIMIT :limit",
                mall=self.mall,
                after=after,
                limit=limit,
            )
        )
        return tuple(_feed_row(row) for row in found)


def read_head(connection: Connection, mall: str) -> FeedPlace:
    found = connection.row("SELECT epoch, n, h FROM feed_head WHERE mall_id = :mall", mall=mall)
    assert found is not None, "a hub begins by making its feed"
    epoch, n, h = found
    return FeedPlace(epoch, n, bytes(h))


def _feed_row(row: Row) -> FeedRow:
    n, prev, h, kind, operation, desk, epoch, sequence, verb, op_hash, result = row
    said: dict[str, Any] = json.loads(bytes(result))
    return FeedRow(n, bytes(prev), bytes(h), kind, operation, desk, epoch, sequence, verb, bytes(op_hash), said)


class _OwnOperations:
    """The hub's own chain, for `LocalAuthority`."""

    def __init__(self, hub: SqlHubStore) -> None:
        self._hub = hub

    def transact(self, work: Callable[[Transaction], T]) -> T:
        return self._hub.transact(HUB_DESK, work)
