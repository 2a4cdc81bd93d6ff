"""Cards on a contactless reader that the system knows (PC/SC): the lines of `devices.pcsc_port`."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.ports.devices import CardSeen, UnreadableSeen
from devices.drivers.presence import CardsInField, is_random
from devices.drivers.reader import Listening


class PcscCards(Listening):
    """A line of hex for each look at a card: a card counts once while it lies there."""

    def __init__(self, reader: str = "reader", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._cards = CardsInField(clock=clock)
        self._line = b""

    @property
    def pending(self) -> bool:
        return False

    def feed(self, data: bytes) -> list[CardSeen | UnreadableSeen]:
        *lines, self._line = (self._line + data).split(b"\n")
        events: list[CardSeen | UnreadableSeen] = []
        for line in lines:
            number = line.decode("ascii")
            if not self._cards.is_new(number):
                continue
            if is_random(bytes.fromhex(number)):
                events.append(UnreadableSeen("random_identity", reader=self._reader))
            else:
                events.append(CardSeen(number, entry="tap", reader=self._reader))
        return events

    def tick(self) -> list[CardSeen | UnreadableSeen]:
        return []

    def clear(self) -> None:
        self._line = b""
