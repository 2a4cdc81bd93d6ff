"""The list of who was found, where the member page stands otherwise."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.queries.rows import FoundMember, Searched
from ui.counter import words
from ui.counter.find.presenter import FindState
from ui.counter.row_list import RowList, write
from ui.counter.services import CounterServices
from ui.locale import number, tr, trn
from ui.theme import Space, fill_rounded, theme
from ui.widgets import Banner, Card, EmptyState, Text


def _paint(painter: QPainter, rect: QRectF, row: FoundMember, chosen: bool) -> None:
    inner = rect.adjusted(Space.M, 0, -Space.M, 0)
    side = theme().px(36)
    disc = QRectF(inner.left(), rect.center().y() - side / 2, side, side)
    fill_rounded(painter, disc, side / 2, theme().colour("surface" if chosen else "accent_soft"))
    metrics = theme().metrics("strong")
    letter = row.name[:1]
    shift = (side - metrics.horizontalAdvance(letter)) / 2
    write(painter, disc.adjusted(shift, 0, side, 0), letter, "strong", "accent_text")
    half = rect.height() / 2
    left = disc.right() + Space.M
    tier = words.tier(row.tier)
    pill_width = theme().metrics("caption").horizontalAdvance(tier) + theme().px(16)
    right = inner.right()
    top = QRectF(left, rect.top() + 7, right - left - theme().px(90), half - 7)
    used = write(painter, top, row.name, "strong")
    write(painter, top.adjusted(used + Space.M, 0, 0, 0), row.phone, "body", "text_muted")
    below = QRectF(left, rect.top() + half - 1, right - left - pill_width - Space.S, half - 7)
    state = words.MEMBER_STATES.get(row.state)
    detail = row.member_no if row.state == "active" or state is None else f"{row.member_no} · {tr(state[0])}"
    write(painter, below, detail, "small", "text_muted" if row.state == "active" else "danger_text")
    points = QRectF(right - theme().px(88), top.top(), theme().px(88), top.height())
    write(painter, points, number(row.points), "strong", "text", right=True)
    pill = QRectF(right - pill_width, below.top() + 2, pill_width, theme().px(20))
    fill_rounded(painter, pill, pill.height() / 2, theme().colour(f"{row.tier}_soft"))
    write(painter, pill.adjusted(theme().px(8), 0, 0, 0), tier, "caption", f"{row.tier}_text")


def _said(row: FoundMember) -> str:
    return f"{row.name} {row.phone} {words.tier(row.tier)} {tr('{n} points', n=number(row.points))}"


class FoundView(QWidget):
    """`chosen(row)` when one is clicked."""

    chosen = Signal(int)

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.card = Card(padding=Space.M)
        column.addWidget(self.card)
        self.count = Text("", "small", tone="muted")
        self.rows = RowList(_paint, _said, height=64)
        self.empty = EmptyState("search", "")
        self.problem = Banner(tone="warning")
        self.problem.hide()
        self.card.header.addWidget(self.count)
        self.card.body.addWidget(self.problem)
        self.card.body.addWidget(self.rows, 1)
        self.card.body.addWidget(self.empty, 1)
        self.foot = Text("", "small", tone="muted", wrap=True)
        self.card.body.addWidget(self.foot)
        self.rows.chosen.connect(self.chosen)
        self.retranslate()

    def retranslate(self) -> None:
        self.card.set_title(tr("Members found"))
        self.rows.setAccessibleName(tr("Members found"))

    def show_found(self, state: FindState) -> None:
        if not state.open:
            return
        self.rows.show_rows(state.rows, state.selected)
        if state.selected >= 0:
            self.rows.scrollTo(self.rows.model().index(state.selected, 0))
        hint = self._services.sentence(state.hint, {}) if state.hint else ""
        asks_hub = state.searched is Searched.HERE_FIRST
        here_only = state.searched is Searched.HERE
        empty = not state.rows and (asks_hub or not state.asking) and state.problem is None
        self.rows.setVisible(not empty)
        self.empty.setVisible(empty)
        if empty and hint:
            self.empty.set(tr("A little more, please"), hint)
        elif empty and asks_hub:
            self.empty.set(tr("Nobody in this desk's copy"), tr("Asking the hub …"))
        elif empty and here_only:
            self.empty.set(
                tr("Nobody in this desk's copy"),
                tr(
                    "Cut off from the hub: by name only those are found who were served here lately. "
                    "Swipe the card or type the whole phone number before you enrol somebody."
                ),
            )
        elif empty:
            self.empty.set(tr("Nobody found"), tr("Check the spelling, or enrol a new member with F3."))
        self.problem.setVisible(state.problem is not None)
        if state.problem is not None:
            self.problem.set(self._services.sentence(state.problem.code, state.problem.facts))
        found = trn("{n} match", "{n} matches", len(state.rows))
        self.count.setText(tr("first {n}", n=len(state.rows)) if state.more else found if state.rows else "")
        keys = tr("↑ ↓ choose, Enter opens, Esc goes back")
        more = tr("There are more: type on to narrow it down.") if state.more else keys
        where = (
            tr("Asking the hub …") if asks_hub else tr("Cut off: searched in this desk's copy.") if here_only else ""
        )
        said = hint or f"{where} {more}".strip()
        self.foot.setText(said if state.rows else "")
