"""One process at a time on a local store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from app.domain.errors import Unavailable


def only_one_process(file: Path) -> IO[str]:
    """Hold the store's lock file until it is closed or the process ends, however it ends. A link to a store is the
    store it leads to.

    Raises Unavailable("store.in_use" | "store.no_rights")."""
    real = file.resolve()
    try:
        lock = real.with_name(real.name + ".lock").open("a")
    except OSError:
        raise Unavailable("store.no_rights", file=str(file)) from None
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:  # pragma: no cover - Windows
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        lock.close()
        raise Unavailable("store.in_use", file=str(file)) from None
    return lock
