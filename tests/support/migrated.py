"""The newest schema of a SQLite store without its migrations, which take longer than most tests."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy

from db import schema
from db.engines import KEY_BYTES, open_engine

_ALL_MIGRATIONS = schema.migrate


def migrate(connection: sqlalchemy.Connection, target: str = "head") -> None:
    """What `db.schema.migrate` does; but to an empty SQLite store it does what the migrations have come to."""
    if target != "head" or connection.dialect.name != "sqlite" or schema.version_of(connection) is not None:
        _ALL_MIGRATIONS(connection, target)
        return
    for statement in _what_they_come_to(schema.__file__, schema.HEAD):
        connection.exec_driver_sql(statement)


@cache
def _what_they_come_to(_program: str, head: str) -> tuple[str, ...]:
    """`_program`: a test may have another one, with later migrations."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'schema.db'}", os.urandom(KEY_BYTES), durable=False)
        with engine.connect() as connection:
            _ALL_MIGRATIONS(connection)
            made = connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master"
                # Those of a virtual table come with it, those of a key with its table, and SQLite's own by themselves.
                " WHERE name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')"
                " AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                " ORDER BY type = 'table' DESC, rowid"
            ).scalars()
            return (*made, f"INSERT INTO alembic_version VALUES ('{head}')")
