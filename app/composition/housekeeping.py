"""What a desk does by itself: a look at its store at the start, a backup a day, expired points once a business day; and
whom a desk with a hub has not served for long, it no longer knows by name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from app.composition.desk import Desk, back_up, expire_until_done, free_bytes
from app.domain.errors import Refused, Unavailable
from app.sync.envelope import instant
from db.backup import backups_of

BACKUP_AFTER = timedelta(hours=20)
LOOK_EVERY_S = 600.0
DISK_SOON_FULL = 1_000_000_000  # bytes
FIRST_LOOK_AFTER_S = 20.0  # the window comes first


class Housekeeping:
    """A thread of its own; `tell` is given what went wrong with it (and nothing when all is well)."""

    def __init__(
        self,
        desk: Desk,
        tell: Callable[[Refused | Unavailable], None],
        *,
        first_s: float = FIRST_LOOK_AFTER_S,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._desk = desk
        self._tell = tell
        self._first_s = first_s
        self._every_s = every_s
        self._expired_on: date | None = None
        self._disk_told_on: date | None = None
        self._slimmed_on: date | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        wait_s = self._first_s
        todo: tuple[Callable[[], None], ...] = (
            self._desk.store.check,
            self._look_at_disk,
            self._expire,
            self._slim,
            self._back_up,
        )
        while not self._ended.wait(wait_s):
            wait_s = self._every_s
            for duty in todo:  # each by itself: a clock in doubt stops expiry, and must not stop backups
                try:
                    duty()
                except (Refused, Unavailable) as problem:
                    self._tell(problem)
            todo = (self._look_at_disk, self._expire, self._slim, self._back_up)

    def _look_at_disk(self) -> None:
        """In time: weeks before nothing new can be done, and once a day."""
        today = instant(self._desk.clock.wall_ms()).date()
        free = free_bytes(self._desk.home.folder)
        if free < DISK_SOON_FULL and self._disk_told_on != today:
            self._disk_told_on = today
            raise Unavailable("disk.soon_full", free=f"{free / 1e9:.1f} GB")

    def _expire(self) -> None:
        if self._desk.link is not None:  # points expire at the hub, for all desks at once
            return
        today = instant(self._desk.clock.wall_ms()).date()
        if self._expired_on != today:
            expire_until_done(self._desk)
            self._expired_on = today

    def _slim(self) -> None:
        today = instant(self._desk.clock.wall_ms()).date()
        if self._desk.link is not None and self._slimmed_on != today and self._desk.link.is_online:
            self._desk.link.slim()
            self._slimmed_on = today

    def _back_up(self) -> None:
        if self._desk.store.file is None:
            return
        known = backups_of(self._desk.store.file)
        if not known or datetime.now(UTC) - known[0].made_at > BACKUP_AFTER:
            back_up(self._desk.home)
