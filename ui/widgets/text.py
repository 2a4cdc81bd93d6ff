"""Words on the screen. Always plain text: a member named `<b>` stays `<b>`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import theme

# A tone is a role of the palette, so that other colours need nothing but another palette (ui.theme.theme makes it).
TONES = {
    "normal": QPalette.ColorRole.WindowText,
    "muted": QPalette.ColorRole.PlaceholderText,
    "accent": QPalette.ColorRole.Link,
    "danger": QPalette.ColorRole.BrightText,
    "warning": QPalette.ColorRole.LinkVisited,
    "success": QPalette.ColorRole.Midlight,
    "toast": QPalette.ColorRole.ToolTipText,
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
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if align is not None:
            self.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setFont(theme().font(role))
        self.set_tone(tone)
        self.setText(text)

    def set_tone(self, tone: str) -> None:
        self.setForegroundRole(TONES[tone])

    def set_role(self, role: str) -> None:
        if role != self._role:
            self._role = role
            self.setFont(theme().font(role))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.setFont(theme().font(self._role))
        super().changeEvent(event)


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
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(area, int(self.alignment()), shown)
