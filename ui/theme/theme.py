"""The theme in force: fonts and palette of the one QApplication.

There is one theme because there is one QApplication; widgets ask for it when they paint, so that switching light and
dark is another palette and a repaint. Another text size reaches widgets as a StyleChange.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from ui.theme.style import HouseStyle
from ui.theme.tokens import DARK, LIGHT, TYPE, Colours

FAMILY = "Noto Sans SC"
FONT_FILES = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")


class Theme:
    """Colours and fonts at a text scale. `theme()` is the one in force."""

    def __init__(self) -> None:
        self.name = "light"
        self.colours: Colours = LIGHT
        self.scale = 1.0
        self.motion = True
        self._fonts: dict[str, QFont] = {}
        self._loaded_from: Path | None = None
        self._style: HouseStyle | None = None

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"

    @property
    def is_applied(self) -> bool:
        return self._style is not None

    def load_fonts(self, folder: Path) -> None:
        """Load Noto Sans SC from `folder`, once. Raises FileNotFoundError when a file is missing or no font."""
        if self._loaded_from == folder:
            return
        for file in FONT_FILES:
            if QFontDatabase.addApplicationFont(str(folder / file)) < 0:
                raise FileNotFoundError(folder / file)
        self._loaded_from = folder

    def apply(self, app: QApplication, name: str, *, scale: float = 1.0, font_folder: Path | None = None) -> None:
        """Put "light" or "dark" in force at once, with text `scale` times its normal size."""
        if font_folder is not None:
            self.load_fonts(font_folder)
        self.name = "dark" if name == "dark" else "light"
        self.colours = DARK if self.is_dark else LIGHT
        is_resized, self.scale = scale != self.scale, scale
        self._fonts.clear()
        if self._style is None:
            self._style = HouseStyle()
            app.setStyle(self._style)
        app.setFont(self.font("body"))
        app.setPalette(self._palette())
        QToolTip.setFont(self.font("body"))
        QToolTip.setPalette(self._palette_of_tips())
        for widget in app.allWidgets():
            if is_resized:
                QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
            elif widget.styleSheet():  # Qt does not tell it of another palette
                QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.PaletteChange))

    def px(self, size: float) -> int:
        """`size` at 100 % in pixels at the text scale in force."""
        return round(size * self.scale)

    def colour(self, role: str) -> QColor:
        """The QColor of a role of `Colours`; `#AARRGGBB` is understood."""
        return QColor(getattr(self.colours, role))

    def font(self, role: str) -> QFont:
        """A font of the type scale (`tokens.TYPE`), with figures of equal width."""
        known = self._fonts.get(role)
        if known is None:
            style = TYPE[role]
            known = QFont(FAMILY)
            known.setPixelSize(self.px(style.size_px))
            known.setWeight(QFont.Weight.Bold if style.bold else QFont.Weight.Normal)
            known.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
            known.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            self._fonts[role] = known
        return QFont(known)  # a copy: whoever gets it may change it

    def metrics(self, role: str) -> QFontMetrics:
        return QFontMetrics(self.font(role))

    def motion_ms(self, duration_ms: int) -> int:
        """`duration_ms`, or 0 where motion is switched off (tests, pictures, people who asked for calm)."""
        return duration_ms if self.motion else 0

    def _palette(self) -> QPalette:
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, name in (
            (roles.Window, "window"),
            (roles.WindowText, "text"),
            (roles.Base, "surface"),
            (roles.AlternateBase, "hover"),
            (roles.Text, "text"),
            (roles.PlaceholderText, "text_muted"),
            (roles.Button, "surface"),
            (roles.ButtonText, "text"),
            (roles.BrightText, "danger_text"),
            (roles.Highlight, "accent"),
            (roles.HighlightedText, "on_accent"),
            (roles.ToolTipBase, "toast"),
            (roles.ToolTipText, "toast_text"),
            (roles.Link, "accent_text"),
            (roles.LinkVisited, "warning_text"),
            (roles.Light, "surface"),
            (roles.Midlight, "success_text"),  # no control of Qt's that we show draws with it, see ui.widgets.text
            (roles.Mid, "line"),
            (roles.Dark, "line_strong"),
            (roles.Shadow, "line_strong"),
            (roles.Accent, "accent"),
        ):
            palette.setColor(role, self.colour(name))
        for role in (roles.Text, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("text_disabled"))
        return palette

    def _palette_of_tips(self) -> QPalette:
        """See `HouseStyle`: the edge is drawn in ToolTipText, the words in WindowText."""
        palette = self._palette()
        for role, name in (
            (QPalette.ColorRole.ToolTipText, "toast"),
            (QPalette.ColorRole.WindowText, "toast_text"),
        ):
            palette.setColor(role, self.colour(name))
        return palette


_in_force = Theme()


def theme() -> Theme:
    """The theme in force."""
    return _in_force
