"""Opening the two engines, with the settings that durability and safety ask for (RELIABILITY.md 5 and 7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlcipher3.dbapi2 as sqlcipher

from app.domain.errors import Unavailable
from db.connection import Engine
from db.conversions import teach_sqlite

# SQLAlchemy and psycopg take longer to import than all the rest of a desk on SQLite, which needs neither to start
# (docs/adr/0003): they are imported where they are used.
if TYPE_CHECKING:
    import sqlalchemy

Connect: TypeAlias = Callable[[], Any]

# SQLite 3.7.0 to 3.51.2 can corrupt a database when a WAL is reset at the wrong moment.
SAFE_SQLITE = (3, 51, 3)
KEY_BYTES = 32
CACHE_PAGES = -32_000  # as SQLite counts it: negative, in KiB


def engine_kind(url: str) -> Engine:
    """Raises Unavailable("store.bad_url") for anything that is neither a SQLite file nor PostgreSQL."""
    scheme, separator, _ = url.partition("://")
    backend = scheme.partition("+")[0]
    if not separator or backend not in ("sqlite", "postgresql"):
        raise Unavailable("store.bad_url")
    if backend == "sqlite":
        return "sqlite"
    _parsed(url)
    return "postgresql"


def sqlite_file(url: str) -> Path:
    """Of "sqlite:///relative" or "sqlite:////absolute"."""
    host, _, database = url.partition("://")[2].partition("/")
    if host or not database or database == ":memory:":
        raise Unavailable("store.bad_url")
    return Path(database)


_SEVERAL = re.compile(r"(?P<before>[^:/?#]+://(?:[^/?#]*@)?)(?P<servers>[^/?#@]*,[^/?#@]*)(?P<after>(?:[/?].*)?)")


def _parsed(url: str) -> sqlalchemy.URL:
    """Also where it names the servers of a cluster as libpq does, `…@one:5432,two:5432/memberdesk`: what comes of it
    has them in its query, where SQLAlchemy leaves them alone."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    several = _SEVERAL.fullmatch(url)
    try:
        if several is None:
            return make_url(url)
        servers = [_host_and_port(server) for server in several["servers"].split(",")]
        return make_url(several["before"] + several["after"]).update_query_dict(
            {"host": ",".join(host for host, _ in servers), "port": ",".join(port for _, port in servers)}
        )
    except (ArgumentError, ValueError):
        raise Unavailable("store.bad_url") from None


def _host_and_port(server: str) -> tuple[str, str]:
    """Raises ValueError."""
    if server.startswith("["):  # IPv6
        host, _, rest = server[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = server.partition(":")
    if not host or (port and not port.isdecimal()):
        raise ValueError(server)
    return host, port or "5432"


def without_password(url: str) -> tuple[str, str | None]:
    """The URL as it may stand in a settings file, and the password for the key store (None where there is none)."""
    if engine_kind(url) == "sqlite":
        return url, None
    from sqlalchemy import URL

    parsed = _parsed(url)
    query = {name: value for name, value in parsed.query.items() if name != "password"}
    in_query = parsed.query.get("password")
    plain = URL.create(
        parsed.drivername, parsed.username, None, parsed.host, parsed.port, parsed.database, query
    )  # `set(password=None)` would leave it as it is
    return plain.render_as_string(hide_password=False), parsed.password or (str(in_query) if in_query else None)


def with_password(url: str, password: str) -> str:
    return _parsed(url).set(password=password).render_as_string(hide_password=False)


def connector(url: str, key: bytes | None, *, durable: bool = True, mall: str = "", whole: bool = True) -> Connect:
    """What makes ready connections of the bare driver. `durable=False` is only for scratch copies that nobody was
    promised, `whole=False` for a desk's thin copy, whose rows lead to others that only its hub holds; `mall` is the one
    that a PostgreSQL connection works for (see `db.roles`)."""
    if engine_kind(url) == "sqlite":
        return _sqlite_connector(sqlite_file(url), key, durable=durable, whole=whole)
    return partial(_connect_postgres, url, mall)


def open_engine(url: str, key: bytes | None, *, durable: bool = True) -> sqlalchemy.Engine:
    """The same connections for SQLAlchemy, which migrations and models speak; on SQLite references are not checked,
    because a table that is made anew is away for a moment."""
    import sqlalchemy

    connect = connector(url, key, durable=durable)
    if engine_kind(url) == "sqlite":

        def connect_unchecked() -> Any:
            raw = connect()
            raw.execute("PRAGMA foreign_keys = OFF")
            return raw

        return sqlalchemy.create_engine(
            "sqlite://", module=sqlcipher, creator=connect_unchecked, poolclass=sqlalchemy.pool.NullPool
        )
    return sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=connect,
        poolclass=sqlalchemy.pool.NullPool,
        isolation_level="AUTOCOMMIT",  # transactions are begun by `db.connection`
    )


def _sqlite_connector(file: Path, key: bytes | None, *, durable: bool, whole: bool) -> Connect:
    version = tuple(int(part) for part in sqlcipher.sqlite_version.split("."))
    if version < SAFE_SQLITE:
        raise Unavailable("store.sqlite_too_old", version=sqlcipher.sqlite_version)
    if key is None or len(key) != KEY_BYTES:
        raise Unavailable("store.no_key", file=file.name)
    teach_sqlite()
    return partial(_connect_sqlite, file, key, durable=durable, whole=whole)


def _connect_sqlite(file: Path, key: bytes, *, durable: bool, whole: bool) -> Any:
    raw = sqlcipher.connect(
        str(file),
        detect_types=sqlcipher.PARSE_DECLTYPES,
        isolation_level=None,
        cached_statements=512,
    )
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is told as a sentence, not on stderr
        cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")  # first of all: before it nothing can be read
        cursor.execute("PRAGMA journal_mode = WAL")
        # NORMAL loses acknowledged commits when the power goes (989 of 1,200 simulated cuts; FULL: none).
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        # 16 MiB instead of 4: pages that every operation writes are copied back less often (docs/adr/0003).
        cursor.execute("PRAGMA wal_autocheckpoint = 4000")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if whole else 'OFF'}")
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.execute(f"PRAGMA cache_size = {CACHE_PAGES}")
        if not whole:  # what a desk holds no longer must not be readable in its file (RELIABILITY.md 0.10)
            cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()
    except BaseException:
        raw.close()
        raise
    return raw


def _connect_postgres(url: str, mall: str = "") -> Any:
    import psycopg

    from db.roles import MALL_SETTING

    # Backslash and blank are what separates options; a mall's code may hold either.
    named = mall.replace("\\", "\\\\").replace(" ", "\\ ")
    parsed = _parsed(url)
    if "," in str(parsed.query.get("host", "")):
        # Of several servers one takes changes, and after a failover another.
        parsed = parsed.update_query_dict({"target_session_attrs": "read-write", **parsed.query})
    return psycopg.connect(
        parsed.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,  # transactions are begun by `db.connection`
        connect_timeout=5,
        # A server that has gone without a word is noticed, instead of being waited for.
        keepalives_idle=5,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=20_000,
        options="-c timezone=UTC -c statement_timeout=15s -c lock_timeout=3s"
        " -c idle_in_transaction_session_timeout=10s" + (f" -c {MALL_SETTING}={named}" if mall else ""),
    )
