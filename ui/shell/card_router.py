"""A swipe wins, on any screen; but it never wipes out a confirmation that somebody is about to give."""

from __future__ import annotations

from collections.abc import Callable

from app.ports.devices import CardSeen


class CardRouter:
    """`deliver` brings the member up. While `is_confirming`, the newest card waits and `waiting(True)` says so."""

    def __init__(
        self,
        deliver: Callable[[CardSeen], None],
        *,
        is_confirming: Callable[[], bool],
        is_signed_in: Callable[[], bool],
        waiting: Callable[[bool], None],
    ) -> None:
        self._deliver = deliver
        self._is_confirming = is_confirming
        self._is_signed_in = is_signed_in
        self._waiting = waiting
        self._held: CardSeen | None = None

    @property
    def holds_one(self) -> bool:
        return self._held is not None

    def seen(self, card: CardSeen) -> None:
        if not self._is_signed_in():
            return
        if self._is_confirming():
            self._held = card
            self._waiting(True)
            return
        self._deliver(card)

    def settled(self) -> None:
        """A confirmation was closed: the card that waits has its turn."""
        if self._held is None or self._is_confirming():
            return
        card, self._held = self._held, None
        self._waiting(False)
        self._deliver(card)

    def forget(self) -> None:
        """At lock and sign-out nothing waits for the next person."""
        if self._held is not None:
            self._held = None
            self._waiting(False)
