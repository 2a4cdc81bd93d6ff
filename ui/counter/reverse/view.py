"""Undo: choose what, say why."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.counter import words
from ui.counter.choice import Choice
from ui.counter.pane import TaskPane, put
from ui.counter.result import TwoSides
from ui.counter.reverse.presenter import ReversePresenter, ReverseState
from ui.counter.row_list import RowList, write
from ui.counter.services import CounterServices
from ui.counter.task import Undo
from ui.locale import signed, tr
from ui.theme import Space, paint_icon, theme
from ui.widgets import BeforeAfter, Button, Card, CheckBox, EmptyState, ScrollColumn, TextField


def _paint(painter: QPainter, rect: QRectF, row: Undo, _chosen: bool) -> None:
    inner = rect.adjusted(Space.M, 0, -Space.M, 0)
    side = theme().px(22)
    icon = QRectF(inner.left(), rect.center().y() - side / 2, side, side)
    paint_icon(painter, icon, words.KIND_ICONS.get(row.kind, "undo"), theme().colour("text_muted"))
    half = rect.height() / 2
    left = icon.right() + Space.M
    width = inner.right() - left - theme().px(100)
    write(painter, QRectF(left, rect.top() + 6, width, half - 6), row.label or words.kind(row.kind), "strong")
    write(painter, QRectF(left, rect.top() + half - 1, width, half - 6), words.kind(row.kind), "small", "text_muted")
    if row.points:
        write(painter, inner, signed(row.points), "title", "text", right=True)


class ReverseView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: ReversePresenter = ReversePresenter(self, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.empty = EmptyState(
            "undo", tr("Nothing to undo"), tr("Recent operations that can be undone are listed here.")
        )
        column.addWidget(self.empty, 1)
        self.pick = Card(tr("What is undone?"), padding=Space.M)
        self.rows = RowList(
            _paint, lambda row: f"{words.kind(row.kind)} {row.label} {row.points}", name=tr("Operations")
        )
        self.pick.body.addWidget(self.rows)
        column.addWidget(self.pick, 1)
        self.details = ScrollColumn(spacing=Space.L)
        self.chosen = Card(padding=Space.L, ground="sunken")
        self.what = TwoSides("", "")
        self.chosen.body.addWidget(self.what)
        sheet = Card(tr("Undo an operation"), padding=Space.L)
        sheet.body.setSpacing(Space.L)
        self.details.column.addWidget(sheet)
        sheet.body.addWidget(self.chosen)
        self.figures = BeforeAfter(unit=tr("points"))
        sheet.body.addWidget(self.figures)
        self.reason = Choice(tr("Why?"), words.REVERSE_REASONS, columns=2)
        sheet.body.addWidget(self.reason)
        self.goods = CheckBox(tr("The gift is back on the counter"))
        sheet.body.addWidget(self.goods)
        self.note = TextField(tr("Note (optional)"), max_length=200)
        sheet.body.addWidget(self.note)
        column.addWidget(self.details, 1)
        self.go = Button(tr("Undo it"), "danger", key="Enter", large=True, icon="undo")
        self.other = Button(tr("Another one"), "quiet")
        column.addLayout(self.foot(self.go, self.other))
        self.rows.chosen.connect(self._on_row)
        self.rows.marked.connect(self.presenter.mark)
        self.reason.chosen.connect(self.presenter.set_reason)
        self.goods.toggled.connect(self.presenter.set_goods_back)
        self.note.changed.connect(self.presenter.set_note)
        self.other.clicked.connect(self.presenter.back)
        self._shown: Undo | None = None
        return form

    def primary(self) -> None:
        self.presenter.reverse()

    def focus_form(self) -> None:
        if self.presenter.chosen is None:
            self.rows.setFocus()
        else:
            self.reason.focus_first()

    def escape(self) -> None:
        if self.presenter.chosen is not None and self.presenter.sending.state.editable and not self.presenter.of_stock:
            self.presenter.back()
            self.focus_form()
        else:
            super().escape()

    def show_reverse(self, state: ReverseState) -> None:
        if not self.awake:
            return
        picking = state.chosen is None
        self.empty.setVisible(picking and not state.choices)
        self.pick.setVisible(picking and bool(state.choices))
        self.rows.show_rows(state.choices, state.selected)
        self.details.setVisible(not picking)
        self.go.setVisible(not picking)
        self.other.setVisible(not picking and len(state.choices) > 1)
        if state.chosen is not None:
            self._show_chosen(state, state.chosen)
        self.go.setEnabled(not state.sending.asks)
        for part in (self.reason, self.goods, self.note, self.other):
            part.setEnabled(state.sending.editable)
        self.show_sending(state.sending)
        if state.chosen != self._shown:
            self._shown = state.chosen
            if self.isVisible():
                self.focus_form()
        if state.result is not None:
            self._show_result(state)

    def _show_chosen(self, state: ReverseState, chosen: Undo) -> None:
        if chosen != self._shown:
            old = self.what
            points = tr("{n} points", n=signed(chosen.points)) if chosen.points else ""
            self.what = TwoSides(f"{words.kind(chosen.kind)}  {chosen.label}", points)
            self.chosen.body.replaceWidget(old, self.what)
            old.hide()
            old.deleteLater()
        self.reason.show_value(state.reason)
        self.goods.setVisible(chosen.goods_out)
        self.goods.blockSignals(True)
        self.goods.setChecked(state.goods_back)
        self.goods.blockSignals(False)
        put(self.note, state.note)
        self.figures.setVisible(state.usable is not None)
        if state.usable is not None and state.after is not None:
            self.figures.set(state.usable, state.after, label=tr("Usable points"))

    def _show_result(self, state: ReverseState) -> None:
        result = state.result
        assert result is not None
        text = words.kind(result.undone.kind) + ("  " + result.undone.label if result.undone.label else "")
        lines = [(tr("Points owed"), str(result.owed_after))] if result.owed_after else []
        points = (
            None if result.usable_after is None else (max(0, result.usable_after - result.points), result.usable_after)
        )
        self.result.say(tr("Undone"), text, points=points, lines=lines, undo=False)

    def _on_row(self, place: int) -> None:
        self.presenter.choose(self.rows.rows[place])
