"""A second person reads the whole request, names themselves, and types their own PIN."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from app.queries.rows import StaffTile
from ui.counter import words
from ui.counter.result import TwoSides
from ui.counter.sending import SendingState
from ui.counter.services import CounterServices
from ui.counter.task import Summary
from ui.locale import tr
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    BeforeAfter,
    Button,
    Card,
    Divider,
    EmptyState,
    PinField,
    ScrollColumn,
    Text,
    clear,
    show_if,
)


class ApprovalPanel(QWidget):
    """`approved(staff, pin)`. Who asked is never among those who may choose themselves."""

    approved = Signal(str, str)
    cancelled = Signal()

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._approvers: tuple[StaffTile, ...] = ()
        self._tiles: dict[str, Button] = {}
        self._chosen = ""
        self._card_of = ""
        self._offline = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.why = Banner(tone="info")
        column.addWidget(self.why)
        both = QHBoxLayout()
        both.setSpacing(Space.L)
        column.addLayout(both, 1)
        self._request = Card(padding=Space.L, ground="sunken")
        scroll = ScrollColumn(spacing=Space.S)
        self._what = scroll.column
        self.figures = BeforeAfter()
        self._request.body.addWidget(scroll, 1)
        self._request.body.addWidget(self.figures)
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        left.addWidget(self._request, 1)
        both.addLayout(left, 1)
        right = QVBoxLayout()
        right.setSpacing(Space.S)
        right.addWidget(Text(tr("Who approves?"), "label"))
        self._people = QGridLayout()
        self._people.setSpacing(Space.S)
        right.addLayout(self._people)
        self.nobody = EmptyState("approval", tr("Nobody else here may approve"), tr("Ask a supervisor to come over."))
        right.addWidget(self.nobody, 3)
        self.card = Text("", "small", tone="muted", wrap=True)
        right.addWidget(self.card)
        self.pin = PinField(shortest=PIN_DIGITS, longest=PIN_DIGITS)
        self.pin.setMaximumHeight(theme().px(340))
        self.pin.setAccessibleName(tr("PIN of the approver"))
        right.addWidget(self.pin, 0)
        right.addStretch(1)
        box = QWidget()
        box.setLayout(right)
        box.setFixedWidth(theme().px(256))
        both.addWidget(box)
        foot = QHBoxLayout()
        back = Button(tr("Go back"), "quiet", key="Esc")
        self.note = Text("", "small", tone="muted", wrap=True)
        foot.addWidget(back)
        foot.addWidget(self.note, 1)
        left.addLayout(foot)
        back.clicked.connect(self.cancelled)
        self.pin.entered.connect(self._on_pin)
        self.setFocusProxy(self.pin)

    def show_state(self, state: SendingState, summary: Summary) -> None:
        why = state.why
        facts = {"limit": why.limit} if why is not None else {}
        self.why.set(self._services.sentence(why.why, facts) if why is not None else "", "info")
        self.note.setText(tr("The approval counts for this request only."))
        self._show_request(summary, state.requester)
        if state.approvers != self._approvers:
            self._approvers = state.approvers
            self._show_people()
        self._offline = why is not None and why.why == "approval.offline"
        if state.card_of != self._card_of:
            self._card_of = state.card_of
            if state.card_of in self._tiles:
                self.choose(state.card_of)
        self._show_card()
        self.nobody.setVisible(not state.approvers)
        self.pin.setVisible(bool(state.approvers))
        problem = state.problem
        self.pin.set_problem(self._services.sentence(problem.code, problem.facts) if problem else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down choose the name, digits go on into the PIN."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self._approvers:
            super().keyPressEvent(event)
            return
        names = [one.staff for one in self._approvers]
        at = names.index(self._chosen) if self._chosen in names else -1
        self.choose(names[(at + step) % len(names)])
        event.accept()

    def choose(self, staff: str) -> None:
        self._chosen = staff
        self.pin.clear()
        for name, tile in self._tiles.items():
            tile.setChecked(name == staff)
        self._show_card()
        self.pin.setFocus()

    def _show_card(self) -> None:
        """Whether an approval card was read, or should be: cut off, whoever has one needs it."""
        chosen = next((one for one in self._approvers if one.staff == self._chosen), None)
        if chosen is not None and self._card_of == chosen.staff:
            self.card.set_tone("success")
            self.card.setText(tr("✓ The approval card of {name} was read.", name=chosen.name))
        else:
            self.card.set_tone("muted")
            wanted = self._offline and any(one.has_card for one in self._approvers)
            if chosen is not None:
                wanted = self._offline and chosen.has_card
                text = tr("First scan the approval card of {name}.", name=chosen.name)
            else:
                text = tr("Scan the approval card, or choose who approves.")
            self.card.setText(text if wanted else "")
        show_if(self.card, bool(self.card.text()))

    def _show_request(self, summary: Summary, requester: str) -> None:
        clear(self._what)
        self._what.addWidget(Text(tr(summary.title), "title", wrap=True))
        if summary.member:
            self._what.addWidget(TwoSides(tr("Member"), summary.member))
        for line in summary.lines:
            self._what.addWidget(Divider())
            self._what.addWidget(TwoSides(tr(line.label), words.about(tr(line.value)), line.detail))
        self._what.addWidget(Divider())
        self._what.addWidget(TwoSides(tr("Asked by"), requester))
        self.figures.setVisible(summary.before is not None)
        if summary.before is not None and summary.after is not None:
            self.figures.set(summary.before, summary.after, label="")

    def _show_people(self) -> None:
        clear(self._people)
        self._tiles = {}
        self._chosen = ""
        for at, one in enumerate(self._approvers):
            tile = Button(one.name)
            tile.setToolTip(one.staff)
            tile.setCheckable(True)
            tile.clicked.connect(lambda _checked=False, staff=one.staff: self.choose(staff))
            self._people.addWidget(tile, at // 2, at % 2)
            self._tiles[one.staff] = tile
        if len(self._approvers) == 1:
            self.choose(self._approvers[0].staff)

    def _on_pin(self, pin: str) -> None:
        if self._chosen:
            self.approved.emit(self._chosen, pin)
        else:
            self.pin.set_problem(tr("First choose who approves."))
