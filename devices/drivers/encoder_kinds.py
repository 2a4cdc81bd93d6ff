"""Which encoders there are: the names that a desk's settings use. Each is a reader, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.ports.devices import CardContents, CardStep
from devices.drivers.chip_writing import ChipWriting, ER302Chip, PN532Chip
from devices.drivers.er302 import ER302Frames
from devices.drivers.pn532 import PN532Frames
from devices.drivers.reader_kinds import READER_KINDS, ReaderKind
from devices.drivers.stripe_writing import StripeWriting
from devices.drivers.writing import MakeWriting, Writing


@dataclass(frozen=True)
class EncoderKind:
    name: str
    reader: ReaderKind
    make: MakeWriting


def _stripe(card: CardContents, by_hand: bool, step: Callable[[CardStep], None], *, hi_co: bool) -> Writing:
    return StripeWriting(card, by_hand=by_hand, step=step, hi_co=hi_co)


def _pn532(card: CardContents, by_hand: bool, step: Callable[[CardStep], None]) -> Writing:
    return ChipWriting(card, by_hand=by_hand, step=step, machine=PN532Chip(), frames=PN532Frames())


def _er302(card: CardContents, by_hand: bool, step: Callable[[CardStep], None], *, stuffed: bool) -> Writing:
    frames = ER302Frames(stuffed=stuffed)
    return ChipWriting(card, by_hand=by_hand, step=step, machine=ER302Chip(stuffed=stuffed), frames=frames)


ENCODER_KINDS: dict[str, EncoderKind] = {
    kind.name: kind
    for kind in (
        EncoderKind("msr605", READER_KINDS["msr605"], partial(_stripe, hi_co=True)),
        EncoderKind("msr605-lo-co", READER_KINDS["msr605"], partial(_stripe, hi_co=False)),
        EncoderKind("pn532", READER_KINDS["pn532"], _pn532),
        EncoderKind("er302", READER_KINDS["er302"], partial(_er302, stuffed=False)),
        EncoderKind("er302-stuffed", READER_KINDS["er302-stuffed"], partial(_er302, stuffed=True)),
    )
}
