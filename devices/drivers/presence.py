"""Cards that lie on a reader are read again and again (DEVICES.md 2.4): one reading each, until they were away."""

from __future__ import annotations

import time
from collections.abc import Callable

HOLD_OFF_S = 1.0
CLEAN_READINGS = 2
UNCLEAN_READINGS = 4


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
    """A checksum of one byte lets one wrong frame in 256 pass, and some that lost or won a zero: a card counts only
    when it is read alike twice in a row, and four times where the answers came with stray bytes."""

    def __init__(self) -> None:
        self._card: str | None = None
        self._times = 0
        self._needed = 0

    def is_sure(self, card: str | None, *, clean: bool) -> bool:
        """Note what one reading said (None: no card); True if that card is now certain."""
        if card != self._card:
            self._card, self._times, self._needed = card, 0, CLEAN_READINGS
        self._times += 1
        if not clean:
            self._needed = UNCLEAN_READINGS
        return card is not None and self._times >= self._needed

    def forget(self) -> None:
        self._card = None
        self._times = 0


def is_random(identity: bytes) -> bool:
    """Was this contactless identity made up for one tap (ISO/IEC 14443-3: a single size that begins with 08)? Phones
    and bank cards do that; it identifies nobody."""
    return len(identity) == 4 and identity[0] == 0x08
