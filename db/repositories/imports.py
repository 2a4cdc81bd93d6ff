"""Storing bulk history (see `app.sync.imports`). What changes later stands in other columns than what was imported, so
that the rows can be read back and the hash computed again (`verify` does)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from app.domain.calendar import add_months
from app.domain.card import card_serial
from app.domain.errors import Refused
from app.domain.ids import house_account
from app.domain.policy import Policy
from app.ports.storage import Act
from app.sync.imports import MemberRow, SaleRow, hash_of, person_digest
from db.connection import Connection, Row
from db.repositories.cards import card_secrets
from db.repositories.members import characters, keys_of

_expires = lru_cache(maxsize=4096)(add_months)


class SqlImports:
    def __init__(self, connection: Connection, act: Act, policy: Policy, rows: Sequence[Any] | None) -> None:
        self._connection = connection
        self._act = act
        self._policy = policy
        self._rows = rows
        self._card_secrets: tuple[str, bytes] | None = None

    def load(self, kind: str, rows: int, sha256: str) -> None:
        if self._rows is None or not self._are_those(kind, self._rows, rows, sha256):
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

    def _are_those(self, kind: str, rows: Sequence[Any], count: int, sha256: str) -> bool:
        return len(rows) == count and hash_of(kind, rows) == sha256

    def _digest(self, line: int, row: MemberRow) -> bytes:
        return person_digest(row)

    def _card_serial(self, number: str) -> int:
        """0 where it is no number of this mall's; `verify` says so."""
        if self._card_secrets is None:
            self._card_secrets = card_secrets(self._connection, self._act.mall)
        try:
            return card_serial(number, *self._card_secrets)
        except Refused:
            return 0

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
            digest = self._digest(line, row)
            members.append(
                (
                    *(mall, member, member_no, "active", tier, joined_on, True, tier, card, digest),
                    *(pin_verifier, 0, None, False, operation, line),
                )
            )
            people.append((mall, member, name, phone, phone[::-1], birthday, gender))
            accounts.append((mall, member, "member", 0, 0, 0))
            keys.append((mall, member, key))
            if card is not None:
                cards.append((mall, card, member, "physical", "issued", at, self._card_serial(card)))
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
        insert("card", "mall_id, number, member, kind, state, since, serial", cards)
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
            "INSERT INTO account (mall_id, account, kind, posted, held, owed) "
            "VALUES (:mall, :house, 'issued', 0, 0, 0) ON CONFLICT (mall_id, account) DO NOTHING",
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
