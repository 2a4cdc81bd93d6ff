"""One machine as the administrator sets it up: its kind, its port, what stands there, and how it is spoken to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QHBoxLayout, QWidget

from app.domain.errors import Fact
from app.ports.devices import DeviceKind, FoundPort, Machine
from ui.devices.presenter import KEYBOARD, DevicesPresenter, DevicesState, MachineForm, is_sure
from ui.devices.words import ASKED, CERTAINTIES, driver_name
from ui.locale import tr
from ui.shell.status_bar import device_name, machine_name
from ui.theme import Space
from ui.widgets import Banner, Button, Card, ProgressLine, ScrollColumn, SelectField, Text, TextField, show_if

SPEEDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
SCANNERS = ("line", "gm65", KEYBOARD)  # kinds that may put something around each code


class MachineSheet(Card):
    """Shows `DevicesState.form`; every change goes to the presenter at once, which answers with the whole form."""

    def __init__(
        self,
        presenter: DevicesPresenter,
        sentence: Callable[[str, Mapping[str, Fact]], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self._presenter = presenter
        self._sentence = sentence
        self._state = DevicesState()
        self._shown_for: str | None = None
        self.kind = SelectField("")
        self.port = SelectField("", editable=True)
        self.port_says = Text(role="small", tone="muted", wrap=True)
        self.finding = Button("", "secondary", icon="search")
        self.again = Button("", "quiet", icon="refresh")
        self.progress = ProgressLine()
        self.found = Banner("", "info")
        self.driver = SelectField("")
        self.speed = SelectField("")
        self.prefix = TextField("", max_length=8)
        self.suffix = TextField("", max_length=8)
        self.problem = Banner("", "warning")
        self.back = Button("", "quiet", key="Esc")
        self.save = Button("", "primary", key="Enter", large=True)
        self._lay_out()
        self._connect()
        self.retranslate()

    def show_state(self, state: DevicesState) -> None:
        form, before = state.form, self._state
        self._state = state
        if form is None:
            self._shown_for = None
            self.progress.finish()
            return
        self._show_choices(form, state.ports, state.drivers)
        self._show_values(form.machine)
        self._show_finding(state, form, was_busy=before.busy)
        show_if(self.problem, form.problem is not None)
        if form.problem is not None:
            self.problem.set(self._sentence(form.problem.code, form.problem.facts), "warning")
        for widget in (self.kind, self.port, self.driver, self.speed, self.prefix, self.suffix):
            widget.setEnabled(not state.busy)
        self.again.setEnabled(not state.busy)
        self.save.setEnabled(not state.busy)
        if self._shown_for != form.was and self.isVisible():
            self._shown_for = form.was
            self.port.box.setFocus()

    def retranslate(self) -> None:
        self.kind.set_label(tr("What it is"))
        self.port.set_label(tr("Port"))
        self.again.setText(tr("Look for ports"))
        self.driver.set_label(tr("Make"))
        self.speed.set_label(tr("Speed"))
        self.prefix.set_label(tr("Before each code"))
        self.suffix.set_label(tr("After each code"))
        self.back.setText(tr("Go back"))
        self.save.setText(tr("Save and connect"))
        self.found.setAccessibleName("")
        self.show_state(self._state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused: QWidget | None = self.window().focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self._presenter.leave_form()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            if isinstance(focused, QAbstractButton):
                focused.click()
            elif self.save.isEnabled():
                self._presenter.save()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def _lay_out(self) -> None:
        inside = ScrollColumn(spacing=Space.M)
        column = inside.column
        column.addWidget(self.port)
        column.addWidget(self.port_says)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.finding)
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self.progress)
        column.addWidget(self.found)
        column.addWidget(self.kind)
        column.addWidget(self.driver)
        column.addWidget(self.speed)
        around = QHBoxLayout()
        around.setSpacing(Space.M)
        around.addWidget(self.prefix, 1)
        around.addWidget(self.suffix, 1)
        column.addLayout(around)
        column.addStretch(1)
        self.body.addWidget(inside, 1)
        self.body.addWidget(self.problem)
        foot = QHBoxLayout()
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.save)
        self.body.addLayout(foot)
        self.found.hide()
        self.problem.hide()

    def _connect(self) -> None:
        for field in (self.kind, self.port, self.driver, self.speed):
            field.changed.connect(self._on_changed)
        for text in (self.prefix, self.suffix):
            text.changed.connect(self._on_changed)
        self.finding.clicked.connect(self._presenter.guess)
        self.again.clicked.connect(self._presenter.refresh_ports)
        self.progress.cancelled.connect(self._presenter.guess)
        self.back.clicked.connect(self._presenter.leave_form)
        self.save.clicked.connect(self._presenter.save)

    def _on_changed(self, _value: str) -> None:
        form = self._state.form
        if form is None:
            return
        kind = DeviceKind(self.kind.value) if self.kind.value else form.machine.kind
        self._presenter.put(
            replace(
                form.machine,
                kind=kind,
                url=self.port.value,
                driver=self.driver.value,
                baudrate=int(self.speed.value or 0),
                scan_prefix=self.prefix.value if kind is DeviceKind.READER else "",
                scan_suffix=self.suffix.value if kind is DeviceKind.READER else "",
            )
        )

    def _show_choices(
        self, form: MachineForm, ports: Sequence[FoundPort], drivers: Mapping[DeviceKind, Sequence[str]]
    ) -> None:
        machine = form.machine
        name = machine_name(form.was, machine.kind) if form.was else ""
        self.set_title(tr("Change {machine}", machine=name) if form.was else tr("Add a machine"))
        kinds = [(kind.value, device_name(kind)) for kind in drivers] or [
            (machine.kind.value, device_name(machine.kind))
        ]
        _fill(self.kind, kinds, machine.kind.value)
        known = {port.url for port in ports}
        options = [(port.url, _port_words(port)) for port in ports]
        extra = (
            [(machine.url, machine.url)] if machine.url and machine.url not in known and not _typing(self.port) else []
        )
        if not _typing(self.port):
            _fill(self.port, [("", tr("Choose or type a port")), *options, *extra], machine.url)
        chosen = next((port for port in ports if port.url == machine.url), None)
        says = _about(chosen, form.was) if chosen is not None else ""
        self.port_says.setText(says)
        show_if(self.port_says, bool(says))
        made = [(driver, driver_name(driver)) for driver in drivers.get(machine.kind, (machine.driver,))]
        self.driver.set_label(tr("Paper and make") if machine.kind is DeviceKind.PRINTER else tr("Make"))
        _fill(self.driver, made, machine.driver)
        speeds = [("", tr("As usual for this make")), *((str(speed), f"{speed} Bd") for speed in SPEEDS)]
        _fill(self.speed, speeds, str(machine.baudrate or ""))

    def _show_values(self, machine: Machine) -> None:
        types = machine.driver == KEYBOARD
        for widget in (self.port, self.finding, self.again, self.speed):
            show_if(widget, not types)
        scans = machine.kind is DeviceKind.READER and machine.driver in SCANNERS
        for text, value in ((self.prefix, machine.scan_prefix), (self.suffix, machine.scan_suffix)):
            show_if(text, scans and not (types and text is self.suffix))
            if text.edit.text() != value:
                text.set_value(value)

    def _show_finding(self, state: DevicesState, form: MachineForm, *, was_busy: str) -> None:
        finding = state.busy == "guess"
        self.finding.setText(tr("Stop asking") if finding else tr("Find out what is there"))
        self.finding.setEnabled(finding or not state.busy)
        step = form.step
        if finding:
            words = tr(ASKED[step.what]) if step is not None else tr("Opening the port")
            speed = f"  {step.baudrate} Bd" if step is not None and step.what != "swipe" else ""
            if was_busy != "guess" or step != self._step:
                self.progress.start(words + speed)
            if step is not None:
                self.progress.set_progress(step.number - 1, step.of)
        elif state.busy == "apply":
            self.progress.start(tr("Connecting anew …"))
        else:
            self.progress.finish()
        self._step = step
        guess = form.guess
        show_if(self.found, guess is not None and not finding)
        if guess is not None:
            found = ""
            if is_sure(guess) and guess.kind is not None:
                parts = [device_name(guess.kind), driver_name(guess.driver), guess.says, f"{guess.baudrate} Bd"]
                found = " · ".join(part for part in parts if part) + "\n"
            paper = tr("The width of the paper is for you to choose.") if guess.kind is DeviceKind.PRINTER else ""
            writes = form.machine.kind is DeviceKind.READER and guess.driver in state.drivers.get(
                DeviceKind.ENCODER, ()
            )
            more = tr("It writes cards, too: for that choose “Card encoder”.") if writes else paper
            said = "\n".join(part for part in (found.strip(), tr(CERTAINTIES[guess.certainty]), more) if part)
            self.found.set(said, "success" if is_sure(guess) else "info")

    _step: object = None


def _typing(field: SelectField) -> bool:
    edit = field.box.lineEdit()
    return edit is not None and edit.hasFocus() and edit.isModified()


def _fill(field: SelectField, options: Sequence[tuple[str, str]], value: str) -> None:
    """Only what is different, and without a signal: what a person is choosing from is not pulled away."""
    box: QComboBox = field.box
    known = [(str(box.itemData(at) or ""), box.itemText(at)) for at in range(box.count())]
    box.blockSignals(True)
    if known != list(options):
        field.set_options(options, value)
    if field.value != value:
        field.set_value(value)
    box.blockSignals(False)


def _port_words(port: FoundPort) -> str:
    short = port.device.removeprefix("/dev/")
    return f"{short}  {port.description}" if port.description else short


def _about(port: FoundPort, own_name: str) -> str:
    """What the system says of a port, and what hinders."""
    parts = []
    if port.url != port.device:
        parts.append(tr("A name that stays when the cable is put into another socket."))
    if port.usb_id:
        parts.append(f"USB {port.usb_id}" + (f" · {port.serial_number}" if port.serial_number else ""))
    if port.forbidden:
        parts.append(tr("This user may not open it: an administrator of this computer grants access."))
    elif port.used_by and port.used_by != own_name:
        if port.by_this_desk:
            kind = next((kind for kind in DeviceKind if port.used_by.startswith(kind.value)), DeviceKind.READER)
            parts.append(tr("Already the port of: {machine}", machine=machine_name(port.used_by, kind)))
        else:
            parts.append(tr("The program {name} has it open.", name=port.used_by))
    return "\n".join(parts)
