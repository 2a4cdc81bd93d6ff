"""Fixtures: an empty store on each engine. A test has a mall of its own in it, so tests share the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy

from db.store import Store
from tests.support.mall import Mall

KEY = bytes(range(32))


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    file = tmp_path_factory.mktemp("store") / "shared.db"
    store = Store.open(f"sqlite:///{file}", KEY, durable=False, create=True)
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str, newest_schema: str) -> Iterator[Store]:
    store = Store.open(a_database(postgres_url, newest_schema), None)
    yield store
    store.close()


def a_database(postgres_url: str, template: str = "template1") -> str:
    """The address of a new database like `template` (which is empty) that lasts as long as the server."""
    name = f"shared_{uuid4().hex}"
    with psycopg.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}".encode())
    return postgres_url.replace("/postgres?", f"/{name}?", 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Both engines, one after the other."""
    shared: Store = request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "postgres_store")
    return shared


@pytest.fixture
def mall(store: Store) -> Mall:
    return Mall(store)


@pytest.fixture(params=["sqlite", "postgresql"])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that no other test sees: a file not made yet, a database with the newest schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'own.db'}"
    url: str = request.getfixturevalue("fresh_postgres")
    return url


@pytest.fixture
def own_store(own_url: str) -> Iterator[Store]:
    """For what would disturb others: damage, guards taken away, schemas."""
    store = Store.open(own_url, KEY, durable=False, create=True)
    yield store
    store.close()


def raw_engine(url: str) -> sqlalchemy.Engine:
    """Connections as an intruder with the key would have them."""
    from db.engines import open_engine

    return open_engine(url, KEY, durable=False)
