"""Opening the two engines, with the settings that durability and safety ask for (RELIABILITY.md 5 and 7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from app.domain.errors import Unavailable
from db.connection import Engine
from db.types import teach_sqlite

# SQLite 3.7.0 to 3.51.2 can corrupt a database when a WAL is reset at the wrong moment.
SAFE_SQLITE = (3, 51, 3)
KEY_BYTES = 32


def engine_kind(url: str) -> Engine:
    """Raises Unavailable("store.bad_url") for anything that is neither a SQLite file nor PostgreSQL."""
    try:
        name = make_url(url).get_backend_name()
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise Unavailable("store.bad_url") from None
    if name not in ("sqlite", "postgresql"):
        raise Unavailable("store.bad_url")
    return "sqlite" if name == "sqlite" else "postgresql"


def sqlite_file(url: str) -> Path:
    database = make_url(url).database
    if not database or database == ":memory:":
        raise Unavailable("store.bad_url")
    return Path(database)


def without_password(url: str) -> tuple[str, str | None]:
    """The URL as it may stand in a settings file, and the password for the key store (None where there is none)."""
    if engine_kind(url) == "sqlite":
        return url, None
    parsed = make_url(url)
    plain = URL.create(
        parsed.drivername, parsed.username, None, parsed.host, parsed.port, parsed.database, parsed.query
    )  # `set(password=None)` would leave it as it is
    return plain.render_as_string(hide_password=False), parsed.password


def with_password(url: str, password: str) -> str:
    return make_url(url).set(password=password).render_as_string(hide_password=False)


def open_engine(url: str, key: bytes | None, *, durable: bool = True) -> sqlalchemy.Engine:
    """An engine that makes ready connections. `durable=False` is only for scratch copies that nobody was promised."""
    if engine_kind(url) == "sqlite":
        return _open_sqlite(sqlite_file(url), key, durable=durable)
    return _open_postgres(make_url(url))


def _open_sqlite(file: Path, key: bytes | None, *, durable: bool) -> sqlalchemy.Engine:
    version = tuple(int(part) for part in sqlcipher.sqlite_version.split("."))
    if version < SAFE_SQLITE:
        raise Unavailable("store.sqlite_too_old", version=sqlcipher.sqlite_version)
    if key is None or len(key) != KEY_BYTES:
        raise Unavailable("store.no_key", file=file.name)
    teach_sqlite()
    engine = sqlalchemy.create_engine(
        URL.create("sqlite", database=str(file)),
        module=sqlcipher,
        poolclass=NullPool,
        connect_args={"detect_types": sqlcipher.PARSE_DECLTYPES, "isolation_level": None, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")  # first of all: before it nothing can be read
        cursor.execute("PRAGMA journal_mode = WAL")
        # NORMAL loses acknowledged commits when the power goes (989 of 1,200 simulated cuts; FULL: none).
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.execute("PRAGMA cache_size = -32000")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()

    return engine


def _open_postgres(url: URL) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",  # transactions are begun by `db.connection`
        connect_args={
            "connect_timeout": 5,
            "options": "-c timezone=UTC -c statement_timeout=15s -c lock_timeout=3s"
            " -c idle_in_transaction_session_timeout=10s",
        },
    )
