"""What kinds of receipt printers there are, as far as it matters to us (DEVICES.md 1.1, 1.3 to 1.5).

A profile is chosen by a person at set-up and never guessed from `GS I`: clones lie. Geometry of the named models is
that of python-escpos 3.1, except where DEVICES.md says that it is wrong there. A desk can have kinds of its own, made
of one of these (`with_changes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum

from app.domain.errors import Refused

FLOWS = ("none", "xonxoff", "rtscts", "dsr")
CUTS = ("feed", "partial", "full", "none")
BAUDRATES = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
_COLUMN_DOTS = 12  # of an ASCII character; a Hanzi takes 24


class Completion(Enum):
    """How a printer proves that it has printed, the best first. EOT and NONE prove nothing: a person is asked."""

    GS_H = "gs_h"
    GS_R = "gs_r"
    EOT = "eot"
    NONE = "none"


@dataclass(frozen=True)
class PrinterProfile:
    """`columns` counts ASCII characters on a line, `dots` the printable width; `answers=False` means a write-only
    cable. `cut`: "feed" feeds to the cutter and cuts (`1D 56 42 00`), "partial" and "full" are fed first
    (`1B 64 05 1D 56 01/00`), "none" has a tear bar. `beyond_gbk`: the font has two-byte characters outside GBK (䶮, €).
    `hanzi_size`: Hanzi are sized by `1C 21` as well; without it that command is not sent. `drawer_pin` is 2 or 5."""

    name: str
    columns: int
    dots: int
    completion: Completion = Completion.GS_R
    native_qr: bool = True
    cut: str = "feed"
    answers: bool = True
    auto_status: bool = True
    baudrate: int = 9600
    flow: str = "none"
    beyond_gbk: bool = False
    hanzi_size: bool = True
    drawer_pin: int = 2

    def __post_init__(self) -> None:
        """Raises Refused("printer.profile_wrong") and names the value that cannot be."""
        if not 16 <= self.columns <= 64:
            raise _wrong("columns", "16-64")
        if self.dots % 8 or not _COLUMN_DOTS * self.columns <= self.dots <= 1000:
            raise _wrong("dots", f"{-(-_COLUMN_DOTS * self.columns // 8) * 8}-1000, ÷ 8")
        if self.baudrate not in BAUDRATES:
            raise _wrong("baudrate", ", ".join(map(str, BAUDRATES)))
        if self.flow not in FLOWS:
            raise _wrong("flow", ", ".join(FLOWS))
        if self.cut not in CUTS:
            raise _wrong("cut", ", ".join(CUTS))
        if self.drawer_pin not in (2, 5):
            raise _wrong("drawer_pin", "2, 5")
        if not self.answers and self.completion is not Completion.NONE:
            raise _wrong("completion", Completion.NONE.value)


def _wrong(field: str, allowed: str) -> Refused:
    return Refused("printer.profile_wrong", field=field, allowed=allowed)


def _small(name: str, **more: object) -> PrinterProfile:
    """58 mm with a tear bar, and no QR command: what most of them are."""
    return replace(PrinterProfile(name, 32, 384, native_qr=False, cut="none"), **more)  # type: ignore[arg-type] # by name


def _large(name: str, **more: object) -> PrinterProfile:
    return replace(PrinterProfile(name, 48, 576), **more)  # type: ignore[arg-type] # fields by name


PROFILES: dict[str, PrinterProfile] = {
    profile.name: profile
    for profile in (
        _small("generic-58"),
        _large("generic-80"),
        PrinterProfile("epson-tm-t88", 42, 512, Completion.GS_H, baudrate=38400),
        _large("epson-tm-t20ii", baudrate=38400),
        _large("xprinter-xp-s260m", completion=Completion.GS_H, baudrate=19200),
        _small("xprinter-58"),
        _large("xprinter-80", baudrate=19200),
        _small("gprinter-58"),
        _large("gprinter-80", baudrate=19200),
        _small("pos-5890"),
        _small("zijiang-5870", auto_status=False),
        _small("netum-5890k"),
        _large("netum-80", baudrate=19200),
        _large("rongta-rp326", baudrate=19200),
        _small("sunmi-58", native_qr=True, baudrate=115200),
        _small("write-only-58", completion=Completion.NONE, answers=False, auto_status=False),
        _large("write-only-80", completion=Completion.NONE, answers=False, auto_status=False, native_qr=False),
    )
}


def with_changes(name: str, based_on: str, changes: Mapping[str, object]) -> PrinterProfile:
    """A kind of one's own: as `based_on`, but for `changes` (fields of `PrinterProfile`, `completion` by its name).

    Raises Refused("printer.profile_unknown" | "printer.profile_wrong")."""
    if based_on not in PROFILES:
        raise Refused("printer.profile_unknown", name=based_on[:60])
    kinds = {field.name: type(getattr(PROFILES[based_on], field.name)) for field in fields(PrinterProfile)}
    values: dict[str, object] = {}
    for field, value in changes.items():
        if field == "name" or field not in kinds:
            raise _wrong(field[:60], ", ".join(kinds)[:200])
        if kinds[field] is Completion:
            known = [each.value for each in Completion]
            if value not in known:
                raise _wrong(field, ", ".join(known))
            values[field] = Completion(value)
        elif type(value) is not kinds[field]:
            raise _wrong(field, kinds[field].__name__)
        else:
            values[field] = value
    return replace(PROFILES[based_on], name=name, **values)  # type: ignore[arg-type] # each is of its field's type
