"""A contactless reader that looks whether a card carries one of our numbers in its sector 1, written as
`app.domain.stripe` has it: the number in the first block, issue (2) and card code (6) in the second.

Then that number identifies the card; any other card is identified by its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from stdnum import luhn

from app.ports.devices import CardSeen
from devices.drivers.chip_writing import FACTORY_KEY, SECTOR_BLOCKS, ChipMachine, Silent
from devices.drivers.dialogue import Dialogue, Frames, Script
from devices.drivers.presence import HOLD_OFF_S
from devices.drivers.reader import MemberCardRule, Reader, ReaderEvent

TRIES = 2
_PROOF = re.compile(rb"\d{2}(\d{6})\x00{8}")


@dataclass(frozen=True)
class _Read:
    number: str = field(default="", repr=False)
    card_code: str | None = field(default=None, repr=False)


class SectorReader:
    """`reader` says which card lies there; its sector is then read with `machine` and `frames`, of the same make."""

    def __init__(
        self,
        reader: Reader,
        machine: ChipMachine,
        frames: Frames[object],
        rule: MemberCardRule,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._machine = machine
        self._frames = frames
        self._rule = rule
        self._clock = clock
        self._card: CardSeen | None = None  # whose sector is being read
        self._dialogue: Dialogue[_Read] | None = None
        self._last = ""
        self._last_at_s = float("-inf")

    @property
    def pending(self) -> bool:
        return self._dialogue is not None or self._reader.pending

    @property
    def is_silent(self) -> bool:
        return self._reader.is_silent

    @property
    def noise(self) -> int:
        return self._reader.noise

    def outgoing(self) -> bytes:
        return self._reader.outgoing() if self._dialogue is None else self._dialogue.outgoing

    def accepted(self, count: int) -> None:
        if self._dialogue is None:
            self._reader.accepted(count)
        else:
            self._dialogue.accepted(count)

    def feed(self, data: bytes) -> Sequence[ReaderEvent]:
        if self._dialogue is None:
            return self._take(self._reader.feed(data))
        self._dialogue.feed(data)
        return self._ended()

    def tick(self) -> Sequence[ReaderEvent]:
        if self._dialogue is None:
            return self._take(self._reader.tick())
        self._dialogue.tick()
        return self._ended()

    def clear(self) -> None:
        self._card = self._dialogue = None
        self._frames.clear()
        self._reader.clear()

    def _take(self, events: Sequence[ReaderEvent]) -> Sequence[ReaderEvent]:
        passed: list[ReaderEvent] = []
        for event in events:
            if not isinstance(event, CardSeen):
                passed.append(event)
            elif event.number != self._last or self._clock() - self._last_at_s >= HOLD_OFF_S:
                self._card = event
                self._dialogue = Dialogue(self._number_of(event.number), self._frames, clock=self._clock)
                self._dialogue.start()
        return passed

    def _ended(self) -> Sequence[ReaderEvent]:
        card, dialogue = self._card, self._dialogue
        if card is None or dialogue is None or dialogue.result is None:
            return ()
        read = dialogue.result
        self._last, self._last_at_s = card.number, self._clock()
        self._card = self._dialogue = None  # and the reader goes on where it was: some beep now
        return (replace(card, number=read.number, card_code=read.card_code) if read.number else card,)

    def _number_of(self, identity: str) -> Script[_Read]:
        try:
            for _ in range(TRIES):
                found = yield from self._machine.find()
                if found is None or found.identity.hex().upper() != identity:
                    continue
                if not found.is_classic:
                    break
                if not (yield from self._machine.authenticate(found.identity, SECTOR_BLOCKS[0], FACTORY_KEY)):
                    continue
                first = yield from self._machine.read(SECTOR_BLOCKS[0])
                second = yield from self._machine.read(SECTOR_BLOCKS[1])
                if first is not None and second is not None:
                    return self._read(first, second)
        except Silent:
            pass
        return _Read()

    def _read(self, first: bytes, second: bytes) -> _Read:
        number = first.rstrip(b"\x00").decode("ascii", "replace")
        if not (self._rule.claims(number) and luhn.is_valid(number)):
            return _Read()
        proof = _PROOF.fullmatch(second)
        return _Read(number, proof[1].decode("ascii") if proof else None)
