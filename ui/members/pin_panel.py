"""The member types their own PIN, with what it is for in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import MEMBER_PIN_DIGITS
from ui.counter.sending import SendingState
from ui.counter.services import CounterServices
from ui.counter.task import Summary
from ui.locale import tr
from ui.theme import Space, theme
from ui.widgets import BeforeAfter, Button, PinField, Text


class MemberPinPanel(QWidget):
    entered = Signal(str)
    cancelled = Signal()

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.M, 0, 0)
        column.setSpacing(Space.M)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(Text(tr("Ask the member for their PIN"), "headline", align=centre, wrap=True))
        hint = tr("The member types it themselves: turn the keypad to them and look away. Or scan their member code.")
        column.addWidget(Text(hint, "body", tone="muted", align=centre, wrap=True))
        self.figures = BeforeAfter(unit=tr("points"))
        column.addWidget(self.figures)
        self.pin = PinField(shortest=MEMBER_PIN_DIGITS, longest=MEMBER_PIN_DIGITS)
        self.pin.setMaximumSize(theme().px(360), theme().px(380))
        self.pin.setAccessibleName(tr("PIN of the member"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.pin, 2)
        row.addStretch(1)
        column.addLayout(row, 1)
        back = Button(tr("Go back"), "quiet", key="Esc")
        column.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        back.clicked.connect(self.cancelled)
        self.pin.entered.connect(self.entered)
        self.setFocusProxy(self.pin)

    def show_state(self, state: SendingState, summary: Summary) -> None:
        self.figures.setVisible(summary.before is not None)
        if summary.before is not None and summary.after is not None:
            self.figures.set(summary.before, summary.after, label=f"{summary.member}  {tr(summary.title)}")
        problem = state.problem
        self.pin.set_problem(self._services.sentence(problem.code, problem.facts) if problem else "")
