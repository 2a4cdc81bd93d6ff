"""F1: what this screen is for, and its keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.locale import tr
from ui.shell.screen import Command
from ui.theme import Space
from ui.widgets import Button, Divider, KeyHint, Overlay, Text


class HelpPanel(Overlay):
    def __init__(
        self, host: QWidget, title: str, text: str, here: Sequence[Command], anywhere: Sequence[Command]
    ) -> None:
        super().__init__(host, width=640)
        self.body.addWidget(Text(title, "headline"))
        self.body.addWidget(Text(text, "body", tone="muted", wrap=True))
        if here:
            self.body.addWidget(Divider())
            self.body.addLayout(_keys(here))
        self.body.addWidget(Divider())
        self.body.addWidget(Text(tr("On every screen"), "label", tone="muted"))
        self.body.addLayout(_keys(anywhere))
        self.body.addSpacing(Space.S)
        done = Button(tr("Close"), "secondary", key="Esc")
        done.clicked.connect(self.cancel)
        self.body.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.cancel()
            event.accept()
            return
        super().keyPressEvent(event)


def _keys(commands: Sequence[Command]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.XL)
    grid.setVerticalSpacing(Space.S)
    for at, command in enumerate(command for command in commands if command.key):
        grid.addWidget(KeyHint(command.key, command.title()), at // 2, at % 2)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    return grid
