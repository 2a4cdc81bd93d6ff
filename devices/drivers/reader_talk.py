"""A reader as its thread sees it; an encoder is one that now and then writes a card."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from app.ports.devices import (
    CardContents,
    CardMade,
    CardOutcome,
    CardStep,
    DeviceEvent,
    DeviceState,
    UnreadableSeen,
)
from devices.drivers.reader import Reader, ReaderEvent, described
from devices.drivers.writing import MakeWriting, Writing

LEAVES_WITHIN_S = 1.5  # a card that was just made may still lie there, and is no customer's


class ReaderTalk:
    """Each reading becomes one call of `seen`; a reader that must be asked and does not answer is degraded."""

    def __init__(self, reader: Reader, seen: Callable[[DeviceEvent], None]) -> None:
        self.needs_reopening = False
        self._reader = reader
        self._seen = seen
        self._open = False
        self._cause: str | None = None
        self._unreadable = 0
        self._calls: list[Callable[[], None]] = []
        self._log: list[str] = []

    @property
    def state(self) -> tuple[DeviceState, str | None]:
        if not self._open:
            return DeviceState.OFFLINE, self._cause
        return (DeviceState.DEGRADED, "device.silent") if self._reader.is_silent else (DeviceState.ONLINE, None)

    @property
    def is_busy(self) -> bool:
        return self._reader.pending

    @property
    def noise(self) -> int:
        return self._unreadable + self._reader.noise

    def opened(self) -> None:
        self._open = True
        self._reader.clear()

    def closed(self, cause: str) -> None:
        self._open, self._cause = False, cause

    def outgoing(self) -> bytes:
        return self._reader.outgoing()

    def accepted(self, count: int, *, exact: bool = True) -> None:
        if exact:
            self._reader.accepted(count)
        else:  # nobody knows what it heard: ask from the beginning
            self._reader.clear()

    def in_flight(self, count: int) -> None:
        """Questions are short; nothing waits for their last byte."""

    def received(self, data: bytes) -> None:
        self._take(self._reader.feed(data))

    def tick(self) -> None:
        self._take(self._reader.tick())

    def take_calls(self) -> list[Callable[[], None]]:
        calls, self._calls = self._calls, []
        return calls

    def take_log(self) -> list[str]:
        log, self._log = self._log, []
        return log

    def _take(self, events: Sequence[ReaderEvent]) -> None:
        for event in events:
            if isinstance(event, UnreadableSeen):
                self._unreadable += 1
            self._log.append(described(event))
            self._calls.append(partial(self._seen, event))


class EncoderTalk(ReaderTalk):
    """Reads, and while it writes a card, does not read.

    `is_reader` is False for an encoder inside a dispenser: whatever it sees there is no customer's card.
    """

    def __init__(
        self,
        reader: Reader,
        seen: Callable[[DeviceEvent], None],
        make: MakeWriting,
        *,
        is_reader: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(reader, seen)
        self._make = make
        self._is_reader = is_reader
        self._clock = clock
        self._writing: Writing | None = None
        self._done: Callable[[CardMade], None] = lambda _: None
        self._deaf_until_s = 0.0

    @property
    def is_busy(self) -> bool:
        return self._writing is not None or super().is_busy

    def write(
        self,
        card: CardContents,
        *,
        by_hand: bool,
        step: Callable[[CardStep], None],
        done: Callable[[CardMade], None],
    ) -> None:
        """Begin at once; `done` is among the next calls exactly once. One card at a time."""
        if not self._open:
            self._calls.append(partial(done, CardMade(CardOutcome.NOT_WRITTEN, self._cause or "device.unplugged")))
            return

        def told(now: CardStep) -> None:
            self._log.append(f"= card ****{card.number[-4:]}: {now.value}")
            self._calls.append(partial(step, now))

        self._done = done
        self._writing = self._make(card, by_hand, told)
        self._writing.dialogue.start()
        self._look()

    def cancel(self) -> None:
        if self._writing is not None:
            self._writing.dialogue.cancel()
            self._look()

    def closed(self, cause: str) -> None:
        super().closed(cause)
        if self._writing is not None:
            spoilt = self._writing.may_be_touched
            self._end(CardMade(CardOutcome.SPOILT if spoilt else CardOutcome.NOT_WRITTEN, cause))

    def outgoing(self) -> bytes:
        return super().outgoing() if self._writing is None else self._writing.dialogue.outgoing

    def accepted(self, count: int, *, exact: bool = True) -> None:
        if self._writing is None:
            super().accepted(count, exact=exact)
        elif exact:
            self._writing.dialogue.accepted(count)
        else:
            self._writing.dialogue.lost_count()
            self._look()

    def received(self, data: bytes) -> None:
        if self._writing is None:
            super().received(data)
        else:
            self._writing.dialogue.feed(data)
            self._look()

    def tick(self) -> None:
        if self._writing is None:
            super().tick()
        else:
            self._writing.dialogue.tick()
            self._look()

    def _look(self) -> None:
        if self._writing is not None and self._writing.dialogue.result is not None:
            self._end(self._writing.dialogue.result)

    def _end(self, made: CardMade) -> None:
        self._writing = None
        self._deaf_until_s = self._clock() + LEAVES_WITHIN_S
        self._reader.clear()
        self._log.append(f"= card {made.outcome.value}" + (f" ({made.cause})" if made.cause else ""))
        self._calls.append(partial(self._done, made))

    def _take(self, events: Sequence[ReaderEvent]) -> None:
        if self._is_reader and self._clock() >= self._deaf_until_s:
            super()._take(events)
