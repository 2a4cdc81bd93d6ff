"""A swipe wins, on any screen; but it never wipes out a confirmation that somebody is about to give."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from app.ports.devices import CardSeen

MOST_WAITING = 4
TOGETHER_S = 2.0
"""Cards that two readers see within this time belong to two people: nobody changes readers that quickly."""


class CardRouter:
    """`deliver` brings the member up; `waiting(count)` says how many cards wait.

    While `is_confirming`, cards wait; then the oldest has its turn, and the others wait until `next_one` fetches them.
    Of two cards that two readers saw together the second waits, too: it never takes the place of the member who just
    came up. Any other swipe comes up at once, and what waited is forgotten: the clerk went on to somebody else.
    Over `MOST_WAITING`, the oldest is forgotten. A card waits once, however often it is swiped.
    """

    def __init__(
        self,
        deliver: Callable[[CardSeen], None],
        *,
        is_confirming: Callable[[], bool],
        is_signed_in: Callable[[], bool],
        waiting: Callable[[int], None],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deliver = deliver
        self._is_confirming = is_confirming
        self._is_signed_in = is_signed_in
        self._waiting = waiting
        self._seconds = seconds
        self._queue: deque[CardSeen] = deque(maxlen=MOST_WAITING)
        self._shown: CardSeen | None = None
        self._shown_at_s = 0.0

    @property
    def waiting_count(self) -> int:
        return len(self._queue)

    def seen(self, card: CardSeen) -> None:
        if not self._is_signed_in():
            return
        if self._is_confirming() or self._came_with_the_one_shown(card):
            if all(card.number != each.number for each in self._queue):
                self._queue.append(card)
            self._waiting(len(self._queue))
            return
        if self._queue:
            self._queue.clear()
            self._waiting(0)
        self._bring(card)

    def next_one(self) -> None:
        """A confirmation was closed, or the clerk is ready: the card that has waited longest comes up."""
        if not self._queue or self._is_confirming():
            return
        card = self._queue.popleft()
        self._waiting(len(self._queue))
        self._bring(card)

    def forget(self) -> None:
        """At lock and sign-out nothing waits for the next person."""
        self._shown = None
        if self._queue:
            self._queue.clear()
            self._waiting(0)

    def _came_with_the_one_shown(self, card: CardSeen) -> bool:
        shown = self._shown
        if shown is None or shown.reader == card.reader or shown.number == card.number:
            return False
        return self._seconds() - self._shown_at_s < TOGETHER_S

    def _bring(self, card: CardSeen) -> None:
        self._shown, self._shown_at_s = card, self._seconds()
        self._deliver(card)
