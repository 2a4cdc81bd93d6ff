"""Scanners and swipe readers that type like a keyboard (DEVICES.md 5.3): keys and times in, a verdict out; no Qt."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.ports.devices import DeviceEvent, UnreadableSeen, WedgeVerdict
from devices.drivers.reader import CounterReader
from devices.drivers.tracks import is_swipe

GAP_S = 0.035  # nobody types that fast, key after key
SHORTEST_SCAN = 8
GIVE_BACK_AFTER_S = 0.05
PREFIXED_WITHIN_S = 0.5
LONGEST_SCAN = 1024
ENDS = frozenset(("\r", "\n", "\t"))

_ALONE = WedgeVerdict()
_HELD = WedgeVerdict(swallow=True)


class WedgeFilter:
    """Tells a scan from typing by its speed, or by a prefix where one is configured (then by that alone).

    Keys are single characters, "\\r" or "\\t" for Enter and Tab, or a key's name ("F12", "Left"). Held keys either
    become a scan, or are to be given back to the widget in order. What is surely a magnetic stripe is never given
    back, even if it breaks off: it may be a bank card's number.
    """

    def __init__(self, *, prefix: str = "") -> None:
        self._prefix = prefix
        self._held = ""
        self._prefixed = False
        self._last_at_s = float("-inf")

    @property
    def is_holding(self) -> bool:
        return bool(self._held) or self._prefixed

    def feed(self, key: str, at_s: float) -> WedgeVerdict:
        """One key press. Give times from the event itself, not from when it was looked at."""
        late = self._give_back() if self._is_late(at_s, PREFIXED_WITHIN_S if self._prefixed else GAP_S) else _ALONE
        self._last_at_s = at_s
        now = self._take(key)
        return WedgeVerdict(
            swallow=now.swallow, give_back=late.give_back + now.give_back, scan=now.scan, torn=late.torn or now.torn
        )

    def waited(self, at_s: float) -> WedgeVerdict:
        """No key came: held ones go back after a while."""
        return self._give_back() if self._is_late(at_s, self._patience_s) else _ALONE

    def give_up(self) -> WedgeVerdict:
        """The focus goes elsewhere, or a password field has it: whatever is held goes back now."""
        return self._give_back()

    @property
    def _patience_s(self) -> float:
        return PREFIXED_WITHIN_S if self._prefixed else GIVE_BACK_AFTER_S

    def _is_late(self, at_s: float, limit_s: float) -> bool:
        return self.is_holding and at_s - self._last_at_s > limit_s

    def _take(self, key: str) -> WedgeVerdict:
        if self._prefix and not self._prefixed:
            if key != self._prefix:
                return _ALONE
            self._prefixed = True
            return _HELD
        if key in ENDS:
            return self._ended()
        if len(key) == 1 and key.isprintable():
            if len(self._held) >= LONGEST_SCAN:
                return self._give_back()
            self._held += key
            return _HELD
        return self._give_back()

    def _ended(self) -> WedgeVerdict:
        if len(self._held) >= (1 if self._prefixed else SHORTEST_SCAN):
            scan = self._held
            self._forget()
            return WedgeVerdict(swallow=True, scan=scan)
        return self._give_back()

    def _give_back(self) -> WedgeVerdict:
        held, prefixed = self._held, self._prefixed
        self._forget()
        if len(held) >= SHORTEST_SCAN and is_swipe(held):
            return WedgeVerdict(torn=True)
        return WedgeVerdict(give_back=len(held) + prefixed)

    def _forget(self) -> None:
        self._held = ""
        self._prefixed = False


class KeyboardWedge:
    """`app.ports.devices.KeyboardReader`: the filter, and what a scan means. Belongs to one thread, the screens'."""

    def __init__(
        self,
        reader: CounterReader,
        seen: Callable[[DeviceEvent], None],
        *,
        name: str = "keyboard",
        prefix: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._seen = seen
        self._name = name
        self._filter = WedgeFilter(prefix=prefix)
        self._clock = clock

    @property
    def is_waiting(self) -> bool:
        return self._filter.is_holding or self._reader.pending

    def pressed(self, key: str, at_s: float) -> WedgeVerdict:
        return self._told(self._filter.feed(key, at_s))

    def waited(self, at_s: float) -> WedgeVerdict:
        for event in self._reader.tick():
            self._seen(event)
        return self._told(self._filter.waited(at_s))

    def give_up(self) -> WedgeVerdict:
        return self._told(self._filter.give_up())

    def _told(self, verdict: WedgeVerdict) -> WedgeVerdict:
        if verdict.torn:
            self._seen(UnreadableSeen("torn", reader=self._name))
        if verdict.scan:
            for event in self._reader.feed(verdict.scan.encode() + b"\r"):
                self._seen(event)
        return verdict
