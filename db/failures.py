"""What the engines say of the world, in the program's words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from app.domain.errors import Unavailable


@contextmanager
def translated(file: Path | None) -> Iterator[None]:
    """`file`: the store's, where it is local. Broken constraints are bugs and stay what they are."""
    try:
        yield
    except Exception as problem:
        cause = getattr(problem, "orig", problem)  # SQLAlchemy wraps what the driver said
        unavailable = _of_sqlite(cause, file) if isinstance(cause, sqlcipher.DatabaseError) else _of_postgres(cause)
        if unavailable is None:
            raise
        raise unavailable from problem


def may_be_repeated(problem: Exception) -> bool:
    """PostgreSQL took the transaction back because of another one; done again it succeeds, or says what is wrong."""
    known = _psycopg_errors()
    return known is not None and isinstance(
        problem, (known.SerializationFailure, known.DeadlockDetected, known.UniqueViolation)
    )


def is_same_at_once(problem: Exception) -> bool:
    """Two desks did the same at once (one slip, one phone number): repeated, the second sees what the first did and
    says so. Where it does not, nobody else was at it."""
    known = _psycopg_errors()
    return known is not None and isinstance(problem, known.UniqueViolation)


def is_elsewhere(problem: BaseException) -> bool:
    """The server has become a standby (or always was one): another takes changes now, and only a new connection finds
    it."""
    known = _psycopg_errors()
    return known is not None and isinstance(problem, known.ReadOnlySqlTransaction)


def _of_sqlite(problem: sqlcipher.DatabaseError, file: Path | None) -> Unavailable | None:
    from db.backup import newest_of

    said = str(problem)
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
            return Unavailable(code, file=str(file) if file else "", **backup)
    return None


def _of_postgres(problem: Any) -> Unavailable | None:
    known = _psycopg_errors()
    if known is None:
        return None
    if isinstance(problem, known.DiskFull):
        return Unavailable("store.full", file="PostgreSQL")
    if isinstance(problem, (known.LockNotAvailable, known.QueryCanceled)):
        return Unavailable("store.busy")
    if isinstance(problem, known.InsufficientPrivilege) and "this mall has a hub" in str(problem):
        return Unavailable("store.has_hub")
    if is_elsewhere(problem):
        return Unavailable("store.switching")
    if isinstance(problem, known.OperationalError) and not may_be_repeated(problem):
        return Unavailable("store.unreachable")
    return None


def _psycopg_errors() -> ModuleType | None:
    """None on a desk that never imported it, whose failures are not PostgreSQL's."""
    return sys.modules.get("psycopg.errors")
