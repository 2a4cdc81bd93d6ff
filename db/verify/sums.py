"""The books added up, in the tables as they stand (RELIABILITY.md I1 to I11; the replay has the rest)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

from app.domain.card import card_serial
from app.domain.errors import Refused
from db.connection import Connection
from db.repositories.cards import card_secrets
from db.repositories.members import characters
from db.verify.report import Report


@dataclass(frozen=True)
class Sum:
    """`sql` finds the rows for which the rule does not hold: (where, what stands, what should)."""

    code: str
    sql: str


SUMS = (
    Sum(  # I1
        "verify.entry_unbalanced",
        "SELECT operation_id, sum(amount), 0 FROM journal WHERE mall_id = :mall GROUP BY operation_id "
        "HAVING sum(amount) <> 0",
    ),
    Sum(  # I2
        "verify.books_unbalanced",
        "SELECT 'account', sum(posted), 0 FROM account WHERE mall_id = :mall HAVING sum(posted) <> 0",
    ),
    Sum(  # I3
        "verify.balance",
        "SELECT a.account, a.posted, coalesce(j.total, 0) FROM account a LEFT JOIN (SELECT account, "
        "sum(amount) AS total FROM journal WHERE mall_id = :mall GROUP BY account) j ON j.account = a.account "
        "WHERE a.mall_id = :mall AND a.posted <> coalesce(j.total, 0)",
    ),
    Sum(
        "verify.entry_without_account",
        "SELECT j.operation_id, j.amount, 0 FROM journal j LEFT JOIN account a ON a.mall_id = j.mall_id "
        "AND a.account = j.account WHERE j.mall_id = :mall AND a.account IS NULL",
    ),
    Sum(  # I4
        "verify.balance_of_lots",
        "SELECT a.account, a.posted, coalesce(l.total, 0) - a.owed FROM account a LEFT JOIN (SELECT account, "
        "sum(remaining) AS total FROM lot WHERE mall_id = :mall GROUP BY account) l ON l.account = a.account "
        "WHERE a.mall_id = :mall AND a.kind = 'member' AND a.posted <> coalesce(l.total, 0) - a.owed",
    ),
    Sum(  # I5
        "verify.lot",
        "SELECT l.operation_id, l.quantity, l.remaining + coalesce(u.total, 0) FROM lot l LEFT JOIN (SELECT source_id, "
        "source_line, sum(quantity) AS total FROM lot_use WHERE mall_id = :mall GROUP BY source_id, source_line) u "
        "ON u.source_id = l.operation_id AND u.source_line = l.line "
        "WHERE l.mall_id = :mall AND l.quantity <> l.remaining + coalesce(u.total, 0)",
    ),
    Sum(
        "verify.lot_without_entry",
        "SELECT l.operation_id, l.quantity, coalesce(j.amount, 0) FROM lot l LEFT JOIN journal j "
        "ON j.mall_id = l.mall_id AND j.operation_id = l.operation_id AND j.line = l.line AND j.account = l.account "
        "WHERE l.mall_id = :mall AND (j.amount IS NULL OR j.amount <> l.quantity)",
    ),
    Sum(
        "verify.held",
        "SELECT a.account, a.held, coalesce(h.total, 0) FROM account a LEFT JOIN (SELECT account, sum(points) AS total "
        "FROM (SELECT account, points FROM hold WHERE mall_id = :mall AND resolved_by IS NULL "
        "UNION ALL SELECT member, remaining FROM lease WHERE mall_id = :mall) s GROUP BY account) h "
        "ON h.account = a.account "
        "WHERE a.mall_id = :mall AND a.held <> coalesce(h.total, 0)",
    ),
    Sum(  # I7: the member's part of a reversal is the opposite of what it reverses, but for what expired with it
        "verify.reversal",
        "SELECT r.operation_id, r.undone, -r.done FROM (SELECT v.operation_id AS operation_id, "
        "coalesce((SELECT sum(j.amount) FROM journal j JOIN account a ON a.mall_id = j.mall_id "
        "AND a.account = j.account WHERE j.mall_id = v.mall_id AND j.operation_id = v.operation_id "
        "AND a.kind = 'member' AND j.kind <> 'expire'), 0) AS undone, "
        "coalesce((SELECT sum(j.amount) FROM journal j JOIN account a ON a.mall_id = j.mall_id "
        "AND a.account = j.account WHERE j.mall_id = v.mall_id AND j.operation_id = v.reverses "
        "AND a.kind = 'member'), 0) AS done "
        "FROM reversal v WHERE v.mall_id = :mall) r WHERE r.undone <> -r.done",
    ),
    Sum(
        "verify.reversal_of_nothing",
        "SELECT v.operation_id, 0, 0 FROM reversal v LEFT JOIN operation o ON o.mall_id = v.mall_id "
        "AND o.operation_id = v.reverses LEFT JOIN operation r ON r.mall_id = v.mall_id "
        "AND r.operation_id = v.operation_id AND r.verb = 'reverse' "
        "WHERE v.mall_id = :mall AND (o.operation_id IS NULL OR r.operation_id IS NULL)",
    ),
    *(
        Sum(  # I9
            "verify.stock",
            f"SELECT s.desk || ' ' || s.gift || ' {column}', s.{column}, coalesce(m.total, 0) FROM stock s "
            f"LEFT JOIN (SELECT desk, gift, sum({column}) AS total FROM stock_move WHERE mall_id = :mall "
            "GROUP BY desk, gift) m ON m.desk = s.desk AND m.gift = s.gift "
            f"WHERE s.mall_id = :mall AND (s.{column} <> coalesce(m.total, 0) OR s.{column} < 0)",
        )
        for column in ("on_hand", "reserved")
    ),
    Sum(
        "verify.stock_missing",
        "SELECT m.desk || ' ' || m.gift, 0, sum(m.on_hand) FROM stock_move m LEFT JOIN stock s "
        "ON s.mall_id = m.mall_id AND s.desk = m.desk AND s.gift = m.gift WHERE m.mall_id = :mall "
        "AND s.gift IS NULL GROUP BY m.desk, m.gift",
    ),
    Sum(
        "verify.reserved",
        "SELECT s.desk || ' ' || s.gift, s.reserved, coalesce(w.total, 0) FROM stock s LEFT JOIN "
        "(SELECT r.desk AS desk, l.gift AS gift, sum(l.quantity) AS total FROM redemption r JOIN redemption_line l "
        "ON l.mall_id = r.mall_id AND l.operation_id = r.operation_id LEFT JOIN reversal v ON v.mall_id = r.mall_id "
        "AND v.reverses = r.operation_id WHERE r.mall_id = :mall AND v.reverses IS NULL AND l.handed_out_by IS NULL "
        "GROUP BY r.desk, l.gift) w ON w.desk = s.desk AND w.gift = s.gift "
        "WHERE s.mall_id = :mall AND s.reserved <> coalesce(w.total, 0)",
    ),
    Sum(
        "verify.redemption",
        "SELECT r.operation_id, r.points, coalesce(l.total, 0) FROM redemption r LEFT JOIN (SELECT operation_id, "
        "sum(points) AS total FROM redemption_line WHERE mall_id = :mall GROUP BY operation_id) l "
        "ON l.operation_id = r.operation_id WHERE r.mall_id = :mall AND r.points <> coalesce(l.total, 0)",
    ),
    Sum(
        "verify.redemption_entry",
        "SELECT r.operation_id, r.points, coalesce(-j.amount, 0) FROM redemption r LEFT JOIN journal j "
        "ON j.mall_id = r.mall_id AND j.operation_id = r.operation_id AND j.account = r.member "
        "WHERE r.mall_id = :mall AND r.points <> coalesce(-j.amount, 0)",
    ),
    Sum(
        "verify.sale_entry",
        "SELECT s.operation_id, s.points, coalesce(j.amount, 0) FROM sale s LEFT JOIN journal j "
        "ON j.mall_id = s.mall_id AND j.operation_id = s.operation_id AND j.line = s.line AND j.account = s.member "
        "WHERE s.mall_id = :mall AND s.points <> coalesce(j.amount, 0)",
    ),
    *(
        Sum(
            "verify.row_without_operation",
            f"SELECT t.operation_id, '{table}', 0 FROM {table} t LEFT JOIN operation o ON o.mall_id = t.mall_id "
            "AND o.operation_id = t.operation_id WHERE t.mall_id = :mall AND o.operation_id IS NULL",
        )
        for table in (
            *("journal", "lot", "lot_use", "hold", "stock_move", "redemption", "sale", "member", "reveal"),
            *("card_void", "card_alert"),
        )
    ),
    Sum(  # I15
        "verify.approved_by_oneself",
        "SELECT operation_id, approver, 0 FROM operation WHERE mall_id = :mall AND approver = actor",
    ),
)


def check_sums(connection: Connection, mall: str, report: Report) -> None:
    for number, rule in enumerate(SUMS):
        report.tick("sums", number, len(SUMS))
        for where, stands, should in connection.stream(rule.sql, mall=mall):
            report.add(rule.code, where=str(where), stands=_plain(stands), should=_plain(should))
    _check_cards(connection, mall, report)
    _check_names(connection, mall, report)
    report.tick("sums", len(SUMS), len(SUMS))


def _plain(value: object) -> int | str:
    """PostgreSQL's sums are decimals."""
    return value if isinstance(value, str) else int(str(value))


def _check_cards(connection: Connection, mall: str, report: Report) -> None:
    """I10: every number is of this mall, from exactly one batch, and no batch overlaps another."""
    batches = connection.rows(
        "SELECT first_serial, count FROM card_batch WHERE mall_id = :mall ORDER BY first_serial", mall=mall
    )
    for (first, count), (later, _) in pairwise(batches):
        if first + count > later:
            report.add("verify.card_batches", first=first, later=later)
    try:
        prefix, key = card_secrets(connection, mall)
    except Refused:
        report.add("verify.card_key")
        return
    for (number,) in connection.stream("SELECT number FROM card WHERE mall_id = :mall", mall=mall):
        try:
            serial = card_serial(number, prefix, key)
        except Refused as refused:
            report.add("verify.card", card=f"•••• {number[-4:]}", why=refused.code)
            continue
        if not any(first <= serial < first + count for first, count in batches):
            report.add("verify.card", card=f"•••• {number[-4:]}", why="card.not_in_stock")


def _check_names(connection: Connection, mall: str, report: Report) -> None:
    """Everybody is found by the characters of their name, and nobody who is no longer there. PostgreSQL's index is one
    of `person` itself."""
    if connection.engine != "sqlite":
        return
    people = connection.stream("SELECT member, name FROM person WHERE mall_id = :mall", mall=mall)
    should, wanted = _added_up((member.hex, characters(name)) for member, name in people)
    stands, found = _added_up(
        connection.stream("SELECT member, characters FROM name_index WHERE mall_id = :mall", mall=mall)
    )
    if found != wanted:
        report.add("verify.name_index", stands=stands, should=should)


def _added_up(rows: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """How many, and the sum of their digests: the order does not matter, and nothing has to be kept."""
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(blake2b(" ".join(row).encode(), digest_size=16).digest())
    return count, total
