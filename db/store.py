"""The store of one process: one thread that writes, one that reads, and what can go wrong when a store is opened.

SQLite has one writer, so all writes of this process go through one thread (others hand it their work and wait for the
answer); reads have a connection of their own and never wait for a write."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import psycopg
import sqlalchemy
import sqlcipher3.dbapi2 as sqlcipher

from app.domain.errors import Unavailable
from app.ports.threads import off_gui_thread
from db import schema
from db.backup import back_up, newest_of
from db.connection import Connection, Engine
from db.engines import engine_kind, open_engine, sqlite_file
from db.lock import only_one_process

T = TypeVar("T")

RETRIES = 5  # of a transaction that PostgreSQL asked to repeat (RELIABILITY.md 7)
# Two desks did the same at once (one slip, one phone number): repeated, the second sees what the first did and says so.
_SAME_AT_ONCE = psycopg.errors.UniqueViolation
_REPEAT = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, _SAME_AT_ONCE)


class Store:
    """`open` it once per process. Not for the GUI thread: every call waits for the database."""

    def __init__(self, engine: sqlalchemy.Engine, kind: Engine, lock: IO[str] | None, file: Path | None) -> None:
        self.kind: Engine = kind
        self.file = file
        self._lock = lock
        self._engine = engine
        self._writer = _Worker("store-writer", engine, kind)
        self._reader = _Worker("store-reader", engine, kind)

    @classmethod
    def open(cls, url: str, key: bytes | None, *, durable: bool = True, create: bool = False) -> Store:
        """Raises Unavailable: store.missing, store.in_use, store.broken, store.newer, store.no_key, store.unreachable …

        A file that cannot be read is left exactly as it is."""
        kind = engine_kind(url)
        file, lock = None, None
        if kind == "sqlite":
            file = sqlite_file(url)
            if not create and not file.exists():
                raise Unavailable("store.missing", file=str(file))
            if not create and file.stat().st_size == 0:  # to SQLite that is an empty database; to us, a lost one
                raise Unavailable("store.broken", file=str(file), backup=newest_of(file))
            file.parent.mkdir(parents=True, exist_ok=True)
            lock = only_one_process(file)
        try:
            engine = open_engine(url, key, durable=durable)
            with translated(file):
                bring_up_to_date(engine, kind, before=lambda: _backup_first(file, key))
        except BaseException:
            if lock is not None:
                lock.close()
            raise
        return cls(engine, kind, lock, file)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction on the writing thread; it is durable when this returns."""

        def transaction(connection: Connection) -> T:
            connection.begin()
            try:
                result = work(connection)
                connection.commit()
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
        with translated(self.file), self._engine.connect() as pooled:
            raw: Any = pooled.connection.dbapi_connection
            cursor = raw.cursor()
            if self.kind == "sqlite":
                cursor.execute("BEGIN")
                cursor.execute("SELECT count(*) FROM sqlite_master")  # the snapshot begins with the first read
            else:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection = Connection(raw, self.kind)
            try:
                yield connection
            finally:
                connection.rollback()

    def check(self) -> None:
        """Read every page of a local store, without holding anybody up. Raises Unavailable("store.broken")."""
        if self.file is None:
            return
        with self.snapshot() as connection:
            if connection.rows("PRAGMA quick_check(1)") != [("ok",)]:
                raise Unavailable("store.broken", file=str(self.file), backup=newest_of(self.file))

    def close(self) -> None:
        self._writer.close()
        self._reader.close()
        if self._lock is not None:
            self._lock.close()

    def _on(self, worker: _Worker, work: Callable[[Connection], T]) -> T:
        off_gui_thread("database")
        for attempt in range(1, RETRIES + 1):
            try:
                with translated(self.file):
                    return worker.run(work)
            except _REPEAT as problem:
                if isinstance(problem, _SAME_AT_ONCE) and attempt == RETRIES:
                    raise  # nobody else's doing: a bug
                time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - jitter, no secret
        raise Unavailable("store.busy")


class _Worker:
    """A thread with a connection of its own."""

    def __init__(self, name: str, engine: sqlalchemy.Engine, kind: Engine) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._engine = engine
        self._kind: Engine = kind
        self._pooled: sqlalchemy.Connection | None = None
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], T]) -> T:
        return self._thread.submit(self._run, work).result()

    def _run(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._pooled = self._engine.connect()
            raw = self._pooled.connection.dbapi_connection
            self._connection = Connection(raw, self._kind)
        try:
            return work(self._connection)
        except psycopg.OperationalError:
            if self._pooled is not None and getattr(self._pooled.connection.dbapi_connection, "closed", False):
                self._drop()  # the next call connects anew
            raise

    def _drop(self) -> None:
        if self._pooled is not None:
            self._pooled.invalidate()
            self._pooled.close()
        self._pooled = self._connection = None

    def close(self) -> None:
        self._thread.submit(self._drop).result()
        self._thread.shutdown()


def _backup_first(file: Path | None, key: bytes | None) -> None:
    """A change of schema can go wrong in ways that nobody thought of."""
    if file is not None and key is not None:
        back_up(file, key)


def bring_up_to_date(engine: sqlalchemy.Engine, kind: Engine, before: Callable[[], None] | None = None) -> None:
    """`before` is called when there is a schema that is about to change."""
    with engine.connect() as connection:
        version = schema.version_of(connection)
        if schema.is_current(version):
            return
        if version is not None and before is not None:
            before()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if kind == "sqlite" else "BEGIN")
        try:
            schema.migrate(connection)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise


@contextmanager
def translated(file: Path | None) -> Iterator[None]:
    """What the engines say of the world, in the program's words. Broken constraints are bugs and stay what they are."""
    try:
        yield
    except sqlalchemy.exc.DBAPIError as problem:
        raise _in_our_words(problem.orig, file) or problem from problem
    except (sqlcipher.Error, psycopg.Error) as problem:
        raise _in_our_words(problem, file) or problem from problem


def _in_our_words(problem: BaseException | None, file: Path | None) -> Unavailable | None:
    name = str(file) if file else ""
    said: Any = str(problem)
    if isinstance(problem, sqlcipher.DatabaseError):
        for part, code in (
            ("disk is full", "store.full"),
            ("is locked", "store.busy"),
            ("not a database", "store.broken"),
            ("malformed", "store.broken"),
            ("unable to open", "store.no_rights"),
            ("readonly", "store.no_rights"),
            ("disk I/O error", "store.disk_error"),
        ):
            if part in said:
                backup = {"backup": newest_of(file)} if file and code == "store.broken" else {}
                return Unavailable(code, file=name, **backup)
    if isinstance(problem, psycopg.errors.DiskFull):
        return Unavailable("store.full", file="PostgreSQL")
    if isinstance(problem, (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)):
        return Unavailable("store.busy")
    if isinstance(problem, psycopg.OperationalError) and not isinstance(problem, _REPEAT):
        return Unavailable("store.unreachable")
    return None
