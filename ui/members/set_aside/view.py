"""The form that sets points aside for this desk, and what is set aside for it now."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.operations.base import Operation
from app.operations.lease_points import LeasePoints
from ui.counter.pane import TaskPane, put
from ui.counter.services import CounterServices
from ui.locale import moment, number, tr, trn
from ui.members.kept_rows import KeptRow, KeptRows
from ui.members.set_aside.presenter import HOURS, SetAsidePresenter, SetAsideState
from ui.theme import Space
from ui.widgets import (
    BeforeAfter,
    Button,
    Card,
    EmptyState,
    ScrollColumn,
    SegmentedControl,
    Text,
    TextField,
    show_if,
)


class SetAsideView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: SetAsidePresenter = SetAsidePresenter(self, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.not_theirs = EmptyState(
            "lock", tr("A supervisor sets points aside"), tr("What is set aside here, anybody may return.")
        )
        column.addWidget(self.not_theirs, 1)
        self.fields = ScrollColumn(spacing=Space.L)
        hint = tr(
            "Only this desk can give gifts for them, also while it is cut off; nobody else spends them meanwhile."
        )
        self.points = TextField(tr("Points to set aside"), hint, digits=True, max_length=8)
        options = [(str(hours), trn("{n} hour", "{n} hours", hours)) for hours in HOURS]
        self.hours = SegmentedControl(options, "24", name=tr("For how long"))
        self.figures = BeforeAfter(unit=tr("points"))
        self.sheet = Card(tr("Set points aside"), padding=Space.L)
        self.sheet.body.setSpacing(Space.L)
        for part in (self.points, Text(tr("For how long"), "label"), self.hours, self.figures):
            self.sheet.body.addWidget(part)
        self.fields.column.addWidget(self.sheet)
        self.known = KeptRows(tr("Set aside for this desk"), tr("Return"))
        self.fields.column.addWidget(self.known)
        column.addWidget(self.fields, 1)
        self.go = Button(tr("Set aside"), "primary", key="Enter", large=True, icon="points")
        column.addLayout(self.foot(self.go))
        self.points.changed.connect(self.presenter.type_points)
        self.hours.changed.connect(lambda hours: self.presenter.choose_hours(int(hours)))
        self.known.chosen.connect(self.presenter.give_back)
        return form

    def primary(self) -> None:
        self.presenter.keep()

    def does(self) -> type[Operation]:
        return LeasePoints

    def focus_form(self) -> None:
        self.points.setFocus()

    def show_set_aside(self, state: SetAsideState) -> None:
        if not self.awake:
            return
        show_if(self.not_theirs, not state.allowed and not state.leases)
        show_if(self.fields, state.allowed or bool(state.leases))
        show_if(self.sheet, state.allowed)
        show_if(self.go, state.allowed)
        put(self.points, state.points)
        self.hours.set_value(str(state.hours))
        for part in (self.points, self.hours, self.known):
            part.setEnabled(state.sending.editable)
        self.figures.set(state.usable, max(0, state.usable - (state.number or 0)), label=tr("Usable points"))
        self.known.show_rows(
            [
                KeptRow(
                    row.lease,
                    tr("{n} of {all} points left", n=number(row.remaining), all=number(row.points)),
                    tr("until {when}", when=moment(row.until)),
                )
                for row in state.leases
            ]
        )
        self.go.setEnabled(not state.sending.asks)
        self.show_sending(state.sending)
        result = state.result
        if result is not None:
            text = tr("{n} points", n=number(result.points))
            if result.returned:
                self.result.say(tr("Points returned"), text, undo=False)
            else:
                self.result.say(tr("Set aside for this desk"), text, points=(result.before, result.after), undo=False)
