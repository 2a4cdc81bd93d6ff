"""What every painted widget needs: rounded fills, focus rings, soft shadows. All crisp on any pixel ratio."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.theme.theme import theme


def fill_rounded(
    painter: QPainter, rect: QRectF, radius: float, fill: QColor | None, line: QColor | None = None, width: float = 1.0
) -> None:
    """Fill a rounded rectangle; the line lies wholly inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(fill)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        return
    painter.setPen(QPen(line, width))
    half = width / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius - half, radius - half)


def focus_ring(painter: QPainter, rect: QRectF, radius: float) -> None:
    """A two pixel ring in the accent, just inside `rect`."""
    fill_rounded(painter, rect, radius, None, theme().colour("accent"), 2.0)


def soft_shadow(painter: QPainter, rect: QRectF, radius: float, depth: int = 24) -> None:
    """The shadow of something raised, drawn outside `rect`; cheap layers, because a blur would stall the window."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    base = theme().colour("shadow")
    steps = 8
    for step in range(steps):
        grow = depth * (steps - step) / steps
        colour = QColor(base)
        colour.setAlphaF(base.alphaF() * (step + 1) / steps / steps * 1.6)
        painter.setBrush(colour)
        around = rect.adjusted(-grow, -grow * 0.6, grow, grow * 1.1)
        painter.drawRoundedRect(around, radius + grow, radius + grow)
