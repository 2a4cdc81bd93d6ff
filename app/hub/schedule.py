"""What the hub does by itself: points expire, what was granted lapses, days are closed, the books are added up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from app.domain.calendar import business_day
from app.domain.points import GRACE
from app.hub.service import Hub
from app.sync.envelope import instant

LATE_AFTER = timedelta(minutes=15)  # a duty that was not done for so long, although it is looked at twice a minute
CLOSES_AFTER = timedelta(hours=3)  # a day is over: what a desk sends until then of it is still counted
EVERY_S = 30.0


class Schedule(Protocol):
    def once(self, job: str, on_day: date, now: Callable[[], datetime], work: Callable[[], Mapping[str, Any]]) -> bool:
        """Of all processes, one does it. Whether it was this one, now."""


class Duties:
    """`reconcile` looks through the books and says how many findings there were; `tell` is given what went wrong, of
    whatever kind: nothing that goes wrong ends what the hub does by itself."""

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
        self._duties: Mapping[str, Callable[[], object]] = {
            "end_lapsed": hub.end_lapsed,
            "forget_nonces": hub.forget_nonces,
            "settle_guests": hub.settle_guests,
            "burn_cards": hub.burn_cards,
            "deal_cards": hub.deal_cards,
            "look_at_replica": hub.look_at_replica,
            "close_day": self._close_day,
            "expire": lambda: self._once("expire", self._expire),
            "shares": lambda: self._once("shares", lambda: {"members": hub.tell_shares()}),
            "reconcile": lambda: self._once("reconcile", lambda: {"findings": self._reconcile()}),
        }
        self._done = dict.fromkeys(self._duties, self._now())  # when each was last done, or seen to be done
        self._looked: datetime | None = None
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
            with suppress(Exception):  # not even a log that cannot be written
                self.look()

    def look(self) -> None:
        """Do what is due. Each by itself: one that fails must not stop the others."""
        problems: list[Exception] = []
        for name, duty in self._duties.items():
            try:
                duty()
            except Exception as problem:
                problems.append(problem)
            else:
                self._done[name] = self._now()
        self._looked = self._now()
        for each in problems:
            self._tell(each)

    @property
    def looked_ms(self) -> int | None:
        """When this process was last through with all of them; None: not yet."""
        return round(self._looked.timestamp() * 1000) if self._looked is not None else None

    @property
    def late(self) -> tuple[str, ...]:
        """What this process tries in vain, or has not come to, for LATE_AFTER."""
        now = self._now()
        return tuple(name for name, done in self._done.items() if now - done > LATE_AFTER)

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
