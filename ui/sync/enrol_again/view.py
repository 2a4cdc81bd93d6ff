"""The code, what will be lost, and afterwards how much it was."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ports.hub import HubLink
from ui.counter.services import CounterServices
from ui.locale import tr, trn
from ui.sync.enrol_again.presenter import EnrolAgainPresenter, EnrolAgainState
from ui.theme import Space, theme
from ui.widgets import Banner, Button, Overlay, ProgressLine, Text, TextField, show_if

WIDTH_PX = 560


class EnrolAgainPanel(Overlay):
    """`enrolled` when it is done and read: the program opens its store anew."""

    enrolled = Signal()

    def __init__(self, host: QWidget, services: CounterServices, link: HubLink) -> None:
        super().__init__(host, width=WIDTH_PX)
        self._services = services
        self.presenter = EnrolAgainPresenter(self, services, link)
        title = tr("Enrol this desk again")
        self.setAccessibleName(title)
        self.body.addWidget(Text(title, "title"))
        self.why = Text(
            tr("With a code from the administrator this desk works again, from what the hub has on.")
            if link.status().trouble == "hub.retired"
            else tr(
                "The hub found a second history of this desk: its store was restored or copied. With a code from the "
                "administrator it goes on from what the hub has. Slips that were printed since and never reached the "
                "hub count for nothing; look for them on paper."
            ),
            wrap=True,
            tone="muted",
        )
        self.body.addWidget(self.why)
        self.unsent = Text("", "strong", wrap=True)
        self.body.addWidget(self.unsent)
        self.code = TextField(tr("Enrolment code"), "", max_length=14, placeholder="JD3G-84ZZ-TSBM")
        self.body.addWidget(self.code)
        self.progress = ProgressLine()
        self.said = Banner()
        self.body.addWidget(self.progress)
        self.body.addWidget(self.said)
        foot = QHBoxLayout()
        self.close_button = Button(tr("Close"), "quiet", key="Esc")
        self.go = Button(tr("Enrol again"), "primary", key="Enter", large=True)
        self.restart = Button(tr("Start again now"), "primary", large=True)
        foot.addWidget(self.close_button)
        foot.addStretch(1)
        foot.addWidget(self.go)
        foot.addWidget(self.restart)
        self.body.addLayout(foot)
        self.code.changed.connect(self.presenter.put)
        self.code.edit.returnPressed.connect(self.presenter.enrol)
        self.go.clicked.connect(self.presenter.enrol)
        self.restart.clicked.connect(self.enrolled)
        self.close_button.clicked.connect(self.close_overlay)
        self.presenter.render()

    def open(self) -> None:
        super().open()
        self.code.setFocus()

    def show_enrol_again(self, state: EnrolAgainState) -> None:
        done = state.lost is not None
        self.unsent.setText(
            trn("{n} operation here was never taken.", "{n} operations here were never taken.", state.unsent)
        )
        show_if(self.unsent, bool(state.unsent) and not done)
        show_if(self.code, not done)
        self.code.setEnabled(not state.busy)
        if state.busy:
            self.progress.start(tr("Asking the hub …"))
        else:
            self.progress.finish()
        show_if(self.said, done or state.problem is not None)
        if state.lost is not None:
            self.said.set(
                trn(
                    "Enrolled again. {n} operation of this store was never taken by the hub.",
                    "Enrolled again. {n} operations of this store were never taken by the hub.",
                    state.lost,
                ),
                "success" if state.lost == 0 else "warning",
            )
        elif state.problem is not None:
            self.said.set(self._services.sentence(state.problem.code, state.problem.facts), "warning")
        self.go.setEnabled(state.is_ready)
        show_if(self.go, not done)
        show_if(self.close_button, not done)
        show_if(self.restart, done)
        if done:
            self.restart.setFocus()
        inside = theme().px(WIDTH_PX) - 2 * Space.XL
        for text, width in ((self.why, inside), (self.unsent, inside), (self.said.text, inside - theme().px(60))):
            text.setMinimumHeight(max(0, text.heightForWidth(width)))  # the sheet asks before it knows its width

    def cancel(self) -> None:
        """Esc: not while the hub is asked, and afterwards only forward."""
        if self.presenter.state.lost is not None:
            self.enrolled.emit()
        elif not self.presenter.state.busy:
            super().cancel()
