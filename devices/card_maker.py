"""`app.ports.devices.CardMaker`: an encoder, by itself or inside a dispenser.

Each step is done on the thread of the machine whose step it is, and each ends exactly once, also when that machine is
pulled out or the desk stops; so a card's making ends exactly once, too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from app.domain.errors import Unavailable
from app.ports.devices import CardContents, CardMade, CardOutcome, CardStep, DeviceHealth, DeviceState
from devices.drivers.dispenser import DispenserTalk
from devices.drivers.reader_talk import EncoderTalk
from devices.drivers.writing import TRIES, UNUSABLE_CARD, MakeWriting

STOPPED = "device.stopped"


class OnThread(Protocol):
    """The thread of a machine: `devices.supervisor.DeviceThread`."""

    def post(self, call: Callable[[], None]) -> bool: ...
    def health(self) -> DeviceHealth: ...


class SerialCardMaker:
    """Raises Unavailable("encoder.busy") for a second card at once."""

    def __init__(
        self,
        encoder: OnThread,
        talk: EncoderTalk,
        check: MakeWriting,
        *,
        dispenser: OnThread | None = None,
        feeder: DispenserTalk | None = None,
    ) -> None:
        self.encoder = encoder
        self.talk = talk
        self._check = check
        self.dispenser = dispenser
        self.feeder = feeder
        self._lock = threading.Lock()
        self._is_busy = False

    def is_fed_by_hand(self) -> bool:
        return self.feeder is None

    def make(
        self, card: CardContents, *, step: Callable[[CardStep], None], done: Callable[[CardMade], None]
    ) -> Callable[[], None]:
        self._check(card, True, lambda _: None)  # raises ValueError here, and not on a machine's thread
        with self._lock:
            if self._is_busy:
                raise Unavailable("encoder.busy")
            self._is_busy = True

        def ended(made: CardMade) -> None:
            with self._lock:
                self._is_busy = False
            done(made)

        making: _ByHand | _Dispensed
        if self.dispenser is None or self.feeder is None:
            making = _ByHand(self, card, step, ended)
        else:
            making = _Dispensed(self, self.dispenser, self.feeder, card, step, ended)
        making.start()
        return making.cancel


class _ByHand:
    def __init__(
        self,
        maker: SerialCardMaker,
        card: CardContents,
        step: Callable[[CardStep], None],
        done: Callable[[CardMade], None],
    ) -> None:
        self._maker = maker
        self._card = card
        self._step = step
        self._done = done
        self._ended = False

    def start(self) -> None:
        write = partial(self._maker.talk.write, self._card, by_hand=True, step=self._step, done=self._end)
        if not self._maker.encoder.post(write):
            self._end(CardMade(CardOutcome.NOT_WRITTEN, STOPPED))

    def cancel(self) -> None:
        def if_still_this() -> None:
            if not self._ended:
                self._maker.talk.cancel()

        self._maker.encoder.post(if_still_this)

    def _end(self, made: CardMade) -> None:
        self._ended = True
        self._done(made)


class _Dispensed:
    """Feed, encode, hand out. A card that is none of ours goes into the bin, and the next one is tried; with one that
    is spoilt it ends, for nobody knows whether it holds the number, and a number stands on one card only."""

    def __init__(
        self,
        maker: SerialCardMaker,
        dispenser: OnThread,
        feeder: DispenserTalk,
        card: CardContents,
        step: Callable[[CardStep], None],
        done: Callable[[CardMade], None],
    ) -> None:
        self._maker = maker
        self._dispenser = dispenser
        self._feeder = feeder
        self._card = card
        self._step = step
        self._done = done
        self._tries = 0
        self._spoilt = False
        self._lock = threading.Lock()
        self._cancelled = False
        self._encodes = False

    def start(self) -> None:
        health = self._maker.encoder.health()
        if health.state not in (DeviceState.ONLINE, DeviceState.DEGRADED):  # no card is moved for nothing
            cause = health.cause or "device.unplugged"
            if not self._dispenser.post(partial(self._end, cause)):
                self._end(STOPPED)
            return
        self._feed()

    def cancel(self) -> None:
        def if_it_encodes() -> None:
            if self._encodes:
                self._maker.talk.cancel()

        with self._lock:
            self._cancelled = True
        self._maker.encoder.post(if_it_encodes)

    def _feed(self) -> None:
        self._tries += 1
        self._move(CardStep.FEEDING, self._feeder.feed, self._fed)

    def _fed(self, cause: str | None) -> None:
        if cause is not None:
            self._end(cause)
        elif self._cancelled:
            self._leave_blank("encoder.cancelled")
        elif not self._maker.encoder.post(self._encode):
            self._leave_blank(STOPPED)

    def _encode(self) -> None:
        with self._lock:
            self._encodes = True
            cancelled = self._cancelled
        self._maker.talk.write(self._card, by_hand=False, step=self._step, done=self._encoded)
        if cancelled:
            self._maker.talk.cancel()

    def _encoded(self, made: CardMade) -> None:
        self._encodes = False
        cause = made.cause or ""
        if made.outcome is CardOutcome.WRITTEN:
            self._move(CardStep.HANDING_OUT, self._feeder.hand_out, self._came_out)
        elif made.outcome is CardOutcome.SPOILT or cause in UNUSABLE_CARD:
            self._spoilt = made.outcome is CardOutcome.SPOILT
            self._move(CardStep.TO_THE_BIN, self._feeder.throw_away, partial(self._thrown_away, cause))
        else:
            self._leave_blank(cause)

    def _came_out(self, cause: str | None) -> None:
        self._spoilt = cause is not None
        self._end(cause)

    def _thrown_away(self, why: str, cause: str | None) -> None:
        if cause is not None:
            self._end(cause)
        elif not self._spoilt and self._tries < TRIES and not self._cancelled:
            self._feed()
        else:
            self._end(why)

    def _leave_blank(self, cause: str) -> None:
        self._dispenser.post(self._feeder.keep_blank)
        self._end(cause)

    def _move(
        self, step: CardStep, move: Callable[[Callable[[str | None], None]], None], moved: Callable[[str | None], None]
    ) -> None:
        def on_its_thread() -> None:
            self._step(step)
            move(moved)

        if not self._dispenser.post(on_its_thread):
            moved(STOPPED)

    def _end(self, cause: str | None) -> None:
        if cause is None:
            self._done(CardMade(CardOutcome.WRITTEN))
        else:
            self._done(CardMade(CardOutcome.SPOILT if self._spoilt else CardOutcome.NOT_WRITTEN, cause))
