"""What came out of a simulated printer: lines, pictures and codes, and how they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

_FONTS = Path(__file__).resolve().parents[2] / "printing" / "fonts"
CELL_DOTS = 12  # one column; a Hanzi is two
CELL_HEIGHT_DOTS = 24


@dataclass(frozen=True)
class Run:
    """Characters in one size and weight; `wide` and `high` are multipliers from 1 to 8."""

    text: str
    wide: int = 1
    high: int = 1
    bold: bool = False
    underlined: bool = False

    @property
    def dots(self) -> int:
        return sum(columns(character) for character in self.text) * CELL_DOTS * self.wide


@dataclass(frozen=True)
class PrintedLine:
    runs: tuple[Run, ...]
    align: int = 0
    height_dots: int = 30

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class PrintedPicture:
    """Rows of packed bits, 1 is black, most significant bit left."""

    width_bytes: int
    rows: bytes
    align: int = 0

    @property
    def height_dots(self) -> int:
        return len(self.rows) // self.width_bytes if self.width_bytes else 0


@dataclass(frozen=True)
class PrintedQr:
    content: str
    module_dots: int
    level: str
    align: int = 0

    @property
    def height_dots(self) -> int:
        return int(segno.make_qr(self.content, error=self.level).symbol_size(border=0)[1]) * self.module_dots


@dataclass(frozen=True)
class PrintedBarcode:
    kind: str
    content: str
    height_dots: int
    align: int = 0


@dataclass(frozen=True)
class Feed:
    height_dots: int


@dataclass(frozen=True)
class Cut:
    partial: bool
    height_dots: int = 16


PaperItem = PrintedLine | PrintedPicture | PrintedQr | PrintedBarcode | Feed | Cut


def columns(character: str) -> int:
    """Columns of one character on the printer: two for everything that is not ASCII."""
    return 1 if character.isascii() else 2


def paper_image(items: Sequence[PaperItem], width_dots: int, margin_dots: int = 16) -> Image.Image:
    """The strip of paper as a grey picture, one pixel per dot."""
    height = sum(item.height_dots for item in items) + 2 * margin_dots
    image = Image.new("L", (width_dots + 2 * margin_dots, height), 255)
    draw = ImageDraw.Draw(image)
    y = margin_dots
    for item in items:
        _draw(image, draw, item, margin_dots, y, width_dots)
        y += item.height_dots
    return image


def _draw(image: Image.Image, draw: ImageDraw.ImageDraw, item: PaperItem, left: int, y: int, width: int) -> None:
    if isinstance(item, PrintedLine):
        x = left + _indent(item.align, sum(run.dots for run in item.runs), width)
        for run in item.runs:
            _draw_run(image, run, x, y + item.height_dots - CELL_HEIGHT_DOTS * run.high)
            x += run.dots
    elif isinstance(item, PrintedPicture):
        if not item.width_bytes or not item.height_dots:
            return
        bits = Image.frombytes("1", (item.width_bytes * 8, item.height_dots), bytes(b ^ 0xFF for b in item.rows))
        image.paste(bits.convert("L"), (left + _indent(item.align, item.width_bytes * 8, width), y))
    elif isinstance(item, PrintedQr):
        code = segno.make_qr(item.content, error=item.level)
        side = item.height_dots
        x = left + _indent(item.align, side, width)
        for row, modules in enumerate(code.matrix):
            for column, dark in enumerate(modules):
                if dark:
                    at = (x + column * item.module_dots, y + row * item.module_dots)
                    draw.rectangle((at, (at[0] + item.module_dots - 1, at[1] + item.module_dots - 1)), fill=0)
    elif isinstance(item, PrintedBarcode):
        # Bars are only hinted at: the words below say what a scanner would read.
        draw.rectangle((left, y, left + width // 2, y + item.height_dots - 28), outline=0)
        _draw_run(image, Run(f"{item.kind} {item.content}"), left, y + item.height_dots - 26)
    elif isinstance(item, Cut):
        for x in range(left, left + width, 16):
            draw.line((x, y + 8, x + 8, y + 8), fill=128)


def _indent(align: int, used: int, width: int) -> int:
    return max(0, (0, (width - used) // 2, width - used)[align])


def _font(bold: bool, size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    path = _FONTS / f"NotoSansSC-{'Bold' if bold else 'Regular'}.ttf"
    return ImageFont.truetype(path, size) if path.exists() else ImageFont.load_default(size)


def _draw_run(image: Image.Image, run: Run, x: int, y: int) -> None:
    """Each character in its own cell, as a printer's dot font does."""
    font = _font(run.bold, 22)
    for character in run.text:
        cell_width = columns(character) * CELL_DOTS
        cell = Image.new("L", (cell_width, CELL_HEIGHT_DOTS), 255)
        pen = ImageDraw.Draw(cell)
        pen.text((cell_width / 2, CELL_HEIGHT_DOTS / 2), character, font=font, fill=0, anchor="mm")
        if run.underlined:
            pen.line((0, CELL_HEIGHT_DOTS - 1, cell_width, CELL_HEIGHT_DOTS - 1), fill=0)
        scaled = cell.resize((cell_width * run.wide, CELL_HEIGHT_DOTS * run.high))
        image.paste(scaled, (x, y))
        x += cell_width * run.wide
