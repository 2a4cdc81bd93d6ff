"""A card dispenser on its serial line: a hopper, a read position, a mouth and a bin (DEVICES.md 2.7)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import reduce
from operator import xor

from devices.drivers.dispenser import ACK, DISPENSERS, ENQ, ETX, NAK, STX
from devices.simulators.msr605 import StripeCard
from devices.simulators.tags import SimulatedTag

PlasticCard = SimulatedTag | StripeCard

_LONGEST_COMMAND_BYTES = 6
# What RF says of several things that are so: the first of these (CD-720M manual 3.19).
_MOST_URGENT = (0x200, 0x020, 0x100, 0x800, 0x400, 0x004, 0x002, 0x008, 0x010)
_READY = 0x001


def blank_tag(serial: int) -> SimulatedTag:
    return SimulatedTag((0x04A00000 + serial).to_bytes(4, "big"))


def blank_stripe(_: int) -> StripeCard:
    return StripeCard()


class DispenserModel:
    """`feed` what the host sends; a move takes `move_s`. `arrived` hears which card is now at the read position.

    `jams_next` and `fails_next`: the next move does. `captures_at_power_up`: what is inside goes into the bin.
    `taken_after_s`: a customer takes what waits at the mouth, without being asked.
    """

    def __init__(
        self,
        kind: str = "cd-720m",
        *,
        cards: int = 50,
        blank: Callable[[int], PlasticCard] = blank_tag,
        low_at: int = 10,
        bin_holds: int = 20,
        move_s: float = 0.2,
        taken_after_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._profile = DISPENSERS[kind]
        self._blank = blank
        self._made = 0
        self._low_at = low_at
        self._bin_holds = bin_holds
        self._move_s = move_s
        self._taken_after_s = taken_after_s
        self._clock = clock
        self.arrived: Callable[[PlasticCard | None], None] = lambda _: None
        self.hopper: list[PlasticCard] = []
        self.bin: list[PlasticCard] = []
        self.out: list[PlasticCard] = []  # taken at the mouth, the newest last
        self.at_reader: PlasticCard | None = None
        self.at_mouth: PlasticCard | None = None
        self.is_jammed = False
        self.has_failed = False
        self.jams_next = False
        self.fails_next = False
        self.captures_at_power_up = False
        self._was_taken = False
        self._was_called_back = False
        self._moves = 0  # 0x800 dispensing, 0x400 to the bin
        self._arrives_at_s = 0.0
        self._arrives: Callable[[], None] = lambda: None
        self._buffer = bytearray()
        self._command = b""
        self._said = b""
        self.fill(cards)

    # What a person does

    def fill(self, cards: int) -> None:
        for _ in range(cards):
            self._made += 1
            self.hopper.append(self._blank(self._made))

    def take_card(self) -> None:
        """What waits at the mouth; from then on it is the last of `out`."""
        self._settle()
        self._take()

    def _take(self) -> None:
        if self.at_mouth is not None:
            self.out.append(self.at_mouth)
            self.at_mouth = None
            self._was_taken = True

    def fill_bin(self) -> None:
        for _ in range(self._bin_holds - len(self.bin)):
            self.bin.append(self._blank(0))

    def empty_bin(self) -> None:
        self.bin.clear()

    def empty_hopper(self) -> None:
        self.hopper.clear()

    def clear_jam(self) -> None:
        """A person opens it and takes out what is stuck."""
        self.is_jammed = False
        self._place(None)

    def power_cycle(self) -> None:
        self._buffer.clear()
        self._command = b""
        self._moves = 0
        self._was_taken = self._was_called_back = self.has_failed = False
        if self.captures_at_power_up:
            inside = self.at_reader or self.at_mouth
            self.at_mouth = None
            self._place(None)
            if inside is not None:
                self.bin.append(inside)

    # What the host does

    def feed(self, data: bytes) -> bytes:
        self._settle()
        for byte in data:
            self._hear(byte)
        return self.replies()

    def replies(self) -> bytes:
        said, self._said = self._said, b""
        return said

    def _hear(self, byte: int) -> None:
        if not self._buffer:
            if byte == STX:
                self._buffer.append(byte)
            elif byte == ENQ[0] and self._command:
                command, self._command = self._command, b""
                self._act(command)
            return
        self._buffer.append(byte)
        ended = len(self._buffer) >= 5 and self._buffer[-2] == ETX
        if ended or len(self._buffer) > _LONGEST_COMMAND_BYTES:
            frame = bytes(self._buffer)
            self._buffer.clear()
            good = ended and reduce(xor, frame) == 0 and self._knows(frame[1:-2])
            self._command = frame[1:-2] if good else b""
            self._said += bytes((ACK if good else NAK,))

    def _knows(self, command: bytes) -> bool:
        flags = (b"PB", b"PC") if self._profile.flags else ()
        return command in (b"DC", b"CP", b"RF", b"ST", self._profile.feed, *flags)

    def _act(self, command: bytes) -> None:
        match command:
            case b"RF":
                self._say(b"SF", next((bit for bit in _MOST_URGENT if self._bits() & bit), 0))
            case b"PB":
                self._say(b"PB", self._bits() | (0 if self._moves else _READY))
            case b"PC":
                self._was_taken = self._was_called_back = False
                self._say(b"PC", self._bits())
            case b"ST":
                self.has_failed = False
            case b"CP":
                self._capture()
            case b"DC":
                self._dispense(to_mouth=True)
            case _:
                self._dispense(to_mouth=False)

    def _bits(self) -> int:
        flags = (
            (0x200, self.has_failed),
            (0x020, self.is_jammed),
            (0x100, len(self.bin) >= self._bin_holds),
            (self._moves, self._moves),
            (0x004, self.at_mouth),
            (0x002, self.at_reader),
            (0x008, not self.hopper),
            (0x010, len(self.hopper) <= self._low_at),
            (0x080, self._was_taken),
            (0x040, self._was_called_back),
        )
        return sum(bit for bit, there in flags if there)

    def _say(self, what: bytes, bits: int) -> None:
        digits = bytes(0x30 | bits >> shift & 0x0F for shift in (8, 4, 0))
        body = bytes((STX,)) + what + digits + bytes((ETX,))
        self._said += body + bytes((reduce(xor, body),))

    def _dispense(self, *, to_mouth: bool) -> None:
        if self._moves or self.is_jammed or self.at_mouth is not None or not (self.at_reader or self.hopper):
            return
        if not to_mouth and self.at_reader is not None:
            return
        if self.fails_next:
            self.fails_next, self.has_failed = False, True
            return

        def arrive() -> None:
            card = self.at_reader or self.hopper.pop(0)
            if to_mouth:
                self._place(None)
                self.at_mouth = card
            else:
                self._place(card)

        self._move(0x800, arrive)

    def _capture(self) -> None:
        inside = self.at_reader or self.at_mouth
        if self._moves or self.is_jammed or inside is None or len(self.bin) >= self._bin_holds:
            return

        def arrive() -> None:
            self.at_mouth = None
            self._place(None)
            self.bin.append(inside)
            self._was_called_back = True

        self._move(0x400, arrive)

    def _move(self, how: int, arrive: Callable[[], None]) -> None:
        self._moves = how
        self._arrives = arrive
        self._arrives_at_s = self._clock() + self._move_s

    def _settle(self) -> None:
        """Let what moves arrive, if its time has come."""
        if self._taken_after_s is not None and self._clock() >= self._arrives_at_s + self._taken_after_s:
            self._take()
        if not self._moves or self._clock() < self._arrives_at_s:
            return
        self._moves = 0
        if self.jams_next:
            self.jams_next, self.is_jammed = False, True
            return
        self._arrives()

    def _place(self, card: PlasticCard | None) -> None:
        if card is not self.at_reader:
            self.at_reader = card
            self.arrived(card)
