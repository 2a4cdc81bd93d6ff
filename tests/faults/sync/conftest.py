"""One mall and its hub for the tests of a file: making them takes longer than any of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest


@pytest.fixture(scope="module")
def database(postgres_url: str, newest_schema: str) -> Iterator[str]:
    """As `fresh_postgres`, for a whole file."""
    server, name = postgres_url.replace("+psycopg", "", 1), f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template {newest_schema}".encode())
        yield postgres_url.replace("/postgres?", f"/{name}?", 1)
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sync")
