"""Words on the screen. Always plain text: a member named `<b>` stays `<b>`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import theme

TONES = {
    "normal": "text",
    "muted": "text_muted",
    "accent": "accent_text",
    "danger": "danger_text",
    "warning": "warning_text",
    "success": "success_text",
    "disabled": "text_disabled",
}


class Text(QLabel):
    """A label. `role` is a name of the type scale, `tone` one of TONES."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        *,
        tone: str = "normal",
        wrap: bool = False,
        align: Qt.AlignmentFlag | None = None,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role = role
        self._tone = tone
        self._ready = True
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if align is not None:
            self.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._dress()
        self.setText(text)

    def set_tone(self, tone: str) -> None:
        if tone != self._tone:
            self._tone = tone
            self._dress()

    def set_role(self, role: str) -> None:
        if role != self._role:
            self._role = role
            self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and getattr(self, "_ready", False):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.setFont(theme().font(self._role))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme().colour(TONES[self._tone]))
        self.setPalette(palette)


class ElidedText(Text):
    """One line that ends in … when there is no room; the whole text is its tool tip then."""

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("汉汉…")), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        area: QRect = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        with QPainter(self) as painter:
            painter.setFont(self.font())
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(area, int(self.alignment()), shown)
