"""The form that freezes points, and what is frozen now."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.operations.base import Operation
from app.operations.hold_points import HoldPoints
from ui.counter.pane import TaskPane, put
from ui.counter.services import CounterServices
from ui.locale import moment, number, tr
from ui.members.holds.presenter import HoldsPresenter, HoldsState
from ui.members.kept_rows import KeptRow, KeptRows
from ui.theme import Space
from ui.widgets import BeforeAfter, Button, Card, EmptyState, ScrollColumn, TextField, show_if


class HoldsView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: HoldsPresenter = HoldsPresenter(self, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.not_theirs = EmptyState(
            "lock", tr("A supervisor freezes points"), tr("A clerk can credit a slip (F4) or undo (F10).")
        )
        column.addWidget(self.not_theirs, 1)
        self.fields = ScrollColumn(spacing=Space.L)
        hint = tr("They stay the member's, but cannot be spent until they are released.")
        self.points = TextField(tr("Points to freeze"), hint, digits=True, max_length=8)
        self.note = TextField(tr("Why"), tr("Others read this later."), max_length=200)
        self.figures = BeforeAfter(unit=tr("points"))
        sheet = Card(tr("Freeze points"), padding=Space.L)
        sheet.body.setSpacing(Space.L)
        for part in (self.points, self.note, self.figures):
            sheet.body.addWidget(part)
        self.fields.column.addWidget(sheet)
        self.known = KeptRows(tr("Frozen now"), tr("Release"))
        self.fields.column.addWidget(self.known)
        column.addWidget(self.fields, 1)
        self.go = Button(tr("Freeze"), "primary", key="Enter", large=True, icon="lock")
        column.addLayout(self.foot(self.go))
        self.points.changed.connect(self.presenter.type_points)
        self.note.changed.connect(self.presenter.type_note)
        self.known.chosen.connect(self.presenter.give_back)
        return form

    def primary(self) -> None:
        self.presenter.keep()

    def does(self) -> type[Operation]:
        return HoldPoints

    def focus_form(self) -> None:
        self.points.setFocus()

    def show_holds(self, state: HoldsState) -> None:
        if not self.awake:
            return
        show_if(self.not_theirs, not state.allowed)
        show_if(self.fields, state.allowed)
        show_if(self.go, state.allowed)
        put(self.points, state.points)
        put(self.note, state.note)
        for part in (self.points, self.note, self.known):
            part.setEnabled(state.sending.editable)
        self.figures.set(state.usable, max(0, state.usable - (state.number or 0)), label=tr("Usable points"))
        self.known.show_rows(
            [
                KeptRow(
                    row.hold,
                    f"{tr('{n} points', n=number(row.points))}  {row.note}",
                    f"{moment(row.at)} · {row.staff}",
                )
                for row in state.holds
            ]
        )
        self.go.setEnabled(not state.sending.asks)
        self.show_sending(state.sending)
        if state.result is not None:
            said = tr("Points released") if state.result.released else tr("Points frozen")
            text = tr("{n} points", n=number(state.result.points))
            self.result.say(said, text, points=(state.result.before, state.result.after), undo=False)
