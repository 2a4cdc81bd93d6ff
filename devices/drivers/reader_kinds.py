"""Which readers there are: the names that a desk's settings use, and what stands behind each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.drivers.er302 import ER302Reader
from devices.drivers.gm65 import GM65Reader
from devices.drivers.msr605 import MSR605Reader
from devices.drivers.pn532 import PN532Reader
from devices.drivers.reader import CounterReader, MemberCardRule, ReaderEvent
from devices.drivers.wiegand import WiegandLines


class Reader(Protocol):
    """A reader's protocol, without port or thread: `feed` what came, `tick` when nothing did, send `outgoing`."""

    @property
    def pending(self) -> bool:
        """Should `tick` come soon?"""

    @property
    def is_silent(self) -> bool:
        """Was it asked several times and never answered?"""

    @property
    def noise(self) -> int:
        """Bytes that belonged to nothing."""

    def outgoing(self) -> bytes: ...
    def accepted(self, count: int) -> None: ...
    def feed(self, data: bytes) -> Sequence[ReaderEvent]: ...
    def tick(self) -> Sequence[ReaderEvent]: ...
    def clear(self) -> None:
        """The port was opened anew."""


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


READER_KINDS: dict[str, ReaderKind] = {
    kind.name: kind
    for kind in (
        ReaderKind("line", 9600, _line),  # swipe readers, scanners, RDM6300, ID-12LA: whatever speaks by itself
        ReaderKind("gm65", 9600, _gm65),
        ReaderKind("msr605", 9600, lambda name, form: MSR605Reader(name, rule=form.rule)),
        ReaderKind("pn532", 115200, lambda name, _: PN532Reader(name)),
        ReaderKind("er302", 115200, lambda name, _: ER302Reader(name)),
        ReaderKind("er302-stuffed", 115200, lambda name, _: ER302Reader(name, stuffed=True)),
        ReaderKind("wiegand-bits", 9600, lambda name, _: WiegandLines(name, form="bits")),
        ReaderKind("wiegand-decimal", 9600, lambda name, _: WiegandLines(name, form="decimal")),
        ReaderKind("wiegand-hex", 9600, lambda name, _: WiegandLines(name, form="hex")),
    )
}
