"""The window is to be closed, and something waits here: said once, with both ways on. Whoever only presses Enter or Esc
stays; whoever turns off the lights closes all the same, and loses nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.locale import tr
from ui.theme import Space
from ui.widgets import Button, Overlay, Text


class LeavingPanel(Overlay):
    leaves = Signal()

    def __init__(self, host: QWidget, what_waits: str) -> None:
        super().__init__(host, width=520)
        title = tr("Not everything is sent yet")
        self.body.addWidget(Text(title, "headline", wrap=True))
        self.text = Text(what_waits, "body", tone="muted", wrap=True)
        self.body.addWidget(self.text)
        self.body.addSpacing(Space.S)
        foot = QHBoxLayout()
        foot.setSpacing(Space.S)
        self.leave = Button(tr("Close all the same"), "secondary")
        self.stay = Button(tr("Keep it open"), "primary", key="Enter", large=True)
        foot.addWidget(self.leave)
        foot.addStretch(1)
        foot.addWidget(self.stay)
        self.body.addLayout(foot)
        self.leave.clicked.connect(self.leaves)
        self.stay.clicked.connect(self.cancel)
        self.setAccessibleName(title)
        self.setAccessibleDescription(what_waits)

    def open(self) -> None:
        super().open()
        # Alone in its layout, which asks for no such thing: how high it is for its width.
        self.sheet.setMinimumHeight(self.sheet.heightForWidth(self.sheet.width()))
        self.stay.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.leave if self.leave.hasFocus() else self.stay).click()
            event.accept()
            return
        super().keyPressEvent(event)
