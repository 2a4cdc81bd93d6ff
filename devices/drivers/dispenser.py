"""Card dispensers that speak as the CD-720M does (DEVICES.md 2.7; CD-720M manual 3.19, CRT-531 3.0).

`02 c1 c2 03 BCC`, answered by 06 or 15; on 05 the machine acts, or says its status. Frames are parsed by length: their
check byte may be any value.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from operator import xor

from app.ports.devices import DeviceState
from devices.drivers.dialogue import Ask, Dialogue, Script

STX, ETX = 0x02, 0x03
ENQ = b"\x05"
ACK, NAK = 0x06, 0x15

OUT = b"DC"  # from the hopper or the read position to the mouth
TO_BIN = b"CP"
STATUS = b"RF"  # of several conditions it says the most urgent one
FLAGS = b"PB"  # all at once
FORGET_TAKEN = b"PC"
RESET = b"ST"

ANSWER_S = 0.5
IDLE_GAP_S = 0.3
POLL_S = 0.15
LOOK_EVERY_S = 2.0
MOVES_WITHIN_S = 10.0
STARTS_WITHIN_S = 2.0
TRIES = 3

_FRAME_BYTES = 8


def framed(command: bytes) -> bytes:
    body = bytes((STX,)) + command + bytes((ETX,))
    return body + bytes((reduce(xor, body),))


@dataclass(frozen=True)
class Acknowledged:
    pass


@dataclass(frozen=True)
class NotAcknowledged:
    pass


@dataclass(frozen=True)
class Broken:
    """A frame with a wrong check byte, or one that broke off."""


@dataclass(frozen=True)
class Said:
    """`what` is b"SF" after RF, b"PB" after PB; `bits` are the low halves of the three digits."""

    what: bytes
    bits: int

    @property
    def fails(self) -> bool:
        return bool(self.bits & 0x200)

    @property
    def is_jammed(self) -> bool:
        return bool(self.bits & 0x020)

    @property
    def bin_is_full(self) -> bool:
        return bool(self.bits & 0x100)

    @property
    def moves(self) -> bool:
        not_ready = self.bits == 0x001 if self.what == b"SF" else False
        return bool(self.bits & 0xC00) or not_ready

    @property
    def at_mouth(self) -> bool:
        return bool(self.bits & 0x004)

    @property
    def at_reader(self) -> bool:
        return bool(self.bits & 0x002)

    @property
    def was_taken(self) -> bool:
        return self.what == b"PB" and bool(self.bits & 0x080)

    @property
    def is_empty(self) -> bool:
        return bool(self.bits & 0x008)

    @property
    def is_low(self) -> bool:
        return bool(self.bits & 0x010)

    @property
    def cause(self) -> str | None:
        """What a person should know of, the most urgent first."""
        for there, code in (
            (self.is_jammed, "dispenser.jam"),
            (self.fails, "dispenser.failed"),
            (self.bin_is_full, "dispenser.bin_full"),
            (self.is_empty, "dispenser.empty"),
            (self.is_low, "dispenser.low"),
        ):
            if there:
                return code
        return None


Frame = Acknowledged | NotAcknowledged | Broken | Said


class DispenserFrames:
    """Takes answers apart by length. `noise` counts dropped bytes."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buffer = bytearray()
        self._last_byte_at_s = 0.0
        self.noise = 0

    def feed(self, data: bytes) -> list[Frame]:
        if data:
            self._last_byte_at_s = self._clock()
        self._buffer += data
        whole = bytes(self._buffer)
        frames: list[Frame] = []
        at = 0
        while at < len(whole):
            if whole[at] != STX:
                frame = _ANSWERS.get(whole[at])
                if frame is not None:
                    frames.append(frame)
                else:
                    self.noise += 1
                at += 1
            elif len(whole) - at < _FRAME_BYTES:
                break
            else:
                frame = _said_in(whole[at : at + _FRAME_BYTES])
                frames.append(frame or Broken())
                at += _FRAME_BYTES if frame else self._skipped(whole, at)
        del self._buffer[:at]
        return frames

    def tick(self) -> list[Frame]:
        """To be called when nothing came: a frame that broke off is given up."""
        if not self._buffer or self._clock() - self._last_byte_at_s < IDLE_GAP_S:
            return []
        self.noise += len(self._buffer)
        self._buffer.clear()
        return [Broken()]

    def clear(self) -> None:
        self._buffer.clear()

    def _skipped(self, whole: bytes, at: int) -> int:
        """Bytes up to another beginning: what lies before it means nothing."""
        following = whole.find(STX, at + 1, at + _FRAME_BYTES)
        skipped = following - at if following > 0 else _FRAME_BYTES
        self.noise += skipped
        return skipped


_ANSWERS: dict[int, Frame] = {ACK: Acknowledged(), NAK: NotAcknowledged()}
_SAID: dict[bytes, Said] = {}  # there are 8,192 of them, and a machine says one again and again


def _said_in(frame: bytes) -> Said | None:
    """What eight bytes say; None if they hold no state, or are not whole."""
    known = _SAID.get(frame)
    if known is not None:
        return known
    digits = frame[3:6]
    good = (
        frame[1:3] in (b"SF", b"PB")
        and all(digit >> 4 == 3 for digit in digits)
        and frame[6] == ETX
        and reduce(xor, frame) == 0
    )
    if not good:
        return None
    said = Said(frame[1:3], reduce(lambda bits, digit: bits << 4 | digit & 0x0F, digits, 0))
    _SAID[frame] = said
    return said


@dataclass(frozen=True)
class DispenserProfile:
    """`feed` brings a card from the hopper to the read position; `flags` asks for all conditions at once, where the
    machine can say that. Both are to be proved on the machine when it is set up."""

    name: str
    feed: bytes
    flags: bool = False
    baudrate: int = 9600


DISPENSERS: dict[str, DispenserProfile] = {
    profile.name: profile
    for profile in (
        DispenserProfile("cd-720m", feed=b"DH", flags=True),  # its DIP switch 1 on: the read position is in use
        DispenserProfile("k720", feed=b"FC7"),
        DispenserProfile("crt-531", feed=b"FC7"),
    )
}


class _Failed(Exception):
    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class _Ended:
    cause: str | None = None


Moved = Callable[[str | None], None]
"""Called with None when the card is where it should be, else with the cause."""


class DispenserTalk:
    """Moves one card at a time, and looks at the machine every two seconds in between."""

    def __init__(self, profile: DispenserProfile, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.needs_reopening = False
        self._profile = profile
        self._clock = clock
        self._frames = DispenserFrames(clock=clock)
        self._open = False
        self._closed_cause: str | None = None
        self._silent = False
        self._seen: Said | None = None
        self._blank_at_reader = False
        self._errors = 0
        self._dialogue: Dialogue[_Ended] | None = None
        self._moving: Moved | None = None
        self._next: tuple[Callable[[], Script[None]], Moved] | None = None
        self._look_at_s = 0.0
        self._calls: list[Callable[[], None]] = []
        self._log: list[str] = []

    # What is asked of it, on its thread

    def feed(self, moved: Moved) -> None:
        """A blank card to the read position."""
        self._do(self._feed, moved)

    def hand_out(self, moved: Moved) -> None:
        """The card at the read position to the mouth; only a card that was seen there has come out."""
        self._do(self._hand_out, moved)

    def throw_away(self, moved: Moved) -> None:
        """The card at the read position into the bin."""
        self._do(self._to_bin, moved)

    def keep_blank(self) -> None:
        """The card at the read position has not been touched: it may be the next one."""
        self._blank_at_reader = self._open

    # Talk

    @property
    def state(self) -> tuple[DeviceState, str | None]:
        if not self._open:
            return DeviceState.OFFLINE, self._closed_cause
        cause = "device.silent" if self._silent else self._seen.cause if self._seen else None
        return (DeviceState.DEGRADED if cause else DeviceState.ONLINE), cause

    @property
    def is_busy(self) -> bool:
        return self._dialogue is not None

    @property
    def noise(self) -> int:
        return self._frames.noise + self._errors

    def opened(self) -> None:
        self._open = True
        self._silent = False
        self._seen = None
        self._frames.clear()
        self._look_at_s = self._clock()
        self._advance()

    def closed(self, cause: str) -> None:
        self._open, self._closed_cause = False, cause
        self._blank_at_reader = False
        self._dialogue = None
        if self._moving is not None:
            self._tell(self._moving, cause)
        if self._next is not None:
            self._tell(self._next[1], cause)
        self._moving = self._next = None

    def outgoing(self) -> bytes:
        return self._dialogue.outgoing if self._dialogue is not None else b""

    def accepted(self, count: int, *, exact: bool = True) -> None:
        if self._dialogue is not None:
            if exact:
                self._dialogue.accepted(count)
            else:
                self._dialogue.lost_count()
        self._advance()

    def in_flight(self, count: int) -> None:
        """Commands are short; nothing waits for their last byte."""

    def received(self, data: bytes) -> None:
        if self._dialogue is not None:
            self._dialogue.feed(data)
        else:
            self._frames.noise += len(data)
        self._advance()

    def tick(self) -> None:
        if self._dialogue is not None:
            self._dialogue.tick()
        self._advance()

    def take_calls(self) -> list[Callable[[], None]]:
        calls, self._calls = self._calls, []
        return calls

    def take_log(self) -> list[str]:
        log, self._log = self._log, []
        return log

    # One thing at a time

    def _do(self, script: Callable[[], Script[None]], moved: Moved) -> None:
        if not self._open:
            self._tell(moved, self._closed_cause or "device.unplugged")
        else:
            self._next = (script, moved)
            self._advance()

    def _advance(self) -> None:
        if not self._open:
            return
        if self._dialogue is not None and self._dialogue.result is not None:
            self._end(self._dialogue.result)
        if self._dialogue is None and self._next is not None:
            (script, self._moving), self._next = self._next, None
            self._start(script())
        elif self._dialogue is None and self._clock() >= self._look_at_s:
            self._start(self._look())

    def _start(self, script: Script[None]) -> None:
        self._dialogue = Dialogue(_caught(script), self._frames, clock=self._clock)
        self._dialogue.start()

    def _end(self, ended: _Ended) -> None:
        self._dialogue = None
        self._look_at_s = self._clock() + LOOK_EVERY_S
        moved, self._moving = self._moving, None
        if moved is not None:
            self._tell(moved, ended.cause)

    def _tell(self, moved: Moved, cause: str | None) -> None:
        if cause:
            self._log.append(f"= {cause}")
            self._errors += 1
        self._calls.append(partial(moved, cause))

    # Scripts

    def _look(self) -> Script[None]:
        yield from self._status()

    def _feed(self) -> Script[None]:
        status = yield from self._settled()
        if status.at_mouth:
            raise _Failed("dispenser.card_at_mouth")
        if status.at_reader:
            if self._blank_at_reader:
                self._blank_at_reader = False
                return
            yield from self._to_bin()  # from before: nobody knows what it holds
            status = yield from self._settled()
        if status.fails:
            yield from self._act(RESET)
            status = yield from self._settled()
        if status.cause not in (None, "dispenser.low"):
            raise _Failed(str(status.cause))
        for _ in range(2):
            yield from self._act(self._profile.feed)
            if (yield from self._came_to_the_reader()):
                return
        raise _Failed("dispenser.failed")

    def _came_to_the_reader(self) -> Script[bool]:
        """False if the machine has done nothing."""
        started_s = self._clock()
        while self._clock() - started_s < MOVES_WITHIN_S:
            status = yield from self._status()
            if status.at_reader and not status.moves:
                return True
            if status.is_jammed or status.fails or status.bin_is_full:
                raise _Failed(str(status.cause))
            if not status.moves:
                if status.is_empty:
                    raise _Failed("dispenser.empty")
                if self._clock() - started_s >= STARTS_WITHIN_S:
                    return False
            yield Ask(b"", POLL_S)
        raise _Failed("dispenser.stuck")

    def _hand_out(self) -> Script[None]:
        status = yield from self._settled()
        if not status.at_reader:
            raise _Failed("dispenser.card_gone")
        if self._profile.flags:
            yield from self._act(FORGET_TAKEN)
        yield from self._act(OUT)
        until_s = self._clock() + MOVES_WITHIN_S
        while self._clock() < until_s:
            status = yield from self._status()
            if not status.at_reader and (status.at_mouth or status.was_taken):
                return
            if status.is_jammed or status.fails:
                raise _Failed(str(status.cause))
            if not status.at_reader and not status.moves:
                raise _Failed("dispenser.not_seen_out")
            yield Ask(b"", POLL_S)
        raise _Failed("dispenser.stuck")

    def _to_bin(self) -> Script[None]:
        self._blank_at_reader = False
        status = yield from self._settled()
        if not status.at_reader:
            return
        yield from self._act(TO_BIN)
        began_s = self._clock()
        while self._clock() - began_s < MOVES_WITHIN_S:
            status = yield from self._status()
            if status.is_jammed or status.fails:
                raise _Failed(str(status.cause))
            if not status.at_reader and not status.moves:
                return
            if status.bin_is_full and not status.moves and self._clock() - began_s >= STARTS_WITHIN_S:
                raise _Failed("dispenser.bin_full")
            yield Ask(b"", POLL_S)
        raise _Failed("dispenser.stuck")

    def _settled(self) -> Script[Said]:
        """The status once nothing moves."""
        until_s = self._clock() + MOVES_WITHIN_S
        while self._clock() < until_s:
            status = yield from self._status()
            if not status.moves:
                return status
            yield Ask(b"", POLL_S)
        raise _Failed("dispenser.stuck")

    def _act(self, command: bytes) -> Script[None]:
        yield from self._command(command)
        yield Ask(ENQ, POLL_S)
        self._log.append(f"> {command.decode('ascii')}")

    def _status(self) -> Script[Said]:
        """Raises _Failed("device.silent") when there is no answer, however often it is asked."""
        question, answer = (FLAGS, b"PB") if self._profile.flags else (STATUS, b"SF")
        for _ in range(TRIES):
            yield from self._command(question)
            frame = yield Ask(ENQ, ANSWER_S)
            while frame is not None:
                if isinstance(frame, Said) and frame.what == answer:
                    self._heard(frame)
                    return frame
                frame = yield Ask(b"", ANSWER_S)
        self._silent = True
        raise _Failed("device.silent")

    def _command(self, command: bytes) -> Script[None]:
        """Until ENQ it has done nothing: what was not acknowledged is sent again."""
        refused = False
        for _ in range(TRIES):
            frame = yield Ask(framed(command), ANSWER_S)
            while frame is not None:
                if isinstance(frame, Acknowledged):
                    return
                if isinstance(frame, NotAcknowledged):
                    refused = True
                    break
                frame = yield Ask(b"", ANSWER_S)
        self._silent = not refused
        raise _Failed("dispenser.not_understood" if refused else "device.silent")

    def _heard(self, said: Said) -> None:
        if said != self._seen:
            self._log.append(f"< {said.what.decode('ascii')} {said.bits:03X}")
        self._seen = said
        self._silent = False


def _caught(script: Script[None]) -> Script[_Ended]:
    try:
        yield from script
    except _Failed as failed:
        return _Ended(failed.cause)
    return _Ended()
