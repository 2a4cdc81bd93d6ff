"""What the hub does by itself: points expire, what was granted lapses, days are closed, the books are added up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from app.domain.calendar import business_day
from app.domain.errors import Refused, Unavailable
from app.domain.points import GRACE
from app.hub.service import Hub
from app.sync.envelope import instant

CLOSES_AFTER = timedelta(hours=3)  # a day is over: what a desk sends until then of it is still counted
EVERY_S = 30.0


class Schedule(Protocol):
    def once(self, job: str, on_day: date, now: Callable[[], datetime], work: Callable[[], Mapping[str, Any]]) -> bool:
        """Of all processes, one does it. Whether it was this one, now."""


class Duties:
    """`reconcile` looks through the books and says how many findings there were; `tell` is given what went wrong."""

    def __init__(
        self,
        hub: Hub,
        schedule: Schedule,
        zone: Callable[[], str],
        reconcile: Callable[[], int],
        tell: Callable[[Exception], None],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._hub = hub
        self._schedule = schedule
        self._zone = zone
        self._reconcile = reconcile
        self._tell = tell
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-duties", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            self.look()

    def look(self) -> None:
        """Do what is due. Each by itself: one that fails must not stop the others."""
        duties: tuple[Callable[[], object], ...] = (
            self._hub.end_lapsed,
            self._hub.forget_nonces,
            self._hub.settle_guests,
            self._hub.burn_cards,
            self._close_day,
            lambda: self._once("expire", self._expire),
            lambda: self._once("shares", lambda: {"members": self._hub.tell_shares()}),
            lambda: self._once("reconcile", lambda: {"findings": self._reconcile()}),
        )
        for duty in duties:
            try:
                duty()
            except (Refused, Unavailable) as problem:
                self._tell(problem)

    def _now(self) -> datetime:
        return instant(self._hub.now_ms())

    def _once(self, job: str, work: Callable[[], Mapping[str, Any]]) -> bool:
        return self._schedule.once(job, business_day(self._now(), self._zone()), self._now, work)

    def _close_day(self) -> None:
        now = self._now() - CLOSES_AFTER
        day = business_day(now, self._zone()) - timedelta(days=1)

        def close() -> Mapping[str, Any]:
            self._hub.close_day(day)
            return {"day": day.isoformat()}

        self._schedule.once("close_day", day, self._now, close)

    def _expire(self) -> Mapping[str, Any]:
        """Nobody answers for a clock in doubt here: then the authority refuses, and it is told."""
        through = business_day(self._now(), self._zone()) - timedelta(days=1) - GRACE
        return {"points": self._hub.expire(through), "through": through.isoformat()}
