"""One machine: how it is, a try of it, and what it said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.errors import Fact
from app.ports.devices import DeviceHealth, DeviceKind, DeviceState, Machine
from ui.devices.presenter import DevicesPresenter, DevicesState
from ui.devices.words import PROOFS, STATE_CHIPS, FrameRow, driver_name, frame_row
from ui.locale import clock, number, tr
from ui.shell.status_bar import DEVICE_ICONS, machine_name, state_name
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    Chip,
    Column,
    DataTable,
    ElidedText,
    EmptyState,
    Icon,
    IconButton,
    ProgressLine,
    RowsModel,
    Text,
    show_if,
)

FRAMES_HIGH_PX = 280
NARROW_PX, NARROWEST_PX = 520, 304
_WAYS = {"in": "←", "out": "→", "": "="}


class MachinePage(QWidget):
    """Shows the chosen machine. `save_failed(OSError)` when its frames could not be written to a file."""

    save_failed = Signal(object)
    remove_wanted = Signal()
    printer_kind_wanted = Signal()

    def __init__(
        self,
        presenter: DevicesPresenter,
        sentence: Callable[[str, Mapping[str, Fact]], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._sentence = sentence
        self._state = DevicesState()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self._card = Card()
        column.addWidget(self._card)
        self._lay_out_card()
        self.frames_card = Card()
        self._lay_out_frames()
        column.addWidget(self.frames_card, 1)

    def show_state(self, state: DevicesState) -> None:
        before, self._state = self._state, state
        machine = state.machine
        if machine is None:
            return
        health = state.health.get(machine.name)
        self._show_head(machine, health)
        self._show_trial(state, machine)
        self._show_buttons(state, machine)
        if state.frames != before.frames or state.chosen != before.chosen:
            self._show_frames(state.frames)
        self.pause.setText(tr("Go on") if state.paused else tr("Pause"))

    def retranslate(self) -> None:
        self._arrange(narrow=self.width() < theme().px(NARROW_PX))
        self.copy.set_name(tr("Copy"))
        self.save.set_name(tr("Save…"))
        self.change.setText(tr("Change…"))
        self.probing.setText(tr("What it can prove"))
        self.remove.setText(tr("Remove"))
        self.printer_kind.setText(tr("Kind…"))
        self.no_frames.set(tr("Nothing yet"), tr("Try the machine: what it says stands here, the newest first."))
        self.table.setAccessibleName(tr("Frames, numbers masked"))
        self.table.horizontalHeader().viewport().update()
        self._show_frames(self._state.frames)
        self.show_state(self._state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(narrow=self.width() < theme().px(NARROW_PX))

    def minimumSizeHint(self) -> QSize:
        """What does not fit side by side goes below."""
        return QSize(theme().px(NARROWEST_PX), super().minimumSizeHint().height())

    def _arrange(self, *, narrow: bool) -> None:
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._first_row.setDirection(direction)
        self.frames_card.set_title(tr("Frames") if narrow else tr("Frames, numbers masked"))

    def _lay_out_card(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(Space.M)
        self.icon = Icon("reader", size=28, tone="text")
        words = QVBoxLayout()
        words.setSpacing(0)
        self.name = Text(role="title")
        self.url = ElidedText(role="small", tone="muted")
        words.addWidget(self.name)
        words.addWidget(self.url)
        self.chip = Chip()
        top.addWidget(self.icon)
        top.addLayout(words, 1)
        top.addWidget(self.chip)
        body = self._card.body
        body.addLayout(top)
        self.trouble = Banner("", "warning")
        self.facts = Text(role="small", tone="muted", wrap=True)
        self.proof = Text(role="small", tone="muted", wrap=True)
        self.progress = ProgressLine()
        self.result = Banner("", "info")
        for widget in (self.trouble, self.facts, self.proof, self.progress, self.result):
            body.addWidget(widget)
        self.trouble.hide()
        self.result.hide()
        self._first_row = row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.trying = Button("", "primary", icon="check")
        self.probing = Button("", "secondary")
        self.change = Button("", "secondary", icon="settings")
        self.printer_kind = Button("", "quiet")
        self.switch = Button("", "quiet")
        self.remove = Button("", "quiet")
        row.addWidget(self.trying)
        row.addWidget(self.probing)
        row.addStretch(1)
        row.addWidget(self.change)
        body.addLayout(row)
        self.rarer = QWidget()  # in a row of its own: side by side they do not fit the smallest window
        rarer = QHBoxLayout(self.rarer)
        rarer.setContentsMargins(0, 0, 0, 0)
        rarer.setSpacing(Space.S)
        rarer.addStretch(1)
        rarer.addWidget(self.printer_kind)
        rarer.addWidget(self.switch)
        rarer.addWidget(self.remove)
        body.addWidget(self.rarer)
        self.trying.clicked.connect(self._presenter.try_chosen)
        self.probing.clicked.connect(self._presenter.probe)
        self.change.clicked.connect(self._presenter.start_change)
        self.switch.clicked.connect(self._on_switch)
        self.remove.clicked.connect(self.remove_wanted)
        self.printer_kind.clicked.connect(self.printer_kind_wanted)

    def _lay_out_frames(self) -> None:
        self.pause = Button("", "quiet")
        self.copy = IconButton("copy", "")
        self.save = IconButton("save", "")
        for button in (self.pause, self.copy, self.save):
            self.frames_card.header.addWidget(button)
        self.table = DataTable()
        self.model: RowsModel[FrameRow] = RowsModel(
            (
                Column("at", lambda: tr("Time"), lambda row: row.at, width=110, whole=True),
                Column("way", lambda: tr("Way"), lambda row: _way(row.direction), width=90, whole=True),
                Column("words", lambda: tr("Meaning"), lambda row: row.words, width=220),
                Column("said", lambda: tr("As it came"), lambda row: row.said, width=200),
            )
        )
        self.table.show_model(self.model)
        self.table.setMinimumHeight(theme().px(FRAMES_HIGH_PX))
        self.no_frames = EmptyState("list", "", "")
        self.frames_card.body.addWidget(self.table, 1)
        self.frames_card.body.addWidget(self.no_frames)
        self.pause.clicked.connect(lambda: self._presenter.pause(not self._state.paused))
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.table.copied()))
        self.save.clicked.connect(self._on_save)

    def _show_head(self, machine: Machine, health: DeviceHealth | None) -> None:
        self.icon.set(DEVICE_ICONS[machine.kind])
        self.name.setText(machine_name(machine.name, machine.kind))
        self.url.setText(" · ".join(part for part in (driver_name(machine.driver), machine.url) if part))
        state = self._state.condition(machine)
        self.chip.set(state_name(state), STATE_CHIPS[state])
        cause = (health.cause or "") if health is not None else ""
        show_if(self.trouble, bool(cause))
        if cause:
            tone = "danger" if state is DeviceState.OFFLINE else "warning"
            self.trouble.set(self._sentence(cause, {"url": machine.url}), tone)
        self.facts.setText("  ·  ".join(_facts(health)) if health is not None else "")
        show_if(self.facts, health is not None and state is not DeviceState.DISABLED)

    def _show_trial(self, state: DevicesState, machine: Machine) -> None:
        if state.busy == "probe":
            self.progress.start(tr("Asking the machine"))
        elif state.busy == "trial":
            self.progress.start(_trying_words(machine.kind))
        elif state.busy == "apply" and state.form is None:
            self.progress.start(tr("Connecting anew …"))
        else:
            self.progress.finish()
        told = state.trials.get(machine.name)
        if state.busy == "swipe":
            self.result.set(tr("Swipe, tap or scan any card now. It brings up nobody."), "info")
        elif told is not None:
            sentence = self._sentence(told.code, told.facts)
            text = f"{sentence}  ·  {clock(told.at)}" if told.at is not None else sentence
            self.result.set(text, {True: "success", False: "warning", None: "info"}[told.good])
        show_if(self.result, state.busy == "swipe" or (told is not None and state.busy not in ("trial", "probe")))

    def _show_buttons(self, state: DevicesState, machine: Machine) -> None:
        prints = machine.kind is DeviceKind.PRINTER
        show_if(self.probing, prints)
        self.probing.setEnabled(machine.enabled and not state.busy)
        show_if(self.proof, prints and state.probe is not None)
        if state.probe is not None:
            self.proof.setText(tr(PROOFS[state.probe.completion]))
        waiting = state.busy == "swipe"
        self.trying.setText(tr("Stop waiting") if waiting else _try_words(machine.kind))
        self.trying.setEnabled(machine.enabled and (waiting or not state.busy))
        show_if(self.rarer, state.may_change)
        for button in (self.change, self.switch, self.remove, self.printer_kind):
            show_if(button, state.may_change)
            button.setEnabled(not state.busy)
        show_if(self.printer_kind, state.may_change and machine.kind is DeviceKind.PRINTER)
        self.switch.setText(tr("Switch off") if machine.enabled else tr("Switch on"))

    def _show_frames(self, frames: tuple[str, ...]) -> None:
        rows = [frame_row(line, at) for at, line in enumerate(frames)]
        self.model.set_rows(rows[::-1])
        self.table.share_width()
        show_if(self.table, bool(rows))
        show_if(self.no_frames, not rows)
        for button in (self.pause, self.copy, self.save):
            button.setEnabled(bool(rows))

    def _on_switch(self) -> None:
        machine = self._state.machine
        if machine is not None:
            self._presenter.switch(on=not machine.enabled)

    def _on_save(self) -> None:
        machine = self._state.machine
        if machine is None:
            return
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save…"), f"{machine.name}.csv", "CSV (*.csv)")
        if chosen:
            self.write_frames(Path(chosen))

    def write_frames(self, path: Path) -> None:
        """All frames that are shown, numbers masked as on the screen."""
        try:
            self.table.to_csv(path)
        except OSError as problem:
            self.save_failed.emit(problem)


def _way(direction: str) -> str:
    words = {"in": tr("heard"), "out": tr("sent"), "": tr("result")}[direction]
    return f"{_WAYS[direction]} {words}"


def _facts(health: DeviceHealth) -> list[str]:
    facts = []
    if health.since is not None:
        facts.append(tr("since {time}", time=clock(health.since)))
    if health.last_seen is not None:
        facts.append(tr("last heard {time}", time=clock(health.last_seen)))
    if health.retry_at is not None:
        facts.append(tr("tries again {time}", time=clock(health.retry_at)))
    facts.append(tr("errors {n}", n=number(health.errors)))
    if health.reconnects:
        facts.append(tr("reconnected {n}", n=number(health.reconnects)))
    return facts


def _try_words(kind: DeviceKind) -> str:
    match kind:
        case DeviceKind.READER:
            return tr("Swipe a test card")
        case DeviceKind.PRINTER:
            return tr("Print a test slip")
        case DeviceKind.DISPLAY:
            return tr("Show a test text")
        case _:
            return tr("Ask how it is")


def _trying_words(kind: DeviceKind) -> str:
    return tr("Printing a test slip") if kind is DeviceKind.PRINTER else tr("Asking the machine")
