"""Before one field is shown in clear: why, and the own PIN."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from ui.counter import words
from ui.counter.choice import Choice
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.members.presenter import RevealState
from ui.theme import Space, theme
from ui.widgets import Button, Card, PinField, ScrollColumn, Text


class RevealPanel(Card):
    """`asked(reason, pin)`."""

    asked = Signal(str, str)
    cancelled = Signal()

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._services = services
        self._reason = ""
        scroll = ScrollColumn(spacing=Space.S)
        self.body.addWidget(scroll, 1)
        self.what = Text("", "title", wrap=True)
        self.rule = Text("", "small", tone="muted", wrap=True)
        scroll.column.addWidget(self.what)
        scroll.column.addWidget(self.rule)
        self.reason = Choice(tr("Why?"), words.REVEAL_REASONS, columns=2, titled=False)
        scroll.column.addWidget(self.reason)
        self.pin = PinField(shortest=PIN_DIGITS, longest=PIN_DIGITS)
        self.pin.setMaximumSize(theme().px(320), theme().px(320))
        self.pin.setAccessibleName(tr("Your PIN"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.pin, 4)
        row.addStretch(1)
        scroll.column.addLayout(row)
        back = Button(tr("Go back"), "quiet", key="Esc")
        foot = QVBoxLayout()
        foot.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(foot)
        self.reason.chosen.connect(self._on_reason)
        self.pin.entered.connect(self._on_pin)
        back.clicked.connect(self.cancelled)

    def show_state(self, state: RevealState, seconds: int) -> None:
        if state.asking is None:
            self._reason = ""
            self.reason.show_value(None)
            self.pin.clear()
            return
        field = tr(words.REVEAL_FIELDS[state.asking])
        self.what.setText(tr("Show in full: {field}. Why?", field=field))
        self.rule.setText(tr("For {n} seconds, recorded under your name.", n=seconds))
        problem = state.problem
        self.pin.set_problem(self._services.sentence(problem.code, problem.facts) if problem else "")
        self.pin.set_busy(state.busy)

    def take_focus(self) -> None:
        self.reason.focus_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            event.accept()
        else:
            super().keyPressEvent(event)

    def _on_reason(self, reason: str) -> None:
        self._reason = reason
        self.reason.show_value(reason)
        self.pin.setFocus()

    def _on_pin(self, pin: str) -> None:
        if self._reason:
            self.asked.emit(self._reason, pin)
        else:
            self.pin.set_problem(tr("First say why."))
