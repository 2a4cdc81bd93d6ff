"""Accounts, journal, lots and holds.

Every movement is two journal lines that sum to zero, member and house. Stored figures (posted, held, owed, remaining)
are caches of what the journal and the lots' uses say; `verify` computes them again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from app.domain.errors import Refused
from app.domain.ids import house_account
from app.domain.points import Account, Lot, LotId, LotUse
from app.ports.storage import Act
from db.connection import Connection, Statement
from db.repositories.staff import lock_person

_LOT = "operation_id, line, expires_on, quantity, remaining, earned_on"


def _lot(operation: UUID, line: int, expires_on: date, quantity: int, remaining: int, earned_on: date) -> Lot:
    return Lot(LotId(operation, line), expires_on, quantity, remaining, earned_on)


def expired_since(connection: Connection, mall: str, member: UUID, on: date) -> list[tuple[UUID, int, int]]:
    """(source, line, points) of each lot that was good on `on` and has expired since; the first to end first."""
    rows = connection.rows(
        "SELECT l.operation_id, l.line, sum(u.quantity) FROM lot l JOIN lot_use u ON u.mall_id = l.mall_id "
        "AND u.source_id = l.operation_id AND u.source_line = l.line JOIN operation o ON o.mall_id = u.mall_id "
        "AND o.operation_id = u.operation_id WHERE l.mall_id = :mall AND l.account = :member AND l.expires_on >= :on "
        "AND l.earned_on <= :on AND o.verb IN ('expire_points', 'return_expired') "
        "GROUP BY l.operation_id, l.line, l.expires_on, l.earned_on HAVING sum(u.quantity) > 0 "
        "ORDER BY l.expires_on, l.earned_on, l.operation_id, l.line",
        mall=mall,
        member=member,
        on=on,
    )
    return [(source, line, int(taken)) for source, line, taken in rows]


def about_account(mall: str, member: UUID, *, locked: bool) -> tuple[Statement, Statement]:
    """Two statements: read together with the account, the lots could be older than the lock."""
    of_member = {"mall": mall, "member": member}
    lock = " FOR UPDATE" if locked else ""
    return (
        Statement(
            f"SELECT posted, held, owed FROM account WHERE mall_id = :mall AND account = :member{lock}", of_member
        ),
        Statement(f"SELECT {_LOT} FROM lot WHERE mall_id = :mall AND account = :member AND remaining > 0", of_member),
    )


def about_hold(mall: str, hold: UUID) -> Statement:
    return Statement(
        "SELECT account, points, resolved_by FROM hold WHERE mall_id = :mall AND operation_id = :hold",
        {"mall": mall, "hold": hold},
    )


def about_holds(mall: str, member: UUID) -> Statement:
    """(under which id desks know it, points) of each that is open."""
    return Statement(
        "SELECT coalesce(r.operation_id, h.operation_id), h.points FROM hold h LEFT JOIN hub_request r "
        "ON r.mall_id = h.mall_id AND r.granted_by = h.operation_id AND r.member = h.account "
        "WHERE h.mall_id = :mall AND h.account = :member AND h.resolved_by IS NULL ORDER BY h.operation_id",
        {"mall": mall, "member": member},
    )


class SqlPoints:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act
        self._lines = 0  # of this operation's journal, so far

    def lock(self, member: UUID) -> Account:
        accounts, lots = self._connection.ask(*self._about(member))
        if not accounts:
            raise Refused("member.unknown")
        posted, held, owed = accounts[0]
        return Account(member, posted, held, owed, tuple(_lot(*row) for row in lots))

    def credit(self, member: UUID, points: int, *, kind: str, expires_on: date, house: str) -> LotId:
        account = self.lock(member)
        repaid = min(account.owed, points)
        line = self._post(member, points, kind, house_account(house, self._act.desk), house)
        lot = self._add_lot(member, line, points, remaining=points - repaid, expires_on=expires_on)
        self._connection.touch("account", str(member))
        if repaid:
            self._note_use(lot, repaid)
        self._move(account, points, owed=-repaid)
        if kind == "adjust":
            self._note_adjustment(points)
        return lot

    def debit(self, account: Account, uses: Sequence[LotUse], *, kind: str, house: str, owing: int = 0) -> None:
        points = sum(use.quantity for use in uses) + owing
        if points == 0:
            return
        self._post(account.member, -points, kind, house_account(house, self._act.desk), house)
        for use in uses:
            self._note_use(use.lot, use.quantity)
            self._connection.later(
                "UPDATE lot SET remaining = remaining - :points WHERE mall_id = :mall AND operation_id = :source "
                "AND line = :line AND remaining >= :points",
                expect=1,
                mall=self._act.mall,
                source=use.lot.source,
                line=use.lot.line,
                points=use.quantity,
            )
        self._move(account, -points, owed=owing)
        if kind == "adjust":
            self._note_adjustment(-points)

    def owed_by_mall(self, mall: str, points: int) -> None:
        kind = f"mall {mall}"
        account = house_account(kind, self._act.desk)
        self._connection.later(
            "INSERT INTO account (mall_id, account, kind, posted, held, owed) "
            "VALUES (:mall, :account, :kind, :points, 0, 0) "
            "ON CONFLICT (mall_id, account) DO UPDATE SET posted = account.posted + :points",
            mall=self._act.mall,
            account=account,
            kind=kind,
            points=-points,
        )
        self._post(account, -points, "redeem", house_account("redeemed", self._act.desk), "redeemed")

    def give_back(self, member: UUID, reverses: UUID, *, not_before: date, new_until: date) -> int:
        account = self.lock(member)
        house, points = self._taken_by(reverses, member)
        if points == 0:
            return 0
        uses = self._to_return(reverses)
        repay = min(account.owed, points)
        overdrawn = points - sum(use.quantity for use in uses)  # no lot gave these
        fresh = max(0, overdrawn - repay)
        left = max(0, repay - overdrawn)
        self._connection.later(
            "UPDATE account SET posted = posted - :points WHERE mall_id = :mall AND account = :house",
            expect=1,
            mall=self._act.mall,
            house=house,
            points=points,
        )
        if points > fresh:
            self._enter(member, points - fresh, "give_back", house)
        if fresh:
            line = self._enter(member, fresh, "give_back", house)
            self._add_lot(member, line, fresh, remaining=fresh, expires_on=new_until)
        # Points that come back make an expired lot count again; its rest, if nobody has expired it yet, goes instead.
        rests = {lot.lot: lot.remaining for lot in account.lots if not lot.usable_on(self._act.business_day)}
        expired = 0
        for use in uses:
            repaid = min(left, use.quantity)
            left -= repaid
            returned = use.quantity - repaid
            if returned == 0:
                continue
            rest = rests.get(use.lot, 0)
            expired += rest
            if returned != rest:
                self._note_use(use.lot, rest - returned)
            self._connection.later(
                "UPDATE lot SET remaining = remaining + :points, expires_on = "
                "CASE WHEN expires_on < :today THEN :not_before ELSE expires_on END "
                "WHERE mall_id = :mall AND operation_id = :source AND line = :line",
                expect=1,
                mall=self._act.mall,
                source=use.lot.source,
                line=use.lot.line,
                points=returned - rest,
                today=self._act.business_day,
                not_before=not_before,
            )
        self._connection.touch("account", str(member))
        if expired:
            self._post(member, -expired, "expire", house_account("expired", self._act.desk), "expired")
        self._move(account, points - expired, owed=-repay)
        return points

    def _to_return(self, reverses: UUID) -> tuple[LotUse, ...]:
        """At most what a lot has room for. All of it, except at a desk that follows a hub: there the lots stand as the
        hub and this desk's own operations have it by now, and something else may have been taken from them."""
        rows = self._connection.rows(
            "SELECT u.source_id, u.source_line, u.quantity, l.quantity - l.remaining FROM lot_use u "
            "JOIN lot l ON l.mall_id = u.mall_id AND l.operation_id = u.source_id AND l.line = u.source_line "
            "WHERE u.mall_id = :mall AND u.operation_id = :operation AND u.source_id <> :operation "
            "AND u.quantity > 0 ORDER BY u.source_id, u.source_line",
            mall=self._act.mall,
            operation=reverses,
        )
        return tuple(LotUse(LotId(source, line), min(used, room)) for source, line, used, room in rows)

    def _taken_by(self, operation: UUID, member: UUID) -> tuple[UUID, int]:
        """The house account that got them, and how many points `operation` took of `member`; of none, 0."""
        rows = self._connection.rows(
            "SELECT account, amount FROM journal WHERE mall_id = :mall AND operation_id = :operation",
            mall=self._act.mall,
            operation=operation,
        )
        points = -sum(amount for account, amount in rows if account == member)
        house = next((account for account, _ in rows if account != member), member)
        return house, points

    def made_by(self, operation: UUID) -> tuple[tuple[UUID, Lot], ...]:
        rows = self._connection.rows(
            f"SELECT account, {_LOT} FROM lot WHERE mall_id = :mall AND operation_id = :operation ORDER BY line",
            mall=self._act.mall,
            operation=operation,
        )
        return tuple((member, _lot(*rest)) for member, *rest in rows)

    def uses_of(self, operation: UUID) -> tuple[LotUse, ...]:
        rows = self._connection.rows(
            "SELECT source_id, source_line, quantity FROM lot_use WHERE mall_id = :mall AND operation_id = :operation "
            "AND source_id <> :operation AND quantity > 0 ORDER BY source_id, source_line",
            mall=self._act.mall,
            operation=operation,
        )
        return tuple(LotUse(LotId(source, line), quantity) for source, line, quantity in rows)

    def expired(
        self, through: date, limit: int, members: Sequence[UUID] | None = None
    ) -> tuple[tuple[UUID, tuple[Lot, ...]], ...]:
        if members is None:
            rows = self._connection.rows(
                "SELECT DISTINCT account FROM lot WHERE mall_id = :mall AND remaining > 0 AND expires_on <= :through "
                "ORDER BY account LIMIT :limit",
                mall=self._act.mall,
                through=through,
                limit=limit,
            )
            members = [member for (member,) in rows]
        found = []
        for member in members:
            account = self.lock(member)
            lots = tuple(lot for lot in account.lots if lot.expires_on <= through)
            if lots:
                found.append((member, lots))
        return tuple(found)

    def unexpire(self, member: UUID, points: int, *, on: date) -> int:
        account, returned = self.lock(member), 0
        for source, line, taken in expired_since(self._connection, self._act.mall, member, on):
            part = min(points - returned, taken)
            if part <= 0:
                break
            returned += part
            self._note_use(LotId(source, line), -part)
            self._connection.later(
                "UPDATE lot SET remaining = remaining + :points WHERE mall_id = :mall AND operation_id = :source "
                "AND line = :line",
                expect=1,
                mall=self._act.mall,
                source=source,
                line=line,
                points=part,
            )
        if returned:
            self._post(member, returned, "give_back", house_account("expired", self._act.desk), "expired")
            self._move(account, returned, owed=0)
        return returned

    def show(self, member: UUID) -> None:
        self.lock(member)
        self._connection.touch("account", str(member))

    def adjusted_today(self, actor: str) -> int:
        lock_person(self._connection, self._act.mall, actor)
        found = self._connection.row(
            "SELECT coalesce(sum(change), 0) FROM adjustment WHERE mall_id = :mall AND actor = :actor "
            "AND on_day = :today AND change > 0",
            mall=self._act.mall,
            actor=actor,
            today=self._act.business_day,
        )
        return int(found[0]) if found else 0

    # -- holds -------------------------------------------------------------------------------------------------------

    def open(self, member: UUID, points: int) -> None:
        self._connection.later(
            "INSERT INTO hold (mall_id, operation_id, account, points) VALUES (:mall, :operation, :member, :points)",
            mall=self._act.mall,
            operation=self._act.operation,
            member=member,
            points=points,
        )
        self._hold(member, points)

    def resolve(self, hold: UUID) -> tuple[UUID, int]:
        (found,) = self._connection.ask(about_hold(self._act.mall, hold))
        if not found:
            raise Refused("hold.unknown")
        member, points, resolved_by = found[0]
        if resolved_by is not None:
            raise Refused("hold.resolved")
        self._connection.later(
            "UPDATE hold SET resolved_by = :operation WHERE mall_id = :mall AND operation_id = :hold "
            "AND resolved_by IS NULL",
            expect=1,
            mall=self._act.mall,
            hold=hold,
            operation=self._act.operation,
        )
        self._hold(member, -points)
        return member, points

    def let_go(self, hold: UUID) -> None:
        with suppress(Refused):
            self.resolve(hold)

    def _hold(self, member: UUID, points: int) -> None:
        self._connection.touch("account", str(member))
        self._connection.later(
            "UPDATE account SET held = held + :points WHERE mall_id = :mall AND account = :member",
            expect=1,
            mall=self._act.mall,
            member=member,
            points=points,
        )
        self._will_be_asked(member)
        self._connection.foresee(about_holds(self._act.mall, member))

    def _about(self, member: UUID) -> tuple[Statement, Statement]:
        return about_account(self._act.mall, member, locked=self._connection.engine == "postgresql")

    def _will_be_asked(self, member: UUID) -> None:
        """How the account stands now: a hub tells its desks."""
        if self._act.is_fact:
            self._connection.foresee(*self._about(member))

    # -- writing -----------------------------------------------------------------------------------------------------

    def _post(self, member: UUID, points: int, kind: str, house: UUID, house_kind: str) -> int:
        """Both sides; the house account comes into being with its first entry. Returns the member's journal line."""
        self._connection.later(
            "INSERT INTO account (mall_id, account, kind, posted, held, owed) "
            "VALUES (:mall, :house, :kind, :opposite, 0, 0) "
            "ON CONFLICT (mall_id, account) DO UPDATE SET posted = account.posted + :opposite",
            mall=self._act.mall,
            house=house,
            kind=house_kind,
            opposite=-points,
        )
        return self._enter(member, points, kind, house)

    def _enter(self, member: UUID, points: int, kind: str, house: UUID) -> int:
        line = self._lines
        self._connection.later(
            "INSERT INTO journal (mall_id, operation_id, line, account, amount, kind, at) VALUES "
            "(:mall, :operation, :line, :member, :points, :kind, :at), "
            "(:mall, :operation, :house_line, :house, :opposite, :kind, :at)",
            mall=self._act.mall,
            operation=self._act.operation,
            line=line,
            member=member,
            points=points,
            kind=kind,
            at=self._act.at,
            house_line=line + 1,
            house=house,
            opposite=-points,
        )
        self._lines += 2
        return line

    def _add_lot(self, member: UUID, line: int, points: int, *, remaining: int, expires_on: date) -> LotId:
        self._connection.later(
            "INSERT INTO lot (mall_id, operation_id, line, account, earned_on, expires_on, quantity, remaining) "
            "VALUES (:mall, :operation, :line, :member, :earned_on, :expires_on, :points, :remaining)",
            mall=self._act.mall,
            operation=self._act.operation,
            line=line,
            member=member,
            earned_on=self._act.business_day,
            expires_on=expires_on,
            points=points,
            remaining=remaining,
        )
        return LotId(self._act.operation, line)

    def _move(self, account: Account, points: int, *, owed: int) -> None:
        """Guarded: the account still stands as it was when it was locked, so nothing can overdraw."""
        self._connection.touch("account", str(account.member))
        self._connection.later(
            "UPDATE account SET posted = posted + :points, owed = owed + :owed WHERE mall_id = :mall "
            "AND account = :member AND posted = :posted AND held = :held AND owed = :was_owed",
            expect=1,
            mall=self._act.mall,
            member=account.member,
            points=points,
            owed=owed,
            posted=account.posted,
            held=account.held,
            was_owed=account.owed,
        )
        self._will_be_asked(account.member)

    def _note_use(self, lot: LotId, quantity: int) -> None:
        self._connection.later(
            "INSERT INTO lot_use (mall_id, operation_id, source_id, source_line, quantity) "
            "VALUES (:mall, :operation, :source, :line, :quantity)",
            mall=self._act.mall,
            operation=self._act.operation,
            source=lot.source,
            line=lot.line,
            quantity=quantity,
        )

    def _note_adjustment(self, change: int) -> None:
        self._connection.later(
            "INSERT INTO adjustment (mall_id, operation_id, actor, on_day, change) "
            "VALUES (:mall, :operation, :actor, :on_day, :change)",
            mall=self._act.mall,
            operation=self._act.operation,
            actor=self._act.actor.staff,
            on_day=self._act.business_day,
            change=change,
        )
