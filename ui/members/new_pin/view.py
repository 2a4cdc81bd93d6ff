"""The form for a member's new PIN; the member types it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.staff import MEMBER_PIN_DIGITS
from app.operations.base import Operation
from app.operations.set_member_pin import SetMemberPin
from ui.counter.pane import TaskPane, put
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.members.new_pin.presenter import NewPinPresenter, NewPinState
from ui.theme import Space
from ui.widgets import Banner, Button, Card, EmptyState, ScrollColumn, TextField, show_if


class NewPinView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: NewPinPresenter = NewPinPresenter(self, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.not_theirs = EmptyState("member", tr("A clerk or supervisor sets a member's PIN"))
        column.addWidget(self.not_theirs, 1)
        self.fields = ScrollColumn(spacing=Space.L)
        self.locked = Banner(tr("The member's PIN is locked after too many wrong tries."), "warning")
        self.locked.acted.connect(self.presenter.lift)
        hint = tr("The member types it; you look away. Six digits, no birthday, no 123456.")
        self.pin = TextField(tr("New PIN"), hint, secret=True, digits=True, max_length=MEMBER_PIN_DIGITS)
        self.again = TextField(tr("The new PIN again"), secret=True, digits=True, max_length=MEMBER_PIN_DIGITS)
        sheet = Card(tr("Set a new member PIN"), padding=Space.L)
        sheet.body.setSpacing(Space.L)
        for part in (self.locked, self.pin, self.again):
            sheet.body.addWidget(part)
        self.fields.column.addWidget(sheet)
        column.addWidget(self.fields, 1)
        self.go = Button(tr("Ask for approval"), "primary", key="Enter", large=True, icon="approval")
        column.addLayout(self.foot(self.go))
        self.pin.changed.connect(self.presenter.type_pin)
        self.again.changed.connect(self.presenter.type_again)
        return form

    def primary(self) -> None:
        """Enter goes on to the second field first."""
        if self.pin.value and not self.again.value:
            self.again.setFocus()
        else:
            self.presenter.set_pin()

    def does(self) -> type[Operation]:
        return SetMemberPin

    def focus_form(self) -> None:
        self.pin.setFocus()

    def show_new_pin(self, state: NewPinState) -> None:
        if not self.awake:
            return
        show_if(self.not_theirs, not state.allowed)
        show_if(self.fields, state.allowed)
        show_if(self.go, state.allowed)
        show_if(self.locked, state.locked)
        text = tr("The member's PIN is locked after too many wrong tries.")
        self.locked.set(text, "warning", tr("Let them try again") if state.can_lift else "")
        put(self.pin, state.pin)
        put(self.again, state.again)
        for part in (self.pin, self.again):
            part.setEnabled(state.sending.editable)
        self.go.setEnabled(not state.sending.asks)
        self.show_sending(state.sending)
        if state.done:
            said = tr("The PIN may be tried again") if state.done == "lifted" else tr("The new PIN is set")
            self.result.say(said, undo=False)
