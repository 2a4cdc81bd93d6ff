"""Which readers there are: the names that a desk's settings use, and what stands behind each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from devices.drivers.chip_writing import ER302Chip, PN532Chip
from devices.drivers.er302 import ER302Frames, ER302Reader
from devices.drivers.gm65 import GM65Reader
from devices.drivers.msr605 import MSR605Reader
from devices.drivers.pcsc import PcscCards
from devices.drivers.pn532 import PN532Frames, PN532Reader
from devices.drivers.reader import CounterReader, MemberCardRule, Reader
from devices.drivers.sector_reader import SectorReader
from devices.drivers.wiegand import WiegandLines


@dataclass(frozen=True)
class CodeForm:
    """What this mall's scanner puts around each code, and how its card numbers look."""

    rule: MemberCardRule
    prefix: bytes = b""
    suffix: bytes = b""


@dataclass(frozen=True)
class ReaderKind:
    name: str
    baudrate: int
    make: Callable[[str, CodeForm], Reader]


def _line(name: str, form: CodeForm) -> CounterReader:
    return CounterReader(name, rule=form.rule, prefix=form.prefix, suffix=form.suffix)


def _gm65(name: str, form: CodeForm) -> GM65Reader:
    return GM65Reader(
        CounterReader(name, rule=form.rule, prefix=form.prefix, suffix=form.suffix, has_tags=False),
    )


def _pn532(name: str, form: CodeForm) -> SectorReader:
    return SectorReader(PN532Reader(name), PN532Chip(), PN532Frames(), form.rule)


def _er302(name: str, form: CodeForm, *, stuffed: bool) -> SectorReader:
    frames = ER302Frames(stuffed=stuffed)
    return SectorReader(ER302Reader(name, stuffed=stuffed), ER302Chip(stuffed=stuffed), frames, form.rule)


READER_KINDS: dict[str, ReaderKind] = {
    kind.name: kind
    for kind in (
        ReaderKind("line", 9600, _line),  # swipe readers, scanners, RDM6300, ID-12LA: whatever speaks by itself
        ReaderKind("gm65", 9600, _gm65),
        ReaderKind("msr605", 9600, lambda name, form: MSR605Reader(name, rule=form.rule)),
        ReaderKind("pn532", 115200, _pn532),
        ReaderKind("er302", 115200, partial(_er302, stuffed=False)),
        ReaderKind("er302-stuffed", 115200, partial(_er302, stuffed=True)),
        ReaderKind("pcsc", 9600, lambda name, _: PcscCards(name)),  # no serial line: the URL is pcsc://…
        ReaderKind("wiegand-bits", 9600, lambda name, _: WiegandLines(name, form="bits")),
        ReaderKind("wiegand-decimal", 9600, lambda name, _: WiegandLines(name, form="decimal")),
        ReaderKind("wiegand-hex", 9600, lambda name, _: WiegandLines(name, form="hex")),
    )
}
