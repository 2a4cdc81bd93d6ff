"""Writing a sector of a Mifare Classic card: find it, open the sector, write, read back, compare (DEVICES.md 2.5, 2.6).

No key and no content ever leaves here in a log line.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from app.ports.devices import CardContents, CardMade, CardOutcome, CardStep
from devices.drivers import er302, pn532
from devices.drivers.dialogue import Ask, Cancelled, Dialogue, Frames, Script
from devices.drivers.writing import FOUND_WITHIN_S, TRIES

SECTOR_BLOCKS = (4, 5, 6)  # sector 1; its block 7 holds the keys and is never written
BLOCK_BYTES = 16
FACTORY_KEY = b"\xff" * 6
REST_S = 0.1

_KEY_A = 0x60
_READ = 0x30
_WRITE = 0xA0
_IS_MIFARE_CLASSIC = 0x08  # a bit of SAK


@dataclass(frozen=True)
class Found:
    identity: bytes = field(repr=False)
    is_classic: bool


class Silent(Exception):
    """The machine answers nothing."""


class ChipMachine(Protocol):
    """How a reader speaks with the card on it. What returns False or None has failed, whosever fault it is; each
    raises Silent when the machine itself gives no sign of life."""

    def find(self) -> Script[Found | None]: ...
    def authenticate(self, identity: bytes, block: int, key: bytes) -> Script[bool]: ...
    def write(self, block: int, data: bytes) -> Script[bool]: ...
    def read(self, block: int) -> Script[bytes | None]: ...


class PN532Chip:
    def find(self) -> Script[Found | None]:
        if (yield from self._ask(pn532.SAM_CONFIGURATION, pn532.NORMAL_MODE, before=pn532.WAKE)) is None:
            raise Silent
        payload = yield from self._ask(
            pn532.IN_LIST_PASSIVE_TARGET, pn532.ONE_TYPE_A, wait_s=pn532.LIST_FOR_S, before=pn532.ACK
        )
        identity = None if payload is None else pn532.identity_listed(payload)
        if payload is None or identity is None:
            return None
        return Found(identity, bool(payload[4] & _IS_MIFARE_CLASSIC) and len(identity) == 4)

    def authenticate(self, identity: bytes, block: int, key: bytes) -> Script[bool]:
        return (yield from self._exchange(bytes((_KEY_A, block)) + key + identity)) == b""

    def write(self, block: int, data: bytes) -> Script[bool]:
        return (yield from self._exchange(bytes((_WRITE, block)) + data)) == b""

    def read(self, block: int) -> Script[bytes | None]:
        data = yield from self._exchange(bytes((_READ, block)))
        return data if data is not None and len(data) == BLOCK_BYTES else None

    def _exchange(self, what: bytes) -> Script[bytes | None]:
        payload = yield from self._ask(pn532.IN_DATA_EXCHANGE, b"\x01" + what)
        return payload[1:] if payload and payload[0] & 0x3F == 0 else None

    def _ask(
        self, command: int, payload: bytes, *, wait_s: float = pn532.ANSWER_S, before: bytes = b""
    ) -> Script[bytes | None]:
        for _ in range(TRIES):
            frame = yield Ask(before + pn532.asked(command, payload), pn532.ANSWER_S)
            while frame is not None and frame != pn532.Acknowledged():
                frame = yield Ask(b"", pn532.ANSWER_S)
            if frame is not None:
                return (yield from self._answer(command, wait_s))
        raise Silent

    def _answer(self, command: int, wait_s: float) -> Script[bytes | None]:
        nacks = 0
        frame = yield Ask(b"", wait_s)
        while frame is not None:
            if isinstance(frame, pn532.Data) and frame.command == command:
                return frame.payload
            if isinstance(frame, pn532.ApplicationError):
                return None
            if isinstance(frame, pn532.Broken) and nacks < pn532.ASK_AGAIN_AT_MOST:
                nacks += 1
                frame = yield Ask(pn532.NACK, wait_s)
            else:
                frame = yield Ask(b"", wait_s)
        if command == pn532.IN_LIST_PASSIVE_TARGET:  # it waits for a card
            return None
        raise Silent


class ER302Chip:
    def __init__(self, *, stuffed: bool = False) -> None:
        self._stuffed = stuffed

    def find(self) -> Script[Found | None]:
        there = yield from self._ask(er302.REQUEST, er302.REQUEST_ALL)
        if there.status:
            return None
        answer = yield from self._ask(er302.ANTICOLLISION)
        if answer.status or len(answer.data) != 4:
            return None
        identity = answer.data
        selected = yield from self._ask(er302.SELECT, identity)
        if len(selected.data) != 1:
            return Found(identity, False) if selected.status else None
        return Found(identity, bool(selected.data[0] & _IS_MIFARE_CLASSIC))

    def authenticate(self, identity: bytes, block: int, key: bytes) -> Script[bool]:
        reply = yield from self._ask(er302.AUTHENTICATE, bytes((_KEY_A, block)) + key)
        return reply.status == 0

    def write(self, block: int, data: bytes) -> Script[bool]:
        reply = yield from self._ask(er302.WRITE, bytes((block,)) + data)
        return reply.status == 0

    def read(self, block: int) -> Script[bytes | None]:
        reply = yield from self._ask(er302.READ, bytes((block,)))
        return reply.data if not reply.status and len(reply.data) == BLOCK_BYTES else None

    def _ask(self, command: int, data: bytes = b"") -> Script[er302.Reply]:
        for _ in range(TRIES):
            body = yield Ask(er302.framed(command, data, stuffed=self._stuffed), er302.ANSWER_S)
            while body is not None:
                reply = er302.reply_in(body)
                if reply is not None and reply.command == command:
                    return reply
                body = yield Ask(b"", er302.ANSWER_S)
        raise Silent


class ChipWriting:
    """A card without `chip` contents takes its number, in ASCII. Raises ValueError for more than a sector holds, or
    for a key that is none."""

    def __init__(
        self,
        card: CardContents,
        *,
        by_hand: bool,
        step: Callable[[CardStep], None],
        machine: ChipMachine,
        frames: Frames[object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        contents = card.chip or card.number.encode("ascii")
        if len(contents) > BLOCK_BYTES * len(SECTOR_BLOCKS) or len(card.chip_key) != 6:
            raise ValueError("more than a sector holds, or a key that is none")
        parts = range(0, len(contents), BLOCK_BYTES)
        self._blocks = tuple(
            (block, contents[at : at + BLOCK_BYTES].ljust(BLOCK_BYTES, b"\x00"))
            for block, at in zip(SECTOR_BLOCKS, parts, strict=False)
        )
        self._key = card.chip_key
        self._by_hand = by_hand
        self._step = step
        self._machine = machine
        self._clock = clock
        self._touched: bytes | None = None  # the card that was written to
        self.dialogue: Dialogue[CardMade] = Dialogue(self._script(), frames, clock=clock)

    @property
    def may_be_touched(self) -> bool:
        return self._touched is not None

    def _script(self) -> Script[CardMade]:
        try:
            cause = yield from self._write()
        except Cancelled:
            cause = "encoder.cancelled"
        except Silent:
            cause = "device.silent"
        if cause is None:
            return CardMade(CardOutcome.WRITTEN)
        return CardMade(CardOutcome.SPOILT if self.may_be_touched else CardOutcome.NOT_WRITTEN, cause)

    def _write(self) -> Script[str | None]:
        """One card, and only that one: it may be laid down again when it slipped."""
        if self._by_hand:
            self._step(CardStep.WAITING_FOR_CARD)
        until_s = self._clock() + FOUND_WITHIN_S
        cause, tries, is_mute = "encoder.no_card", 0, False
        while self._clock() < until_s:
            try:
                found = yield from self._machine.find()
                if found is None:
                    is_mute = False
                    yield Ask(b"", REST_S)
                    continue
                if not found.is_classic:
                    return "encoder.wrong_card"
                if self._touched not in (None, found.identity):
                    return "encoder.other_card"
                failed = yield from self._write_to(found)
            except Silent:  # once, it may have paused
                if is_mute:
                    raise
                is_mute = True
                continue
            if failed is None:
                return None
            cause, tries, is_mute = failed, tries + 1, False
            if tries == TRIES:
                break
            if self._by_hand:
                self._step(CardStep.ONCE_MORE)
        return "device.silent" if is_mute else cause

    def _write_to(self, found: Found) -> Script[str | None]:
        if not (yield from self._machine.authenticate(found.identity, self._blocks[0][0], self._key)):
            return "encoder.wrong_key" if self._touched is None else "encoder.card_left"
        self._step(CardStep.WRITING)
        for block, data in self._blocks:
            self._touched = found.identity
            if not (yield from self._machine.write(block, data)):
                return "encoder.write_error"
        self._step(CardStep.READING_BACK)
        for block, data in self._blocks:
            seen = yield from self._machine.read(block)
            if seen is None:
                return "encoder.card_left"
            if seen != data:
                return "encoder.mismatch"
        return None
