"""Finding a member as somebody types (RELIABILITY.md 5.1): one indexed query per kind of input, at most 20 rows."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from app.domain.masking import is_hanzi, masked_name, masked_phone
from app.domain.pinyin import typed_key
from app.queries.rows import Found, FoundMember
from db.connection import Connection
from db.repositories.members import characters

MOST_ROWS = 20
_LAST = "\U0010ffff"
_ROW = (
    "SELECT p.member, m.member_no, p.name, p.phone, m.tier, m.state, a.posted - a.held FROM {source} "
    "JOIN member m ON m.mall_id = p.mall_id AND m.member = p.member "
    "JOIN account a ON a.mall_id = p.mall_id AND a.account = p.member "
    "WHERE p.mall_id = :mall AND {where} {order} LIMIT 21"
)
_NAME_AND_TAIL = re.compile(r"(\D*?)\s*(\d{4})")

Raw = tuple[Any, ...]


def find_members(connection: Connection, mall: str, typed: str) -> Found:
    text = " ".join(typed.split())
    digits = re.sub(r"[\s-]", "", text)
    if digits.removeprefix("+").isdigit() and digits.isascii():
        return _by_digits(connection, mall, digits)
    with_tail = _NAME_AND_TAIL.fullmatch(text)
    if with_tail and with_tail[1] and all(is_hanzi(character) for character in with_tail[1]):
        return _found(_by_tail(connection, mall, with_tail[2], name=with_tail[1]), "phone_tail")
    if any(is_hanzi(character) for character in text):
        return _by_hanzi(connection, mall, text)
    if text:
        return _by_letters(connection, mall, text)
    return Found(())


def _by_digits(connection: Connection, mall: str, digits: str) -> Found:
    if len(digits) < 4:
        return Found((), hint="search.four_digits")
    rows: list[tuple[str, Raw]] = []
    if len(digits) == 16:
        rows += _with(
            "card",
            _query(
                connection,
                "card c JOIN person p ON p.mall_id = c.mall_id AND p.member = c.member",
                "c.number = :number",
                mall=mall,
                number=digits,
            ),
        )
    if len(digits) == 10:
        rows += _with("number", _query(connection, "person p", "m.member_no = :number", mall=mall, number=digits))
    if len(digits) >= 5:
        rows += _with(
            "phone",
            _query(
                connection,
                "person p",
                "p.phone >= :low AND p.phone < :high",
                "ORDER BY p.phone",
                mall=mall,
                low=digits,
                high=digits + "\x7f",
            ),
        )
    if 4 <= len(digits) <= 8:
        rows += _with("phone_tail", _by_tail(connection, mall, digits))
    return _ranked(rows)


def _by_tail(connection: Connection, mall: str, tail: str, name: str = "") -> list[Raw]:
    low = tail[::-1]
    return _query(
        connection,
        "person p",
        "p.phone_reversed >= :low AND p.phone_reversed < :high AND p.name >= :name AND p.name < :name_high",
        "ORDER BY p.phone_reversed",
        mall=mall,
        low=low,
        high=low + "\x7f",
        name=name,
        name_high=name + _LAST,
    )


def _by_hanzi(connection: Connection, mall: str, text: str) -> Found:
    kind = "surname" if len(text) == 1 else "name"
    rows = _with(
        kind,
        _query(
            connection,
            "person p",
            "p.name >= :low AND p.name < :high",
            "ORDER BY p.name",
            mall=mall,
            low=text,
            high=text + _LAST,
        ),
    )
    if len(text) > 1 and len(rows) <= MOST_ROWS:
        rows += _with("name", _anywhere(connection, mall, text))
    return _ranked(rows)


def _anywhere(connection: Connection, mall: str, text: str) -> list[Raw]:
    """Two or more Hanzi in a row, wherever they stand in the name."""
    if connection.engine == "sqlite":
        members = connection.rows(
            "SELECT member FROM name_index WHERE name_index MATCH :phrase AND mall_id = :mall LIMIT 42",
            mall=mall,
            phrase=f'"{characters(text)}"',
        )
        found: list[Raw] = []
        for (member,) in members:
            found += _query(connection, "person p", "p.member = :member", mall=mall, member=UUID(member))
        return found
    return _query(
        connection,
        "person p",
        "string_to_array(p.name, NULL) @> :characters AND strpos(p.name, :text) > 0",
        mall=mall,
        characters=[character for character in text if character != " "],
        text=text,
    )


def _by_letters(connection: Connection, mall: str, text: str) -> Found:
    key = typed_key(text)
    if len(key) < 2:
        return Found((), hint="search.two_letters")
    rows: list[tuple[str, Raw]] = []
    for kind, matched in (("i", "initials"), ("p", "pinyin")):
        rows += _with(
            matched,
            _query(
                connection,
                "search_key k JOIN person p ON p.mall_id = k.mall_id AND p.member = k.member",
                "k.mall_id = :mall AND k.kind = :kind AND k.key >= :low AND k.key < :high",
                "ORDER BY k.key",
                mall=mall,
                kind=kind,
                low=key,
                high=key + _LAST,
            ),
        )
    return _ranked(rows)


def _query(connection: Connection, source: str, where: str, order: str = "", **values: Any) -> list[Raw]:
    return connection.rows(_ROW.format(source=source, where=where, order=order), **values)


def _with(matched: str, rows: list[Raw]) -> list[tuple[str, Raw]]:
    return [(matched, row) for row in rows]


def _found(rows: list[Raw], matched: str) -> Found:
    return _ranked(_with(matched, rows))


def _ranked(rows: list[tuple[str, Raw]]) -> Found:
    """Each member once, in the order in which the queries ranked them; active members before closed ones."""
    unique: dict[UUID, FoundMember] = {}
    for matched, (member, member_no, name, phone, tier, state, points) in rows:
        if member not in unique:
            unique[member] = FoundMember(
                member, member_no, masked_name(name), masked_phone(phone), tier, state, max(0, int(points)), matched
            )
    ordered = sorted(unique.values(), key=lambda row: row.state != "active")
    return Found(tuple(ordered[:MOST_ROWS]), more=len(ordered) > MOST_ROWS)
