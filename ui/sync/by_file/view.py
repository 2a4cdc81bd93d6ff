"""Two buttons over the window: save what is unsent, read what came back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from app.ports.hub import HubLink
from ui.counter.services import CounterServices
from ui.locale import number, tr, trn
from ui.sync.by_file.presenter import ByFilePresenter, ByFileState
from ui.widgets import Banner, Button, Overlay, Text, show_if

ENDING = ".mdbundle"


class ByFilePanel(Overlay):
    def __init__(self, host: QWidget, services: CounterServices, link: HubLink) -> None:
        super().__init__(host, width=560)
        self._services = services
        self.presenter = ByFilePresenter(self, services, link)
        title = tr("Without a network: by file")
        self.setAccessibleName(title)
        self.body.addWidget(Text(title, "title"))
        self.body.addWidget(
            Text(
                tr(
                    "What this desk has not sent goes to the hub on a stick, and the hub's answers come back on it. "
                    "The file is sealed: only the hub opens it. "
                    "Nothing counts as sent before its answers were read here."
                ),
                wrap=True,
                tone="muted",
            )
        )
        self.unsent = Text("", "strong")
        self.body.addWidget(self.unsent)
        self.save = Button(tr("Save for the hub…"), "primary", key="1", icon="export", binds=True, large=True)
        self.take = Button(tr("Read the hub's answers…"), key="2", icon="note", binds=True, large=True)
        self.save.clicked.connect(self._on_save)
        self.take.clicked.connect(self._on_take)
        for button in (self.save, self.take):
            self.body.addWidget(button)
        self.said = Banner()
        self.body.addWidget(self.said)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.close_button = Button(tr("Close"), "quiet", key="Esc")
        self.close_button.clicked.connect(self.close_overlay)
        foot.addWidget(self.close_button)
        self.body.addLayout(foot)
        self.cancelled.connect(self.close_overlay)
        self.presenter.render()

    def open(self) -> None:
        super().open()
        self._fit()
        self.save.setFocus()

    def show_by_file(self, state: ByFileState) -> None:
        self.unsent.setText(trn("{n} operation is not sent yet", "{n} operations are not sent yet", state.unsent))
        for button in (self.save, self.take):
            button.setEnabled(not state.busy)
        text, tone = self._told(state)
        show_if(self.said, bool(text))
        self.said.set(text, tone)
        self._fit()

    def _fit(self) -> None:
        """The sheet asks how high it is for its width: it lies alone in its layout, which asks for no such thing."""
        self.sheet.setMinimumHeight(self.sheet.heightForWidth(self.sheet.width()))

    def _told(self, state: ByFileState) -> tuple[str, str]:
        if state.problem is not None:
            return self._services.sentence(state.problem.code, state.problem.facts), "warning"
        if state.busy:
            return (tr("Writing the file") if state.busy == "writing" else tr("Reading the file")), "info"
        if state.written is not None:
            told = trn("{n} operation is in {file}.", "{n} operations are in {file}.", state.written, file=state.file)
            return f"{told} {tr('Bring it to whoever runs the hub.')}", "success"
        read = state.read
        if read is None:
            return "", "info"
        if read.gap:
            return self._services.sentence("bundle.gap", {}), "warning"
        if not read.news and not read.answers:
            return tr("There is nothing new in this file."), "info"
        return tr("The hub has answered {n} of what was done here.", n=number(read.answers)), "success"

    def _on_save(self) -> None:
        suggested = f"{self.presenter.suggested_name()}{ENDING}"
        chosen, _filter = QFileDialog.getSaveFileName(self, tr("Save for the hub…"), suggested, f"*{ENDING}")
        if chosen:
            self.presenter.write(Path(chosen if chosen.endswith(ENDING) else f"{chosen}{ENDING}"))

    def _on_take(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, tr("Read the hub's answers…"), "", f"*{ENDING}")
        if chosen:
            self.presenter.read(Path(chosen))
