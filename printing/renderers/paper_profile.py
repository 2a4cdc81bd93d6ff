"""What the paper and its printer can do, as far as a slip's look depends on it."""

from __future__ import annotations

from dataclasses import dataclass

SHEET_DOTS = 1000  # more across than any roll has
SHEET_TEXT_MM = 170  # of 210 mm, with 20 mm of margin on each side
SHEET_HEIGHT_MM = 297
SHEET_MARGIN_MM = 20
COLUMN_DOTS = 12  # of an ASCII character in a receipt printer's larger font; a Hanzi takes 24


@dataclass(frozen=True)
class PaperProfile:
    """`columns` characters of half width and `dots` across the printable width. `native_qr`: the printer draws QR
    codes itself. `cut`: "feed" (to the cutter, and cut), "partial" or "full" (fed first), "none" (a tear bar).
    `beyond_gbk`: its font has two-byte characters outside GBK; `hanzi_size`: it takes `1C 21` (DEVICES.md 1.1, 1.3)."""

    columns: int
    dots: int
    native_qr: bool = True
    cut: str = "feed"
    beyond_gbk: bool = False
    hanzi_size: bool = True

    def __post_init__(self) -> None:
        if self.columns < 16 or self.dots % 8 or self.dots < COLUMN_DOTS * self.columns:
            raise ValueError("a profile needs 16 columns or more of 12 dots, and whole bytes of dots")

    @property
    def paper_mm(self) -> int:
        """The width of the roll, or of the sheet."""
        if self.is_sheet:
            return 210
        return 58 if self.dots <= 384 else 80

    @property
    def is_sheet(self) -> bool:
        return self.dots > SHEET_DOTS

    @property
    def dot_mm(self) -> float:
        """Receipt printers have 8 dots to the millimetre. A sheet's are those of its text of 10 points."""
        return SHEET_TEXT_MM / self.dots if self.is_sheet else 1 / 8


# DEVICES.md 1.1. Cheap 58 mm models lack QR and have a tear bar instead of a cutter.
ROLL_58 = PaperProfile(columns=32, dots=384, native_qr=False, cut="none")
ROLL_80 = PaperProfile(columns=48, dots=576)
# A sheet is only for files and for printers of the office: 96 columns make text of 10 points.
A4 = PaperProfile(columns=96, dots=1152)
