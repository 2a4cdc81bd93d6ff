"""Every colour, size and time that screens may use, light and dark; nothing else in `ui/` names a colour.

Sizes are device-independent pixels at 100 % text size.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """Roles, not hues. `*_soft` is a background, `*_text` is what is written on it or on a surface."""

    window: str
    surface: str
    raised: str
    sunken: str
    hover: str
    line: str
    line_strong: str
    text: str
    text_muted: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_soft: str
    accent_text: str
    on_accent: str
    danger: str
    danger_hover: str
    danger_pressed: str
    danger_soft: str
    danger_text: str
    on_danger: str
    warning_soft: str
    warning_text: str
    success_soft: str
    success_text: str
    info_soft: str
    info_text: str
    scrim: str
    shadow: str
    toast: str
    toast_text: str
    toast_accent: str
    bronze_soft: str
    bronze_text: str
    silver_soft: str
    silver_text: str
    gold_soft: str
    gold_text: str
    platinum_soft: str
    platinum_text: str


LIGHT = Colours(
    window="#F4F5F7",
    surface="#FFFFFF",
    raised="#FFFFFF",
    sunken="#ECEEF2",
    hover="#F1F3F6",
    line="#E1E4EA",
    line_strong="#858E9C",
    text="#151A21",
    text_muted="#535D6C",
    text_disabled="#9AA2AE",
    accent="#0F6F68",
    accent_hover="#0B5F59",
    accent_pressed="#084E49",
    accent_soft="#DCF1EE",
    accent_text="#0A5F59",
    on_accent="#FFFFFF",
    danger="#B3261E",
    danger_hover="#9C1F18",
    danger_pressed="#861811",
    danger_soft="#FBE9E7",
    danger_text="#9C1F18",
    on_danger="#FFFFFF",
    warning_soft="#FFF1CF",
    warning_text="#714700",
    success_soft="#DFF4E5",
    success_text="#17622F",
    info_soft="#E5EDF9",
    info_text="#29487A",
    scrim="#73101620",
    shadow="#1F101828",
    toast="#1E242D",
    toast_text="#F3F5F8",
    toast_accent="#63DCCB",
    bronze_soft="#F6E6DA",
    bronze_text="#7A4521",
    silver_soft="#E6EAF0",
    silver_text="#47515E",
    gold_soft="#FBEDC3",
    gold_text="#6B4F00",
    platinum_soft="#E4E3F6",
    platinum_text="#453F8C",
)

DARK = Colours(
    window="#111418",
    surface="#191D23",
    raised="#222831",
    sunken="#0C0F12",
    hover="#222831",
    line="#2B323B",
    line_strong="#6D7887",
    text="#ECEFF3",
    text_muted="#A4AEBB",
    text_disabled="#606A77",
    accent="#3CC9B8",
    accent_hover="#58D6C7",
    accent_pressed="#2FB3A3",
    accent_soft="#12352F",
    accent_text="#63DCCB",
    on_accent="#04211D",
    danger="#F0776E",
    danger_hover="#F58F87",
    danger_pressed="#E0655C",
    danger_soft="#391A18",
    danger_text="#FF9F97",
    on_danger="#2A0705",
    warning_soft="#36290B",
    warning_text="#F3C567",
    success_soft="#132F1D",
    success_text="#7FD79A",
    info_soft="#18273E",
    info_text="#9DC1F5",
    scrim="#A6000000",
    shadow="#66000000",
    toast="#E9ECF1",
    toast_text="#171C23",
    toast_accent="#0A5F59",
    bronze_soft="#38251A",
    bronze_text="#E9B48F",
    silver_soft="#2C323A",
    silver_text="#C9D2DD",
    gold_soft="#382E0F",
    gold_text="#F1D06B",
    platinum_soft="#2A2846",
    platinum_text="#C5C0F6",
)

TIERS = ("bronze", "silver", "gold", "platinum")

# (what is written, what it is written on): every pair that a screen may show; a test keeps each at 4.5 : 1 or better.
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *(
        (text, ground)
        for text in ("text", "text_muted")
        for ground in ("window", "surface", "raised", "sunken", "hover")
    ),
    *(("accent_text", ground) for ground in ("window", "surface", "raised", "accent_soft", "hover")),
    *(("on_accent", ground) for ground in ("accent", "accent_hover", "accent_pressed")),
    *(("on_danger", ground) for ground in ("danger", "danger_hover", "danger_pressed")),
    *(
        (f"{tone}_text", ground)
        for tone in ("danger", "warning", "success", "info")
        for ground in ("window", "surface", "raised", f"{tone}_soft")
    ),
    ("text", "accent_soft"),
    ("text_muted", "accent_soft"),
    *(("text", f"{tone}_soft") for tone in ("danger", "warning", "success", "info")),
    ("toast_text", "toast"),
    ("toast_accent", "toast"),
    *((f"{tier}_text", f"{tier}_soft") for tier in TIERS),
)

# Edges and focus rings that a control is recognised by: 3 : 1.
EDGE_PAIRS: tuple[tuple[str, str], ...] = (
    ("line_strong", "surface"),
    ("line_strong", "window"),
    ("accent", "surface"),
    ("accent", "window"),
    ("danger", "surface"),
)


class Space:
    """Distances: XS inside a control, S beside a label, M between rows, L around a card, XL and XXL on a page."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


class Radius:
    SMALL = 6
    CONTROL = 8
    CARD = 12
    PANEL = 16


class Motion:
    """Milliseconds."""

    FAST = 120
    NORMAL = 150
    SLOW = 180


@dataclass(frozen=True)
class TypeStyle:
    size_px: int
    bold: bool = False


TYPE: dict[str, TypeStyle] = {
    "caption": TypeStyle(12),
    "small": TypeStyle(13),
    "body": TypeStyle(15),
    "strong": TypeStyle(15, bold=True),
    "label": TypeStyle(13, bold=True),
    "title": TypeStyle(18, bold=True),
    "headline": TypeStyle(24, bold=True),
    "figure": TypeStyle(28, bold=True),
    "display": TypeStyle(40, bold=True),
    "keypad": TypeStyle(22),
}

TARGET_PX = 44
"""Nothing that a finger must hit is smaller."""

TEXT_SCALES: tuple[float, ...] = (0.9, 1.0, 1.15, 1.3, 1.5)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two opaque `#RRGGBB` colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
