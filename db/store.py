"""The store of one process: one thread that writes, one that reads, and what can go wrong when a store is opened.

SQLite has one writer, so all writes of this process go through one thread (others hand it their work and wait for the
answer); reads have a connection of their own and never wait for a write."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from app.domain.errors import Unavailable
from app.ports.threads import off_gui_thread
from db import failures, schema
from db.backup import back_up, newest_of
from db.connection import Connection, Engine
from db.engines import CACHE_PAGES, Connect, connector, engine_kind, open_engine, sqlite_file
from db.failures import translated
from db.lock import only_one_process

if TYPE_CHECKING:
    import sqlalchemy

T = TypeVar("T")

RETRIES = 5  # of a transaction that PostgreSQL asked to repeat (RELIABILITY.md 7)


class Store:
    """`open` it once per process. Not for the GUI thread: every call waits for the database."""

    def __init__(self, connect: Connect, kind: Engine, lock: IO[str] | None, file: Path | None) -> None:
        self.kind: Engine = kind
        self.file = file
        self._lock = lock
        self._connect = connect
        self._writer = _Worker("store-writer", connect, kind)
        self._reader = _Worker("store-reader", connect, kind)
        self._closed = False

    @classmethod
    def open(
        cls,
        url: str,
        key: bytes | None,
        *,
        durable: bool = True,
        create: bool = False,
        mall: str = "",
        whole: bool = True,
    ) -> Store:
        """`mall`: the only one wanted of a PostgreSQL database with several.

        Raises Unavailable: store.missing, store.in_use, store.broken, store.newer, store.no_key, store.unreachable …

        A file that cannot be read is left exactly as it is. `whole=False`: see `connector`."""
        kind = engine_kind(url)
        file, lock = None, None
        if kind == "sqlite":
            file = sqlite_file(url)
            if not create and not file.exists():
                raise Unavailable("store.missing", file=str(file))
            if not create and file.stat().st_size == 0:  # to SQLite that is an empty database; to us, a lost one
                raise Unavailable("store.broken", file=str(file), backup=newest_of(file))
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
            except OSError:
                raise Unavailable("store.no_rights", file=str(file)) from None
            lock = only_one_process(file)
        try:
            connect = connector(url, key, durable=durable, mall=mall, whole=whole)
            with translated(file):
                if not _is_current(connect, kind):
                    engine = open_engine(url, key, durable=durable)
                    bring_up_to_date(engine, kind, before=lambda: _backup_first(file, key))
        except BaseException:
            if lock is not None:
                lock.close()
            raise
        return cls(connect, kind, lock, file)

    def write(self, work: Callable[[Connection], T], *, keep: bool = True) -> T:
        """Run `work` in one transaction on the writing thread; it is durable when this returns, or taken back unless
        `keep`."""

        def transaction(connection: Connection) -> T:
            connection.begin()
            try:
                result = work(connection)
                if keep:
                    connection.commit()
                else:
                    connection.take_back()
            except BaseException:
                connection.rollback()
                raise
            return result

        return self._on(self._writer, transaction)

    def read(self, work: Callable[[Connection], T]) -> T:
        return self._on(self._reader, work)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """The store as it stands now, for the calling thread, for as long as it takes: what is written meanwhile is not
        seen, and nobody waits."""
        off_gui_thread("database")
        with translated(self.file), closing(self._connect()) as raw:
            cursor = raw.cursor()
            if self.kind == "sqlite":
                cursor.execute("BEGIN")
                cursor.execute("SELECT count(*) FROM sqlite_master")  # the snapshot begins with the first read
            else:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection = Connection(raw, self.kind, patient=True)
            try:
                yield connection
            except Exception as problem:
                if failures.may_be_repeated(
                    problem
                ):  # a migration wanted the same tables; only the caller can repeat it
                    raise Unavailable("store.busy") from problem
                raise
            # Closing ends the transaction, also where the server is gone: nothing was written to be taken back.

    @contextmanager
    def roomy(self) -> Iterator[None]:
        """A local store keeps what is written meanwhile in memory until it is committed, up to 256 MiB."""
        if self.file is None:
            yield
            return
        self._on(self._writer, lambda connection: connection.run("PRAGMA cache_size = -262144"))
        try:
            yield
        finally:
            self._on(self._writer, lambda connection: connection.run(f"PRAGMA cache_size = {CACHE_PAGES}"))
            self._on(self._writer, lambda connection: connection.rows("PRAGMA shrink_memory"))

    def overwrite_deleted(self) -> None:
        """What was deleted from a local store stands in its WAL no more. Where somebody reads at this moment, the next
        call does it."""
        if self.file is not None:
            self._on(self._writer, lambda connection: connection.rows("PRAGMA wal_checkpoint(TRUNCATE)"))

    def check(self) -> None:
        """Read every page of a local store, without holding anybody up. Raises Unavailable("store.broken")."""
        if self.file is None:
            return
        with self.snapshot() as connection:
            if connection.rows("PRAGMA quick_check(1)") != [("ok",)]:
                raise Unavailable("store.broken", file=str(self.file), backup=newest_of(self.file))

    def close(self) -> None:
        """Also twice. Whoever asks afterwards is told Unavailable("store.closed")."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        self._reader.close()
        if self._lock is not None:
            self._lock.close()

    def _on(self, worker: _Worker, work: Callable[[Connection], T]) -> T:
        off_gui_thread("database")
        if self._closed:
            raise Unavailable("store.closed")
        for attempt in range(1, RETRIES + 1):
            try:
                with translated(self.file):
                    return worker.run(work)
            except Exception as problem:
                if self._closed:
                    raise Unavailable("store.closed") from None
                if not failures.may_be_repeated(problem):
                    raise
                if attempt == RETRIES and failures.is_same_at_once(problem):
                    raise  # nobody else's doing: a bug
                time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - jitter, no secret
        raise Unavailable("store.busy")


class _Worker:
    """A thread with a connection of its own."""

    def __init__(self, name: str, connect: Connect, kind: Engine) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._connect = connect
        self._kind: Engine = kind
        self._raw: Any = None
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], T]) -> T:
        return self._thread.submit(self._run, work).result()

    def _run(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._raw = self._connect()
            self._connection = Connection(self._raw, self._kind)
        try:
            return work(self._connection)
        except BaseException as problem:
            # The server is gone, or no longer the one that takes changes: the next call connects anew.
            if getattr(self._raw, "closed", False) or failures.is_elsewhere(problem):
                self._drop()
            raise

    def _drop(self) -> None:
        if self._raw is not None:
            self._raw.close()
        self._raw = self._connection = None

    def close(self) -> None:
        self._thread.submit(self._drop).result()
        self._thread.shutdown()


def _is_current(connect: Connect, kind: Engine) -> bool:
    """Asked of the bare driver, so that SQLAlchemy and Alembic are only waited for where there is work for them."""
    with closing(connect()) as raw:
        return schema.is_current(schema.version_on(Connection(raw, kind)))


def _backup_first(file: Path | None, key: bytes | None) -> None:
    """A change of schema can go wrong in ways that nobody thought of."""
    if file is not None and key is not None:
        back_up(file, key)


_MIGRATING = int.from_bytes(sha256(b"memberdesk migrates").digest()[:8], signed=True)  # an advisory lock


def bring_up_to_date(engine: sqlalchemy.Engine, kind: Engine, before: Callable[[], None] | None = None) -> None:
    """`before` is called when there is a schema that is about to change."""
    for attempt in range(1, RETRIES + 1):
        try:
            _migrate(engine, kind, before)
            return
        except Exception as problem:  # somebody was at work on the same tables, and had to be let pass
            if attempt == RETRIES or not failures.may_be_repeated(getattr(problem, "orig", problem)):
                raise
            time.sleep(random.uniform(0.05, 0.5) * attempt)  # noqa: S311 - jitter, no secret


def _migrate(engine: sqlalchemy.Engine, kind: Engine, before: Callable[[], None] | None) -> None:
    with engine.connect() as connection:
        version = schema.version_of(connection)
        if schema.is_current(version):
            return
        if version is not None and before is not None:
            before()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if kind == "sqlite" else "BEGIN")
        try:
            if kind == "postgresql":  # several hubs of a new program start at once: the others find it done
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
                if version is not None:  # whoever writes begins there: they have all ended, nobody begins anew
                    connection.exec_driver_sql("LOCK TABLE desk IN ACCESS EXCLUSIVE MODE")
            if not schema.is_current(schema.version_of(connection)):
                schema.migrate(connection)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            try:
                connection.exec_driver_sql("ROLLBACK")
            except Exception:  # SQLite has done so (a full disk), or the server is gone: what went wrong first is told
                connection.invalidate()
            raise
