"""Tables of frozen rows: sortable, copied as tab-separated text, exported as CSV, widths remembered."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from ui.theme import dress, stylesheet, theme

LEAST_TEXT_PX = 64

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex


class Remembered(Protocol):
    """Where widths are kept; `app.ports.preferences.Preferences` is one."""

    def get(self, key: str, default: str = "") -> str: ...
    def set(self, key: str, value: str) -> None: ...


@dataclass(frozen=True)
class Column(Generic[Row]):
    """`title` is asked at each repaint, so that it follows the language; `sort_by` defaults to the text."""

    name: str
    title: Callable[[], str]
    text: Callable[[Row], str]
    sort_by: Callable[[Row], Any] | None = None
    right: bool = False
    width: int = 140
    tone: Callable[[Row], str] | None = None
    """A role of `Colours` for the text of one row, or ""."""
    whole: bool = False
    """A code or a number: too useful to be cut short where columns share the width."""


class RowsModel(QAbstractTableModel, Generic[Row]):
    """A table over a sequence of frozen rows.

    `more(offset)`, if given, is asked for the next rows when the end comes in sight; it answers through `append`.
    """

    def __init__(
        self, columns: Sequence[Column[Row]], rows: Sequence[Row] = (), more: Callable[[int], None] | None = None
    ) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._rows: list[Row] = list(rows)
        self._more = more
        self._complete = more is None
        self._asking = False

    def row(self, at: int) -> Row:
        return self._rows[at]

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows)

    def set_rows(self, rows: Sequence[Row], *, complete: bool = True) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._complete = complete or self._more is None
        self._asking = False
        self.endResetModel()

    def append(self, rows: Sequence[Row], *, complete: bool) -> None:
        self._asking = False
        self._complete = complete
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def canFetchMore(self, parent: Index) -> bool:
        return not self._complete and not self._asking

    def fetchMore(self, parent: Index) -> None:
        if self._more is not None:
            self._asking = True
            self._more(len(self._rows))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(column.right)
        if role == Qt.ItemDataRole.ForegroundRole and column.tone is not None:
            tone = column.tone(row)
            return theme().colour(tone) if tone else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(self.columns[section].right)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self.columns):
            return
        chosen = self.columns[column]
        self.layoutAboutToBeChanged.emit()
        self._rows.sort(key=chosen.sort_by or chosen.text, reverse=order == Qt.SortOrder.DescendingOrder)
        self.layoutChanged.emit()


class DataTable(QTableView):
    """A table view. `opened(row)` fires on Enter or double click, `picked(row)` when the current row changes.

    Ctrl+C copies the chosen rows; `to_csv` writes all. With `remembered`, widths survive a restart.
    """

    opened = Signal(int)
    picked = Signal(int)

    def __init__(self, name: str = "", remembered: Remembered | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._remembered = remembered
        self._shares = False
        self._is_sharing = False
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        dress(self, stylesheet.table)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme().px(44))
        header = _Header(self)
        self.setHorizontalHeader(header)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionsClickable(True)
        header.setMinimumHeight(theme().px(44))
        header.sectionClicked.connect(self.sort_by)
        header.sectionResized.connect(self._on_resized)
        self.setAccessibleName(name)
        self.doubleClicked.connect(self._on_double)

    def show_model(self, model: RowsModel[Any]) -> None:
        """Show `model`, which becomes the table's own, with its columns as wide as they were left."""
        model.setParent(self)
        self.setModel(model)
        for at, column in enumerate(model.columns):
            known = self._remembered.get(self._key(column.name)) if self._remembered else ""
            self.setColumnWidth(at, int(known) if known.isdigit() else theme().px(column.width))
        self.selectionModel().currentRowChanged.connect(self._on_current)

    def sort_by(self, section: int) -> None:
        """Sort by a column; a second time turns the order round."""
        ascending, descending = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        order = descending if self._sorted == (section, ascending) else ascending
        self._sorted = (section, order)
        self.model().sort(section, order)
        header = self.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.setSortIndicator(section, order)
        header.viewport().update()

    def share_width(self) -> None:
        """Let the columns share what there is, in the proportion of their widths: nothing is scrolled sideways before a
        text would be no more than its first letter. Columns that somebody has set, now or before, stay as they were
        left."""
        self._shares = True
        model = self.model()
        if not isinstance(model, RowsModel) or self._is_set_by_hand(model):
            return
        self._is_sharing = True
        self._share(model)
        self._is_sharing = False

    def _is_set_by_hand(self, model: RowsModel[Any]) -> bool:
        return self._remembered is not None and any(self._remembered.get(self._key(c.name)) for c in model.columns)

    def _share(self, model: RowsModel[Any]) -> None:
        shown = [(at, column) for at, column in enumerate(model.columns) if not self.isColumnHidden(at)]
        # A figure that is cut short is a wrong figure: such columns get what they need, texts share the rest.
        needed = {at: self._needed(at) for at, column in shown if column.right or column.whole}
        room = self.viewport().width() - sum(needed.values())
        texts = [(at, column.width) for at, column in shown if at not in needed]
        wanted = sum(width for _, width in texts)
        for at, width in needed.items():
            self.setColumnWidth(at, width)
        for at, width in texts:
            self.setColumnWidth(at, max(theme().px(LEAST_TEXT_PX), room * width // wanted))

    def _needed(self, column: int) -> int:
        return max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))

    def chosen_rows(self) -> list[int]:
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def copied(self) -> str:
        """The chosen rows, or all, as tab-separated text with headings; a value never breaks its cell."""
        rows = self.chosen_rows() or list(range(self.model().rowCount()))
        lines = ["\t".join(self._headings())]
        lines += ["\t".join(harmless(" ".join(cell.split())) for cell in self._cells(row)) for row in rows]
        return "\n".join(lines)

    def as_csv(self) -> str:
        """All rows as CSV. A cell that a spreadsheet would take for a formula is led by an apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self._headings())
        for row in range(self.model().rowCount()):
            writer.writerow([harmless(cell) for cell in self._cells(row)])
        return out.getvalue()

    def to_csv(self, path: Path) -> None:
        """Write `as_csv` with the mark that makes spreadsheets read UTF-8. Raises OSError."""
        path.write_text(self.as_csv(), encoding="utf-8-sig", newline="")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.copied())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shares:  # also when a scroll bar comes and takes some of the room
            self.share_width()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:  # larger text wants higher rows
            self.verticalHeader().setDefaultSectionSize(theme().px(44))
            self.horizontalHeader().setMinimumHeight(theme().px(44))
        super().changeEvent(event)
        if self.isVisible():
            dress(self, stylesheet.table)

    def showEvent(self, event: QShowEvent) -> None:
        dress(self, stylesheet.table)
        super().showEvent(event)

    def _key(self, column: str) -> str:
        return f"table.{self._name}.{column}"

    def _headings(self) -> list[str]:
        model = self.model()
        return [str(model.headerData(at, Qt.Orientation.Horizontal)) for at in range(model.columnCount())]

    def _cells(self, row: int) -> list[str]:
        model = self.model()
        return [str(model.data(model.index(row, at)) or "") for at in range(model.columnCount())]

    def _on_resized(self, section: int, _before: int, width: int) -> None:
        model = self.model()
        if self._remembered and isinstance(model, RowsModel) and self.isVisible() and not self._is_sharing:
            self._remembered.set(self._key(model.columns[section].name), str(width))

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(current.row())

    def _on_double(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())


class _Header(QHeaderView):
    """Headings with our own arrow; Qt's is a grey triangle in the wrong place."""

    def __init__(self, table: DataTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        shown = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        painter.save()
        t = theme()
        painter.fillRect(rect.adjusted(0, rect.height() - 1, 0, 0), t.colour("line"))
        inner = rect.adjusted(t.px(12), 0, -t.px(12), 0)
        model = self.model()
        text = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        if shown:
            text += "  ↑" if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else "  ↓"
        painter.setFont(t.font("label" if shown else "small"))
        painter.setPen(t.colour("text" if shown else "text_muted"))
        align = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        elided = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, align, elided)
        painter.restore()


def harmless(cell: str) -> str:
    """`cell` so that no spreadsheet runs it: = + - @ tab and return may begin a formula (OWASP, CSV injection).

    A plain signed number is no formula and stays a number."""
    if cell[:1] in ("+", "-") and cell[1:].replace(",", "").replace(".", "", 1).isdecimal():
        return cell
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _align(right: bool) -> Qt.AlignmentFlag:
    return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
