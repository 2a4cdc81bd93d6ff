"""A cable in memory between a reader's driver and a simulated machine, with a clock that the test moves."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

from devices.drivers.reader import Reader, ReaderEvent
from devices.simulators.readers import Model

STEP_S = 0.03
PARTS = range(10 if os.environ.get("MEMBERDESK_FULL") == "1" else 1)  # each well below the tests' time limit
FRAMES = 1_000_000 // 10 if len(PARTS) == 10 else 10_000  # mutated frames for each parser and part: a million in all


class WireClock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Wire:
    """`goes_on(seconds)` carries bytes both ways in steps of 30 ms. `heard` is all that the machine was sent;
    `spoil` may change what the machine says."""

    def __init__(
        self, clock: WireClock, reader: Reader, machine: Model, spoil: Callable[[bytes], bytes] = lambda said: said
    ) -> None:
        self.clock = clock
        self.reader = reader
        self.machine = machine
        self.spoil = spoil
        self.heard = b""

    def goes_on(self, seconds: float = 0.0) -> list[ReaderEvent]:
        events: list[ReaderEvent] = []
        until_s = self.clock.now_s + seconds
        while True:
            events += self._step()
            if self.clock.now_s >= until_s:
                return events
            self.clock.now_s += STEP_S

    def _step(self) -> list[ReaderEvent]:
        events: list[ReaderEvent] = []
        quiet = False
        while not quiet:
            sent = self.reader.outgoing()
            self.reader.accepted(len(sent))
            self.heard += sent
            said = self.machine.feed(sent) + self.machine.replies()
            said = self.spoil(said) if said else b""
            events += self.reader.feed(said) if said else self.reader.tick()
            quiet = not said and not self.reader.outgoing()
        return events


def spoiled(said: bytes, chance: random.Random) -> bytes:
    """One thing wrong: a bit, a byte lost, doubled or made up, the rest cut off, noise around, or twice."""
    at = chance.randrange(len(said))
    match chance.randrange(9):
        case 0:
            return said[:at] + bytes((said[at] ^ 1 << chance.randrange(8),)) + said[at + 1 :]
        case 1:
            return said[:at] + said[at + 1 :]
        case 2:
            return said[:at] + said[at : at + 1] + said[at:]
        case 3:
            return said[:at] + chance.randbytes(1) + said[at:]
        case 4:
            return said[:at]
        case 5:
            return chance.randbytes(chance.randrange(9)) + said + chance.randbytes(chance.randrange(9))
        case 6:
            return said + said
        case 7:
            return said[:at] + chance.randbytes(1) + said[at + 1 :]
        case _:
            return said
