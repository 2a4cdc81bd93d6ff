"""The states that a feed row and a snapshot carry (`app.sync.images` says what each holds)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.sync.images import (
    PLAIN_TABLES,
    AccountImage,
    CardImage,
    HoldImage,
    LeaseImage,
    LotImage,
    MemberImage,
    RedemptionImage,
    RedemptionLineImage,
    StockImage,
    TaskImage,
    as_key,
    keyed,
)
from app.sync.protocol import Image, to_json
from db.connection import Connection, Row, Statement
from db.hub.shares import newest_share
from db.repositories.points import about_account, about_holds
from db.repositories.sales import about_sale
from db.repositories.stock import about_stock

_REDEMPTION = "SELECT member, desk, points, at FROM redemption WHERE mall_id = :mall AND operation_id = :operation"
_REDEMPTION_LINES = (
    "SELECT line, gift, quantity, points, handed_out_by, taken_by FROM redemption_line "
    "WHERE mall_id = :mall AND operation_id = :operation ORDER BY line"
)


class Images:
    def __init__(self, connection: Connection, mall: str, search_key: bytes, *, locked: bool = False) -> None:
        """`locked`: in a transaction that has locked, or written, what it asks for."""
        self._connection = connection
        self._locked = locked
        self._mall = mall
        self._search_key = search_key
        self.accounts: dict[UUID, AccountImage] = {}  # as the row that is being written says them

    def of(self, touched: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """As they stand now, in the order in which they were touched."""
        self.foresee(touched)
        for of, key in touched:
            if of == "account" and UUID(key) not in self.accounts and (image := self.account(UUID(key))) is not None:
                self.accounts[UUID(key)] = image  # of this row, not of the newest that told a share
        return [to_json(self.image(of, key)) for of, key in touched]

    def foresee(self, touched: Sequence[tuple[str, str]]) -> None:
        """They will be asked for."""
        self._connection.foresee(*(question for of, key in touched for question in self._questions(of, key)))

    def image(self, of: str, key: str) -> Image:
        if of in PLAIN_TABLES:
            return Image(of, key, self._plain(of, key))
        if of == "card":
            return Image(of, as_key(keyed(self._search_key, "card", key)), self._card(key))
        states: dict[str, Callable[[str], Any]] = {
            "account": lambda key: self.accounts.get(UUID(key)) or self.account_with_share(UUID(key)),
            "member": lambda key: self.member(UUID(key)),
            "lease": self._lease,
            "stock": self._stock,
            "redemption": lambda key: self.redemption(UUID(key)),
            "reversal": self._reversal,
            "sale": self._sale,
            "task": self._task,
        }
        state = states[of](key)
        return Image(of, key, state if state is None or isinstance(state, dict) else to_json(state))

    def _row(self, sql: str, **values: Any) -> Row | None:
        return self._connection.row(sql, mall=self._mall, **values)

    def _questions(self, of: str, key: str) -> tuple[Statement, ...]:
        """Of what most operations touch: asked together, they are one round trip."""
        if of == "account":
            return about_account(self._mall, UUID(key), locked=self._locked)
        if of == "redemption":
            named = {"mall": self._mall, "operation": UUID(key)}
            return Statement(_REDEMPTION, named), Statement(_REDEMPTION_LINES, named)
        if of == "stock":
            desk, _, gift = key.partition(" ")
            return (about_stock(self._mall, desk, gift),)
        if of == "sale":
            shop, sold_on, slip_number = _sale_key(key)
            return (about_sale(self._mall, shop, slip_number, sold_on),)
        return ()

    def account_with_share(self, member: UUID) -> AccountImage | None:
        """What the newest row of the feed told the desks of it."""
        image, told = self.account(member), newest_share(self._connection, self._mall, member)
        if image is None or told is None:
            return image
        share, licence, shared_on = told
        return replace(image, share=share, licence=licence, shared_on=shared_on)

    def account(self, member: UUID) -> AccountImage | None:
        found, lots = self._connection.ask(*self._questions("account", str(member)))
        if not found:
            return None
        posted, held, owed = found[0]
        taken = tuple(
            LotImage(source, line, earned_on, expires_on, quantity, remaining)
            for source, line, expires_on, quantity, remaining, earned_on in sorted(lots, key=lambda lot: lot[:2])
        )
        return AccountImage(posted, held, owed, taken, self._holds(member) if held else ())

    def _holds(self, member: UUID) -> tuple[HoldImage, ...]:
        (rows,) = self._connection.ask(about_holds(self._mall, member))
        return tuple(HoldImage(*row) for row in rows)

    def member(self, member: UUID) -> MemberImage | None:
        found = self._row(
            "SELECT m.member_no, m.state, m.tier, m.joined_on, p.phone FROM member m LEFT JOIN person p "
            "ON p.mall_id = m.mall_id AND p.member = m.member WHERE m.mall_id = :mall AND m.member = :member",
            member=member,
        )
        if found is None:
            return None
        member_no, state, tier, joined_on, phone = found
        return MemberImage(member_no, state, tier, joined_on, self.phone_key(phone))

    def phone_key(self, phone: str | None) -> str | None:
        return as_key(keyed(self._search_key, "phone", phone)) if phone is not None else None

    def _card(self, number: str) -> dict[str, Any] | None:
        found = self._row(
            "SELECT member, kind, state, issue, since FROM card WHERE mall_id = :mall AND number = :number",
            number=number,
        )
        if found is None:
            return None
        member, kind, state, issue, since = found
        return to_json(CardImage(member, kind, state, issue, _milliseconds(since)))

    def _lease(self, key: str) -> LeaseImage | None:
        found = self._row(
            "SELECT desk, member, points, remaining, until, ended_by FROM lease WHERE mall_id = :mall "
            "AND lease = :lease",
            lease=UUID(key),
        )
        if found is None:
            return None
        desk, member, points, remaining, until, ended_by = found
        return LeaseImage(desk, member, points, remaining, _milliseconds(until), ended_by)

    def _stock(self, key: str) -> StockImage | None:
        (found,) = self._connection.ask(*self._questions("stock", key))
        return StockImage(*found[0]) if found else None

    def redemption(self, operation: UUID) -> RedemptionImage | None:
        found, lines = self._connection.ask(*self._questions("redemption", str(operation)))
        if not found:
            return None
        member, desk, points, at = found[0]
        taken = tuple(RedemptionLineImage(*line) for line in lines)
        return RedemptionImage(member, desk, points, _milliseconds(at), taken)

    def _reversal(self, reverses: str) -> dict[str, Any] | None:
        found = self._row(
            "SELECT operation_id FROM reversal WHERE mall_id = :mall AND reverses = :reverses", reverses=UUID(reverses)
        )
        return {"operation": str(found[0])} if found else None

    def _sale(self, key: str) -> dict[str, Any] | None:
        (found,) = self._connection.ask(*self._questions("sale", key))
        return {"operation": str(found[0][0]), "taken_back": found[0][1]} if found else None

    def _task(self, key: str) -> TaskImage | None:
        operation, _, code = key.partition(" ")
        found = self._row(
            "SELECT desk, code, state, raised_at, verb, member, owner, facts, closed_by, closed_at, outcome "
            "FROM exception_task "
            "WHERE mall_id = :mall AND operation_id = :operation AND code = :code",
            operation=UUID(operation),
            code=code,
        )
        if found is None:
            return None
        desk, code, state, raised_at, verb, member, owner, facts, closed_by, closed_at, outcome = found
        return TaskImage(
            *(desk, code, state, _milliseconds(raised_at), verb, member, owner, json.loads(facts)),
            closed_by=closed_by,
            closed_ms=_milliseconds(closed_at) if closed_at is not None else None,
            outcome=outcome,
        )

    def _plain(self, table: str, key: str) -> dict[str, Any] | None:
        keys, columns = PLAIN_TABLES[table]
        where = "".join(f" AND {name} = :key" for name in keys)
        typed: Any = int(key) if table == "card_batch" else UUID(key) if table == "approval_card" else key
        found = self._row(
            f"SELECT {', '.join(columns)} FROM {table} WHERE mall_id = :mall{where}", **({"key": typed} if keys else {})
        )
        return {name: plain(value) for name, value in zip(columns, found, strict=True)} if found else None


def _sale_key(key: str) -> tuple[str, date, str]:
    """A shop's code may hold a blank; day and slip number do not."""
    shop, sold_on, slip_number = key.rsplit(" ", 2)
    return shop, date.fromisoformat(sold_on), slip_number


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def plain(value: Any) -> Any:
    """A column as JSON: days as ISO dates, instants as Unix milliseconds, bytes as base64, ids as text."""
    if isinstance(value, datetime):
        return _milliseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return as_key(bytes(value))
    return str(value) if isinstance(value, UUID) else value
