"""The form for a correction of points."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from ui.counter import words
from ui.counter.adjust.presenter import AdjustPresenter, AdjustState
from ui.counter.choice import Choice
from ui.counter.pane import TaskPane, put
from ui.counter.result import ResultPanel
from ui.counter.services import CounterServices
from ui.locale import signed, tr
from ui.theme import Space
from ui.widgets import BeforeAfter, Button, Card, EmptyState, ScrollColumn, TextField


class AdjustView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: AdjustPresenter = AdjustPresenter(self, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.not_theirs = EmptyState(
            "approval", tr("A supervisor adjusts points"), tr("A clerk can credit a slip (F4) or undo (F10).")
        )
        column.addWidget(self.not_theirs, 1)
        self.fields = ScrollColumn(spacing=Space.L)
        hint = tr("A whole number with its sign. A second person approves it.")
        self.change = TextField(tr("Change"), hint, placeholder="+500  −500", max_length=12)
        self.reason = Choice(tr("Why?"), words.ADJUST_REASONS)
        self.note = TextField(tr("What happened"), tr("Others read this later."), max_length=200)
        self.figures = BeforeAfter(unit=tr("points"))
        sheet = Card(tr("Adjust points"), padding=Space.L)
        sheet.body.setSpacing(Space.L)
        for part in (self.change, self.reason, self.note, self.figures):
            sheet.body.addWidget(part)
        self.fields.column.addWidget(sheet)
        column.addWidget(self.fields, 1)
        self.go = Button(tr("Ask for approval"), "primary", key="Enter", large=True, icon="approval")
        column.addLayout(self.foot(self.go))
        self.change.changed.connect(self.presenter.type_change)
        self.reason.chosen.connect(self.presenter.set_reason)
        self.note.changed.connect(self.presenter.type_note)
        return form

    def connect_result(self, result: ResultPanel) -> None:
        result.undone.connect(self.presenter.undo)

    def primary(self) -> None:
        self.presenter.adjust()

    def does(self) -> type[Operation]:
        return AdjustPoints

    def focus_form(self) -> None:
        self.change.setFocus()

    def show_adjust(self, state: AdjustState) -> None:
        if not self.awake:
            return
        self.not_theirs.setVisible(not state.allowed)
        self.fields.setVisible(state.allowed)
        self.go.setVisible(state.allowed)
        put(self.change, state.draft.change)
        put(self.note, state.draft.note)
        self.reason.show_value(state.draft.reason)
        for part in (self.change, self.reason, self.note):
            part.setEnabled(state.sending.editable)
        self.figures.set(state.usable, state.usable + (state.change or 0), label=tr("Usable points"))
        self.go.setEnabled(not state.sending.asks)
        self.show_sending(state.sending)
        if state.result is not None:
            text = tr("{n} points", n=signed(state.result.change))
            self.result.say(tr("Points adjusted"), text, points=(state.result.before, state.result.after))
