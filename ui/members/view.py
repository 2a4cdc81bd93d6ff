"""The member, on the left of the counter: who, how much, what is open, what happened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import Right
from app.queries.rows import MemberPage, TimelineEntry
from ui.counter import words
from ui.counter.row_list import RowList, write
from ui.counter.services import CounterServices
from ui.locale import clock, day, day_short, money, number, signed, tr
from ui.members.presenter import MemberPresenter, MemberState, RevealState
from ui.members.reveal import RevealPanel
from ui.members.scanned_slip import ScannedSlipPanel
from ui.shell.top_bar import RoundMenu
from ui.theme import Space, as_qicon, fill_rounded, paint_icon, theme
from ui.widgets import Avatar, Banner, Button, Card, Chip, Divider, ElidedText, IconButton, Meter, Text, clear
from ui.widgets.pages import Pages

MOST_MONTHS = 3
ROW = 52
LOW_PX = 600  # below it a slip that was brought along has the place of the way to the next tier


class MemberView(QWidget):
    """`undo_wanted(row of the timeline)`, `hand_out_wanted()`, `cards_wanted()`,
    `task_wanted(name)` and `statement_wanted()` from the member's menu, `reprint_wanted(operation, document)` and
    `slip_put_away()` of the slip that was scanned."""

    undo_wanted = Signal(object)
    hand_out_wanted = Signal()
    cards_wanted = Signal()
    task_wanted = Signal(str)
    statement_wanted = Signal()
    reprint_wanted = Signal(object, str)
    slip_put_away = Signal()

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self._today: Callable[[], int] = lambda: services.today().year
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._asking = False
        self._reveal: RevealPanel | None = None
        self.presenter = MemberPresenter(self, services)
        self.build()

    def retranslate(self) -> None:
        self.build()
        self.show_member(self.presenter.state)

    def build(self) -> None:
        clear(self._column)
        self.stack = Pages()
        self.card = Card(padding=Space.L)
        self._reveal = None
        self.stack.addWidget(self.card)
        self._column.addWidget(self.stack)
        body = self.card.body
        body.setSpacing(Space.M)
        body.addLayout(self._make_head())
        self.problem = Banner(tone="warning")
        self.problem.hide()
        self.problem.acted.connect(self.presenter.reload)
        body.addWidget(self.problem)
        self.warnings = QVBoxLayout()
        self.warnings.setSpacing(Space.XS)
        body.addLayout(self.warnings)
        body.addLayout(self._make_figures())
        body.addLayout(self._make_tier())
        self.slip = ScannedSlipPanel()
        self.slip.hide()
        self.slip.undo_wanted.connect(lambda: self.task_wanted.emit("reverse"))
        self.slip.hand_out_wanted.connect(lambda: self.task_wanted.emit("hand_out"))
        self.slip.reprint_wanted.connect(self.reprint)
        self.slip.put_away.connect(self.slip_put_away)
        body.addWidget(self.slip)
        body.addWidget(Divider())
        self.owed_row = Button("", "secondary", key="F7", icon="hand_out")
        self.owed_row.clicked.connect(self.hand_out_wanted)
        body.addWidget(self.owed_row)
        self.recent = Text(tr("Recent"), "label", tone="muted")
        self.more = IconButton("more", tr("More for this member"), size=36)
        self.more.clicked.connect(self._open_menu)
        above = QHBoxLayout()
        above.addWidget(self.recent, 1)
        above.addWidget(self.more)
        body.addLayout(above)
        self.timeline = RowList(self._paint_entry, _said, height=ROW, name=tr("Recent"))
        self.timeline.setMinimumHeight(theme().px(ROW * 2))
        self.timeline.chosen.connect(self._on_entry)
        body.addWidget(self.timeline, 1)
        self.nothing = Text(tr("Nothing yet."), "small", tone="muted")
        body.addWidget(self.nothing, 1, Qt.AlignmentFlag.AlignTop)

    def show_member(self, state: MemberState) -> None:
        page = state.page
        self._show_reveal(state.reveal)
        self.problem.setVisible(state.problem is not None)
        if state.problem is not None:
            text = self.services.sentence(state.problem.code, state.problem.facts)
            self.problem.set(text, "warning", tr("Try again") if state.problem.again else "")
        if page is None:
            self._show_loading()
            return
        self._show_head(page, state.reveal)
        self._show_figures(page)
        self._show_tier(page)
        self._show_warnings(page)
        pieces = sum(gift.quantity for gift in page.gifts_owed)
        scanned = state.scanned
        self.owed_row.setVisible(pieces > 0 and not (scanned is not None and scanned.owed))
        names = "、".join(gift.gift_name for gift in page.gifts_owed[:2])
        self.owed_row.setText(tr("{n} to hand out: {names}", n=pieces, names=names))
        self.slip.show_slip(scanned)
        is_low = scanned is not None and self.height() < theme().px(LOW_PX)
        for part in (self.meter, self.to_next):
            part.setVisible(not is_low)
        self.timeline.setMinimumHeight(theme().px(ROW * (2 if scanned is None else 1)))
        self.timeline.show_rows(page.timeline, page.timeline.index(scanned.entry) if scanned is not None else -1)
        self.timeline.setVisible(bool(page.timeline))
        self.nothing.setVisible(not page.timeline)

    @property
    def reveal(self) -> RevealPanel:
        if self._reveal is None:
            self._reveal = RevealPanel(self.services)
            self._reveal.asked.connect(self.presenter.reveal)
            self._reveal.cancelled.connect(self._on_reveal_cancelled)
            self.stack.addWidget(self._reveal)
        return self._reveal

    def _show_reveal(self, state: RevealState) -> None:
        asking = state.asking is not None
        if asking or self._reveal is not None:
            self.reveal.show_state(state, self.services.policy().reveal_seconds)
        self.stack.setCurrentWidget(self.reveal if asking else self.card)
        if asking and not self._asking and self.isVisible():
            self.reveal.take_focus()
        self._asking = asking

    # The head: who

    def _make_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.avatar = Avatar("", size=52)
        row.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        who = QVBoxLayout()
        who.setSpacing(0)
        first = QHBoxLayout()
        first.setSpacing(Space.XS)
        self.name = ElidedText("", "headline")
        self.show_name = IconButton("eye", tr("Show the name"), size=36)
        self.tier = Chip("", "bronze")
        first.addWidget(self.name)
        first.addWidget(self.show_name)
        first.addStretch(1)
        first.addWidget(self.tier)
        second = QHBoxLayout()
        second.setSpacing(Space.XS)
        self.phone = Text("", "body")
        self.show_phone = IconButton("eye", tr("Show the phone number"), size=36)
        self.cards = Button("", "quiet", icon="card")
        second.addWidget(self.phone)
        second.addWidget(self.show_phone)
        second.addStretch(1)
        second.addWidget(self.cards)
        self.number = ElidedText("", "small", tone="muted")
        who.addLayout(first)
        who.addLayout(second)
        who.addWidget(self.number)
        row.addLayout(who, 1)
        self.show_name.clicked.connect(lambda: self._ask("name"))
        self.show_phone.clicked.connect(lambda: self._ask("phone"))
        self.cards.clicked.connect(self.cards_wanted)
        return row

    def _show_head(self, page: MemberPage, reveal: RevealState) -> None:
        self.avatar.set_surname(page.surname)
        self.name.setText(reveal.shown if reveal.field == "name" and reveal.shown else page.name)
        self.phone.setText(reveal.shown if reveal.field == "phone" and reveal.shown else page.phone)
        may = self.services.may(Right.REVEAL)
        for button, field, words_ in (
            (self.show_name, "name", tr("Show the name")),
            (self.show_phone, "phone", tr("Show the phone number")),
        ):
            button.setVisible(may)
            shown = reveal.field == field and bool(reveal.shown)
            button.set_icon("eye_off" if shown else "eye")
            button.set_name(tr("Hide: {n} s left", n=reveal.left_s) if shown else words_)
        self.tier.set(tr("{tier} member", tier=words.tier(page.tier)), page.tier)
        active = next((card for card in page.cards if card.state == "issued"), None)
        self.cards.setText(active.number[-4:] if active else tr("No card"))
        self.cards.setToolTip(active.number if active else "")
        since = tr("Member since {day}", day=day(page.joined_on))
        left = tr("hidden in {n} s", n=reveal.left_s)
        self.number.setText(" · ".join([page.member_no, left if reveal.shown else since]))

    # The figures: how much

    def _make_figures(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(Space.S)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        main = QVBoxLayout()
        main.setSpacing(0)
        main.addWidget(Text(tr("Usable points"), "small", tone="muted"))
        self.usable = Text("", "display")
        main.addWidget(self.usable)
        main.addStretch(1)
        row.addLayout(main)
        row.addStretch(1)
        self.others = QGridLayout()
        self._others_shown: tuple[tuple[str, int, str], ...] = ()
        self.others.setHorizontalSpacing(Space.M)
        self.others.setVerticalSpacing(0)
        row.addLayout(self.others)
        column.addLayout(row)
        return column

    def _show_figures(self, page: MemberPage) -> None:
        self.usable.setText(number(page.usable))
        self.usable.setAccessibleName(tr("{n} points", n=number(page.usable)))
        today = self.services.today()
        soon = self.services.policy().expiring_soon_days
        lines: list[tuple[str, int, str]] = []
        for part in page.expiring[:MOST_MONTHS]:
            left_days = (part.expires_on - today).days
            when = day_short(part.expires_on) if left_days < 365 else day(part.expires_on)
            lines.append((tr("expire {day}", day=when), part.points, "warning" if left_days <= soon else "normal"))
        later = sum(part.points for part in page.expiring[MOST_MONTHS:])
        lines += [(tr("later"), later, "normal"), (tr("Held"), page.held, "normal"), (tr("Owed"), page.owed, "danger")]
        self._show_others(tuple(line for line in lines if line[1]))

    def _show_others(self, lines: tuple[tuple[str, int, str], ...]) -> None:
        if lines == self._others_shown:
            return  # what is built anew is gone for a moment
        self._others_shown = lines
        clear(self.others)
        right = Qt.AlignmentFlag.AlignRight
        for at, (name, points, tone) in enumerate(lines):
            self.others.addWidget(Text(name, "small", tone="warning" if tone == "warning" else "muted"), at, 0, right)
            self.others.addWidget(Text(number(points), "strong", tone=tone, align=right), at, 1)

    # The tier: how far

    def _make_tier(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        self.meter = Meter()
        self.to_next = ElidedText("", "small", tone="muted")
        column.addWidget(self.meter)
        column.addWidget(self.to_next)
        return column

    def _show_tier(self, page: MemberPage) -> None:
        self.meter.set_share(words.share_to_next(page))
        if page.next_tier is None:
            text = tr("Highest tier · {amount} in 12 months", amount=money(page.spend_12_months_fen))
        else:
            text = tr("{amount} to {tier}", amount=money(page.to_next_tier_fen), tier=words.tier(page.next_tier))
        self.to_next.setText(text)
        self.meter.setAccessibleName(text)

    def _show_warnings(self, page: MemberPage) -> None:
        clear(self.warnings)
        said = [(self.services.sentence(code, {}), "warning") for code in page.warnings]
        if page.birthday_today:
            said.insert(0, (tr("Birthday today: congratulate!"), "info"))
        for text, tone in said:
            self.warnings.addWidget(Banner(text, tone))

    def _show_loading(self) -> None:
        for part in (self.name, self.phone, self.number, self.usable, self.to_next):
            part.setText("")
        self.avatar.set_surname("")
        self.tier.set("", "neutral")
        self.cards.setText("")
        self._show_others(())
        clear(self.warnings)
        self.owed_row.hide()
        self.slip.hide()
        self.nothing.hide()
        self.timeline.show_rows(())
        self.meter.set_share(0.0)

    # The timeline: what happened

    def _paint_entry(self, painter: QPainter, rect: QRectF, entry: TimelineEntry, _chosen: bool) -> None:
        side = theme().px(28)
        disc = QRectF(rect.left() + 4, rect.center().y() - side / 2, side, side)
        fill_rounded(painter, disc, side / 2, theme().colour("sunken"))
        icon = disc.adjusted(6, 6, -6, -6)
        paint_icon(painter, icon, words.KIND_ICONS.get(entry.kind, "slip"), theme().colour("text_muted"))
        half = rect.height() / 2
        left = disc.right() + Space.M
        right = rect.right() - Space.S
        points = signed(entry.points) if entry.points else ""
        taken = theme().metrics("strong").horizontalAdvance(points) + Space.M if points else 0
        gone = entry.reversed
        title = words.label(entry) or words.kind(entry.kind)
        top = QRectF(left, rect.top() + 5, right - left - taken, half - 5)
        write(painter, top, title, "body", "text_muted" if gone else "text")
        tone = "text_muted" if gone else "success_text" if entry.points > 0 else "text"
        write(painter, QRectF(right - taken, top.top(), taken, top.height()), points, "strong", tone, right=True)
        when = f"{day_short(entry.at)} {clock(entry.at)}"
        if entry.at.year != self._today():
            when = day(entry.at)
        parts = [when, tr("undone") if gone else words.kind(entry.kind)]
        if entry.amount_fen:
            parts.append(money(entry.amount_fen))
        if entry.staff and entry.staff != "system":  # history that was brought in has nobody to ask
            parts.append(entry.staff)
        hint = tr("Undo") if entry.reversible and not gone else ""
        hint_width = theme().metrics("small").horizontalAdvance(hint) + Space.M if hint else 0
        below = QRectF(left, rect.top() + half - 2, right - left - hint_width, half - 5)
        write(painter, below, " · ".join(parts), "small", "text_muted")
        if hint:
            area = QRectF(right - hint_width, below.top(), hint_width, below.height())
            write(painter, area, hint, "small", "accent_text", right=True)

    def reprint(self) -> None:
        """The scanned slip, as a copy that says so."""
        scanned = self.presenter.state.scanned
        if scanned is not None and scanned.document:
            self.reprint_wanted.emit(scanned.entry.operation, scanned.document)

    def _on_entry(self, place: int) -> None:
        entry: TimelineEntry = self.timeline.rows[place]
        if entry.reversible and not entry.reversed:
            self.undo_wanted.emit(entry)

    def menu(self) -> RoundMenu:
        """What is done now and then; made anew each time."""
        menu = RoundMenu(self)
        for task, text, icon, may in (
            ("new_pin", tr("Set a new member PIN"), "keyboard", self.services.may(Right.ENROL)),
            ("holds", tr("Freeze or release points"), "lock", self.services.may(Right.ADJUST)),
            ("set_aside", tr("Set points aside for this desk"), "points", self._sets_aside()),
            ("adjust", tr("Adjust points"), "points", self.services.may(Right.ADJUST)),
        ):
            if may:
                colour = theme().colour("text_muted")
                action = menu.addAction(as_qicon(icon, colour, theme().px(20), self.devicePixelRatioF()), text)
                action.triggered.connect(lambda _checked=False, wanted=task: self.task_wanted.emit(wanted))
        if self.services.may(Right.LOOK_UP):
            printer = as_qicon("printer", theme().colour("text_muted"), theme().px(20), self.devicePixelRatioF())
            menu.addAction(printer, tr("Print a statement")).triggered.connect(self.statement_wanted)
        return menu

    def _sets_aside(self) -> bool:
        return self.services.has_hub and self.services.may(Right.LOOK_UP)

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(QPoint(self.more.width() - menu.sizeHint().width(), self.more.height() + 4)))

    def _ask(self, which: str) -> None:
        if self.presenter.state.reveal.field == which and self.presenter.state.reveal.shown:
            self.presenter.hide()
        elif which in {"name", "phone"}:
            self.presenter.ask_reveal("name" if which == "name" else "phone")

    def _on_reveal_cancelled(self) -> None:
        self.presenter.hide()
        self.show_phone.setFocus()


def _said(entry: TimelineEntry) -> str:
    return f"{day(entry.at)} {words.kind(entry.kind)} {words.label(entry)} {entry.points or ''}".strip()
