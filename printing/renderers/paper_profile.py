"""What the paper and its printer can do, as far as a slip's look depends on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PaperProfile:
    """`columns` characters of half width and `dots` across the printable width, 8 dots to the millimetre;
    `paper_mm` is the roll. `native_qr`: the printer draws QR codes itself; `cutter`: it cuts."""

    columns: int
    dots: int
    paper_mm: int
    native_qr: bool = True
    cutter: bool = True

    def __post_init__(self) -> None:
        if self.columns < 16 or self.dots % 8 or self.dots < 12 * self.columns:
            raise ValueError("a profile needs 16 columns or more of at least 12 dots, and whole bytes of dots")


# DEVICES.md 1.1. Cheap 58 mm models lack QR and have a tear bar instead of a cutter.
ROLL_58 = PaperProfile(columns=32, dots=384, paper_mm=58, native_qr=False, cutter=False)
ROLL_80 = PaperProfile(columns=48, dots=576, paper_mm=80)
