"""One card per machine with its health and last frames, and the slips beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.errors import Fact
from app.ports.devices import BankCardSeen, CardSeen, DeviceChoice, DeviceHealth, DeviceState, UnreadableSeen
from app.ports.paper import PrintJob, PrintState
from ui.devices.connections import Connections
from ui.devices.presenter import DevicesPresenter
from ui.locale import clock, moment, number, tr
from ui.shell.screen import Command
from ui.shell.status_bar import DEVICE_ICONS, device_name, state_name
from ui.spool.words import STATES, TONES, document_name
from ui.theme import Space, theme
from ui.widgets import Banner, Button, Card, Chip, Divider, ElidedText, EmptyState, Icon, ScrollColumn, Text, show_if

STATE_CHIPS = {
    DeviceState.DISABLED: "neutral",
    DeviceState.OPENING: "info",
    DeviceState.ONLINE: "success",
    DeviceState.DEGRADED: "warning",
    DeviceState.OFFLINE: "danger",
}


class DevicesView(QWidget):
    """A `Screen`. Connect the window's `device_event` to `heard`."""

    name = "devices"
    icon = "devices"

    def __init__(
        self,
        make_presenter: Callable[[DevicesView], DevicesPresenter],
        *,
        key: str = "Ctrl+5",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.key = key
        self._cards: dict[str, DeviceCard] = {}
        self._slips: tuple[PrintJob, ...] = ()
        page = QVBoxLayout(self)
        page.setContentsMargins(Space.L, 0, Space.L, Space.L)
        page.setSpacing(Space.M)
        self._title = Text(role="headline")
        page.addWidget(self._title)
        self._row = row = QHBoxLayout()
        row.setSpacing(Space.L)
        page.addLayout(row, 1)
        self._machines = ScrollColumn()
        self._connections = Connections()
        self._machines.column.addWidget(self._connections)
        self._none = EmptyState("devices", "", "")
        self._machines.column.addWidget(self._none)
        row.addWidget(self._machines, 3)
        self._paper = Card()
        self._refresh = Button("", "quiet", icon="refresh")
        self._paper.header.addWidget(self._refresh)
        self._list = ScrollColumn(spacing=0)
        self._paper.body.addWidget(self._list)
        row.addWidget(self._paper, 2)
        self._is_narrow = False
        self._presenter = make_presenter(self)
        self._refresh.clicked.connect(self._presenter.refresh_slips)
        show_if(self._connections, self._presenter.can_set_up)
        self._connections.wanted.connect(self._presenter.apply)
        self._connections.print_wanted.connect(self._presenter.test_print)
        self._connections.swipe_wanted.connect(self._on_swipe_wanted)
        self.retranslate()

    @property
    def presenter(self) -> DevicesPresenter:
        return self._presenter

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Devices")

    def commands(self) -> Sequence[Command]:
        return ()

    def help(self) -> str:
        return tr("How the reader and the printer are, what they said last, and the slips that still need you.")

    def entered(self) -> None:
        self._presenter.open()

    def retranslate(self) -> None:
        self._title.setText(tr("Reader and printer"))
        self._none.set(tr("No machines at this counter"), tr("Swipes can be typed, slips kept as PDF."))
        self._paper.set_title(tr("Slips"))
        self._connections.retranslate()
        self._refresh.setText(tr("Refresh"))
        self._presenter.retranslate()
        self.show_slips(self._slips)

    def take_swipe(self, seen: CardSeen | BankCardSeen | UnreadableSeen) -> bool:
        """The window asks the screen in front first: a test card brings up nobody."""
        return self._presenter.take_swipe(seen)

    def person_changed(self) -> None:
        self._presenter.stop_waiting()

    def hideEvent(self, event: QHideEvent) -> None:
        self._presenter.stop_waiting()
        super().hideEvent(event)

    def _on_swipe_wanted(self) -> None:
        if self._presenter.waits_for_swipe:
            self._presenter.stop_waiting()
        else:
            self._presenter.test_swipe()

    def heard(self, event: object) -> None:
        """Any event of the window's `device_event`; only health is shown here."""
        if isinstance(event, DeviceHealth):
            self._presenter.heard(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(720)
        if narrow != self._is_narrow:  # in a narrow window the slips come below, and all of it scrolls together
            self._is_narrow = narrow
            if narrow:
                self._machines.column.insertWidget(self._machines.column.indexOf(self._none) + 1, self._paper)
            else:
                self._row.addWidget(self._paper, 2)

    # DevicesScreen

    def show_device(self, health: DeviceHealth, cause: str) -> None:
        card = self._cards.get(health.name)
        if card is None:
            card = self._cards[health.name] = DeviceCard()
            self._machines.column.insertWidget(self._machines.column.indexOf(self._connections), card)
            self._none.hide()
        card.show_health(health, cause)

    def show_setup(self, choice: DeviceChoice, ports: tuple[tuple[str, str], ...], profiles: tuple[str, ...]) -> None:
        self._connections.show_choice(choice, ports, profiles)

    def show_busy(self, what: str) -> None:
        self._connections.show_busy(what)

    def show_trial(self, code: str, facts: Mapping[str, Fact], *, good: bool) -> None:
        self._connections.say(self._presenter.sentence(code, facts), good=good)

    def show_slips(self, slips: tuple[PrintJob, ...]) -> None:
        self._slips = slips
        column = self._list.column
        while column.count():
            item = column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not slips:
            column.addWidget(EmptyState("slip", tr("No slips yet"), tr("They appear here when something is redeemed.")))
        for at, slip in enumerate(slips):
            if at:
                column.addWidget(Divider())
            column.addWidget(SlipRow(slip, self._presenter))


class DeviceCard(Card):
    """One machine."""

    def __init__(self) -> None:
        super().__init__()
        self._health: DeviceHealth | None = None
        self._cause = ""
        top = QHBoxLayout()
        top.setSpacing(Space.M)
        self._icon = Icon("reader", size=28, tone="text")
        words = QVBoxLayout()
        words.setSpacing(0)
        self._name = Text(role="title")
        self._url = ElidedText(role="small", tone="muted")
        words.addWidget(self._name)
        words.addWidget(self._url)
        self._chip = Chip()
        top.addWidget(self._icon)
        top.addLayout(words, 1)
        top.addWidget(self._chip)
        self.body.addLayout(top)
        self._problem = Banner("", "warning")
        self._problem.hide()
        self.body.addWidget(self._problem)
        self._facts = Text(role="small", tone="muted", wrap=True)
        self.body.addWidget(self._facts)
        self._frames_title = Text(role="label", tone="muted")
        self._frames = Text(role="small", wrap=True, selectable=True)
        self.body.addWidget(self._frames_title)
        self.body.addWidget(self._frames)

    def show_health(self, health: DeviceHealth, cause: str) -> None:
        self._health, self._cause = health, cause
        self.retranslate()

    def retranslate(self) -> None:
        health = self._health
        if health is None:
            return
        self._icon.set(DEVICE_ICONS[health.kind])
        self._name.setText(device_name(health.kind))
        self._url.setText(health.url)
        self._chip.set(state_name(health.state), STATE_CHIPS[health.state])
        tone = "danger" if health.state is DeviceState.OFFLINE else "warning"
        self._problem.set(self._cause, tone)
        self._problem.setVisible(bool(self._cause))
        facts = []
        if health.since is not None:
            facts.append(tr("since {time}", time=clock(health.since)))
        if health.last_seen is not None:
            facts.append(tr("last heard {time}", time=clock(health.last_seen)))
        if health.retry_at is not None:
            facts.append(tr("tries again {time}", time=clock(health.retry_at)))
        facts.append(tr("errors {n}", n=number(health.errors)))
        self._facts.setText("  ·  ".join(facts))
        self._frames_title.setText(tr("Last frames, numbers masked"))
        self._frames_title.setVisible(bool(health.frames))
        self._frames.setText("\n".join(health.frames[-6:]))
        self._frames.setVisible(bool(health.frames))


class SlipRow(QWidget):
    """One slip, and what a person can decide about it."""

    def __init__(self, slip: PrintJob, presenter: DevicesPresenter) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.S, 0, Space.S)
        column.setSpacing(Space.XS)
        top = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        name = document_name(slip.document, slip.copy)
        words.addWidget(Text(name, "body"))
        words.addWidget(Text(moment(slip.queued_at), "small", tone="muted"))
        top.addLayout(words, 1)
        top.addWidget(Chip(tr(STATES[slip.state]), TONES[slip.state]), 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(top)
        if slip.state is PrintState.UNCERTAIN:
            buttons = QHBoxLayout()
            there = Button(tr("It is there"), "secondary", icon="check")
            again = Button(tr("Print again"), "secondary", icon="printer")
            there.clicked.connect(partial(presenter.settle, slip, printed=True))
            again.clicked.connect(partial(presenter.settle, slip, printed=False))
            buttons.addWidget(there)
            buttons.addWidget(again)
            buttons.addStretch(1)
            column.addLayout(buttons)
