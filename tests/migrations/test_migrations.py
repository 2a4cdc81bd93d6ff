"""Migrations go up and down, with data, on both engines, and end equal to the models (ARCHITECTURE.md 4.10)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.domain.desk_kind import DeskKind
from app.domain.errors import Unavailable
from app.domain.offline_rules import OfflineRules
from app.operations.set_offline_rules import SetOfflineRules
from db import schema
from db.hub.transactions import read_desk
from db.models import metadata
from db.store import Store
from db.verify import verify
from tests.contract.store.test_verify import bring_history
from tests.support import migrated
from tests.support.hub import a_hub
from tests.support.mall import Mall
from tests.support.stores import KEY, raw_engine

MIGRATIONS = Path(schema.__file__).parent / "migrations"


def test_the_program_knows_every_migration() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert scripts.get_current_head() == schema.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(schema.KNOWN)


def migrate(url: str, target: str) -> None:
    with raw_engine(url).connect() as connection:
        schema.migrate(connection, target)
        connection.commit()


def tables(url: str) -> set[str]:
    with raw_engine(url).connect() as connection:
        return set(sqlalchemy.inspect(connection).get_table_names()) - {"alembic_version"}


def differences(url: str) -> list[object]:
    """Between the models and what the migrations made. Our own types compare unequal to what an engine tells of them
    (SQLite tells UUID as NUMERIC); their columns are compared by name, nullability and key all the same."""

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith("name_index"))

    with raw_engine(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": False, "include_name": is_ours, "target_metadata": metadata}
        )
        found = compare_metadata(context, metadata)
    return [each for each in found if "ix_person_characters" not in str(each)]  # made for PostgreSQL alone


def test_other_tests_have_the_schema_that_the_migrations_make(tmp_path: Path) -> None:
    def made_by(make: Callable[[sqlalchemy.Connection], None], name: str) -> list[Any]:
        url = f"sqlite:///{tmp_path / name}"
        with raw_engine(url).connect() as connection:
            make(connection)
            schemas = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
            there = list(connection.exec_driver_sql(schemas))
            counts = [
                (name, *connection.exec_driver_sql(f'SELECT * FROM "{name}" LIMIT 9'))
                for kind, name, *_ in there
                if kind == "table"
            ]
            return [there, counts]

    assert made_by(migrated.migrate, "once.db") == made_by(schema.migrate, "anew.db")


def test_the_migrations_end_equal_to_the_models(own_url: str) -> None:
    migrate(own_url, "head")
    assert differences(own_url) == []
    assert tables(own_url) >= set(metadata.tables)


def test_up_down_and_up_again(own_url: str) -> None:
    migrate(own_url, "head")
    before = tables(own_url)
    migrate(own_url, "base")
    assert tables(own_url) == set()
    migrate(own_url, "head")
    assert tables(own_url) == before
    assert differences(own_url) == []


def test_down_and_up_again_with_data_leaves_a_store_that_works(own_url: str) -> None:
    store = Store.open(own_url, KEY, create=True)
    Mall(store).member(500)
    store.close()
    migrate(own_url, "base")
    store = Store.open(own_url, KEY)
    mall = Mall(store)
    mall.do(mall.redemption(mall.member(500)))
    assert verify(store, mall.name) == []
    store.close()


def test_cards_and_batches_that_were_there_before_card_stock(own_url: str) -> None:
    """Their serials, and the days of batches, are worked out again as operations would have written them."""
    store = Store.open(own_url, KEY, create=True)
    mall = Mall(store)
    bring_history(mall)
    mall.member(500)
    store.close()
    migrate(own_url, "0001")
    migrate(own_url, "head")
    mall.store = Store.open(own_url, KEY)
    assert verify(mall.store, mall.name) == []
    assert mall.one("SELECT count(*) FROM card WHERE mall_id = :mall AND serial > 0") == (4,)
    mall.store.close()


def test_offline_rules_of_before_there_were_kiosks(own_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure that they did not say stands among the settings as applying them again writes it."""
    store = Store.open(own_url, KEY, create=True)
    mall = Mall(store)
    with monkeypatch.context() as before:
        before.setattr(SetOfflineRules, "version", 1)
        mall.authority().submit_as_system(SetOfflineRules(rules=OfflineRules(per_redemption=700)))
    store.close()
    migrate(own_url, "0016")
    migrate(own_url, "head")
    mall.store = Store.open(own_url, KEY)
    assert verify(mall.store, mall.name) == []
    assert mall.one("SELECT value FROM setting WHERE mall_id = :mall AND name LIKE '%kiosk%'") == ("200",)
    mall.clock.advance(timedelta(minutes=1))
    mall.authority_on(mall.store, "D1").submit_as_system(SetOfflineRules(rules=OfflineRules(kiosk_per_redemption=350)))
    mall.store.close()

    migrate(own_url, "0016")
    migrate(own_url, "head")
    mall.store = Store.open(own_url, KEY)
    assert verify(mall.store, mall.name) == [], "also when it was set since, and an older program was there in between"
    assert mall.one("SELECT value FROM setting WHERE mall_id = :mall AND name LIKE '%kiosk%'") == ("350",)
    mall.store.close()


def test_a_desk_is_what_its_code_said_also_after_an_older_program(fresh_postgres: str) -> None:
    with a_hub(fresh_postgres) as mall:
        mall.hub_desk("K1")
        mall.hub_desk("K2", DeskKind.KIOSK)
        mall.till("T1")
        mall.code("K2", 12, DeskKind.COUNTER)  # nobody has used it
    migrate(fresh_postgres, "0016")
    migrate(fresh_postgres, "head")
    store = Store.open(fresh_postgres, None)
    kinds = store.read(lambda connection: {desk: read_desk(connection, mall.name, desk) for desk in ("K1", "K2", "T1")})
    store.close()
    assert {desk: found.kind for desk, found in kinds.items() if found} == {
        "K1": DeskKind.COUNTER,
        "K2": DeskKind.KIOSK,
        "T1": DeskKind.TILL,
    }


def test_a_migration_that_fails_leaves_the_store_as_it_was(own_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(connection: sqlalchemy.Connection, target: str = "head") -> None:
        connection.execute(sqlalchemy.text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("the power went")

    monkeypatch.setattr(schema, "migrate", half)
    with pytest.raises(RuntimeError):
        Store.open(own_url, KEY, create=True)
    assert tables(own_url) == set()


@pytest.mark.parametrize("end", ["ROLLBACK", "gone"])
def test_what_stopped_a_migration_is_told_also_where_nothing_can_be_rolled_back(
    own_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    def stopped(connection: sqlalchemy.Connection, target: str = "head") -> None:
        if end == "gone":
            connection.connection.dbapi_connection.close()  # type: ignore[union-attr]
        else:  # as SQLite does where the disk is full
            connection.exec_driver_sql("ROLLBACK")
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(schema, "migrate", stopped)
    with pytest.raises(RuntimeError, match="disk is full"):
        Store.open(own_url, KEY, create=True)
    assert caplog.text == ""
    assert tables(own_url) == set()


def test_of_several_hubs_that_start_a_new_program_at_once_one_migrates(
    empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(empty_postgres, None, create=True).close()
    migrate(empty_postgres, "0012")
    both = threading.Barrier(2)
    looked: list[str] = []
    version_of = schema.version_of

    def look(connection: sqlalchemy.Connection) -> str | None:
        found = version_of(connection)
        if len(looked) < 2:  # both see that there is something to do before either does it
            looked.append(str(found))
            both.wait()
        return found

    monkeypatch.setattr(schema, "version_of", look)
    with ThreadPoolExecutor(2) as pool:
        for opened in [pool.submit(Store.open, empty_postgres, None) for _ in range(2)]:
            opened.result().close()
    assert looked == ["0012", "0012"]
    assert differences(empty_postgres) == []


def test_a_migration_lets_pass_who_was_at_work_and_is_done_again(
    empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(empty_postgres, None, create=True).close()
    migrate(empty_postgres, "0012")
    tries = []

    def in_the_way(connection: sqlalchemy.Connection, target: str = "head") -> None:
        tries.append(target)
        if len(tries) == 1:
            raise sqlalchemy.exc.DBAPIError("ALTER TABLE", None, psycopg.errors.DeadlockDetected())
        really(connection, target)

    really = schema.migrate
    monkeypatch.setattr(schema, "migrate", in_the_way)
    Store.open(empty_postgres, None).close()
    assert len(tries) == 2
    assert differences(empty_postgres) == []


def test_whoever_reads_much_and_is_in_the_way_of_a_migration_is_told_to_come_back(empty_postgres: str) -> None:
    store = Store.open(empty_postgres, None, create=True)
    with pytest.raises(Unavailable, match=r"store\.busy"), store.snapshot():
        raise psycopg.errors.DeadlockDetected
    store.close()


def test_every_key_begins_with_the_mall(own_url: str) -> None:
    """So that the same schema can be distributed by mall."""
    migrate(own_url, "head")
    with raw_engine(own_url).connect() as connection:
        looking = sqlalchemy.inspect(connection)
        for table in metadata.tables:
            assert looking.get_pk_constraint(table)["constrained_columns"][0] == "mall_id", table
            for unique in looking.get_unique_constraints(table):
                assert unique["column_names"][0] == "mall_id", (table, unique)
