"""The member agrees with a key on the screen of their own; the clerk sees what they are looking at."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.counter.task import Summary
from ui.locale import tr
from ui.theme import Space
from ui.widgets import BeforeAfter, Button, EmptyState


class MemberAgreesPanel(QWidget):
    agreed = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Enter here agrees to nothing: it is the member who does
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.M, 0, 0)
        column.setSpacing(Space.M)
        self.figures = BeforeAfter(unit=tr("points"))
        column.addWidget(self.figures)
        hint = tr("They read it on their screen and press their key.")
        column.addWidget(EmptyState("member", tr("Ask the member whether they agree"), hint), 1)
        row = QHBoxLayout()
        back = Button(tr("Go back"), "quiet", key="Esc")
        back.clicked.connect(self.cancelled)
        said = Button(tr("The member has said yes"), "secondary")
        said.clicked.connect(self.agreed)
        row.addWidget(back)
        row.addStretch(1)
        row.addWidget(said)
        column.addLayout(row)

    def show_summary(self, summary: Summary) -> None:
        if summary.before is not None and summary.after is not None:
            self.figures.set(summary.before, summary.after, label=f"{summary.member}  {tr(summary.title)}")
