"""Bulk history. An import operation names the SHA-256 of its rows; what changes later stands in other columns, so that
the rows can be read back and the hash computed again (`verify` does).

A member row is (member, member_no, name, phone, birthday, gender, joined_on, tier, card, pin_verifier, key);
a sale row is (member, shop, slip_number, sold_at, sold_on, amount_fen, points). Personal data goes into the hash as a
digest under the member's own key, so that erasing a person leaves the hash as it was."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from app.domain.calendar import add_months
from app.domain.errors import Refused
from app.domain.ids import house_account
from app.domain.policy import Policy
from app.ports.storage import Act
from db.connection import Connection, Row
from db.repositories.members import characters, keys_of

MemberRow = tuple[UUID, str, str, str, date | None, str, date, str, str | None, str | None, bytes]
SaleRow = tuple[UUID, str, str, datetime, date, int, int]


def person_digest(key: bytes, name: str, phone: str, birthday: date | None, gender: str) -> bytes:
    return hmac.digest(key, f"{name}\x1f{phone}\x1f{birthday}\x1f{gender}".encode(), "sha256")


def members_hash(rows: Iterable[tuple[UUID, str, bytes, date, str, str | None]]) -> str:
    """Of (member, member_no, person_digest, joined_on, tier, card) in order."""
    digest = sha256(b"members/1\n")
    for member, member_no, person, joined_on, tier, card in rows:
        digest.update(f"{member.hex}\x1f{member_no}\x1f{person.hex()}\x1f{joined_on}\x1f{tier}\x1f{card}\n".encode())
    return digest.hexdigest()


def sales_hash(rows: Iterable[SaleRow]) -> str:
    digest = sha256(b"sales/1\n")
    for member, shop, slip_number, sold_at, sold_on, amount_fen, points in rows:
        micros = int(sold_at.timestamp() * 1_000_000)
        digest.update(
            f"{member.hex}\x1f{shop}\x1f{slip_number}\x1f{micros}\x1f{sold_on}\x1f{amount_fen}\x1f{points}\n".encode()
        )
    return digest.hexdigest()


def hash_of(kind: str, rows: Sequence[Any]) -> str:
    if kind == "members":
        return members_hash(
            (row[0], row[1], person_digest(row[10], row[2], row[3], row[4], row[5]), row[6], row[7], row[8])
            for row in rows
        )
    return sales_hash(rows)


_expires = lru_cache(maxsize=4096)(add_months)


class SqlImports:
    def __init__(self, connection: Connection, act: Act, policy: Policy, rows: Sequence[Any] | None) -> None:
        self._connection = connection
        self._act = act
        self._policy = policy
        self._rows = rows

    def load(self, kind: str, rows: int, sha256: str) -> None:
        if self._rows is None or len(self._rows) != rows or hash_of(kind, self._rows) != sha256:
            raise Refused("import.hash_differs")
        self._connection.later(
            "INSERT INTO import_batch (mall_id, operation_id, kind, rows, sha256) "
            "VALUES (:mall, :operation, :kind, :rows, :sha256)",
            mall=self._act.mall,
            operation=self._act.operation,
            kind=kind,
            rows=rows,
            sha256=sha256,
        )
        if kind == "members":
            self._load_members(self._rows)
        else:
            self._load_sales(self._rows)

    def _load_members(self, rows: Sequence[MemberRow]) -> None:
        mall, operation, at = self._act.mall, self._act.operation, self._act.at
        insert = self._insert
        members: list[Row] = []
        people: list[Row] = []
        accounts: list[Row] = []
        cards: list[Row] = []
        keys: list[Row] = []
        found_by: list[Row] = []
        index: list[Row] = []
        for line, row in enumerate(rows):
            member, member_no, name, phone, birthday, gender, joined_on, tier, card, pin_verifier, key = row
            digest = person_digest(key, name, phone, birthday, gender)
            members.append(
                (mall, member, member_no, "active", tier, joined_on, True, tier, card, digest)
                + (pin_verifier, 0, None, False, operation, line)
            )
            people.append((mall, member, name, phone, phone[::-1], birthday, gender))
            accounts.append((mall, member, "member", 0, 0, 0))
            keys.append((mall, member, key))
            if card is not None:
                cards.append((mall, card, member, "physical", "issued", at))
            found_by.extend((mall, kind, text, member) for kind, text in keys_of(name))
            index.append((characters(name), mall, member.hex))
        insert(
            "member",
            "mall_id, member, member_no, state, tier, joined_on, adult_confirmed, first_tier, first_card, "
            "person_digest, pin_verifier, pin_failures, pin_locked_until, pin_disabled, operation_id, line",
            members,
        )
        insert("person", "mall_id, member, name, phone, phone_reversed, birthday, gender", people)
        insert("account", "mall_id, account, kind, posted, held, owed", accounts)
        insert("subject_key", "mall_id, subject, key", keys)
        insert("card", "mall_id, number, member, kind, state, since", cards)
        insert("search_key", "mall_id, kind, key, member", found_by)
        if self._connection.engine == "sqlite":
            insert("name_index", "characters, mall_id, member", index)

    def _load_sales(self, rows: Sequence[SaleRow]) -> None:
        mall, operation = self._act.mall, self._act.operation
        months = self._policy.points_live_months
        sales: list[Row] = []
        journal: list[Row] = []
        lots: list[Row] = []
        earned: dict[UUID, int] = {}
        for line, (member, shop, slip_number, sold_at, sold_on, amount_fen, points) in enumerate(rows):
            sales.append(
                (mall, shop, sold_on, slip_number, member, sold_at, amount_fen, points, False, operation, line)
            )
            if points:
                journal.append((mall, operation, line, member, points, "earn", sold_at))
                lots.append((mall, operation, line, member, sold_on, _expires(sold_on, months), points, points))
                earned[member] = earned.get(member, 0) + points
        total = sum(earned.values())
        house = house_account("issued", self._act.desk)
        self._connection.run(
            "INSERT INTO account (mall_id, account, kind, posted, held, owed) VALUES (:mall, :house, 'issued', 0, 0, 0) "
            "ON CONFLICT (mall_id, account) DO NOTHING",
            mall=mall,
            house=house,
        )
        self._insert(
            "sale",
            "mall_id, shop, sold_on, slip_number, member, sold_at, amount_fen, points, taken_back, operation_id, line",
            sales,
        )
        if total:
            journal.append((mall, operation, len(rows), house, -total, "earn", self._act.at))
            earned[house] = -total
        self._insert("journal", "mall_id, operation_id, line, account, amount, kind, at", journal)
        self._insert("lot", "mall_id, operation_id, line, account, earned_on, expires_on, quantity, remaining", lots)
        mark = "?" if self._connection.engine == "sqlite" else "%s"
        self._connection.many_raw(
            f"UPDATE account SET posted = posted + {mark} WHERE mall_id = {mark} AND account = {mark}",
            [(points, mall, member) for member, points in earned.items()],
        )

    def _insert(self, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.insert_many(table, columns, rows)
