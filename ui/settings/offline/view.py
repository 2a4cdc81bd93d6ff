"""The offline rules: the figures on the left, on the right what they bound and what would change."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.offline_rules import OfflinePolicy
from app.domain.staff import PIN_DIGITS
from app.ports.hub import DeskRoll
from ui.counter.result import TwoSides
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.settings.offline.presenter import (
    APPROVER,
    APPROVER_PIN,
    FIGURES,
    OWN_PIN,
    POLICY,
    OfflinePresenter,
    OfflineState,
)
from ui.settings.offline.words import NAMES, POLICIES, SHORT, said, what_it_means
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    Divider,
    ProgressLine,
    ScrollColumn,
    SegmentedControl,
    SelectField,
    Text,
    TextField,
    clear,
    show_if,
)

SIDE_PX = 360
TWO_COLUMNS_PX = 480
FIELDS_PX = 760  # wider ones are hard to read along


class OfflineView(QWidget):
    def __init__(self, services: CounterServices, roll: DeskRoll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(1)
        self._services = services
        self._told: tuple[object, ...] = ()
        self._state = OfflineState()
        self._options: list[tuple[str, str]] = []
        self.problem, self.saved = Banner("", "warning"), Banner("", "success")
        self.only_hub = Banner()
        self.only_hub.hide()
        self.progress = ProgressLine()
        self.own_pin = TextField("", "", secret=True, digits=True, max_length=PIN_DIGITS)
        self.approver_pin = TextField("", "", secret=True, digits=True, max_length=PIN_DIGITS)
        self.approver = SelectField("", ())
        self.undo, self.save = Button("", "quiet", key="Esc"), Button("", "primary", key="Enter", large=True)
        self._lay_out()
        self.presenter = OfflinePresenter(self, services, roll)
        self.save.clicked.connect(self.presenter.save)
        self.undo.clicked.connect(self.presenter.undo)
        services.contact.listen(lambda: self.show_rules(self._state))
        self.retranslate()

    def entered(self) -> None:
        self.presenter.open()
        self.policy.setFocus()

    def retranslate(self) -> None:
        self._told = ()
        self.form.set_title(tr("What a desk may do without the hub"))
        self.means.set_title(tr("What that means"))
        self.change.set_title(tr("What changes"))
        self.policy.set_options([(policy.value, tr(POLICIES[policy][0])) for policy in OfflinePolicy])
        self.policy.setAccessibleName(tr(NAMES[POLICY]))
        for name, widget in self.fields.items():
            widget.set_label(tr(NAMES[name]))
        self.own_pin.set_label(tr("Your own PIN"))
        self.approver.set_label(tr("Second person"))
        self.approver_pin.set_label(tr("The second person's PIN"))
        self.save.setText(tr("Save"))
        self.undo.setText(tr("As it was"))
        self.only_look.setText(tr("The administrator changes these, with a second person."))
        self.saved.set(tr("Saved. Each desk goes by it from its next contact on."), "success")
        self.show_rules(self._state)

    # What the presenter shows

    def show_rules(self, state: OfflineState) -> None:
        self._state = state
        typing = state.may_change and not state.busy and state.in_force is not None
        self.policy.set_value(state.typed.get(POLICY, OfflinePolicy.BOUNDED.value))
        self.policy.setEnabled(typing)
        for name, widget in {**self.fields, OWN_PIN: self.own_pin, APPROVER_PIN: self.approver_pin}.items():
            widget.setEnabled(typing)
            value = state.typed.get(name, "")
            if widget.edit.text() != value:
                widget.set_value(value)
            wrong = state.problem if state.problem_field == name else None
            sentence = self._services.sentence(wrong.code, wrong.facts) if wrong is not None else ""
            if widget.problem != sentence:
                widget.set_problem(sentence)
                if sentence:
                    widget.setFocus()
        options = [(staff, f"{name}  {staff}") for staff, name in state.approvers]
        if options != self._options:
            self._options = options
            self.approver.set_options(options)
        if self.approver.value != state.typed.get(APPROVER, ""):
            self.approver.set_value(state.typed.get(APPROVER, ""))
        self.approver.setEnabled(typing)
        problem = state.problem
        whole = problem is not None and state.problem_field not in {*self.fields, OWN_PIN, APPROVER_PIN}
        show_if(self.problem, whole)
        if whole and problem is not None:
            self.problem.set(self._services.sentence(problem.code, problem.facts), "warning")
        show_if(self.saved, state.saved)
        show_if(self.only_look, not state.may_change)
        changed = state.may_change and state.is_changed
        show_if(self.change, changed)
        why_not = self._services.contact.why_not if state.may_change else ""
        if why_not:
            self.only_hub.set(self._services.sentence(why_not, {}), "info")
        show_if(self.only_hub, bool(why_not))
        self.save.setEnabled(changed and not state.busy and not why_not)
        self.undo.setEnabled(changed and not state.busy)
        show_if(self.save, state.may_change)
        show_if(self.undo, state.may_change)
        if state.busy:
            self.progress.start(tr("Writing it down …"))
        else:
            self.progress.finish()
        self._tell(state)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.save.isEnabled():
            self.presenter.save()
        elif event.key() == Qt.Key.Key_Escape and self.undo.isEnabled():
            self.presenter.undo()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - theme().px(SIDE_PX) - 3 * Space.L
        self._arrange(2 if room >= theme().px(TWO_COLUMNS_PX) else 1)

    # Within

    def _tell(self, state: OfflineState) -> None:
        rules = state.wanted or state.in_force
        now = (rules, state.in_force, state.licensed, state.is_changed)
        if rules is None or now == self._told:
            return
        self._told = now
        self.policy_hint.setText(tr(POLICIES[rules.policy][1]))
        clear(self._sentences)
        for at, sentence in enumerate(what_it_means(rules, state.licensed)):
            if at:
                self._sentences.addWidget(Divider())
            self._sentences.addWidget(Text(sentence, "body", wrap=True))
        clear(self._changes)
        before, after = state.in_force, state.wanted
        if before is None or after is None:
            return
        for name in (POLICY, *FIGURES):
            if getattr(before, name) != getattr(after, name):
                self._changes.addWidget(TwoSides(tr(SHORT[name]), f"{said(name, before)} → {said(name, after)}"))

    def _lay_out(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(Space.L)
        self.form = Card("")
        scroll = ScrollColumn(spacing=Space.M)
        self.only_look = Text("", "body", tone="muted", wrap=True)
        scroll.column.addWidget(self.only_look)
        self.policy = SegmentedControl([(policy.value, "") for policy in OfflinePolicy])
        self.policy_hint = Text("", "small", tone="muted", wrap=True)
        scroll.column.addWidget(self.policy, 0, Qt.AlignmentFlag.AlignLeft)
        scroll.column.addWidget(self.policy_hint)
        self.fields = {name: TextField("", "", digits=False, max_length=12) for name in FIGURES}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.M)
        self._in_columns = 0
        fields = QWidget()
        fields.setLayout(self._grid)
        self._grid.setContentsMargins(0, 0, Space.S, 0)
        fields.setMaximumWidth(theme().px(FIELDS_PX))
        scroll.column.addWidget(fields)
        self.form.body.addWidget(scroll, 1)
        outer.addWidget(self.form, 1)
        outer.addWidget(self._side())
        self._arrange(2)
        self.policy.changed.connect(lambda value: self.presenter.put(POLICY, value))
        for name, widget in self.fields.items():
            widget.changed.connect(partial(self._put, name))

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(theme().px(SIDE_PX))
        whole = QVBoxLayout(side)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(Space.S)
        scroll = ScrollColumn(spacing=Space.M)
        column = scroll.column
        whole.addWidget(scroll, 1)
        self.means = Card("")
        self._sentences = QVBoxLayout()
        self._sentences.setSpacing(Space.S)
        self.means.body.addLayout(self._sentences)
        column.addWidget(self.means)
        self.change = Card("")
        self._changes = QVBoxLayout()
        self._changes.setSpacing(Space.XS)
        self.change.body.addLayout(self._changes)
        for widget in (self.own_pin, self.approver, self.approver_pin):
            self.change.body.addWidget(widget)
        column.addWidget(self.change)
        whole.insertWidget(0, self.only_hub)
        for part in (self.problem, self.saved, self.progress):
            whole.addWidget(part)
        foot = QHBoxLayout()
        foot.addWidget(self.undo)
        foot.addStretch(1)
        foot.addWidget(self.save)
        whole.addLayout(foot)
        self.own_pin.changed.connect(partial(self._put, OWN_PIN))
        self.approver.changed.connect(partial(self._put, APPROVER))
        self.approver_pin.changed.connect(partial(self._put, APPROVER_PIN))
        return side

    def _put(self, name: str, value: str) -> None:
        self.presenter.put(name, value)

    def _arrange(self, columns: int) -> None:
        if columns == self._in_columns:
            return
        self._in_columns = columns
        for widget in self.fields.values():
            self._grid.removeWidget(widget)
        for at, widget in enumerate(self.fields.values()):
            self._grid.addWidget(widget, at // columns, at % columns, Qt.AlignmentFlag.AlignTop)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns == 2 else 0)
