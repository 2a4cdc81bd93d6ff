"""The schema can be distributed by mall: what Citus asks of tables, asked of the migrated PostgreSQL's own catalogue.

Citus is not packaged where these tests run, so its rules are written down here, from its documentation ("Creating and
Modifying Distributed Objects", "Distributing Data") and, for triggers, from its pull requests 3858 and 5705:

- the distribution column is in every primary key, unique constraint, unique index and exclusion constraint;
- a foreign key joins distributed tables only where both sides hold the distribution column, at the same place, and it
  never sets it to NULL or a default; it may be deferred from the start;
- sequences are handed out per node: identity and serial columns have gaps and no order, and integer ones overflow;
- triggers are refused unless `citus.enable_unsafe_triggers` is on; then they act on the shard, so they may touch only
  rows that are there too.

docs/adr/0014-one-cell-per-mall.md says what of it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import psycopg
import pytest

from db.store import Store
from tests.support.stores import a_database

Catalogue: TypeAlias = psycopg.Connection[tuple[Any, ...]]

COLUMN = "mall_id"
UNDISTRIBUTED = {"alembic_version"}  # one row, read when a program starts; stays on the coordinator

# What a trigger's function may do, by its name. A new one is put where it belongs after it has been read.
TOUCHES_ITS_ROW_ALONE = {"append_only"}
READS_TABLES_OF_THE_SAME_MALL = {"operation_balances", "journal_is_closed", "operation_in_feed"}

_TABLES = """SELECT c.oid, c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p')
AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname"""

_COLUMN = """SELECT a.attnotnull, format_type(a.atttypid, a.atttypmod), coalesce(l.collname, '') FROM pg_attribute a
LEFT JOIN pg_collation l ON l.oid = a.attcollation WHERE a.attrelid = %s AND a.attname = %s"""

_KEYS = """SELECT i.indexrelid::regclass::text, i.indisprimary, x.contype = 'x',
array(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(number, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place)
FROM pg_index i LEFT JOIN pg_constraint x ON x.conindid = i.indexrelid AND x.contype = 'x'
WHERE i.indrelid = %s AND (i.indisunique OR i.indisexclusion)"""

_REFERENCES = """SELECT c.conname, c.confrelid::regclass::text, c.confdeltype, c.confupdtype,
array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place),
array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
      JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place)
FROM pg_constraint c WHERE c.conrelid = %s AND c.contype = 'f'"""

_NUMBERED = """SELECT a.attname FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%%nextval(%%')"""

_TRIGGERS = """SELECT t.tgname, p.proname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = %s AND NOT t.tgisinternal"""


def breaches(connection: Catalogue) -> set[str]:
    """Everything for which Citus would refuse a table, or keep a promise less."""
    tables = {name: oid for oid, name in connection.execute(_TABLES).fetchall() if name not in UNDISTRIBUTED}
    found, kinds = set[str](), set[tuple[Any, ...]]()
    for table, oid in tables.items():
        column = connection.execute(_COLUMN, (oid, COLUMN)).fetchone()
        if column is None:
            found.add(f"{table} has no {COLUMN}")
            continue
        if not column[0]:
            found.add(f"{table}.{COLUMN} may be NULL")
        kinds.add(column[1:])
        keys = connection.execute(_KEYS, (oid,)).fetchall()
        if not any(is_primary for _, is_primary, *_ in keys):
            found.add(f"{table} has no primary key")
        for name, _, excludes, columns in keys:
            if COLUMN not in columns:
                found.add(f"{'exclusion' if excludes else 'key'} {name} is without {COLUMN}")
        for name, other, on_delete, on_update, here, there in connection.execute(_REFERENCES, (oid,)):
            if other not in tables:
                found.add(f"{name} leaves the distributed tables")
            if COLUMN not in here or COLUMN not in there or here.index(COLUMN) != there.index(COLUMN):
                found.add(f"{name} is not co-located")
            if {on_delete, on_update} & {"n", "d"}:
                found.add(f"{name} would clear {COLUMN}")
        for (numbered,) in connection.execute(_NUMBERED, (oid,)):
            found.add(f"{table}.{numbered} is numbered by a sequence")
        for name, function, source in connection.execute(_TRIGGERS, (oid,)):
            if function in READS_TABLES_OF_THE_SAME_MALL:
                if COLUMN not in source:
                    found.add(f"{function} reads other malls")
            elif function not in TOUCHES_ITS_ROW_ALONE:
                found.add(f"trigger {name} does nobody knows what")
            elif "FROM" in source.upper():
                found.add(f"{function} reads tables")
    if len(kinds) > 1:
        found.add(f"{COLUMN} is of several kinds")  # such tables cannot be co-located
    return found


@pytest.fixture(scope="module")
def migrated(postgres_url: str) -> str:
    url = a_database(postgres_url)
    Store.open(url, None).close()
    return url.replace("+psycopg", "", 1)


@pytest.fixture
def connection(migrated: str) -> Iterator[Catalogue]:
    """Within a transaction that is taken back."""
    with psycopg.connect(migrated) as opened:
        yield opened
        opened.rollback()


def test_the_schema_can_be_distributed_by_mall(connection: Catalogue) -> None:
    assert breaches(connection) == set()


_WRONG = {
    "a has no mall_id": "CREATE TABLE a (id int PRIMARY KEY)",
    "a has no primary key": "CREATE TABLE a (mall_id varchar)",
    "a.mall_id may be NULL": "CREATE TABLE a (mall_id varchar)",
    "key a_pkey is without mall_id": "CREATE TABLE a (mall_id varchar, x int PRIMARY KEY)",
    "key one_phone is without mall_id": "CREATE UNIQUE INDEX one_phone ON person (phone)",
    "key one_name is without mall_id": "CREATE UNIQUE INDEX one_name ON person (lower(name))",
    "key included is without mall_id": "CREATE UNIQUE INDEX included ON person (phone) INCLUDE (mall_id)",
    "exclusion apart is without mall_id": """CREATE TABLE a (mall_id varchar PRIMARY KEY, r int4range,
        CONSTRAINT apart EXCLUDE USING gist (r WITH &&))""",
    "a_v_fkey is not co-located": "CREATE TABLE a (mall_id varchar PRIMARY KEY, v int REFERENCES alone)",
    "twisted is not co-located": """CREATE TABLE a (mall_id varchar PRIMARY KEY, other varchar,
        CONSTRAINT twisted FOREIGN KEY (other, mall_id) REFERENCES gift (mall_id, gift))""",
    "clearing would clear mall_id": """CREATE TABLE a (mall_id varchar PRIMARY KEY, gift varchar,
        CONSTRAINT clearing FOREIGN KEY (mall_id, gift) REFERENCES gift ON DELETE SET NULL)""",
    "a.n is numbered by a sequence": "CREATE TABLE a (mall_id varchar PRIMARY KEY, n bigserial)",
    "a.i is numbered by a sequence": "CREATE TABLE a (mall_id varchar PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY)",
    "mall_id is of several kinds": "CREATE TABLE a (mall_id uuid PRIMARY KEY)",
    "trigger surprise does nobody knows what": """CREATE FUNCTION elsewhere() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN DELETE FROM gift; RETURN NULL; END';
        CREATE TRIGGER surprise AFTER INSERT ON sale EXECUTE FUNCTION elsewhere()""",
}


@pytest.mark.parametrize("breach", _WRONG)
def test_what_could_not_be_is_named(connection: Catalogue, breach: str) -> None:
    connection.execute("CREATE TABLE alone (v int PRIMARY KEY)")
    connection.execute(_WRONG[breach].encode())
    assert breach in breaches(connection)
