"""Somebody of another mall: who they are on the left, and the redeem form for them on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.operations.base import Operation
from app.operations.redeem_as_guest import RedeemAsGuest
from app.queries.rows import Guest
from ui.counter import words
from ui.counter.guest.presenter import NOT_ACTIVE, GuestPresenter, GuestState
from ui.counter.result import ResultPanel
from ui.counter.services import CounterServices
from ui.gifts.redeem.presenter import RedeemPresenter, RedeemState
from ui.gifts.redeem.view import RedeemView
from ui.locale import clock, number, tr
from ui.theme import Space
from ui.widgets import (
    Avatar,
    Banner,
    Button,
    Card,
    Chip,
    Divider,
    ElidedText,
    ProgressLine,
    ScrollColumn,
    Text,
    clear,
    show_if,
)


class GuestPage(QWidget):
    """As the member's page, with what their home says of them and nothing more. `asked_again` on its button."""

    asked_again = Signal()

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self._state = GuestState()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._build()

    def retranslate(self) -> None:
        self._build()
        self.show_guest(self._state)

    def show_guest(self, state: GuestState) -> None:
        self._state = state
        guest = state.guest
        if guest is None:
            return
        self.avatar.set_surname(guest.name[:1])
        self.name.setText(guest.name)
        self.tier.set(tr("{tier} member", tier=words.tier(guest.tier)), guest.tier)
        self.phone.setText(guest.phone)
        self.home.setText(tr("Member of {mall}", mall=guest.home_name))
        self.number.setText(guest.member_no)
        self.usable.setText(number(guest.usable))
        self.usable.setAccessibleName(tr("{n} points", n=number(guest.usable)))
        self.told.setText(tr("As of {time}", time=clock(state.as_of)) if state.as_of is not None else "")
        self._show_state(guest)
        self.problem.setVisible(state.problem is not None)
        if state.problem is not None:
            text = self.services.sentence(state.problem.code, state.problem.facts)
            self.problem.set(text, "warning")
        show_if(self.unposted, bool(guest.unposted))
        self.unposted.set(
            tr(
                "{n} points redeemed here are set aside at {mall} and will be posted there by themselves.",
                n=number(guest.unposted),
                mall=guest.home_name,
            ),
            "info",
        )
        self.here.setText(
            tr("Exchange points for gifts of this mall, handed out at once. A second person always approves.")
        )
        self.at_home.setText(
            tr(
                "Slips, cards, coupons, a new PIN, personal data and taking a redemption back are for {mall}.",
                mall=guest.home_name,
            )
        )
        self.again.setEnabled(not state.asking)
        if state.asking:
            self.progress.start(tr("Asking {mall} …", mall=guest.home_name))
        else:
            self.progress.finish()

    def _show_state(self, guest: Guest) -> None:
        show_if(self.state, guest.state != "active")
        self.state.set(self.services.sentence(NOT_ACTIVE, {"mall": guest.home_name}), "danger")

    def _build(self) -> None:
        clear(self._column)
        card = Card(padding=Space.L)
        self._column.addWidget(card)
        body = card.body
        body.setSpacing(Space.M)
        body.addLayout(self._make_head())
        self.state = Banner(tone="danger")
        self.problem = Banner(tone="warning")
        self.problem.hide()
        self.unposted = Banner(tone="info")
        self.usable = Text("", "display")
        self.told = Text("", "small", tone="muted")
        self.again = Button(tr("Ask again"), "quiet", icon="refresh")
        self.again.clicked.connect(self.asked_again)
        self.progress = ProgressLine()
        figures = QVBoxLayout()
        figures.setSpacing(0)
        figures.addWidget(Text(tr("Usable points"), "small", tone="muted"))
        figures.addWidget(self.usable)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addWidget(self.told, 1)
        below.addWidget(self.again)
        figures.addLayout(below)
        body.addWidget(self.state)
        body.addWidget(self.problem)
        body.addLayout(figures)
        body.addWidget(self.progress)
        body.addWidget(self.unposted)
        body.addWidget(Divider())
        self.here = Text("", "body", wrap=True)
        self.at_home = Text("", "body", tone="muted", wrap=True)
        explained = ScrollColumn(spacing=Space.S)
        explained.setMinimumHeight(1)
        column = explained.column
        column.addWidget(Text(tr("What can be done here"), "label", tone="muted"))
        column.addWidget(self.here)
        column.addWidget(Text(tr("What their own mall does"), "label", tone="muted"))
        column.addWidget(self.at_home)
        column.addStretch(1)
        body.addWidget(explained, 1)

    def _make_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.avatar = Avatar("", size=52)
        row.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        who = QVBoxLayout()
        who.setSpacing(Space.XS)
        self.name = ElidedText("", "headline")
        self.tier = Chip("", "bronze")
        first = QHBoxLayout()
        first.setSpacing(Space.XS)
        first.addWidget(self.name, 1)
        first.addWidget(self.tier)
        self.phone = Text("", "body")
        self.number = ElidedText("", "small", tone="muted")
        self.home = Text("", "strong", tone="accent", wrap=True)
        who.addLayout(first)
        who.addWidget(self.phone)
        who.addWidget(self.number)
        who.addWidget(self.home)
        row.addLayout(who, 1)
        return row


class GuestView(RedeemView):
    """`page` has its place where the member's page stands otherwise."""

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        self.page = GuestPage(services)
        super().__init__(services, parent)
        self.page.asked_again.connect(self.guests.ask_again)

    def make_presenter(self) -> RedeemPresenter:
        self.guests = GuestPresenter(self, self.services)
        return self.guests

    def make_form(self) -> QWidget:
        form = super().make_form()
        self.hand_out.hide()  # nothing of a guest waits to be collected
        return form

    def connect_result(self, result: ResultPanel) -> None:
        result.slip_settled.connect(lambda printed: self.presenter.settle_slip(printed=printed))

    def does(self) -> type[Operation]:
        return RedeemAsGuest

    def show_guest(self, state: GuestState) -> None:
        self.page.show_guest(state)

    def _show_result(self, state: RedeemState) -> None:
        result, guest = state.result, self.guests.guest
        if result is None or guest is None:
            return
        self.result.say(
            tr("Redeemed and handed out"),
            tr(
                "{mall} has set the points aside and posts them by itself, also if the line is cut now.",
                mall=guest.home_name,
            ),
            points=(result.before, result.after),
            lines=self.result_lines(result),
            undo=False,
        )
        self.result.show_slip(result.slip)
