"""A desk that was reported lost destroys what it holds (RELIABILITY.md 4.13): the keys first, for without them nothing
that is left anywhere can be read; then the files. The power may go at any point: the next start goes on."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from app.composition import desk as desks
from app.domain.errors import Unavailable
from app.keys import destroy_secret, keys_for
from app.settings import Home, write_whole

# Names of all secrets that a desk ever has on its machine.
SECRETS = (desks.STORE_KEY, desks.DESK_KEY, desks.STORE_PASSWORD, desks.NEXT_DESK_KEY, desks.ENROLLED)


@dataclass(frozen=True)
class Wiped:
    desk: str
    at: datetime


def wipe_out(home: Home, at: datetime) -> None:
    """The store is closed by now. What could not be removed is told by Unavailable("store.no_rights"); it is
    unreadable all the same."""
    settings = home.settings()
    mark = {"desk": settings.desk, "keys": settings.keys, "at": at.isoformat()}
    write_whole(home.wiped_file, json.dumps(mark))
    destroy(home, settings.keys)


def wiped(home: Home) -> Wiped | None:
    """Was this desk wiped? Where that was stopped half way, it is done now."""
    try:
        mark = json.loads(home.wiped_file.read_bytes())
        found = Wiped(str(mark["desk"]), datetime.fromisoformat(mark["at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if home.is_set_up():
        destroy(home, mark["keys"])
    return found


def destroy(home: Home, keys_kind: str) -> None:
    """Whatever of the desk was stopped half way before goes now."""
    keys = keys_for(home.folder, keys_kind)
    for name in SECRETS:
        keys.forget(name)
    try:
        destroy_secret(home.desk_certificate)  # its key is in it
        # The store, its log and index, copies that a restore has put aside, backups: all under the key that is gone.
        for file in home.folder.glob(home.store_file.name + "*"):
            file.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.rmtree(home.backups)
        home.settings_file.unlink(missing_ok=True)
    except OSError:
        raise Unavailable("store.no_rights", file=str(home.folder)) from None
