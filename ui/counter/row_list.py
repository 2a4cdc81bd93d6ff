"""A list that paints its rows: two hundred cost no more than the dozen in sight, and screen readers see them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.theme import Radius, fill_rounded, theme
from ui.widgets.dressed import ThinScrollBar

Index = QModelIndex | QPersistentModelIndex
PaintRow = Callable[[QPainter, QRectF, Any, bool], None]


def write(
    painter: QPainter, area: QRectF, text: str, role: str = "body", tone: str = "text", *, right: bool = False
) -> float:
    """One line of text, elided; returns its width. `tone` is a role of `Colours`."""
    metrics = theme().metrics(role)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(area.width())))
    painter.setFont(theme().font(role))
    painter.setPen(theme().colour(tone))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)
    return float(metrics.horizontalAdvance(shown))


class _Rows(QAbstractListModel):
    def __init__(self, name: Callable[[Any], str], parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Any, ...] = ()
        self._name = name

    def set_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._name(self.rows[index.row()])
        return None


class _Painter(QStyledItemDelegate):
    def __init__(self, paint: PaintRow, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._paint = paint
        self._height = height

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, theme().px(self._height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _Rows)
        rect = QRectF(option.rect)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            fill_rounded(painter, rect, Radius.CONTROL, theme().colour("accent_soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            fill_rounded(painter, rect, Radius.CONTROL, theme().colour("hover"))
        self._paint(painter, rect, model.rows[index.row()], chosen)
        painter.restore()


class RowList(QListView):
    """`chosen(row)` on a click or Enter; `marked(row)` when the arrows move. `ticks`: Space chooses too."""

    chosen = Signal(int)
    marked = Signal(int)

    def __init__(
        self,
        paint: PaintRow,
        said: Callable[[Any], str],
        *,
        height: int = 56,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._height = height
        self._rows = _Rows(said, self)
        self.setModel(self._rows)
        self.setItemDelegate(_Painter(paint, height, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBar(ThinScrollBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.viewport().setAutoFillBackground(False)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)
        self.setAccessibleName(name)
        self.verticalScrollBar().setSingleStep(theme().px(height))
        self.clicked.connect(self._on_clicked)

    @property
    def rows(self) -> tuple[Any, ...]:
        return self._rows.rows

    def show_rows(self, rows: Sequence[Any], selected: int = -1) -> None:
        """Show these; what is already shown is not built again."""
        if tuple(rows) != self._rows.rows:
            self._rows.set_rows(rows)
        now = self.currentIndex().row() if self.selectionModel().hasSelection() else -1
        if selected != now:
            if 0 <= selected < len(self._rows.rows):
                self.setCurrentIndex(self._rows.index(selected, 0))
            else:
                self.clearSelection()
        self.viewport().update()

    def fit(self, most: int) -> None:
        """As high as its rows, up to `most` of them; more are scrolled."""
        self.setFixedHeight(theme().px(self._height) * min(most, max(1, len(self.rows))) + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and row >= 0:
            if not event.isAutoRepeat():
                self.chosen.emit(row)
            event.accept()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
            if self.currentIndex().row() != row:
                self.marked.emit(self.currentIndex().row())
        else:
            event.ignore()

    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())
