"""A bug: said plainly, with what to do, and a report that can be saved. The window stays up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from ui.locale import tr
from ui.shell.messages import BugReport
from ui.theme import Space, theme
from ui.widgets import Button, Overlay, Text
from ui.widgets.dressed import LongText


class CrashPanel(Overlay):
    """`save(path, text)` writes the report away from the GUI thread."""

    def __init__(self, host: QWidget, report: BugReport, save: Callable[[Path, str], None]) -> None:
        super().__init__(host, width=640)
        self._report = report
        self._save = save
        self.body.addWidget(Text(tr("Something in the program went wrong"), "headline", wrap=True))
        self.body.addWidget(
            Text(
                tr("What was confirmed is safe. What you just did may not have happened: look before you repeat it."),
                "body",
                tone="muted",
                wrap=True,
            )
        )
        trace = LongText(report.trace)
        trace.setReadOnly(True)
        trace.setFixedHeight(theme().px(180))
        trace.setAccessibleName(tr("Report"))
        self.body.addWidget(trace)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        keep = Button(tr("Save the report"), "secondary", icon="save")
        on = Button(tr("Go on"), "primary", key="Esc")
        keep.clicked.connect(self._on_keep)
        on.clicked.connect(self.cancel)
        buttons.addWidget(keep)
        buttons.addStretch(1)
        buttons.addWidget(on)
        self.body.addLayout(buttons)
        self.setAccessibleName(tr("Something in the program went wrong"))

    def _on_keep(self) -> None:
        chosen, _filter = QFileDialog.getSaveFileName(self, tr("Save the report"), "memberdesk-report.txt")
        if chosen:
            self._save(Path(chosen), f"{self._report.kind}\n{self._report.trace}\n")
