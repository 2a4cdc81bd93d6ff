"""Work that is done once a day, however many processes of the hub there are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from db.connection import Connection
from db.store import Store


def last_reconciled(connection: Connection, mall: str) -> tuple[date | None, int]:
    """Of which business day the books were last looked through, and how many findings there were."""
    found = connection.row(
        "SELECT on_day, said FROM scheduled_job WHERE mall_id = :mall AND job = 'reconcile' "
        "ORDER BY on_day DESC LIMIT 1",
        mall=mall,
    )
    return (found[0], int(json.loads(found[1]).get("findings", 0))) if found else (None, 0)


class SqlSchedule:
    """`store` is for this alone: its reading connection holds the lock for as long as the work takes, and loses it with
    the process."""

    def __init__(self, store: Store, mall: str) -> None:
        self._store = store
        self._mall = mall

    def once(self, job: str, on_day: date, now: Callable[[], datetime], work: Callable[[], Mapping[str, Any]]) -> bool:
        """Whether it was done here and now. What `work` says is kept; where it raises, another try is due."""
        lock = int.from_bytes(sha256(f"{self._mall} {job}".encode()).digest()[:8], signed=True)
        held = self._store.read(lambda connection: connection.rows("SELECT pg_try_advisory_lock(:lock)", lock=lock))
        if held != [(True,)]:
            return False
        try:
            if self._is_done(job, on_day):
                return False
            said = work()
            self._store.write(lambda connection: self._note(connection, job, on_day, now(), said))
            return True
        finally:
            self._store.read(lambda connection: connection.rows("SELECT pg_advisory_unlock(:lock)", lock=lock))

    def _is_done(self, job: str, on_day: date) -> bool:
        return (
            self._store.read(
                lambda connection: connection.row(
                    "SELECT 1 FROM scheduled_job WHERE mall_id = :mall AND job = :job AND on_day = :day",
                    mall=self._mall,
                    job=job,
                    day=on_day,
                )
            )
            is not None
        )

    def _note(self, connection: Connection, job: str, on_day: date, at: datetime, said: Mapping[str, Any]) -> None:
        connection.later(
            "INSERT INTO scheduled_job (mall_id, job, on_day, done_at, said) VALUES (:mall, :job, :day, :at, :said)",
            mall=self._mall,
            job=job,
            day=on_day,
            at=at,
            said=json.dumps(dict(said), sort_keys=True),
        )
