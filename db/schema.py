"""Bringing a store's schema to this program's version, or refusing one that is newer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import Unavailable
from db.connection import Connection, Engine

if TYPE_CHECKING:
    import sqlalchemy

HEAD = "0022"  # the newest migration; a test keeps it equal to Alembic's own idea
KNOWN = tuple(f"{number:04}" for number in range(1, int(HEAD) + 1))


def version_of(connection: sqlalchemy.Connection) -> str | None:
    """None: there is no schema yet."""
    return version_on(Connection(connection.connection.dbapi_connection, _engine(connection)))


def version_on(connection: Connection) -> str | None:
    """The same on a connection of ours."""
    there = (
        "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if connection.engine == "sqlite"
        else "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"
    )
    if not connection.row(there):
        return None
    found = connection.row("SELECT version_num FROM alembic_version")
    return found[0] if found else None


def _engine(connection: sqlalchemy.Connection) -> Engine:
    return "sqlite" if connection.dialect.name == "sqlite" else "postgresql"


def is_current(version: str | None) -> bool:
    """Raises Unavailable("store.newer") where a later program has changed the store."""
    if version is not None and version not in KNOWN:
        raise Unavailable("store.newer", version=version, known=HEAD)
    return version == HEAD


def migrate(connection: sqlalchemy.Connection, target: str = "head") -> None:
    """Up to `target`, or down to it. On SQLite in one transaction; on PostgreSQL likewise."""
    # Imported here: a store that is current, which is every start but one, need not wait for Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    current = version_of(connection)
    if target != "head" and current is not None and (target == "base" or target < current):
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)
