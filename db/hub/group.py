"""The group's directory, its malls, and what their members did here, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.domain.errors import Refused
from app.queries.rows import Guest
from app.sync.group import OF_PAGE, Call, DirectoryPage, Partner, group_hash
from db.connection import Connection
from db.hub.store import SqlHubStore
from db.queries.search import find_members

GROUP_KEY = "group"  # name of a secret
_NO_FEED = UUID(int=0)  # the hub puts its own in


class SqlGroup:
    """`app.sync.group.GroupStore`."""

    def __init__(self, store: SqlHubStore) -> None:
        self._store = store
        self._mall = store.mall

    def key(self) -> bytes | None:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT value FROM secret WHERE mall_id = :mall AND name = :name", mall=self._mall, name=GROUP_KEY
            )
        )
        return bytes(found[0]) if found else None

    def set_key(self, key: bytes) -> None:
        """Once. Raises Refused("group.other_key")."""

        def write(connection: Connection) -> None:
            connection.run(
                "INSERT INTO secret (mall_id, name, value) VALUES (:mall, :name, :value) "
                "ON CONFLICT (mall_id, name) DO NOTHING",
                mall=self._mall,
                name=GROUP_KEY,
                value=key,
            )

        self._store.write(write)
        if self.key() != key:
            raise Refused("group.other_key")

    def partner(self, mall: str) -> Partner | None:
        return next((each for each in self.partners() if each.mall == mall), None)

    def partners(self) -> Sequence[Partner]:
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT partner, name, url, public_key FROM partner WHERE mall_id = :mall ORDER BY partner",
                mall=self._mall,
            )
        )
        return [Partner(mall, name, url, bytes(key)) for mall, name, url, key in rows]

    # -- directory ---------------------------------------------------------------------------------------------------

    def home_of(self, digest: bytes) -> str | None:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT home FROM directory WHERE mall_id = :mall AND hash = :hash", mall=self._mall, hash=digest
            )
        )
        return found[0] if found else None

    def note_directory(self, home: str, hashes: Iterable[bytes]) -> None:
        def write(connection: Connection) -> None:
            for digest in hashes:
                connection.later(
                    "INSERT INTO directory (mall_id, hash, home) VALUES (:mall, :hash, :home) "
                    "ON CONFLICT (mall_id, hash) DO UPDATE SET home = :home WHERE directory.home <> :home",
                    mall=self._mall,
                    hash=digest,
                    home=home,
                )

        self._store.write(write)

    def page(self, after: UUID | None) -> DirectoryPage:
        key = self.key()
        if key is None:
            raise Refused("group.none")

        def look(connection: Connection) -> DirectoryPage:
            people = connection.rows(
                "SELECT member, phone FROM person WHERE mall_id = :mall AND member > :after ORDER BY member "
                "LIMIT :limit",
                mall=self._mall,
                after=after or UUID(int=0),
                limit=OF_PAGE,
            )
            if not people:
                return DirectoryPage((), None, _NO_FEED)
            last = people[-1][0]
            cards = connection.rows(
                "SELECT number FROM card WHERE mall_id = :mall AND state = 'issued' AND member > :after "
                "AND member <= :last",
                mall=self._mall,
                after=after or UUID(int=0),
                last=last,
            )
            hashes = [group_hash(key, "phone", phone) for _, phone in people if phone]
            hashes += [group_hash(key, "card", number) for (number,) in cards]
            return DirectoryPage(tuple(hashes), last, _NO_FEED)

        return self._store.read(look)

    # -- our members, for others ---------------------------------------------------------------------------------

    def own(self, digits: str) -> Guest:
        with self._store.snapshot() as connection:
            found = find_members(connection, self._mall, digits).rows
            if len(found) != 1:
                raise Refused("member.unknown")
            (row,) = found
            name = connection.row("SELECT name FROM mall WHERE mall_id = :mall", mall=self._mall)
        return Guest(
            home=self._mall,
            home_name=name[0] if name else self._mall,
            member=row.member,
            member_no=row.member_no,
            name=row.name,
            phone=row.phone,
            tier=row.tier,
            state=row.state,
            usable=max(0, row.points),
        )

    def check_may_be_served(self, member: UUID) -> None:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT state FROM member WHERE mall_id = :mall AND member = :member", mall=self._mall, member=member
            )
        )
        if found is None:
            raise Refused("member.unknown")
        if found[0] != "active":
            raise Refused(f"member.{found[0]}")

    # -- theirs, here ------------------------------------------------------------------------------------------------

    def note_call(self, call: Call, at: datetime) -> None:
        self._store.write(
            lambda connection: connection.run(
                "INSERT INTO guest_call (mall_id, operation_id, home, member, points, state, asked_at) "
                "VALUES (:mall, :operation, :home, :member, :points, 'asked', :at) "
                "ON CONFLICT (mall_id, operation_id) DO UPDATE SET state = 'asked', asked_at = :at",
                mall=self._mall,
                operation=call.operation,
                home=call.home,
                member=call.member,
                points=call.points,
                at=at,
            )
        )

    def open_calls(self, asked_before: datetime) -> Sequence[Call]:
        """The second half: a redemption whose call is not known any more, because this hub was put back."""
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT c.operation_id, c.home, c.member, c.points, g.operation_id IS NOT NULL FROM guest_call c "
                "LEFT JOIN guest_redemption g ON g.mall_id = c.mall_id AND g.operation_id = c.operation_id "
                "LEFT JOIN hub_request r ON r.mall_id = c.mall_id AND r.operation_id = c.operation_id "
                "WHERE c.mall_id = :mall AND c.state = 'asked' AND (g.operation_id IS NOT NULL OR r.state = 'void' "
                "OR (r.state IS NULL AND c.asked_at < :before)) "
                "UNION ALL SELECT g.operation_id, g.home, g.member, g.points, true FROM guest_redemption g "
                "WHERE g.mall_id = :mall AND NOT EXISTS (SELECT 1 FROM guest_call c WHERE c.mall_id = g.mall_id "
                "AND c.operation_id = g.operation_id) LIMIT 500",
                mall=self._mall,
                before=asked_before,
            )
        )
        return [Call(*row) for row in rows]

    def unposted(self, home: str, member: UUID) -> int:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT coalesce(sum(g.points), 0) FROM guest_call c JOIN guest_redemption g "
                "ON g.mall_id = c.mall_id AND g.operation_id = c.operation_id "
                "WHERE c.mall_id = :mall AND c.state = 'asked' AND c.home = :home AND c.member = :member",
                mall=self._mall,
                home=home,
                member=member,
            )
        )
        return int(found[0]) if found else 0

    def end_call(self, operation: UUID, state: str, feed: UUID | None) -> None:
        def write(connection: Connection) -> None:
            named = {"mall": self._mall, "operation": operation, "state": state, "feed": feed}
            known = connection.run(
                "UPDATE guest_call SET state = :state, feed = :feed WHERE mall_id = :mall "
                "AND operation_id = :operation",
                **named,
            )
            if not known:
                connection.run(
                    "INSERT INTO guest_call (mall_id, operation_id, home, member, points, state, asked_at, feed) "
                    "SELECT g.mall_id, g.operation_id, g.home, g.member, g.points, :state, o.at, :feed "
                    "FROM guest_redemption g JOIN operation o ON o.mall_id = g.mall_id "
                    "AND o.operation_id = g.operation_id WHERE g.mall_id = :mall AND g.operation_id = :operation "
                    "ON CONFLICT DO NOTHING",
                    **named,
                )

        self._store.write(write)

    def post_again(self, home: str, feed: UUID) -> None:
        self._store.write(
            lambda connection: connection.run(
                "UPDATE guest_call SET state = 'asked' WHERE mall_id = :mall AND home = :home AND state = 'posted' "
                "AND feed <> :feed",
                mall=self._mall,
                home=home,
                feed=feed,
            )
        )
