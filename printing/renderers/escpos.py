"""A document as ESC/POS bytes (DEVICES.md 1.1, 1.3, 1.4).

The stream is a tuple of segments; each is one or more whole commands and leaves the printer in the state it found it,
so a driver may pause, poll or speak in real time between any two.

There is no `1B 40` in a job: it would also end Automatic Status Back, through which the driver hears of paper end while
the job prints. The first segment sets every mode that a slip depends on instead; the driver initialises on connect.
The proof of completion (`GS ( H`, `GS r`) is the driver's as well.

Text can never become a command: it reaches the stream as ASCII 20-7E or two-byte GBK codes (second byte 40-FE), or as
pixels, in which the beginnings of real-time commands are broken up."""

from __future__ import annotations

import re
from typing import assert_never

from PIL import Image, ImageOps

from printing.document import Align, Document
from printing.layout import (
    BlankRow,
    ChartRow,
    CodeRow,
    CutRow,
    PictureRow,
    Row,
    RuleRow,
    TextRow,
    columns_of,
    laid_out,
)
from printing.renderers.drawing import PICTURE_GAP_DOTS, draw_chart, draw_code, draw_picture, draw_row, module_dots
from printing.renderers.paper_profile import PaperProfile

_LEFT, _CENTRE = b"\x1b\x61\x00", b"\x1b\x61\x01"
_BOLD, _NOT_BOLD = b"\x1b\x45\x01", b"\x1b\x45\x00"
_KANJI_WITHOUT_SPACE = b"\x1c\x26\x1c\x53\x00\x00"
_NOT_UNDERLINED = b"\x1b\x2d\x00\x1c\x2d\x00"
_LINE_SPACING_OF_ITS_OWN = b"\x1b\x32"
_CUTS = {
    "feed": b"\x1d\x56\x42\x00",
    "partial": b"\x1b\x64\x05\x1d\x56\x01",
    "full": b"\x1b\x64\x05\x1d\x56\x00",
    "none": b"\x1b\x64\x04",  # to the tear bar
}
_RASTER_ROWS = 128
# What a printer still waits for where a host fell silent inside a picture: the less it is, the sooner it listens again.
_RASTER_BYTES = 4096
_QUIET_ZONE = b"\x1b\x4a\x18"  # the printer draws its own codes without white around them: feed 24 dots
_PICTURE_GAP = bytes((0x1B, 0x4A, PICTURE_GAP_DOTS))
_LEVEL_M = 0x31
_REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")


def encode(document: Document, profile: PaperProfile) -> tuple[bytes, ...]:
    """Segments for `Printer.submit`."""
    segments = [_known_state(profile)]
    for row in laid_out(document, profile.columns):
        segments += _segments(row, profile)
    return tuple(segments)


def _segments(row: Row, profile: PaperProfile) -> list[bytes]:
    match row:
        case TextRow():
            return (
                [_text(row, profile)]
                if _in_printers_font(row, profile)
                else _raster(draw_row(row, profile).point(_threshold))
            )
        case RuleRow():
            return [b"-" * profile.columns + b"\n"]
        case ChartRow(chart):
            return _raster(draw_chart(chart, profile).point(_threshold))
        case CodeRow(content):
            return _native_code(content, profile) if profile.native_qr else _raster_code(content, profile)
        case PictureRow(dots):
            return [*_raster(_centred(draw_picture(dots, profile), profile)), _PICTURE_GAP]
        case BlankRow():
            return [b"\n"]
        case CutRow():
            return [_CUTS[profile.cut]]
        case _:
            assert_never(row)


def _known_state(profile: PaperProfile) -> bytes:
    """Every mode that a slip depends on."""
    modes = _KANJI_WITHOUT_SPACE + _LEFT + _size(0, 0, profile) + _NOT_BOLD
    return modes + _NOT_UNDERLINED + _LINE_SPACING_OF_ITS_OWN


def _size(wide: int, high: int, profile: PaperProfile) -> bytes:
    """0 is plain, 1 is double. Some Chinese firmware sizes Hanzi by FS ! only."""
    size = bytes((0x1D, 0x21, wide << 4 | high))
    return size + bytes((0x1C, 0x21, wide << 2 | high << 3)) if profile.hanzi_size else size


def _in_printers_font(row: TextRow, profile: PaperProfile) -> bool:
    """Firmware called GB18030 is usually only its two-byte part, and of that only what GBK had."""
    return all(_encoded(cell.text, profile) is not None for cell in row.cells)


def _encoded(text: str, profile: PaperProfile) -> bytes | None:
    """None where a character has no code of one or two bytes that this printer knows."""
    try:
        if not profile.beyond_gbk:
            return text.encode("gbk")
        codes = [character.encode("gb18030") for character in text]
    except UnicodeEncodeError:
        return None
    return b"".join(codes) if all(len(code) <= 2 for code in codes) else None


def _text(row: TextRow, profile: PaperProfile) -> bytes:
    centred = len(row.cells) == 1 and row.cells[0].align is Align.CENTRE
    line = row.cells[0].text if centred else _padded(row)
    before, after = b"", b""
    if centred:
        before, after = _CENTRE, _LEFT
    if row.bold:
        before, after = before + _BOLD, _NOT_BOLD + after
    if row.wide or row.high:
        before, after = before + _size(row.wide, row.high, profile), _size(0, 0, profile) + after
    return before + (_encoded(line, profile) or b"") + b"\n" + after


def _padded(row: TextRow) -> str:
    line = ""
    for cell in row.cells:
        line += " " * (cell.start + cell.indent - columns_of(line)) + cell.text
    return line


def _threshold(grey: int) -> int:
    return 255 if grey >= 128 else 0


def _raster(picture: Image.Image) -> list[bytes]:
    """A black and white picture as `GS v 0`, at most 128 rows and 4 KB each; its width is a multiple of 8."""
    segments = []
    across = picture.width // 8
    rows = min(_RASTER_ROWS, _RASTER_BYTES // across)
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        pixels = ImageOps.invert(strip).convert("1", dither=Image.Dither.NONE).tobytes()
        header = b"\x1d\x76\x30\x00" + across.to_bytes(2, "little") + strip.height.to_bytes(2, "little")
        segments.append(header + without_real_time_commands(pixels))
    return segments


def without_real_time_commands(pixels: bytes) -> bytes:
    """`10 04`, `10 05` and `10 14` inside a picture could ask for status, recover or open the drawer: the `10` gets
    one black pixel more."""
    return _REAL_TIME.sub(b"\x30", pixels)


def _raster_code(content: str, profile: PaperProfile) -> list[bytes]:
    return _raster(_centred(draw_code(content, module_dots(content, profile.dots)), profile))


def _centred(picture: Image.Image, profile: PaperProfile) -> Image.Image:
    """By us: not every firmware aligns pictures. Only the bytes up to its right edge are sent."""
    left = (profile.dots - picture.width) // 2
    strip = Image.new("L", (-(-(left + picture.width) // 8) * 8, picture.height), 255)
    strip.paste(picture, (left, 0))
    return strip


def _native_code(content: str, profile: PaperProfile) -> list[bytes]:
    data = content.encode("ascii")
    store = (len(data) + 3).to_bytes(2, "little") + b"\x31\x50\x30" + data
    group = b"\x1d\x28\x6b"
    return [
        _CENTRE
        + group + b"\x04\x00\x31\x41\x32\x00"  # model 2
        + group + b"\x03\x00\x31\x43" + bytes((module_dots(content, profile.dots),))
        + group + b"\x03\x00\x31\x45" + bytes((_LEVEL_M,))
        + group + store
        + group + b"\x03\x00\x31\x51\x30"  # print
        + _LEFT + _QUIET_ZONE
    ]  # fmt: skip
