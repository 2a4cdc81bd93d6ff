"""Numbers that matter: large, tabular, with what they mean."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.locale import money, number, signed
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets.text import Text
from ui.widgets.visibility import show_if


class Stat(QWidget):
    """A label, a large number, and a line of detail."""

    def __init__(
        self, label: str, value: str = "", detail: str = "", *, role: str = "figure", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.label = Text(label, "small", tone="muted")
        self.value = Text(value, role)
        self.detail = Text(detail, "small", tone="muted")
        show_if(self.detail, bool(detail))
        for part in (self.label, self.value, self.detail):
            column.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set(self, value: str, detail: str = "", *, tone: str = "normal") -> None:
        self.value.setText(value)
        self.value.set_tone(tone)
        self.detail.setText(detail)
        show_if(self.detail, bool(detail))
        self.setAccessibleName(f"{self.label.text()} {value} {detail}".strip())

    def set_label(self, label: str) -> None:
        self.label.setText(label)


class PointsLabel(Text):
    """A number of points; with `change` signed and toned."""

    def __init__(
        self, points: int = 0, role: str = "body", *, change: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(role=role, align=Qt.AlignmentFlag.AlignRight, parent=parent)
        self._change = change
        self.set_points(points)

    def set_points(self, points: int) -> None:
        self.setText(signed(points) if self._change else number(points))
        if self._change:
            self.set_tone("success" if points > 0 else "normal")


class MoneyLabel(Text):
    """An amount of fen as ¥200.00."""

    def __init__(self, fen: int = 0, role: str = "body", *, parent: QWidget | None = None) -> None:
        super().__init__(money(fen), role, align=Qt.AlignmentFlag.AlignRight, parent=parent)

    def set_fen(self, fen: int) -> None:
        self.setText(money(fen))


class BeforeAfter(QWidget):
    """12,480 → 9,080: what is, and what will be."""

    def __init__(
        self, label: str = "", before: int = 0, after: int = 0, *, unit: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._label, self._before, self._after, self._unit = label, before, after, unit
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    def set(self, before: int, after: int, *, label: str | None = None, unit: str | None = None) -> None:
        self._before, self._after = before, after
        self._label = self._label if label is None else label
        self._unit = self._unit if unit is None else unit
        self._name()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        figure, title = theme().metrics("figure"), theme().metrics("title")
        width = (
            theme().metrics("small").horizontalAdvance(self._label)
            + title.horizontalAdvance(number(self._before))
            + figure.horizontalAdvance(number(self._after))
            + theme().metrics("small").horizontalAdvance(self._unit)
            + theme().px(28)
            + 5 * Space.M
        )
        return QSize(width, theme().px(52))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(52))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, 8, t.colour("sunken"))
            middle = Qt.AlignmentFlag.AlignVCenter
            inner = rect.adjusted(Space.M, 0, -Space.M, 0)
            painter.setFont(t.font("small"))
            painter.setPen(t.colour("text_muted"))
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, self._label)
            right = inner.right()
            if self._unit:
                width = t.metrics("small").horizontalAdvance(self._unit)
                painter.drawText(QRectF(right - width, 4, width + 1, rect.height()), middle, self._unit)
                right -= width + 6
            after = number(self._after)
            painter.setFont(t.font("figure"))
            painter.setPen(t.colour("danger_text" if self._after < 0 else "text"))
            width = t.metrics("figure").horizontalAdvance(after)
            painter.drawText(QRectF(right - width, 0, width + 1, rect.height()), middle, after)
            right -= width + Space.M
            side = t.px(20)
            paint_icon(
                painter,
                QRectF(right - side, rect.center().y() - side / 2, side, side),
                "arrow_right",
                t.colour("text_muted"),
            )
            right -= side + Space.M
            before = number(self._before)
            painter.setFont(t.font("title"))
            painter.setPen(t.colour("text_muted"))
            width = t.metrics("title").horizontalAdvance(before)
            painter.drawText(QRectF(right - width, 0, width + 1, rect.height()), middle, before)

    def _name(self) -> None:
        self.setAccessibleName(f"{self._label} {number(self._before)} → {number(self._after)} {self._unit}".strip())


class Meter(QWidget):
    """How far along: a slim bar, 0.0 to 1.0."""

    def __init__(self, share: float = 0.0, *, tone: str = "accent", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = share
        self._tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_share(self, share: float) -> None:
        self._share = min(1.0, max(0.0, share))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            radius = rect.height() / 2
            fill_rounded(painter, rect, radius, theme().colour("sunken"))
            if self._share > 0:
                width = max(rect.height(), rect.width() * self._share)
                fill_rounded(painter, QRectF(0, 0, width, rect.height()), radius, theme().colour(self._tone))
