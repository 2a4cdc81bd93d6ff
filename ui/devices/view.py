"""The devices screen: the machines of this desk on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.errors import Fact, Refused, Unavailable
from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    DeviceHealth,
    DeviceState,
    Machine,
    PrinterKind,
    UnreadableSeen,
)
from ui.devices.machine_form import MachineSheet
from ui.devices.machine_page import MachinePage
from ui.devices.presenter import DevicesPresenter, DevicesState
from ui.devices.printer_kind import PrinterKindPanel
from ui.devices.self_test.presenter import SelfTestPresenter
from ui.devices.self_test.view import SelfTestPanel
from ui.devices.words import still_works
from ui.locale import tr
from ui.shell.screen import Command
from ui.shell.status_bar import CAUSE_WORDS, DEVICE_ICONS, device_name, machine_name, state_name
from ui.theme import Space, theme
from ui.widgets import Banner, Button, Card, EmptyState, ListRow, ScrollColumn, Text, clear, confirm, show_if

LIST_PX = 300
SLIM_LIST_PX, SLIMMEST_LIST_PX = 260, 220
SLIM_BELOW_PX = 1000
NARROW_PX = 720
LOOK_EVERY_MS = 500

ROW_TONES = {
    DeviceState.DISABLED: "muted",
    DeviceState.OPENING: "muted",
    DeviceState.ONLINE: "success",
    DeviceState.DEGRADED: "warning",
    DeviceState.OFFLINE: "danger",
}

Sentence = Callable[[str, Mapping[str, Fact]], str]


class DevicesView(QWidget):
    """A `Screen`. Connect the window's `device_event` to `heard`. `failed` is told of a file that was not written."""

    wanted = Signal()
    """Somebody asked for something on this screen from elsewhere."""

    name = "devices"
    icon = "devices"

    def __init__(
        self,
        make_presenter: Callable[[DevicesView], DevicesPresenter],
        sentence: Sentence,
        *,
        failed: Callable[[Exception], None] = lambda _: None,
        said: Callable[[str], None] = lambda _: None,
        make_self_test: Callable[[SelfTestPanel], SelfTestPresenter] | None = None,
        key: str = "Ctrl+5",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.key = key
        self._sentence = sentence
        self._failed = failed
        self._state = DevicesState()
        self._rows: dict[str, MachineRow] = {}
        self._presenter = make_presenter(self)
        self.self_test = (
            SelfTestPanel(make_self_test, sentence, failed=failed, said=said) if make_self_test is not None else None
        )
        self._tests = False
        self._lay_out()
        self._watch = QTimer(self)
        self._watch.setInterval(LOOK_EVERY_MS)
        self._watch.timeout.connect(self._presenter.look)
        self.retranslate()

    # A Screen of the shell

    @property
    def presenter(self) -> DevicesPresenter:
        return self._presenter

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Devices")

    def commands(self) -> Sequence[Command]:
        return (
            Command(
                "add_machine", lambda: tr("Add a machine"), self._presenter.start_new, "Ctrl+N", "plus",
                everywhere=False, is_possible=lambda: self._state.may_change and self._state.form is None,
            ),
            Command(
                "try_machine", lambda: tr("Try this machine"), self._presenter.try_chosen, "Ctrl+T", "check",
                everywhere=False, is_possible=lambda: self._state.machine is not None and self._state.form is None,
            ),
        )  # fmt: skip

    def help(self) -> str:
        return tr(
            "How each machine is, a try of it, and what it said last, numbers masked. The administrator adds and "
            "changes machines; the program can find out what stands at a port."
        )

    def entered(self) -> None:
        self._presenter.open()
        troubled = next((name for name, health in self._state.health.items() if health.cause), "")
        if troubled and self._state.form is None:
            self._presenter.choose(troubled)
        if self._tests and self.self_test is not None:
            self.self_test.take_keyboard()
            return
        row = self._rows.get(self._state.chosen)
        if row is not None:
            row.setFocus()
        elif self.add.isVisible():
            self.add.setFocus()

    def person_changed(self) -> None:
        self._presenter.person_changed()
        if self.self_test is not None:
            self.self_test.presenter.person_changed()
        self._show_part(tests=False)

    def open_self_test(self) -> None:
        """From the status bar, or by name: the window is asked to come here."""
        if self.self_test is not None:
            self.wanted.emit()
            self._show_part(tests=True)

    def ask_self_test(self) -> None:
        """Is today's still to be made? Asked when somebody has signed in."""
        if self.self_test is not None:
            self.self_test.presenter.open()

    def take_swipe(self, seen: CardSeen | BankCardSeen | UnreadableSeen) -> bool:
        """The window asks the screen in front first: a test card brings up nobody."""
        if self.self_test is not None and self.self_test.presenter.takes_swipes:
            return True  # it hears the reader itself
        return self._presenter.take_swipe(seen)

    def heard(self, event: object) -> None:
        """Any event of the window's `device_event`; only health is shown here."""
        if isinstance(event, DeviceHealth):
            self._presenter.heard(event)

    def retranslate(self) -> None:
        self._title.setText(tr("Devices"))
        self.add.setText(tr("Add a machine"))
        self.only_administrator.setText(tr("The administrator adds and changes machines."))
        self._goes_on.set_title(tr("What still works"))
        self._none.set(tr("No machines at this counter"), tr("Swipes can be typed, slips kept as PDF."))
        self.testing.setText(tr("Back to the machines") if self._tests else tr("Start-of-shift self-test"))
        self.page.retranslate()
        self.sheet.retranslate()
        if self.self_test is not None:
            self.self_test.retranslate()
        self._show_rows(self._state)
        self.show_state(self._state)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._watch.stop()
        self._presenter.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # DevicesScreen

    def show_state(self, state: DevicesState) -> None:
        before, self._state = self._state, state
        if (state.machines, state.chosen) != (before.machines, before.chosen) or set(self._rows) != {
            machine.name for machine in state.machines
        }:
            self._show_rows(state)
        for machine in state.machines:
            health = state.health.get(machine.name)
            self._rows[machine.name].show_condition(
                machine, state.condition(machine), health.cause if health is not None else None
            )
        self._show_what_works(state)
        show_if(self.add, state.may_change)
        self.add.setEnabled(state.form is None and not state.busy)
        show_if(self.only_administrator, not state.may_change and bool(state.machines))
        told = state.told
        show_if(self.told, told is not None and not self._tests)
        if told is not None:
            undo = tr("As it was before") if told.can_undo and not state.busy else ""
            self.told.set(self._sentence(told.code, told.facts), "success" if told.good else "warning", undo)
        filling = state.form is not None
        if filling:
            self._tests = False
        empty = state.machine is None
        show_if(self.sheet, filling)
        show_if(self._detail, not filling and not empty and not self._tests)
        show_if(self._none, not filling and empty and not self._tests)
        if self.self_test is not None:
            show_if(self.self_test, self._tests)
        self.page.show_state(state)
        self.sheet.show_state(state)
        if before.form is not None and not filling and self.isVisible():
            row = self._rows.get(state.chosen)
            if row is not None:
                row.setFocus()
        self._arrange()

    # Within

    def _lay_out(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(Space.L, 0, Space.L, Space.L)
        page.setSpacing(Space.M)
        self._title = Text(role="headline")
        self.top = QHBoxLayout()
        self.top.addWidget(self._title)
        self.top.addStretch(1)
        self.testing = Button("", "secondary", icon="check")
        self.testing.clicked.connect(lambda: self._show_part(tests=not self._tests))
        show_if(self.testing, self.self_test is not None)
        self.top.addWidget(self.testing)
        page.addLayout(self.top)
        self.told = Banner("", "success", dismissable=True)
        self.told.hide()
        self.told.acted.connect(self._presenter.undo)
        page.addWidget(self.told)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        page.addLayout(row, 1)
        self._list = ScrollColumn(spacing=Space.S)
        self._machines = QVBoxLayout()
        self._machines.setSpacing(2)
        self._list.column.addLayout(self._machines)
        self.add = Button("", "secondary", icon="plus", key="Ctrl+N")
        self.add.clicked.connect(self._presenter.start_new)
        self._list.column.addWidget(self.add)
        self.only_administrator = Text(role="small", tone="muted", wrap=True)
        self._list.column.addWidget(self.only_administrator)
        self._goes_on = Card()
        self._works = Text(role="small", wrap=True)
        self._goes_on.body.addWidget(self._works)
        self._list.column.addWidget(self._goes_on)
        self._list.column.addStretch(1)
        row.addWidget(self._list)
        self.page = MachinePage(self._presenter, self._sentence)
        self.page.remove_wanted.connect(self._on_remove)
        self.page.printer_kind_wanted.connect(self._on_printer_kind)
        self.page.save_failed.connect(self._on_save_failed)
        self._detail = ScrollColumn()
        self._detail.column.addWidget(self.page)
        inner = self._detail.widget()
        inside = inner.layout() if inner is not None else None
        assert isinstance(inside, QVBoxLayout)
        inside.setStretch(0, 1)  # in a high window the frames take what there is
        self.sheet = MachineSheet(self._presenter, self._sentence)
        self._none = EmptyState("devices", "", "")
        for widget in (self._detail, self.sheet, self._none, self.self_test):
            if widget is not None:
                row.addWidget(widget, 1)

    def _show_rows(self, state: DevicesState) -> None:
        had_keyboard = any(row.hasFocus() for row in self._rows.values())
        clear(self._machines)
        self._rows = {}
        for machine in state.machines:
            row = MachineRow(machine)
            row.set_selected(machine.name == state.chosen and not self._tests)
            row.chosen.connect(partial(self._on_row, machine.name))
            self._machines.addWidget(row)
            self._rows[machine.name] = row
        if had_keyboard and state.chosen in self._rows:
            self._rows[state.chosen].setFocus()

    def _on_row(self, name: str) -> None:
        self._show_part(tests=False)
        self._presenter.choose(name)

    def _show_part(self, *, tests: bool) -> None:
        """The machines, or the self-test."""
        panel = self.self_test
        if panel is None or tests == self._tests:
            return
        if tests:
            self._presenter.leave_form()
            panel.presenter.open()
        self._tests = tests
        for name, row in self._rows.items():
            row.set_selected(name == self._state.chosen and not tests)
        self.testing.setText(tr("Back to the machines") if tests else tr("Start-of-shift self-test"))
        self.show_state(self._state)
        if tests:
            panel.take_keyboard()

    def _show_what_works(self, state: DevicesState) -> None:
        parts = []
        for kind, cause in state.missing():
            lines = "\n".join(f"·  {line}" for line in still_works(kind, cause))
            parts.append(f"{tr('Without the {machine}', machine=device_name(kind))}\n{lines}")
        self._works.setText("\n\n".join(parts))
        show_if(self._goes_on, bool(parts))

    def _arrange(self) -> None:
        narrow = self.width() < theme().px(NARROW_PX)
        show_if(self._list, not (narrow and (self._tests or self._state.form is not None)))
        width = LIST_PX
        if self.width() < theme().px(SLIM_BELOW_PX):
            width = SLIMMEST_LIST_PX if narrow else SLIM_LIST_PX
        self._list.setFixedWidth(theme().px(width))

    def _on_remove(self) -> None:
        machine = self._state.machine
        if machine is not None:
            confirm(
                self.window(),
                tr("Remove {machine}?", machine=machine_name(machine.name, machine.kind)),
                text=tr("Its settings are forgotten. You can undo this as long as you are on this screen."),
                button=tr("Remove"),
                kind="danger",
                then=self._presenter.remove,
            )

    def _on_printer_kind(self) -> None:
        known = self._presenter.printer_kind()
        if known is None:
            return

        def failed(failure: Refused | Unavailable) -> None:
            panel.set_busy(False)
            panel.set_problem(self._sentence(failure.code, failure.facts))

        def save(kind: PrinterKind) -> None:
            panel.set_busy(True)
            self._presenter.keep_printer_kind(kind, panel.close_overlay, failed)

        panel = PrinterKindPanel(self.window(), known, save)
        panel.open()

    def _on_save_failed(self, problem: OSError) -> None:
        self._failed(Unavailable("file.not_written", why=problem.strerror or ""))


class MachineRow(ListRow):
    """One machine in the list: what it is, and how."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine_name(machine.name, machine.kind), " ", icon=DEVICE_ICONS[machine.kind])

    def show_condition(self, machine: Machine, state: DeviceState, cause: str | None) -> None:
        words = state_name(state)
        if cause in CAUSE_WORDS:
            words = tr(CAUSE_WORDS[cause])
        self.set(machine_name(machine.name, machine.kind), words)
        self.detail.set_tone(ROW_TONES[state])
