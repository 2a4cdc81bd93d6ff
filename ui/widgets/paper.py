"""Paper on the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.locale import tr
from ui.theme import theme

PAPER_WIDEST = 384


class PaperPicture(QWidget):
    """The paper as it comes out, on the ground of the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._png: bytes | None = None
        self._pixmap = QPixmap()
        self._scaled = QPixmap()
        self._room = theme().px(PAPER_WIDEST)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_png(self, png: bytes | None) -> None:
        if png is self._png:
            return
        self._png = png
        self._pixmap = QPixmap()
        if png:
            self._pixmap.loadFromData(png)
        self.setAccessibleName(tr("The paper") if png else "")
        self._fit()

    def set_room(self, width: int) -> None:
        """No wider than this, and never wider than a real receipt looks."""
        room = min(width, theme().px(PAPER_WIDEST))
        if room != self._room and room > 0:
            self._room = room
            self._fit()

    def _fit(self) -> None:
        self._scaled = QPixmap()
        if not self._pixmap.isNull():
            ratio = self.devicePixelRatioF()
            width = round(min(self._room, self._pixmap.width() / 2) * ratio)
            self._scaled = self._pixmap.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
            self._scaled.setDevicePixelRatio(ratio)
        size = self._scaled.deviceIndependentSize().toSize()
        self.setFixedSize(size.width(), size.height())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._scaled.isNull():
            with QPainter(self) as painter:
                painter.drawPixmap(0, 0, self._scaled)
