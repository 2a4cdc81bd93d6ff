"""What is always true to see: connection, what waits, printer, reader, since when signed in, which desk, the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.domain.mode import Mode
from app.ports.devices import DeviceHealth, DeviceKind, DeviceState
from app.ports.hub import HubStatus
from ui.devices.words import still_works
from ui.locale import clock, clock_with_zone, mark, number, tr, trn
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets import Text, show_if

DEVICE_NAMES = {
    DeviceKind.READER: mark("Reader"),
    DeviceKind.PRINTER: mark("Printer"),
    DeviceKind.ENCODER: mark("Card encoder"),
    DeviceKind.DISPENSER: mark("Card dispenser"),
    DeviceKind.DISPLAY: mark("Customer display"),
}
DEVICE_ICONS = {
    DeviceKind.READER: "reader",
    DeviceKind.PRINTER: "printer",
    DeviceKind.ENCODER: "card",
    DeviceKind.DISPENSER: "stock",
    DeviceKind.DISPLAY: "eye",
}
# These are always there to see; the others only while something is the matter with them.
ALWAYS_SHOWN = (DeviceKind.PRINTER, DeviceKind.READER)
# Of several machines of a kind the bar shows the one that needs somebody most.
_WORST_FIRST = (
    DeviceState.OFFLINE,
    DeviceState.DEGRADED,
    DeviceState.OPENING,
    DeviceState.ONLINE,
    DeviceState.DISABLED,
)
STATE_NAMES = {
    DeviceState.DISABLED: mark("off"),
    DeviceState.OPENING: mark("connecting"),
    DeviceState.ONLINE: mark("ready"),
    DeviceState.DEGRADED: mark("needs attention"),
    DeviceState.OFFLINE: mark("not connected"),
}
STATE_TONES = {
    DeviceState.DISABLED: "text_muted",
    DeviceState.OPENING: "text_muted",
    DeviceState.ONLINE: "success_text",
    DeviceState.DEGRADED: "warning_text",
    DeviceState.OFFLINE: "warning_text",
}


def device_name(kind: DeviceKind) -> str:
    return tr(DEVICE_NAMES[kind])


def machine_name(name: str, kind: DeviceKind) -> str:
    """ "reader" and "reader-2" are the program's own names and follow the language; any other was given by a person."""
    if name == kind.value:
        return device_name(kind)
    if name == "keyboard":
        return tr("Keyboard reader")
    first, _, last = name.rpartition("-")
    return f"{device_name(kind)} {last}" if first == kind.value and last.isdecimal() else name


def state_name(state: DeviceState) -> str:
    return tr(STATE_NAMES[state])


class StatusBar(QWidget):
    """`devices_wanted` fires when somebody touches a machine, `self_test_wanted` when they touch today's self-test,
    `hub_wanted` when they touch what concerns the hub."""

    devices_wanted = Signal()
    self_test_wanted = Signal()
    hub_wanted = Signal()

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._hub: HubStatus | None = None
        self._hub_cause = ""
        self._waiting = 0
        self._since: datetime | None = None
        self._health: dict[str, DeviceHealth] = {}
        self._causes: dict[str, str] = {}
        self.setFixedHeight(theme().px(36))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        self.connection = StatusItem(active=True)
        self.unsent = StatusItem(active=True)
        self.floor = StatusItem(active=True)
        self.tasks = StatusItem(active=True)
        for item in (self.connection, self.unsent, self.floor, self.tasks):
            item.pressed.connect(self.hub_wanted)
        self.slips = StatusItem("slip")
        self.devices = {kind: StatusItem(DEVICE_ICONS[kind], active=True) for kind in DeviceKind}
        self.shift = StatusItem("clock")
        self.self_test = StatusItem("info", active=True)
        self.self_test.hide()
        self.self_test.pressed.connect(self.self_test_wanted)
        self._desk = Text(role="small", tone="muted")
        self._clock = Text(role="label")
        others = [item for kind, item in self.devices.items() if kind not in ALWAYS_SHOWN]
        for item in (
            self.connection,
            self.unsent,
            self.floor,
            self.tasks,
            *(self.devices[kind] for kind in ALWAYS_SHOWN),
            *others,
        ):
            row.addWidget(item)
        row.addWidget(self.slips)
        row.addWidget(self.self_test)
        row.addWidget(self.shift)
        row.addStretch(1)
        row.addWidget(self._desk)
        row.addWidget(self._clock)
        for item in self.devices.values():
            item.pressed.connect(self.devices_wanted)
            item.hide()
        self._minute = QTimer(self)
        self._minute.setInterval(1000)
        self._minute.timeout.connect(self._on_second)
        self._minute.start()
        self.retranslate()

    def set_hub(self, status: HubStatus | None, cause: str = "") -> None:
        """None: this desk stands alone and needs no hub. `cause` is the sentence for what is wrong, as a tool tip."""
        self._hub, self._hub_cause = status, cause
        self.retranslate()

    def set_slips_waiting(self, count: int) -> None:
        self._waiting = count
        self.retranslate()

    def set_device(self, health: DeviceHealth, cause: str = "") -> None:
        """`cause` is the sentence for what is wrong, shown as tool tip and, when short, in place of the state."""
        self._health[health.name], self._causes[health.name] = health, cause
        if health.state is DeviceState.DISABLED and not health.url:  # it is no longer one of this desk's machines
            del self._health[health.name], self._causes[health.name]
        self.retranslate()

    def set_self_test_due(self, due: bool) -> None:
        """A calm line for whoever opens the counter; it goes once the self-test has been made."""
        show_if(self.self_test, due)
        self._fit()

    def set_signed_in(self, since: datetime | None) -> None:
        self._since = since
        self.retranslate()

    def set_desk(self, name: str) -> None:
        self._desk.setText(name)

    def retranslate(self) -> None:
        self._show_hub()
        self.slips.setVisible(self._waiting > 0)
        self.slips.set(
            trn("{n} slip waits", "{n} slips wait", self._waiting), tone="warning_text", short=number(self._waiting)
        )
        self.self_test.set(tr("Not self-tested today"), tone="info_text")
        for kind, item in self.devices.items():
            self._show_kind(kind, item)
        if self._since is not None:
            self.shift.set(tr("Signed in {time}", time=clock(self._since)))
        self._fit()
        self._on_second()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedHeight(theme().px(36))
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))

    def _show_hub(self) -> None:
        status = self._hub
        for item in (self.unsent, self.floor, self.tasks):
            item.hide()
        self.connection.setToolTip(self._hub_cause)
        if status is None:
            self.connection.set(tr("On this machine"), dot="success_text")
            return
        when = clock(status.since) if status.since else ""
        words, dot = MODES[status.mode]
        self.connection.setToolTip(self._hub_cause or tr(words, when=when))
        self.connection.set(tr(words, when=when), dot=dot, short=tr(SHORT_MODES[status.mode], when=when))
        if status.unsent or status.mode is not Mode.ONLINE:
            text = short = tr("Unsent {n}", n=number(status.unsent))
            minutes = int((self._now() - status.oldest).total_seconds() // 60) if status.oldest else 0
            if status.unsent and minutes >= 1:
                text += f" · {_age(minutes)}"
            tone = "warning_text" if minutes >= MOST_UNSENT_MINUTES else "text_muted"
            self.unsent.set(text, tone=tone, short=short)
            self.unsent.show()
        if status.floor_limit and (status.floor_used or status.mode is Mode.FRESH):
            used, limit = number(status.floor_used), number(status.floor_limit)
            text = tr("Offline redeemed {used}/{limit}", used=used, limit=limit)
            self.floor.set(text, short=tr("Offline {used}/{limit}", used=used, limit=limit))
            self.floor.show()
        if status.open_tasks:
            self.tasks.set(trn("{n} to settle", "{n} to settle", status.open_tasks), tone="warning_text")
            self.tasks.show()

    def _show_kind(self, kind: DeviceKind, item: StatusItem) -> None:
        known = [health for health in self._health.values() if health.kind is kind]
        if not known:
            item.hide()
            return
        worst = min(known, key=lambda health: _WORST_FIRST.index(health.state))
        name = device_name(kind) if len(known) == 1 else machine_name(worst.name, kind)
        item.set(f"{name} {self._device_state(worst)}", tone=STATE_TONES[worst.state], short="")
        tip = [self._causes[worst.name]]
        if all(health.cause not in (None, "printer.paper_near_end") for health in known):
            tip += (f"·  {line}" for line in still_works(kind, worst.cause or ""))
        item.setToolTip("\n".join(tip))
        well = worst.state in (DeviceState.ONLINE, DeviceState.DISABLED)
        item.is_well = well
        show_if(item, kind in ALWAYS_SHOWN or not well)

    def _device_state(self, health: DeviceHealth) -> str:
        return tr(CAUSE_WORDS[health.cause]) if health.cause in CAUSE_WORDS else state_name(health.state)

    def _fit(self) -> None:
        """Where it is narrow, what can wait goes first: since when, which desk; then words that an icon says as well,
        and long words for short ones; that all is on this machine. That a desk is cut off is never left out."""
        self._row.setSpacing(Space.XL if self.width() >= theme().px(1000) else Space.L)
        self.connection.show()
        self.shift.setVisible(self._since is not None)
        self._desk.show()
        for item in self._items():
            item.shorten(False)
        cut_off = self._hub is not None and self._hub.mode is not Mode.ONLINE

        def icons_alone() -> None:
            for item in self.devices.values():
                item.shorten(item.is_well)

        for less in (
            self.shift.hide,
            self._desk.hide,
            icons_alone,
            *(partial(item.shorten, True) for item in (self.floor, self.unsent, self.slips, self.connection)),
            partial(self._row.setSpacing, Space.M),
            *(() if cut_off else (self.connection.hide,)),
        ):
            if self._wanted_width() <= self.width():
                break
            less()

    def _items(self) -> list[StatusItem]:
        hub = (self.connection, self.unsent, self.floor, self.tasks)
        return [*hub, *self.devices.values(), self.slips, self.self_test, self.shift]

    def _wanted_width(self) -> int:
        spacing = self._row.spacing()
        parts = (*self._items(), self._desk)
        width = sum(each.sizeHint().width() + spacing for each in parts if not each.isHidden())
        return int(width + self._clock.sizeHint().width() + 2 * Space.L)

    def _on_second(self) -> None:
        text = clock_with_zone(self._now())
        if text != self._clock.text():
            self._clock.setText(text)
            self._show_hub()  # what waits grows older by the minute


def _age(minutes: int) -> str:
    if minutes < 60:
        return tr("{n} minute", n=number(minutes)) if minutes == 1 else tr("{n} minutes", n=number(minutes))
    return trn("{n} hour", "{n} hours", minutes // 60)


# Calm and exact: since when, and what goes on.
MODES = {
    Mode.ONLINE: (mark("Online"), "success_text"),
    Mode.FRESH: (mark("Offline since {when}, go on as usual"), "info_text"),
    Mode.STALE: (mark("Offline since {when}: credit and look up, no redeeming"), "warning_text"),
    Mode.CLOCK: (mark("Clock in doubt: credit only until the hub answers"), "warning_text"),
    Mode.UNREADABLE: (mark("The hub is newer: credit only, update the program"), "warning_text"),
    Mode.NOT_TAKEN: (mark("The hub cannot read this desk yet: credit only"), "warning_text"),
    Mode.DISK_LOW: (mark("Disk nearly full: nothing new, sending goes on"), "danger_text"),
    Mode.REVOKED: (mark("This desk was put out of use"), "danger_text"),
}
# Where there is little room; the whole is its tool tip.
SHORT_MODES = {
    Mode.ONLINE: mark("Online"),
    Mode.FRESH: mark("Offline since {when}"),
    Mode.STALE: mark("Offline since {when}, no redeeming"),
    Mode.CLOCK: mark("Clock in doubt: credit only"),
    Mode.UNREADABLE: mark("Update: credit only"),
    Mode.NOT_TAKEN: mark("Waits for the hub: credit only"),
    Mode.DISK_LOW: mark("Disk nearly full"),
    Mode.REVOKED: mark("This desk was put out of use"),
}
MOST_UNSENT_MINUTES = 24 * 60  # of the oldest that waits, before it is shown as a warning

# Causes that fit into two or three characters; the whole sentence is the tool tip.
CAUSE_WORDS: dict[str | None, str] = {
    "printer.paper_end": mark("out of paper"),
    "printer.paper_near_end": mark("paper low"),
    "printer.cover_open": mark("cover open"),
    "printer.cutter": mark("cutter stuck"),
    "device.unplugged": mark("unplugged"),
}


class StatusItem(QWidget):
    """A dot or an icon, and a word."""

    pressed = Signal()

    def __init__(self, icon: str = "", *, active: bool = False) -> None:
        super().__init__()
        self._icon = icon
        self._text = ""
        self._dot = ""
        self._tone = "text_muted"
        self._active = active
        self._short: str | None = None
        self._is_short = False
        self.is_well = False  # of a device: its icon alone says it
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        if active:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def text(self) -> str:
        return self._text

    def shorten(self, yes: bool) -> None:
        """Say it in fewer words, where it has any."""
        if yes != self._is_short:
            self._is_short = yes
            self.updateGeometry()
            self.update()

    @property
    def _shown(self) -> str:
        return self._short if self._is_short and self._short is not None else self._text

    def set(self, text: str, *, tone: str = "text_muted", dot: str = "", short: str | None = None) -> None:
        """`short` is said where there is little room."""
        if (text, tone, dot, short) == (self._text, self._tone, self._dot, self._short):
            return
        self._text, self._tone, self._dot, self._short = text, tone, dot, short
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        lead = theme().px(24) if self._icon else theme().px(16) if self._dot else 0
        return QSize(theme().metrics("small").horizontalAdvance(self._shown) + lead + 2, theme().px(36))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(24 if not self._shown else 36), theme().px(36))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._active:
            self.pressed.emit()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            middle = self.height() / 2
            left = 0.0
            if self._icon:
                side = t.px(18)
                paint_icon(painter, QRectF(0, middle - side / 2, side, side), self._icon, t.colour(self._tone))
                left = t.px(24)
            elif self._dot:
                side = t.px(9)
                fill_rounded(painter, QRectF(0, middle - side / 2, side, side), side / 2, t.colour(self._dot))
                left = t.px(16)
            painter.setFont(t.font("small"))
            painter.setPen(t.colour(self._tone))
            words = QRectF(left, 0, self.width() - left, self.height())
            shown = painter.fontMetrics().elidedText(self._shown, Qt.TextElideMode.ElideRight, round(words.width()) + 1)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
