"""The demo's machines in reach of a hand: swipe, show a phone, scan, pull the paper, open the cover, jam a card,
unplug; what the customer display shows; and, where the desk has a hub, the line to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from unicodedata import east_asian_width

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ports.devices import DeviceKind, SimulatedCounter, SimulatedNetwork
from app.ports.jobs import Jobs
from ui.locale import mark, tr
from ui.locale import number as number_text
from ui.shell.roles import tier_word
from ui.shell.status_bar import device_name
from ui.theme import Radius, Space, fill_rounded, theme
from ui.widgets import (
    Avatar,
    Button,
    Chip,
    Divider,
    ListRow,
    PaperPicture,
    ScrollColumn,
    SegmentedControl,
    Switch,
    Text,
    TextField,
    show_if,
)

WIDTH_PX = 288
LOOK_EVERY_MS = 500
PHONE_PX, PHONE_SHOWN_MS = 132, 10_000
DISPLAY_COLUMNS = 20
DISPLAY_BACK, DISPLAY_LIT = QColor("#10140f"), QColor("#8ff0a4")
NOTES = (mark("bank card"), mark("lost"), mark("approval card"))


@dataclass(frozen=True)
class DemoCard:
    """A card that can be swiped in the demo, or scanned where what it has `is_code`. `note` says what is special about
    it ("lost", "bank card", "approval card")."""

    number: str
    name: str
    tier: str = ""
    note: str = ""
    is_code: bool = False


@dataclass(frozen=True)
class PhoneCode:
    """What a member's phone shows at this moment: the text of the member QR, and its picture (PNG)."""

    text: str
    png: bytes


class DemoPanel(QWidget):
    """A slim panel beside the window. Everything it does goes through the real serial lines, in a job. `phone` makes
    the code that the member with this card shows; `line` is the one to the hub."""

    used = Signal(str)
    """What was done: "swipe", "phone", "scan", "paper", "cover", "cards", "jam", "plug", "line", "elsewhere"."""

    def __init__(
        self,
        counter: SimulatedCounter,
        jobs: Jobs,
        cards: Sequence[DemoCard] = (),
        phone: Callable[[str], PhoneCode] | None = None,
        line: SimulatedNetwork | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._counter = counter
        self._jobs = jobs
        self._phone = phone
        self._network = line
        self._demo_cards: tuple[DemoCard, ...] = ()
        self.setFixedWidth(theme().px(WIDTH_PX))
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        top = QHBoxLayout()
        self._title = Text(role="title")
        self._badge = Chip("", "accent")
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self._badge)
        column.addLayout(top)
        self._hint = Text(role="small", tone="muted", wrap=True)
        column.addWidget(self._hint)
        show_if(self._hint, line is None)  # its room is the line's
        self._line_title = Text(role="label", tone="muted")
        self._line = SegmentedControl((("fair", ""), ("cut", ""), ("half open", "")), "fair")
        self._line_hint = Text(role="small", tone="muted", wrap=True)
        self._line_end = Divider()
        self._elsewhere = Button("", "secondary")
        self._last: DemoCard | None = None  # of a member: whoever spends elsewhere
        self._spent: tuple[str, int] | None = None
        of_the_line: tuple[QWidget, ...] = (
            self._line_title,
            self._line,
            self._line_hint,
            self._elsewhere,
            self._line_end,
        )
        for part in of_the_line:
            column.addWidget(part)
            show_if(part, line is not None)
        self._elsewhere.setEnabled(False)
        self._how = SegmentedControl((("card", ""), ("phone", "")), "card")
        column.addWidget(self._how)
        self._shown = PaperPicture()
        self._shown.set_room(theme().px(PHONE_PX))
        column.addWidget(self._shown, 0, Qt.AlignmentFlag.AlignHCenter)
        self._list = ScrollColumn(spacing=2)
        column.addWidget(self._list, 2)
        self._code = TextField("", max_length=64)
        self._scan = Button("", "secondary", icon="scan")
        machines = ScrollColumn()
        for part in (self._code, self._scan):
            (column if line is None else machines.column).addWidget(part)
        column.addWidget(Divider())
        column.addWidget(machines, 3 if line is None else 2)
        self._display_title = Text(role="label", tone="muted")
        self._display = _Display()
        self._paper_title = Text(role="label", tone="muted")
        self._paper = SegmentedControl((("ok", ""), ("near_end", ""), ("out", "")), "ok")
        self._cover = Switch("")
        self._cards_title = Text(role="label", tone="muted")
        self._cards = SegmentedControl((("full", ""), ("empty", "")), "full")
        self._jam = Switch("")
        self._plugs_title = Text(role="label", tone="muted")
        self._plugs = {kind: Switch("", True) for kind in DeviceKind}
        for widget in (
            self._display_title,
            self._display,
            self._paper_title,
            self._paper,
            self._cover,
            self._cards_title,
            self._cards,
            self._jam,
            self._plugs_title,
            *self._plugs.values(),
        ):
            machines.column.addWidget(widget)
        self._rows: list[ListRow] = []
        show_if(self._how, phone is not None)
        self._how.changed.connect(self._on_how)
        self._code.submitted.connect(self._on_scan)
        self._scan.clicked.connect(self._on_scan)
        self._line.changed.connect(self._on_line)
        self._elsewhere.clicked.connect(self.spend_elsewhere)
        self._paper.changed.connect(self._on_paper)
        self._cover.toggled.connect(self._on_cover)
        self._cards.changed.connect(self._on_cards)
        self._jam.toggled.connect(self._on_jam)
        for kind, switch in self._plugs.items():
            switch.toggled.connect(partial(self._on_plug, kind))
        self.set_cards(cards)
        self._put_away = QTimer(self)
        self._put_away.setSingleShot(True)
        self._put_away.timeout.connect(lambda: self._show_phone(None))
        self._watch = QTimer(self)
        self._watch.setInterval(LOOK_EVERY_MS)
        self._watch.timeout.connect(self.follow)
        self._watch.start()

    def follow(self) -> None:
        """Show the machines as they are: others than this panel touch them too, the guided tour for one."""
        if self._network is not None and self._line.value != self._network.weather():
            self._line.set_value(self._network.weather())
            self._say_what_happens()
        if self._paper.value != self._counter.paper():
            self._paper.set_value(self._counter.paper())
        cards = "empty" if self._counter.is_hopper_empty() else "full"
        if self._cards.value != cards:
            self._cards.set_value(cards)
        self._display.show_lines(self._counter.display_lines())
        known = [(self._cover, self._counter.is_cover_open()), (self._jam, self._counter.is_jammed())]
        known += [(switch, self._counter.is_plugged(kind)) for kind, switch in self._plugs.items()]
        for switch, now in known:
            if switch.isChecked() != now:
                switch.blockSignals(True)
                switch.setChecked(now)
                switch.blockSignals(False)
                switch.update()

    def swipe(self, number: str) -> None:
        self._do("swipe", partial(self._counter.swipe, number))

    def show_phone(self, number: str) -> None:
        """The member holds their phone under the scanner."""
        make = self._phone
        if make is None:
            return

        def work() -> PhoneCode:
            code = make(number)
            self._counter.scan(code.text)
            return code

        def shown(code: PhoneCode) -> None:
            self._show_phone(code)
            self.used.emit("phone")

        self._jobs.run(work, shown)

    def set_cards(self, cards: Sequence[DemoCard]) -> None:
        """Other cards to swipe."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows.clear()
        self._demo_cards = tuple(cards)
        for card in self._demo_cards:
            row = ListRow(card.name, "", leading=Avatar(card.name[:1], size=32))
            row.chosen.connect(partial(self.take_card, card))
            self._list.column.addWidget(row)
            self._rows.append(row)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("Machines"))
        self._badge.set(tr("Demo"))
        self._hint.setText(tr("They are simulated, but speak the real protocols over serial lines."))
        self._line_title.setText(tr("Network to the hub"))
        self._line.set_options((("fair", tr("connected")), ("cut", tr("cut")), ("half open", tr("silent"))))
        self._line.setAccessibleName(tr("Network to the hub"))
        self._say_what_happens()
        self._how.set_options((("card", tr("Swipe card")), ("phone", tr("Show phone"))))
        self._how.setAccessibleName(tr("How the member says who they are"))
        self._code.set_label(tr("Scan a code"))
        self._code.set_placeholder(tr("Card or slip number"))
        self._scan.setText(tr("Scan"))
        self._paper_title.setText(tr("Paper"))
        self._paper.set_options((("ok", tr("full")), ("near_end", tr("low")), ("out", tr("out"))))
        self._paper.setAccessibleName(tr("Paper"))
        self._cover.set_text(tr("Printer cover open"))
        self._display_title.setText(device_name(DeviceKind.DISPLAY))
        self._display.setAccessibleName(device_name(DeviceKind.DISPLAY))
        self._cards_title.setText(tr("Blank cards"))
        self._cards.set_options((("full", tr("in the hopper")), ("empty", tr("none left"))))
        self._cards.setAccessibleName(tr("Blank cards"))
        self._jam.set_text(tr("The next card jams"))
        self._plugs_title.setText(tr("Plugged in"))
        for kind, switch in self._plugs.items():
            switch.set_text(device_name(kind))
        for row, card in zip(self._rows, self._demo_cards, strict=True):
            row.set(card.name, " · ".join(tr(word) for word in (tier_word(card.tier), card.note) if word))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(0, 0, 1, self.height(), theme().colour("line"))

    def _on_how(self, how: str) -> None:
        self._show_phone(None)
        for row, card in zip(self._rows, self._demo_cards, strict=True):
            show_if(row, how == "card" or bool(card.tier) or card.is_code)  # a bank card has no code on a phone

    def _on_line(self, weather: str) -> None:
        if self._network is not None:
            self._do("line", partial(self._network.turn, weather))
        self._spent = None
        self._say_what_happens()

    def _say_what_happens(self) -> None:
        """What to look for, as it takes a moment."""
        said = {
            "cut": tr("The desk notices at once and carries on. To approve: a card from below, then the PIN."),
            "half open": tr("Nothing arrives any more, and nobody says so: the desk notices within 16 seconds."),
        }
        back = tr("Cut it: the desk carries on by itself, comes back within a minute and sends what it did.")
        text = said.get(self._line.value, back)
        if self._spent is not None:
            name, points = self._spent
            text = tr("{name} has spent {points} points at desk 2.", name=name, points=number_text(points))
        self._line_hint.setText(text)
        name = self._last.name if self._last is not None else ""
        self._elsewhere.setText(tr("{name}: spend at desk 2", name=name) if name else tr("Meanwhile at desk 2 …"))
        self._elsewhere.setToolTip("" if name else tr("Swipe a member's card first"))

    def spend_elsewhere(self) -> None:
        """Whoever's card was taken last."""
        member, network = self._last, self._network
        if member is None or network is None:
            return

        def spent(points: int) -> None:
            self._spent = member.name, points
            self._say_what_happens()
            self.used.emit("elsewhere")

        self._jobs.run(lambda: network.spend_elsewhere(member.number), spent)

    def take_card(self, card: DemoCard) -> None:
        """As a touch on its row."""
        if card.is_code:
            self._do("scan", partial(self._counter.scan, card.number))
            return
        if card.tier:
            self._last, self._spent = card, None
            self._elsewhere.setEnabled(True)
            self._say_what_happens()
        if self._how.value == "phone":
            self.show_phone(card.number)
        else:
            self.swipe(card.number)

    def _show_phone(self, code: PhoneCode | None) -> None:
        self._shown.show_png(code.png if code is not None else None)
        if code is not None:
            self._shown.setAccessibleName(tr("The member's code"))
            self._put_away.start(PHONE_SHOWN_MS)

    def _on_scan(self) -> None:
        text = self._code.value
        if text:
            self._do("scan", partial(self._counter.scan, text))

    def _on_paper(self, state: str) -> None:
        self._do("paper", partial(self._counter.set_paper, state))

    def _on_cover(self, is_open: bool) -> None:
        self._do("cover", partial(self._counter.set_cover, is_open))

    def _on_cards(self, state: str) -> None:
        self._do(
            "cards", partial(self._counter.fill_hopper) if state == "full" else partial(self._counter.empty_hopper)
        )

    def _on_jam(self, jams: bool) -> None:
        self._do("jam", partial(self._counter.set_jam, jams))

    def _on_plug(self, kind: DeviceKind, plugged: bool) -> None:
        self._do("plug", partial(self._counter.set_plugged, kind, plugged))

    def _do(self, what: str, work: partial[None]) -> None:
        # A serial line blocks: never on the GUI thread.
        self._watch.stop()  # what was just chosen here is not taken back before it has been done
        self._jobs.run(work, lambda _done: self._on_done(what))

    def _on_done(self, what: str) -> None:
        self._watch.start()
        self.used.emit(what)


class _Display(QWidget):
    """The two lines of the customer display, each character in its cell, green on black as they are."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: tuple[str, str]) -> None:
        if lines != self._lines:
            self._lines = lines
            self.setAccessibleDescription(" ".join(lines))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, 2 * theme().metrics("body").height() + 2 * Space.S)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            fill_rounded(painter, QRectF(self.rect()), Radius.SMALL, DISPLAY_BACK)
            painter.setPen(DISPLAY_LIT)
            painter.setFont(theme().font("body"))
            cell = (self.width() - 2 * Space.S) / DISPLAY_COLUMNS
            high = theme().metrics("body").height()
            for row, line in enumerate(self._lines):
                left = float(Space.S)
                for character in line:
                    wide = cell * (2 if east_asian_width(character) in "WF" else 1)
                    part = QRectF(left, Space.S + row * high, wide, high)
                    painter.drawText(part, Qt.AlignmentFlag.AlignCenter, character)
                    left += wide
