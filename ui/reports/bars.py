"""Points issued and used by the hour, as bars over an axis with its unit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.domain.axis import ticks
from app.queries.reports import HourDay
from ui.locale import number, tr
from ui.theme import fill_rounded, theme

_HEIGHT_PX = 176
_SHARE = 0.72  # of an hour's width that its two bars take


class HourBars(QWidget):
    """The figures stand in the table beside it, and in the tip of each hour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hours: tuple[HourDay, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme().px(_HEIGHT_PX))

    def show_hours(self, hours: Sequence[HourDay]) -> None:
        self._hours = tuple(hours)
        best = max(self._hours, key=lambda each: each.issued, default=None)
        told = (
            tr("Most points were issued at {hour} o'clock: {n}.", hour=best.hour, n=number(best.issued)) if best else ""
        )
        self.setAccessibleName(f"{tr('Points by the hour')}. {told}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(480), theme().px(_HEIGHT_PX))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedHeight(theme().px(_HEIGHT_PX))
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            hour = self._hour_at(event.pos().x())
            if hour is not None:
                QToolTip.showText(event.globalPos(), self.tip(hour), self)
            return True
        return super().event(event)

    @staticmethod
    def tip(hour: HourDay) -> str:
        figures = tr("issued {issued}, used {used}", issued=number(hour.issued), used=number(hour.used))
        return f"{hour.hour:02}:00–{hour.hour:02}:59  {figures}"

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._hours:
            return
        t = theme()
        with QPainter(self) as painter:
            painter.setFont(t.font("caption"))
            plot, axis = self._plot()
            for tick in axis:
                y = self._y_of(tick, plot, axis)
                painter.fillRect(
                    QRectF(plot.left(), y, plot.width(), 1), t.colour("line_strong" if tick == 0 else "line")
                )
                painter.setPen(t.colour("text_muted"))
                words = QRectF(0, y - t.px(10), plot.left() - t.px(8), t.px(20))
                painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(tick))
            self._paint_legend(painter)
            slot = plot.width() / len(self._hours)
            bar = slot * _SHARE / 2
            for place, hour in enumerate(self._hours):
                left = plot.left() + place * slot + (slot - 2 * bar) / 2
                for value, at, filled in ((hour.issued, left, True), (hour.used, left + bar, False)):
                    if value:
                        top = self._y_of(value, plot, axis)
                        self._paint_bar(painter, QRectF(at, top, bar - 1, plot.bottom() - top), filled=filled)
                painter.setPen(t.colour("text_muted"))
                below = QRectF(plot.left() + place * slot, plot.bottom() + t.px(4), slot, t.px(20))
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, str(hour.hour))

    def _plot(self) -> tuple[QRectF, tuple[int, ...]]:
        t = theme()
        axis = ticks(0, max(max(each.issued, each.used) for each in self._hours))
        left = t.metrics("caption").horizontalAdvance(number(axis[-1])) + t.px(12)
        return QRectF(left, t.px(30), self.width() - left - t.px(4), self.height() - t.px(30) - t.px(26)), axis

    @staticmethod
    def _y_of(value: int, plot: QRectF, axis: tuple[int, ...]) -> float:
        return plot.bottom() - plot.height() * value / axis[-1]

    @staticmethod
    def _paint_bar(painter: QPainter, rect: QRectF, *, filled: bool) -> None:
        t = theme()
        if filled:
            fill_rounded(painter, rect, 2, t.colour("accent"))
        else:
            fill_rounded(painter, rect, 2, t.colour("accent_soft"), t.colour("accent"), 1.0)

    def _paint_legend(self, painter: QPainter) -> None:
        t = theme()
        painter.setPen(t.colour("text_muted"))
        line = QRectF(0, 0, self.width(), t.px(20))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, tr("points"))
        right = float(self.width())
        for name, filled in ((tr("Points used"), False), (tr("Points issued"), True)):
            wide = painter.fontMetrics().horizontalAdvance(name)
            painter.setPen(t.colour("text_muted"))
            at = QRectF(right - wide, 0, wide + 1, t.px(20))
            painter.drawText(at, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            side = t.px(12)
            self._paint_bar(
                painter, QRectF(QPointF(right - wide - side - t.px(6), t.px(4)), QSize(side, side)), filled=filled
            )
            right -= wide + side + t.px(22)

    def _hour_at(self, x: int) -> HourDay | None:
        if not self._hours:
            return None
        plot, _ = self._plot()
        place = int((x - plot.left()) / (plot.width() / len(self._hours)))
        return self._hours[place] if 0 <= place < len(self._hours) else None
