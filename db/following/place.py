"""A desk's place in its hub's feed, what the hub said of its operations, and which of them it has not taken yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from app.domain.calendar import DEFAULT_ZONE, business_day
from app.domain.card import card_serial
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Unsettled
from app.operations.begin_feed import HUB
from app.ports.clock import Clock
from app.ports.hub import DeskStands, SyncTask
from app.sync.envelope import instant
from app.sync.following import FeedBroken, FeedUnreadable, FloorFacts, Waiting
from app.sync.images import AccountImage, keyed
from app.sync.protocol import (
    MOST_BYTES,
    FeedPlace,
    FeedRow,
    FullMember,
    Place,
    Pushed,
    SentOperation,
    SnapshotLine,
    from_json,
)
from db.connection import Connection
from db.following.images import Images, images_of, is_full
from db.following.slimming import demote, drop_thin, forget_people
from db.following.tasks import tasks
from db.following.thin import indexed_afterwards, write_thin
from db.repositories.cards import TOLD_SEARCH_KEY, card_secrets
from db.repositories.policy import policy_in_force
from db.store import Store

FEED = "feed"  # "<epoch> <n> <h in hex>"; empty: a snapshot is needed
COPIED = "copied"  # "1": the last snapshot had everybody, as hashes
_THIN_AT_ONCE = 2  # lines of one transaction, some 2,000 members: no screen waits long behind it
_KINDS = ("op", "system")
_ALL = 2**31
_ROOM_FOR_ONE = 1_024  # of a request, beside its operation's own bytes, which base64 makes a third longer


class SqlFollowing:
    def __init__(self, store: Store, mall: str, desk: str, clock: Clock) -> None:
        self._store = store
        self._mall = mall
        self._desk = desk
        self._clock = clock
        self._from = (0, 0)  # (epoch, sequence); see _FROM
        self._pending_from = (0, 0)  # the same of those whose result counts already
        self._resent = 0  # how often results were taken away
        self._served: dict[UUID, datetime] = {}  # by this process, also where nothing was done

    # -- small things ------------------------------------------------------------------------------------------------

    def get(self, name: str) -> str | None:
        return self._store.read(lambda connection: _get(connection, self._mall, name))

    def put(self, **values: str) -> None:
        def write(connection: Connection) -> None:
            for name, value in values.items():
                _put(connection, self._mall, name, value)

        self._store.write(write)

    def head(self) -> Place:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT epoch, sequence, head FROM desk WHERE mall_id = :mall AND desk = :desk",
                mall=self._mall,
                desk=self._desk,
            )
        )
        if found is None:
            raise Refused("desk.unknown", desk=self._desk)
        return Place(*found)

    def feed(self) -> FeedPlace | None:
        return self._store.read(lambda connection: _feed(connection, self._mall))

    def forget_place(self) -> None:
        def write(connection: Connection) -> None:
            _put(connection, self._mall, FEED, "")
            _give_up_all(connection, self._mall)

        self._store.write(write)

    # -- to the hub --------------------------------------------------------------------------------------------------

    def unsent(self) -> tuple[SentOperation, ...]:
        return tuple(SentOperation(*row) for row in self._unsent(_ALL))

    def _unsent(self, limit: int) -> Sequence[Any]:
        return self._store.read(
            lambda connection: connection.rows(
                "SELECT o.encoded, o.signature, k.key FROM operation o "
                "LEFT JOIN subject_key k ON k.mall_id = o.mall_id AND k.subject = o.member "
                f"{_UNSENT} {_FROM} ORDER BY o.epoch, o.sequence LIMIT :limit",
                mall=self._mall,
                desk=self._desk,
                limit=limit,
                epoch=self._from[0],
                sequence=self._from[1],
            )
        )

    def outbox(self, limit: int) -> tuple[SentOperation, ...]:
        rows = self._unsent(limit)
        taken: list[SentOperation] = []
        room = MOST_BYTES - _ROOM_FOR_ONE
        for encoded, signature, key in rows:
            room -= len(encoded) * 4 // 3 + _ROOM_FOR_ONE
            if room < 0 and taken:
                break
            taken.append(SentOperation(encoded, signature, key))
        return tuple(taken)

    def note_pushed(self, results: Sequence[Pushed]) -> None:
        """Not yet what counts: that is what the feed says of them."""

        def write(connection: Connection) -> None:
            for result in (result for result in results if not result.stops):
                _note(connection, self._mall, result.id, result.verdict, result.code, result.n, pulled=False)

        self._store.write(write)

    def resend_after(self, head: Place) -> None:
        def forget(connection: Connection) -> int:
            count = connection.run(
                "DELETE FROM operation_result WHERE mall_id = :mall AND verdict <> 'quarantined' "
                "AND operation_id IN (SELECT operation_id FROM operation WHERE mall_id = :mall AND desk = :desk "
                "AND (epoch > :epoch OR (epoch = :epoch AND sequence > :sequence)))",
                mall=self._mall,
                desk=self._desk,
                epoch=head.epoch,
                sequence=head.sequence,
            )
            if count:  # before anybody else can write
                self._pending_from = (0, 0)
            return count

        if self._store.write(forget):
            self._resent += 1
            self._from = (0, 0)

    def given_up(self) -> tuple[UUID, ...]:
        def look(connection: Connection) -> tuple[UUID, ...]:
            connection.run(
                "DELETE FROM asked_of_hub AS a WHERE a.mall_id = :mall AND NOT " + _NOT_DONE, mall=self._mall
            )
            rows = connection.rows(
                "SELECT operation_id FROM asked_of_hub WHERE mall_id = :mall AND given_up = :yes",
                mall=self._mall,
                yes=True,
            )
            return tuple(operation for (operation,) in rows)

        return self._store.write(look) if self._asked_anything() else ()

    def _asked_anything(self) -> bool:
        """Most rounds there is nothing, and nothing has to be written for that."""
        return self._store.read(
            lambda connection: bool(
                connection.row("SELECT 1 FROM asked_of_hub WHERE mall_id = :mall LIMIT 1", mall=self._mall)
            )
        )

    def give_up_all(self) -> None:
        if self._asked_anything():
            self._store.write(lambda connection: _give_up_all(connection, self._mall))

    def told_given_up(self, operation: UUID) -> None:
        self._store.write(
            lambda connection: connection.run(
                "DELETE FROM asked_of_hub WHERE mall_id = :mall AND operation_id = :operation AND given_up = :yes",
                mall=self._mall,
                operation=operation,
                yes=True,
            )
        )

    def open_tasks(self) -> int:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT count(*) FROM exception_task WHERE mall_id = :mall AND state = 'open' "
                "AND desk IN (:desk, :hub)",
                mall=self._mall,
                desk=self._desk,
                hub=HUB,
            )
        )
        return int(found[0]) if found else 0

    def waiting(self) -> Waiting:
        def look(connection: Connection) -> Waiting:
            resent = self._resent
            here = {"mall": self._mall, "desk": self._desk, "epoch": self._from[0], "sequence": self._from[1]}
            last = connection.row(
                "SELECT epoch, sequence FROM operation WHERE mall_id = :mall AND desk = :desk "
                "ORDER BY epoch DESC, sequence DESC LIMIT 1",
                mall=self._mall,
                desk=self._desk,
            )
            oldest = connection.row(
                f"SELECT o.at, o.epoch, o.sequence FROM operation o {_UNSENT} {_FROM} "
                "ORDER BY o.epoch, o.sequence LIMIT 1",
                **here,
            )
            if self._resent == resent:  # or somebody has taken results away while this looked
                self._from = (oldest[1], oldest[2]) if oldest else (last[0], last[1]) if last else (0, 0)
            if oldest is None:
                return Waiting(0, None)
            count = connection.row(f"SELECT count(*) FROM operation o {_UNSENT} {_FROM}", **here)
            return Waiting(count[0] if count else 0, oldest[0])

        return self._store.read(look)

    def unsettled_points(self) -> int:
        return self._store.read(lambda connection: unsettled(connection, self._mall, None).of_desk)

    # -- from the hub ------------------------------------------------------------------------------------------------

    def apply(self, rows: Sequence[FeedRow]) -> FeedPlace:
        def write(connection: Connection) -> FeedPlace:
            place = _feed(connection, self._mall)
            if place is None:
                raise FeedBroken("no place")
            images = self._images(connection)
            for row in rows:
                if not row.follows(place):
                    raise FeedBroken(f"row {row.n} after {place.n}")
                if row.kind not in _KINDS:
                    raise FeedUnreadable(row.kind)
                self._row(connection, images, row)
                place = FeedPlace(place.epoch, row.n, row.h)
            images.finish()
            _put(connection, self._mall, FEED, _place_text(place))
            return place

        return self._store.write(write)

    def _row(self, connection: Connection, images: Images, row: FeedRow) -> None:
        said = row.result
        own = row.desk == self._desk and row.kind == "op"
        if own:
            _note(connection, self._mall, row.operation, said["verdict"], said.get("code"), row.n, pulled=True)
        try:
            for image in images_of(said.get("images", ())):
                images.write(image, row.n)
        except Refused as problem:
            raise FeedUnreadable(str(problem)) from None
        if own:
            images.settled(row.operation, row.n)

    def _images(self, connection: Connection) -> Images:
        key = _get(connection, self._mall, TOLD_SEARCH_KEY)
        return Images(connection, self._mall, self._desk, bytes.fromhex(key or ""), self._look_for_pending(connection))

    def _look_for_pending(self, connection: Connection) -> tuple[int, int]:
        """The first own operation that is pending, or the place behind the last. Within a transaction that writes, and
        before it settles anything: whatever becomes of it, the next one starts from here."""
        here = {"mall": self._mall, "desk": self._desk, "epoch": self._pending_from[0]}
        here["sequence"] = self._pending_from[1]
        first = connection.row(
            f"SELECT o.epoch, o.sequence FROM operation o WHERE o.mall_id = :mall AND o.desk = :desk {_FROM} "
            "AND NOT EXISTS (SELECT 1 FROM operation_result r WHERE r.mall_id = o.mall_id "
            "AND r.operation_id = o.operation_id AND (r.pulled = :yes OR r.verdict = 'quarantined')) "
            "ORDER BY o.epoch, o.sequence LIMIT 1",
            **here,
            yes=True,
        )
        if first is None:
            first = connection.row(
                "SELECT epoch, sequence + 1 FROM operation WHERE mall_id = :mall AND desk = :desk "
                "ORDER BY epoch DESC, sequence DESC LIMIT 1",
                mall=self._mall,
                desk=self._desk,
            )
        if first is not None:
            self._pending_from = (first[0], first[1])
        return self._pending_from

    def take_snapshot(self, at: FeedPlace, lines: Iterable[SnapshotLine]) -> None:
        """The many thin rows in pieces, so that screens go on writing; the rest, and the place, in one. The first ones
        ever go in all at once: nobody works here yet, a page is written once instead of with each piece, and of a copy
        that breaks off nothing is left."""
        kept: list[SnapshotLine] = []
        rest = iter(lines)
        if self.get(COPIED) is None:
            with self._store.roomy():
                self._store.write(_only_once(partial(self._take_first, lines=rest, kept=kept)))
            self._store.overwrite_deleted()  # or the log of that one transaction would stay as large as the copy
        while piece := list(islice(rest, _THIN_AT_ONCE)):
            self._store.write(partial(self._take_thin, lines=piece, kept=kept))

        def write(connection: Connection) -> None:
            images = self._images(connection)  # first: of a copy that is taken back nothing counts
            connection.run(
                "UPDATE operation_result SET pulled = :yes WHERE mall_id = :mall AND n <= :n",
                mall=self._mall,
                yes=True,
                n=at.n,
            )
            known = images.imaged()
            connection.run("DELETE FROM central_image WHERE mall_id = :mall", mall=self._mall)
            # The mall's zone and the people come before what rests on them.
            for line in sorted(kept, key=lambda line: line.image is None or line.image.of != "mall"):
                if line.image is not None:
                    images.write(line.image, at.n)
            for line in kept:
                if line.full is not None:
                    images.full(line.full, at.n)
            images.finish()
            images.stand_all_cards()
            forget_people(connection, self._mall, images.left_behind(known, at.n, self._today(connection)))
            _put(connection, self._mall, FEED, _place_text(at))
            _put(connection, self._mall, COPIED, str(policy_in_force(connection, self._mall).desk_copy_everybody))

        self._store.write(write)

    def _take_first(self, connection: Connection, lines: Iterable[SnapshotLine], kept: list[SnapshotLine]) -> None:
        with indexed_afterwards(connection):
            self._take_thin(connection, lines, kept)

    def _take_thin(self, connection: Connection, lines: Iterable[SnapshotLine], kept: list[SnapshotLine]) -> None:
        for line in lines:
            if line.thin is not None:
                write_thin(connection, self._mall, line.thin)
            else:
                kept.append(line)

    def take_full(self, n: int, full: FullMember) -> None:
        self._served[full.member] = instant(self._clock.wall_ms())
        self._store.write(lambda connection: self._images(connection).full(full, n))

    # -- who is at the counter ---------------------------------------------------------------------------------------

    def member_of_card(self, number: str) -> UUID | None:
        """Of a card that only the thin copy knows; None: not even that."""
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT member FROM card_thin WHERE mall_id = :mall AND hash = :hash",
                mall=self._mall,
                hash=self._hash(connection, "card", number),
            )
        )
        return found[0] if found else None

    def member_of_phone(self, phone: str) -> UUID | None:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT member FROM member_thin WHERE mall_id = :mall AND phone = :hash",
                mall=self._mall,
                hash=self._hash(connection, "phone", phone),
            )
        )
        return found[0] if found else None

    def _hash(self, connection: Connection, kind: str, value: str) -> bytes:
        return keyed(bytes.fromhex(_get(connection, self._mall, TOLD_SEARCH_KEY) or ""), kind, value)

    def is_full(self, member: UUID) -> bool:
        return self._store.read(lambda connection: is_full(connection, self._mall, member))

    def promote(self, member: UUID, card: str | None = None) -> bool:
        """Cut off from the hub: the thin row becomes rows that screens and operations can use, without a name, the
        points in one lot. False where there is not even a thin row."""

        def write(connection: Connection) -> bool:
            images = self._images(connection)
            found = connection.row(
                "SELECT tier, state, usable FROM member_thin WHERE mall_id = :mall AND member = :member",
                mall=self._mall,
                member=member,
            )
            if found is None:
                return images.holds(member)
            tier, state, usable = found
            today = self._today(connection)
            if not images.holds(member):
                images.hold(member, f"~{member.hex[:12]}", state, tier, today, None)
                place = _feed(connection, self._mall)
                images.in_short(member, usable, place.n if place else 0, today)
            now_ms = self._clock.wall_ms()
            if card is not None:
                images.hold_card(card, member, now_ms)
            images.hold_cards_in_short(member, now_ms)
            return True

        return self._store.write(write)

    def _today(self, connection: Connection) -> date:
        zone = connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=self._mall)
        return business_day(instant(self._clock.wall_ms()), zone[0] if zone and zone[0] else DEFAULT_ZONE)

    # -- paper -------------------------------------------------------------------------------------------------------

    def keep_report(self, day: date, report: bytes) -> None:
        """What is about to be printed."""
        self._store.write(
            lambda connection: connection.run(
                "INSERT INTO told_report (mall_id, day, told_at, report) VALUES (:mall, :day, :at, :report) "
                "ON CONFLICT (mall_id, day, told_at) DO NOTHING",
                mall=self._mall,
                day=day,
                at=instant(self._clock.wall_ms()),
                report=report,
            )
        )

    # -- who is held, and how ----------------------------------------------------------------------------------------

    def slim(self) -> int:
        """Whom this desk has not served for as long as the mall wants is no longer held with name, phone, birthday, PIN
        and sealing key (RELIABILITY.md 0.10); accounts and cards stay, as hashes do, and tell nobody who it is. Not yet
        where something of theirs is unsent, a task is open or a gift waits here. Returns how many it were.

        What is deleted is gone from the file, too: it is overwritten, and so is the WAL."""
        policy = self._store.read(lambda connection: policy_in_force(connection, self._mall))
        since = instant(self._clock.wall_ms()) - timedelta(days=policy.desk_copy_days)
        served = frozenset(member for member, at in self._served.items() if at >= since)
        done: set[UUID] = set()
        while some := self._store.write(lambda connection: demote(connection, self._mall, self._desk, since, served)):
            done |= some
        if not policy.desk_copy_everybody:
            while self._store.write(lambda connection: drop_thin(connection, self._mall)):
                pass
        elif self.get(COPIED) == "0":  # only a snapshot has everybody
            self.forget_place()
        if done or not policy.desk_copy_everybody:
            self._store.overwrite_deleted()
        return len(done)

    # -- its life ----------------------------------------------------------------------------------------------------

    def begin_epoch(self, epoch: int, after: Place, public_key: bytes) -> int:
        """The hub has this desk enrolled anew, under `public_key`: its chain goes on from what the hub has. What the
        hub never had of the epoch that ended, or kept aside without effect, stays in the log, is never sent again, and
        is counted: that is the loss. Returns how many."""

        def write(connection: Connection) -> int:
            lost = connection.rows(
                "SELECT o.operation_id FROM operation o LEFT JOIN operation_result r ON r.mall_id = o.mall_id "
                "AND r.operation_id = o.operation_id WHERE o.mall_id = :mall AND o.desk = :desk AND o.epoch < :epoch "
                "AND (r.verdict IS NULL OR (r.verdict = 'quarantined' AND r.code <> 'hub.old_epoch'))",
                mall=self._mall,
                desk=self._desk,
                epoch=epoch,
            )
            for (operation,) in lost:
                _note(connection, self._mall, operation, "quarantined", "hub.old_epoch", None, pulled=True)
            connection.run(
                "UPDATE desk SET epoch = :epoch, sequence = 0, head = :head WHERE mall_id = :mall AND desk = :desk",
                mall=self._mall,
                desk=self._desk,
                epoch=epoch,
                head=after.hash,
            )
            connection.run(
                "INSERT INTO desk_key (mall_id, desk, epoch, public_key, operation_id) "
                "VALUES (:mall, :desk, :epoch, :key, :nobody) ON CONFLICT (mall_id, desk, epoch) "
                "DO UPDATE SET public_key = :key",
                mall=self._mall,
                desk=self._desk,
                epoch=epoch,
                key=public_key,
                nobody=UUID(int=0),  # the hub has the operation
            )
            _put(connection, self._mall, FEED, "")
            return len(lost)

        return self._store.write(write)

    def known_desks(self) -> tuple[DeskStands, ...]:
        """By number; how they stand, only the hub knows."""
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT desk, name, number FROM desk WHERE mall_id = :mall AND number > 0 ORDER BY number, desk",
                mall=self._mall,
            )
        )
        return tuple(DeskStands(desk, name, number, "") for desk, name, number in rows)

    def tasks(self) -> tuple[SyncTask, ...]:
        now = instant(self._clock.wall_ms())
        return self._store.read(lambda connection: tasks(connection, self._mall, self._desk, now))


def _only_once(work: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """What comes over the network is not there a second time: where the store would repeat the transaction, the whole
    copy is asked for again."""
    begun = False

    def at_most_once(connection: Connection) -> None:
        nonlocal begun
        if begun:
            raise Unavailable("store.busy")
        begun = True
        work(connection)

    return at_most_once


# What comes before this place had its result when it was last looked at: a log of years is not read again each time.
_FROM = "AND (o.epoch, o.sequence) >= (:epoch, :sequence)"
# Follows the tables of its statement: "… FROM operation o" + _UNSENT.
_UNSENT = (
    "WHERE o.mall_id = :mall AND o.desk = :desk AND NOT EXISTS (SELECT 1 FROM operation_result r "
    "WHERE r.mall_id = o.mall_id AND r.operation_id = o.operation_id)"
)


def unsettled(connection: Connection, mall: str, member: UUID | None) -> Unsettled:
    """Points redeemed within limits whose result was not read from the feed (nor from a snapshot)."""
    found = connection.row(
        "SELECT coalesce(sum(CASE WHEN f.member = :member THEN f.points ELSE 0 END), 0), coalesce(sum(f.points), 0) "
        "FROM floor_use f WHERE f.mall_id = :mall AND NOT EXISTS (SELECT 1 FROM operation_result r "
        "WHERE r.mall_id = f.mall_id AND r.operation_id = f.operation_id AND r.pulled = :yes)",
        mall=mall,
        member=member or UUID(int=0),
        yes=True,
    )
    assert found is not None
    return Unsettled(int(found[0]), int(found[1]))


def floor_facts(connection: Connection, mall: str, desk: str, member: UUID, today: date) -> FloorFacts:
    """What the limits ask of one member's account (RELIABILITY.md 4.6)."""
    credited = connection.row(
        "SELECT coalesce(sum(l.remaining), 0) FROM lot l JOIN operation o ON o.mall_id = l.mall_id "
        "AND o.operation_id = l.operation_id WHERE l.mall_id = :mall AND l.account = :member AND l.remaining > 0 "
        "AND o.desk = :desk AND NOT EXISTS (SELECT 1 FROM operation_result r WHERE r.mall_id = o.mall_id "
        "AND r.operation_id = o.operation_id AND r.pulled = :yes)",
        mall=mall,
        member=member,
        desk=desk,
        yes=True,
    )
    central = _central(connection, mall, member)
    return FloorFacts(
        used=unsettled(connection, mall, member),
        unsettled_credit=int(credited[0]) if credited else 0,
        owes=bool(central and central.owed),
        share=central.share_on(today) if central else 0,
        share_licence=central.licence if central else 0,
    )


def _central(connection: Connection, mall: str, member: UUID) -> AccountImage | None:
    image = connection.row(
        "SELECT state FROM central_image WHERE mall_id = :mall AND kind = 'account' AND key = :key",
        mall=mall,
        key=str(member),
    )
    return from_json(AccountImage, image[0]) if image else None


def use_hold(connection: Connection, mall: str, operation: UUID, member: UUID) -> None:
    central = _central(connection, mall, member)
    for hold in central.holds if central is not None else ():
        if hold.operation == operation:
            connection.later(
                "UPDATE account SET held = held - :points WHERE mall_id = :mall AND account = :member "
                "AND held >= :points",
                mall=mall,
                member=member,
                points=hold.points,
            )


def stand(connection: Connection, mall: str, desk: str) -> None:
    accounts = [UUID(key) for of, key in connection.take_touched() if of == "account"]
    if accounts:
        images = Images(connection, mall, desk, b"")
        for account in accounts:
            images.lay_over(account)


def note_floor_use(connection: Connection, mall: str, operation: UUID, member: UUID, points: int) -> None:
    connection.later(
        "INSERT INTO floor_use (mall_id, operation_id, member, points) VALUES (:mall, :operation, :member, :points)",
        mall=mall,
        operation=operation,
        member=member,
        points=points,
    )


def lease_of(connection: Connection, mall: str, desk: str, member: UUID, points: int, at: datetime) -> UUID | None:
    """The one that ends first. It counts once the hub's own word of it was read."""
    rows = connection.rows(
        "SELECT lease FROM lease WHERE mall_id = :mall AND desk = :desk AND member = :member AND ended_by IS NULL "
        "AND remaining >= :points AND until >= :at ORDER BY until, lease",
        mall=mall,
        desk=desk,
        member=member,
        points=points,
        at=at,
    )
    for (lease,) in rows:
        if connection.row(
            "SELECT 1 FROM central_image WHERE mall_id = :mall AND kind = 'lease' AND key = :key",
            mall=mall,
            key=str(lease),
        ):
            found: UUID = lease
            return found
    return None


_NOT_DONE = "NOT EXISTS (SELECT 1 FROM operation o WHERE o.mall_id = a.mall_id AND o.operation_id = a.operation_id)"


def note_asked(connection: Connection, mall: str, operation: UUID, session: UUID) -> None:
    connection.run(
        "INSERT INTO asked_of_hub (mall_id, operation_id, session, given_up) VALUES (:mall, :operation, :session, :no) "
        "ON CONFLICT (mall_id, operation_id) DO UPDATE SET given_up = :no",
        mall=mall,
        operation=operation,
        session=session,
        no=False,
    )


def _give_up_all(connection: Connection, mall: str) -> None:
    connection.run("UPDATE asked_of_hub SET given_up = :yes WHERE mall_id = :mall", mall=mall, yes=True)


def is_asked(connection: Connection, mall: str, operation: UUID) -> bool:
    found = connection.row(
        "SELECT 1 FROM asked_of_hub WHERE mall_id = :mall AND operation_id = :operation AND given_up = :no",
        mall=mall,
        operation=operation,
        no=False,
    )
    return found is not None


def give_up(connection: Connection, mall: str, operations: Sequence[UUID], session: UUID | None) -> None:
    for operation in operations:
        connection.run(
            "UPDATE asked_of_hub SET given_up = :yes WHERE mall_id = :mall AND operation_id = :operation",
            mall=mall,
            operation=operation,
            yes=True,
        )
    if session is not None:
        connection.run(
            "UPDATE asked_of_hub SET given_up = :yes WHERE mall_id = :mall AND session = :session",
            mall=mall,
            session=session,
            yes=True,
        )


def was_sent(connection: Connection, mall: str, desk: str, operation: UUID) -> bool:
    """Has the hub answered it, or is it none of this desk's? Then only the hub can undo it."""
    found = connection.row(
        f"SELECT 1 FROM operation o {_UNSENT} AND o.operation_id = :operation",
        mall=mall,
        desk=desk,
        operation=operation,
    )
    return found is None


def read_to(connection: Connection, mall: str) -> int:
    """The row of the feed up to which this desk has read; 0 where it has to begin anew."""
    known = _feed(connection, mall)
    return known.n if known else 0


def is_own_card(connection: Connection, mall: str, desk: str, number: str) -> bool:
    """Is the number from a batch of this desk? No other gives it out meanwhile."""
    prefix, secret = card_secrets(connection, mall)
    serial = card_serial(number, prefix, secret)
    found = connection.row(
        "SELECT 1 FROM card_batch WHERE mall_id = :mall AND desk = :desk AND first_serial <= :serial "
        "AND first_serial + count > :serial",
        mall=mall,
        desk=desk,
        serial=serial,
    )
    return found is not None


def _note(
    connection: Connection, mall: str, operation: UUID, verdict: str, code: str | None, n: int | None, *, pulled: bool
) -> None:
    connection.run(
        "INSERT INTO operation_result (mall_id, operation_id, verdict, code, n, pulled) "
        "VALUES (:mall, :operation, :verdict, :code, :n, :pulled) ON CONFLICT (mall_id, operation_id) DO UPDATE SET "
        "verdict = :verdict, code = :code, n = :n, pulled = (operation_result.pulled OR :pulled)",
        mall=mall,
        operation=operation,
        verdict=verdict,
        code=code,
        n=n,
        pulled=pulled,
    )


def _get(connection: Connection, mall: str, name: str) -> str | None:
    found = connection.row("SELECT value FROM sync_state WHERE mall_id = :mall AND name = :name", mall=mall, name=name)
    return found[0] if found else None


def _put(connection: Connection, mall: str, name: str, value: str) -> None:
    connection.run(
        "INSERT INTO sync_state (mall_id, name, value) VALUES (:mall, :name, :value) "
        "ON CONFLICT (mall_id, name) DO UPDATE SET value = :value",
        mall=mall,
        name=name,
        value=value,
    )


def _feed(connection: Connection, mall: str) -> FeedPlace | None:
    text = _get(connection, mall, FEED)
    if not text:
        return None
    epoch, n, h = text.split(" ")
    return FeedPlace(UUID(epoch), int(n), bytes.fromhex(h))


def _place_text(place: FeedPlace) -> str:
    return f"{place.epoch} {place.n} {place.h.hex()}"
