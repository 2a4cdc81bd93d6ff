"""Cards that lie on a reader are read again and again (DEVICES.md 2.4): one reading each, until they were away."""

from __future__ import annotations

import time
from collections.abc import Callable

HOLD_OFF_S = 1.0


class CardsInField:
    """Remembers which cards were just there. A card counts again after it was away for `hold_off_s`."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, hold_off_s: float = HOLD_OFF_S) -> None:
        self._clock = clock
        self._hold_off_s = hold_off_s
        self._seen_at_s: dict[str, float] = {}

    def is_new(self, card: str) -> bool:
        """Note that `card` is there now; True if it was not there a moment ago."""
        now_s = self._clock()
        self._seen_at_s = {seen: at_s for seen, at_s in self._seen_at_s.items() if now_s - at_s < self._hold_off_s}
        lies_there = card in self._seen_at_s
        self._seen_at_s[card] = now_s
        return not lies_there


class Confirmed:
    """A checksum of one byte lets one wrong frame in 256 pass: a card counts only when read alike twice in a row."""

    def __init__(self) -> None:
        self._last: str | None = None

    def twice(self, card: str | None) -> bool:
        """Note what one reading said (None: no card); True if the reading before said the same card."""
        same = card is not None and card == self._last
        self._last = card
        return same


def is_random(identity: bytes) -> bool:
    """Was this contactless identity made up for one tap (ISO/IEC 14443-3: a single size that begins with 08)? Phones
    and bank cards do that; it identifies nobody."""
    return len(identity) == 4 and identity[0] == 0x08
