"""Writing a stripe with an MSR605: write, read back, compare (DEVICES.md 2.2).

Fed by hand, the clerk swipes once to write and once more to read back. A machine that carries the card passes it by
itself as often as it is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from app.ports.devices import CardContents, CardMade, CardOutcome, CardStep
from devices.drivers.dialogue import Ask, Cancelled, Dialogue, Script
from devices.drivers.msr605 import (
    ALIVE,
    ANSWER_S,
    COMMUNICATION_TEST,
    READ_ISO,
    RESET,
    STATUS_OK,
    Answer,
    MSR605Frames,
    Tracks,
    write_iso,
)
from devices.drivers.writing import FOUND_WITHIN_S, TRIES

HI_CO = b"\x1bx"
LO_CO = b"\x1by"

CAUSES = {
    0x31: "encoder.write_error",
    0x32: "encoder.format",
    0x34: "encoder.not_understood",
    0x39: "encoder.bad_swipe",
    0x41: "encoder.failed",
}
_NOTHING_WRITTEN = (0x32, 0x34)  # the command itself was refused
_ALIVE_BYTES = 2


class StripeWriting:
    """A card without tracks takes its number on track 2. Raises ValueError for what no track can hold."""

    def __init__(
        self,
        card: CardContents,
        *,
        by_hand: bool,
        step: Callable[[CardStep], None],
        hi_co: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        second = card.track_2 if card.track_1 or card.track_2 else card.number
        self._command = write_iso(card.track_1, second)
        self._wanted = (_with_sentinels("%", card.track_1), _with_sentinels(";", second))
        self._by_hand = by_hand
        self._step = step
        self._coercivity = HI_CO if hi_co else LO_CO
        self._touched = False
        self._armed = False  # the machine waits for a swipe that writes
        self._heard_when_armed = 0
        self.dialogue: Dialogue[CardMade] = Dialogue(self._script(), MSR605Frames(clock=clock), clock=clock)

    @property
    def may_be_touched(self) -> bool:
        return self._touched or self._armed

    def _script(self) -> Script[CardMade]:
        try:
            cause = yield from self._set_up()
            if cause is None:
                cause = yield from self._write()
            if cause is None:
                cause = yield from self._read_back()
        except Cancelled as cancelled:
            self._armed = self._armed and not cancelled.unheard
            yield from self._stand_down()
            cause = "encoder.cancelled"
        if cause is None:
            return CardMade(CardOutcome.WRITTEN)
        return CardMade(CardOutcome.SPOILT if self.may_be_touched else CardOutcome.NOT_WRITTEN, cause)

    def _set_up(self) -> Script[str | None]:
        is_alive = yield from self._is_alive()
        for _ in range(TRIES if is_alive else 0):
            if (yield Ask(self._coercivity, ANSWER_S)) == Answer(STATUS_OK):
                return None
            is_alive = yield from self._is_alive()  # it may have gone mute since
        return "encoder.not_understood" if is_alive else "device.silent"

    def _is_alive(self, *, forget: bool = True) -> Script[bool]:
        """Reset and test: afterwards the machine waits for nothing."""
        for _ in range(TRIES):
            frame = yield Ask(RESET + COMMUNICATION_TEST, ANSWER_S, forget)
            while frame is not None:
                if frame == Answer(ALIVE):
                    return True
                frame = yield Ask(b"", ANSWER_S)
        return False

    def _write(self) -> Script[str | None]:
        cause = "encoder.failed"
        for attempt in range(TRIES):
            self._say(CardStep.WAITING_FOR_CARD if attempt == 0 else CardStep.ONCE_MORE, CardStep.WRITING)
            self._armed, self._heard_when_armed = True, self.dialogue.heard
            frame = yield Ask(self._command, FOUND_WITHIN_S)
            if frame is None:
                yield from self._stand_down()
                return "encoder.no_swipe"
            status = frame.code if isinstance(frame, Answer) else None
            cause = CAUSES.get(status or 0, "encoder.garbled")
            if status in _NOTHING_WRITTEN and (yield Ask(self._command, ANSWER_S)) == frame:  # it stands by that
                self._armed = False
                return cause
            self._touched, self._armed = True, False
            if status == STATUS_OK:
                return None
            if not (yield from self._is_alive()):
                return "device.silent"
        return cause

    def _read_back(self) -> Script[str | None]:
        cause = "encoder.unreadable"
        for attempt in range(TRIES):
            if not (yield from self._is_alive()):  # whatever it may still wait for, it now waits for nothing
                return "device.silent"
            self._say(CardStep.WAITING_FOR_CARD_AGAIN if attempt == 0 else CardStep.ONCE_MORE, CardStep.READING_BACK)
            frame = yield Ask(READ_ISO, FOUND_WITHIN_S)
            if frame is None:
                yield from self._is_alive()
                return "encoder.not_read_back"
            if not isinstance(frame, Tracks) or frame.status != STATUS_OK:
                cause = "encoder.unreadable" if isinstance(frame, Tracks) else "encoder.garbled"
            elif frame.tracks[:2] == self._wanted:
                return None
            elif cause == "encoder.mismatch":  # read twice, and twice not what it should be
                break
            else:
                cause = "encoder.mismatch"
        yield from self._is_alive()
        return cause

    def _stand_down(self) -> Script[None]:
        """No swipe is wanted any more. While it waits for one, it hears nothing but a reset: one that answers a test
        does not wait, so a card went through, whether or not its answer arrived."""
        if not self._armed:
            yield from self._is_alive()
            return
        waits = (yield Ask(COMMUNICATION_TEST, ANSWER_S, forget=False)) is None
        alive = yield from self._is_alive(forget=False)
        heard = self.dialogue.heard - self._heard_when_armed
        self._armed = not (waits and alive and heard == _ALIVE_BYTES)

    def _say(self, by_hand: CardStep, by_machine: CardStep) -> None:
        self._step(by_hand if self._by_hand else by_machine)


def _with_sentinels(start: str, track: str) -> bytes:
    return f"{start}{track}?".encode("ascii") if track else b""
