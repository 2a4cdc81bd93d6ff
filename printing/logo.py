"""From a picture file to the dots of a receipt printer."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from app.domain.errors import Refused
from app.domain.slip_look import LOGO_HIGHEST_DOTS, LOGO_WIDEST_DOTS, Logo

LARGEST_FILE_BYTES = 10_000_000
_MOST_PIXELS = 40_000_000
_LEAST_SIDE_PX = 16
_WHITE_FROM = 240  # of 255: scanned paper is rarely purer
_MOST_GROWTH = 4
_CONTRAST = 1.6


def logo_of(file: bytes) -> Logo:
    """A PNG or JPEG file as the printer's dots: margins cut off, as large as its place allows, dithered (Floyd and
    Steinberg).

    Raises Refused("logo.file_too_large" | "logo.unreadable" | "logo.too_small" | "logo.blank")."""
    if len(file) > LARGEST_FILE_BYTES:
        raise Refused("logo.file_too_large", most_mb=LARGEST_FILE_BYTES // 1_000_000)
    grey = _cropped(_grey(file))
    if min(grey.size) < _LEAST_SIDE_PX:
        raise Refused("logo.too_small", least_px=_LEAST_SIDE_PX)
    factor = min(LOGO_WIDEST_DOTS / grey.width, LOGO_HIGHEST_DOTS / grey.height, _MOST_GROWTH)
    size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
    dithered = _crisp(grey.resize(size, Image.Resampling.LANCZOS)).convert("1", dither=Image.Dither.FLOYDSTEINBERG)
    width = -(-dithered.width // 8) * 8
    paper = Image.new("1", (width, dithered.height), 1)
    paper.paste(dithered, ((width - dithered.width) // 2, 0))
    return Logo.of_rows(width, bytes(byte ^ 0xFF for byte in paper.tobytes()))


def _grey(file: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow only warns of a picture that would fill the memory.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(file), formats=("PNG", "JPEG")) as found:
                if found.width * found.height > _MOST_PIXELS:
                    raise Image.DecompressionBombError
                found.load()
                upright = ImageOps.exif_transpose(found)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("logo.file_too_large", most_mb=LARGEST_FILE_BYTES // 1_000_000) from None
    except Exception:  # whatever a broken or hostile file makes a decoder say, it is not a picture
        raise Refused("logo.unreadable") from None
    if upright.mode.startswith("I"):  # 16 bits of grey: converting would cut, not scale
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    clear = upright.convert("RGBA")
    on_white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(on_white, clear).convert("L")


def _cropped(grey: Image.Image) -> Image.Image:
    """Without the white around it, and with its darkest parts black: thermal paper has no pale ink."""
    ink = grey.point(lambda value: 0 if value >= _WHITE_FROM else 255).getbbox()
    if ink is None:
        raise Refused("logo.blank")
    return ImageOps.autocontrast(grey.crop(ink), cutoff=(1, 0))


def _crisp(grey: Image.Image) -> Image.Image:
    """Almost black is black and almost white is white: letters keep their edges, and only real greys are dithered."""
    return grey.point(lambda value: min(255, max(0, round((value - 128) * _CONTRAST + 128))))
