"""How the program looks: tokens, the theme that applies them, icons and painting."""

import ui.overrides  # noqa: F401 - before the first widget is defined
from ui.theme import stylesheet
from ui.theme.icons import ICONS, as_qicon, paint_icon
from ui.theme.paint import fill_rounded, focus_ring, soft_shadow
from ui.theme.stylesheet import dress
from ui.theme.theme import Theme, theme
from ui.theme.tokens import TARGET_PX, Colours, Motion, Radius, Space

__all__ = [
    "ICONS",
    "TARGET_PX",
    "Colours",
    "Motion",
    "Radius",
    "Space",
    "Theme",
    "as_qicon",
    "dress",
    "fill_rounded",
    "focus_ring",
    "paint_icon",
    "soft_shadow",
    "stylesheet",
    "theme",
]
