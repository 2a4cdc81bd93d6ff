"""What happens when this desk is given up, what stands in the way, and the PIN of who does it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from app.ports.hub import HubLink, HubStatus
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.sync.give_up.presenter import GiveUpPresenter, GiveUpState
from ui.theme import Space
from ui.widgets import Banner, Button, Overlay, ProgressLine, Text, TextField, show_if

WIDTH_PX = 560


class GiveUpPanel(Overlay):
    """`given_up` when the program has to close its store and destroy it; `by_file_wanted` on the way out by file."""

    given_up = Signal()
    by_file_wanted = Signal()

    def __init__(self, host: QWidget, services: CounterServices, link: HubLink) -> None:
        super().__init__(host, width=WIDTH_PX)
        self._services = services
        self.presenter = GiveUpPresenter(self, services, link)
        title = tr("Give this desk up")
        self.setAccessibleName(title)
        self.body.addWidget(Text(title, "title"))
        self.body.addWidget(
            Text(
                tr(
                    "Its keys and its store are destroyed: nothing of members can be read on this computer any more. "
                    "What was done here is safe at the hub. It cannot be undone; with a new enrolment code this "
                    "computer can be set up again. Retire the desk under “Service desks” as well."
                ),
                wrap=True,
                tone="muted",
            )
        )
        self.said = Banner()
        self.body.addWidget(self.said)
        self.pin = TextField(tr("Your PIN"), secret=True, digits=True, max_length=PIN_DIGITS)
        self.body.addWidget(self.pin)
        self.progress = ProgressLine()
        self.body.addWidget(self.progress)
        foot = QHBoxLayout()
        foot.setSpacing(Space.S)
        self.back = Button(tr("Go back"), "quiet", key="Esc")
        self.send = Button(tr("Send now"), icon="refresh")
        self.by_file = Button(tr("By file…"), icon="export")
        self.go = Button(tr("Destroy and give up"), "danger", large=True)
        foot.addWidget(self.back)
        foot.addStretch(1)
        for button in (self.by_file, self.send, self.go):
            foot.addWidget(button)
        self.body.addLayout(foot)
        self.pin.changed.connect(self.presenter.put)
        self.pin.submitted.connect(self.presenter.give_up)
        self.go.clicked.connect(self.presenter.give_up)
        self.send.clicked.connect(self.presenter.send_now)
        self.by_file.clicked.connect(self._on_by_file)
        self.back.clicked.connect(self.cancel)
        self.cancelled.connect(self.close_overlay)
        self.presenter.render()

    def open(self) -> None:
        super().open()
        self._fit()
        (self.pin if self.presenter.state.is_possible else self.send).setFocus()

    def status_changed(self, status: HubStatus) -> None:
        self.presenter.status_changed(status)

    def leave(self) -> None:
        self.given_up.emit()

    def show_give_up(self, state: GiveUpState) -> None:
        text = ""
        if not state.is_possible:
            text = self._services.sentence("hub.unsent", {"count": state.unsent})
        elif state.problem is not None and state.problem.code != "hub.unsent":  # that one has gone by since
            text = self._services.sentence(state.problem.code, state.problem.facts)
        show_if(self.said, bool(text))
        self.said.set(text, "warning")
        if self.pin.value != state.pin:
            self.pin.set_value(state.pin)
        came = state.is_possible and not self.pin.isVisibleTo(self)
        show_if(self.pin, state.is_possible)
        self.pin.setEnabled(not state.busy)
        if came and self.isVisible():
            self.pin.setFocus()
        if state.busy:
            self.progress.start(tr("Checking …"))
        else:
            self.progress.finish()
        for button in (self.send, self.by_file):
            show_if(button, not state.is_possible)
        show_if(self.go, state.is_possible)
        self.go.setEnabled(state.is_ready)
        self.back.setEnabled(not state.busy)
        self._fit()

    def cancel(self) -> None:
        if not self.presenter.state.busy:
            super().cancel()

    def _on_by_file(self) -> None:
        self.close_overlay()
        self.by_file_wanted.emit()

    def _fit(self) -> None:
        """The sheet asks how high it is for its width: it lies alone in its layout, which asks for no such thing."""
        self.sheet.setMinimumHeight(self.sheet.heightForWidth(self.sheet.width()))
