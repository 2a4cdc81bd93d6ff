"""A million members for a hub in a minute or two.

What `hub_ground.found_mall` makes are true operations, signed and chained: half an hour of them for a million members.
A desk's first copy reads only the rows that operations leave behind. Here such rows are written as they are, with
values that follow from each member's number. No operation stands behind them, so that `verify` would not have them;
whatever only reads finds members, people, accounts, lots, journal and cards as in a mall of that size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

from app.composition.bench.figures import Say
from app.composition.bench.ground import SEED
from app.demo import load, mall
from db.engines import connector

_PHONE = "100"  # as no telephone number begins: nobody's, and none that `app.demo` gives out
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_TABLES = ["member", "person", "subject_key", "account", "journal", "lot", "card"]
_INDEXES = (
    "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique"
)
_STAGED = (
    "CREATE TEMP TABLE crowd (line integer, member uuid, member_no text, phone text, card text, points bigint) "
    "ON COMMIT DROP"
)
_ROWS = {
    "members": """
        INSERT INTO member (mall_id, member, member_no, state, tier, joined_on, adult_confirmed, pin_failures,
            pin_disabled, operation_id, line)
        SELECT %(mall)s, member, member_no, 'active',
            (ARRAY['bronze', 'bronze', 'bronze', 'silver', 'gold'])[1 + line %% 5],
            %(today)s, true, 0, false, %(import)s, line
        FROM crowd ORDER BY line""",
    "people": """
        INSERT INTO person (mall_id, member, name, phone, phone_reversed, gender)
        SELECT %(mall)s, member,
            (ARRAY['王', '李', '张', '刘', '陈', '杨', '黄'])[1 + line %% 7]
            || (ARRAY['伟', '芳', '敏', '静', '强', '磊', '洋', '艳', '勇'])[1 + line %% 9]
            || (ARRAY['', '杰', '娟', '涛', '明'])[1 + line / 63 %% 5],
            phone, reverse(phone), ''
        FROM crowd ORDER BY line""",
    "keys": """
        INSERT INTO subject_key (mall_id, subject, key)
        SELECT %(mall)s, member, sha256(convert_to(phone, 'UTF8')) FROM crowd ORDER BY line""",
    "accounts": """
        INSERT INTO account (mall_id, account, kind, posted, held, owed)
        SELECT %(mall)s, member, 'member', points, 0, 0 FROM crowd ORDER BY line""",
    "journal": """
        INSERT INTO journal (mall_id, operation_id, line, account, amount, kind, at)
        SELECT %(mall)s, %(import)s, line, member, points, 'earn', now() FROM crowd ORDER BY line""",
    "lots": """
        INSERT INTO lot (mall_id, operation_id, line, account, earned_on, expires_on, quantity, remaining)
        SELECT %(mall)s, %(import)s, line, member, %(today)s, %(today)s + 300, points, points FROM crowd ORDER BY line
        """,
    "cards": """
        INSERT INTO card (mall_id, number, member, kind, state, since)
        SELECT %(mall)s, card, member, 'physical', 'issued', now() FROM crowd ORDER BY line""",
    # What the members have was given out by the mall: the sum over all accounts stays zero.
    "the mall's side": """
        WITH house AS (
            UPDATE account SET posted = posted - (SELECT sum(points) FROM crowd)
            WHERE mall_id = %(mall)s AND kind = 'issued' RETURNING account)
        INSERT INTO journal (mall_id, operation_id, line, account, amount, kind, at)
        SELECT %(mall)s, %(import)s, -1, account, -(SELECT sum(points) FROM crowd), 'earn', now() FROM house""",
}


def card_of(index: int) -> str:
    """What stands on the card of member `index`: no number of the mall's own, since permuting a serial takes 50 µs."""
    return _ended(f"{mall.CARD_PREFIX}{index:011d}")


def phone_of(index: int) -> str:
    return f"{_PHONE}{index:08d}"


def add_crowd(url: str, mall_id: str, first: int, count: int, say: Say) -> None:
    """Members number `first` to `first + count - 1` (from 0) of a mall on PostgreSQL that one desk has founded and that
    has no hub yet, as its server's administrator."""
    with closing(connector(url, None)()) as raw, raw.transaction(), raw.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL session_replication_role = replica")  # keys and guards are not looked at row by row
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        say(f"mall {mall_id}: {count:,} more members")
        cursor.execute(_STAGED)
        with cursor.copy("COPY crowd FROM STDIN") as copy:
            for row in _staged(first, count):
                copy.write_row(row)
        cursor.execute("SELECT operation_id FROM import_batch WHERE mall_id = %s AND kind = 'sales' LIMIT 1", [mall_id])
        (operation,) = cursor.fetchone()
        indexes = cursor.execute(_INDEXES, (_TABLES,)).fetchall()
        for name, _ in indexes:  # made anew, each is sorted once
            cursor.execute(f"DROP INDEX {name}")
        values = {"mall": mall_id, "import": operation, "today": datetime.now(UTC).date()}
        for what, sql in _ROWS.items():
            say(f"mall {mall_id}: {count:,} more members, {what}")
            cursor.execute(sql, values)
        say(f"mall {mall_id}: {count:,} more members, indexes")
        for _, sql in indexes:
            cursor.execute(sql)


def _staged(first: int, count: int) -> Iterator[tuple[object, ...]]:
    for index in range(first, first + count):
        # The operation that brought in the first ones has 10,000 lines at most; these stand behind them.
        line, member_no = 20_000 + index, _ended(f"{index + 1:09d}")
        yield line, load.member_id(SEED, index), member_no, phone_of(index), card_of(index), 500 + index % 1_000


def _ended(digits: str) -> str:
    """With Luhn's check digit."""
    backwards = digits.encode()[::-1]
    total = sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2]) - len(digits) * ord("0")
    return f"{digits}{-total % 10}"
