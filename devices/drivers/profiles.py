"""What kinds of receipt printers there are, as far as it matters to us (DEVICES.md 1.1, 1.4, 1.5).

A profile is chosen by a person at set-up and never guessed from `GS I`: clones lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Completion(Enum):
    """How a printer proves that it has printed, the best first. EOT and NONE prove nothing: a person is asked."""

    GS_H = "gs_h"
    GS_R = "gs_r"
    EOT = "eot"
    NONE = "none"


@dataclass(frozen=True)
class PrinterProfile:
    """`columns` counts ASCII characters on a line, `dots` the printable width; `answers=False` means a write-only
    cable."""

    name: str
    columns: int
    dots: int
    completion: Completion = Completion.GS_R
    native_qr: bool = True
    cutter: bool = True
    answers: bool = True
    auto_status: bool = True
    baudrate: int = 9600
    flow: str = "none"


PROFILES: dict[str, PrinterProfile] = {
    profile.name: profile
    for profile in (
        PrinterProfile("generic-58", columns=32, dots=384, native_qr=False, cutter=False),
        PrinterProfile("generic-80", columns=48, dots=576),
        PrinterProfile("epson-tm-t88", columns=42, dots=512, completion=Completion.GS_H, baudrate=38400),
        PrinterProfile("xprinter-xp-s260m", columns=48, dots=576, completion=Completion.GS_H, baudrate=19200),
        PrinterProfile("zijiang-5870", columns=32, dots=384, native_qr=False, cutter=False, auto_status=False),
        PrinterProfile("write-only-58", columns=32, dots=384, completion=Completion.NONE, native_qr=False,
                       cutter=False, answers=False, auto_status=False),
    )
}  # fmt: skip


def profile_named(name: str) -> PrinterProfile:
    """The profile of that name. Raises KeyError for a name that no profile has."""
    return PROFILES[name]
