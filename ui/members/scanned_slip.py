"""The slip that a person has brought along: what it was for, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.counter import words
from ui.locale import clock, day, money, signed, tr
from ui.members.presenter import ScannedSlip
from ui.theme import Space
from ui.widgets import Button, Card, ElidedText, Icon, IconButton, Text, show_if

REPRINT_KEY = "Ctrl+P"


class ScannedSlipPanel(Card):
    """`undo_wanted`, `hand_out_wanted`, `reprint_wanted`, `put_away`."""

    undo_wanted = Signal()
    hand_out_wanted = Signal()
    reprint_wanted = Signal()
    put_away = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=Space.M, ground="accent_soft", parent=parent)
        self.what = ElidedText("", "strong")
        self.points = Text("", "strong", align=Qt.AlignmentFlag.AlignRight)
        self.close_slip = IconButton("close", tr("Put this slip away"), size=36)
        self.detail = ElidedText("", "small", tone="muted")
        self.undo = Button(tr("Undo"), "secondary", key="F10")
        self.hand_out = Button(tr("Hand out"), "secondary", key="F7")
        self.reprint = IconButton("printer", f"{tr('Reprint the scanned slip')} ({REPRINT_KEY})", size=36)
        first = QHBoxLayout()
        first.setSpacing(Space.S)
        first.addWidget(Icon("slip"))
        first.addWidget(self.what, 1)
        first.addWidget(self.points)
        first.addWidget(self.reprint)
        first.addWidget(self.close_slip)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.undo)
        buttons.addWidget(self.hand_out)
        buttons.addStretch(1)
        self.undo.setMinimumHeight(self.undo.sizeHint().height())  # on a low window the list below gives way
        self.hand_out.setMinimumHeight(self.hand_out.sizeHint().height())
        self.undo.clicked.connect(self.undo_wanted)
        self.hand_out.clicked.connect(self.hand_out_wanted)
        self.reprint.clicked.connect(self.reprint_wanted)
        self.close_slip.clicked.connect(self.put_away)
        self.body.setSpacing(Space.XS)
        self.body.addLayout(first)
        self.body.addWidget(self.detail)
        self.body.addLayout(buttons)
        self.setAccessibleName(tr("The scanned slip"))

    def show_slip(self, slip: ScannedSlip | None) -> None:
        show_if(self, slip is not None)
        if slip is None:
            return
        entry = slip.entry
        kind = words.kind(entry.kind)
        self.what.setText(words.label(entry) or kind)
        self.points.setText(signed(slip.points) if slip.points else "")
        parts = [kind, f"{day(entry.at)} {clock(entry.at)}"]
        if entry.amount_fen:
            parts.append(money(entry.amount_fen))
        parts.append(entry.staff)
        if entry.reversed:
            parts[0] = tr("This has been undone.")
        self.detail.setText(" · ".join(part for part in parts if part))
        show_if(self.undo, slip.can_undo)
        show_if(self.hand_out, slip.owed)
        show_if(self.reprint, bool(slip.document))
