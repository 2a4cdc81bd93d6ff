"""Backups of a local store, and the way back from them.

A backup is a whole store, encrypted under the same key, beside the original in `backups/`; the newest seven are kept.
Each is read through once before it counts. (A store on PostgreSQL is backed up by that server's own means.)"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from app.domain.errors import Unavailable
from db.engines import open_engine
from db.lock import only_one_process

KEPT = 7
_PAGES_AT_ONCE = 4_096
_NAMED = "%Y%m%dT%H%M%S%fZ"
# What belongs to a SQLite file and lies beside it.
_SIDE_FILES = ("-wal", "-shm")


@dataclass(frozen=True)
class Backup:
    file: Path
    made_at: datetime
    size_bytes: int


def backups_of(store: Path) -> list[Backup]:
    """Newest first."""
    found = []
    for file in _folder(store).glob(f"{store.stem}-*.db"):
        try:
            made_at = datetime.strptime(file.stem.removeprefix(f"{store.stem}-"), _NAMED).replace(tzinfo=UTC)
        except ValueError:
            continue
        found.append(Backup(file, made_at, file.stat().st_size))
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def newest_of(store: Path) -> str | None:
    """For the sentence that says what can be done about a broken file."""
    found = backups_of(store)
    return str(found[0].file) if found else None


def back_up(store: Path, key: bytes) -> Backup:
    """A consistent copy, also while the desk works. Raises Unavailable: store.full, store.broken …; then there is no
    new backup and the older ones are as they were."""
    from db.failures import translated

    folder = _folder(store)
    folder.mkdir(mode=0o700, exist_ok=True)
    made_at = datetime.now(UTC)
    backup = folder / f"{store.stem}-{made_at.strftime(_NAMED)}.db"
    part = backup.with_suffix(".part")
    try:
        with translated(store):
            _copy(store, part, key)
        if not reads_well(part, key):
            raise Unavailable("store.broken", file=str(store), backup=newest_of(store))
        part.rename(backup)
        _keep(folder)
    finally:
        for leftover in (part, *_beside(part)):
            leftover.unlink(missing_ok=True)
    for old in backups_of(store)[KEPT:]:
        old.file.unlink()
    return Backup(backup, made_at, backup.stat().st_size)


def restore(store: Path, backup: Path, key: bytes) -> Path | None:
    """Put `backup` in the place of the store; returns where the file that stood there is kept.

    Raises Unavailable("store.in_use" | "backup.missing" | "backup.broken"); then everything is as it was."""
    if not backup.exists():
        raise Unavailable("backup.missing", file=str(backup))
    if not reads_well(backup, key):
        raise Unavailable("backup.broken", file=str(backup))
    store.parent.mkdir(parents=True, exist_ok=True)
    with only_one_process(store):
        part = store.with_name(store.name + ".part")
        try:
            shutil.copyfile(backup, part)
            _keep(part)
            kept = _put_aside(store)
            part.rename(store)
        finally:
            part.unlink(missing_ok=True)
        _keep(store.parent)
    return kept


def reads_well(file: Path, key: bytes) -> bool:
    """Every page is sealed under this key, and tables and indexes are whole."""
    try:
        with open_engine(f"sqlite:///{file}", key).connect() as connection:
            raw = _raw(connection)
            sound = [row[0] for row in raw.execute("PRAGMA quick_check(1)").fetchall()] == ["ok"]
            sealed = not raw.execute("PRAGMA cipher_integrity_check").fetchall()
            return sound and sealed and bool(raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except (sqlcipher.Error, Unavailable):
        return False
    except Exception as problem:
        # SQLAlchemy wraps what happens while it connects.
        if isinstance(getattr(problem, "orig", None), sqlcipher.Error):
            return False
        raise


def _copy(store: Path, part: Path, key: bytes) -> None:
    with (
        open_engine(f"sqlite:///{store}", key).connect() as here,
        open_engine(f"sqlite:///{part}", key).connect() as there,
    ):
        _raw(here).backup(_raw(there), pages=_PAGES_AT_ONCE)
        _raw(there).execute("PRAGMA journal_mode = DELETE").fetchall()  # one file, nothing beside it
    _keep(part)


def _put_aside(store: Path) -> Path | None:
    """The old file, with what its log still holds, under a name that says when."""
    if not store.exists():
        return None
    kept = store.with_name(f"{store.name}.replaced-{datetime.now(UTC).strftime(_NAMED)}")
    for beside, suffix in zip(_beside(store), _SIDE_FILES, strict=True):
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))
    store.rename(kept)
    return kept


def _folder(store: Path) -> Path:
    return store.parent / "backups"


def _beside(file: Path) -> list[Path]:
    return [file.with_name(file.name + suffix) for suffix in _SIDE_FILES]


def _keep(path: Path) -> None:
    """On the disk, not only in the system's memory."""
    if path.is_dir() and os.name != "posix":
        return  # folders cannot be synchronised there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _raw(connection: Any) -> Any:
    return connection.connection.dbapi_connection
