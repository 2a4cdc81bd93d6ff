"""The cards of one member."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.operations.base import Operation
from app.operations.reissue_card import ReissueCard
from app.operations.replace_card import ReplaceCard
from app.queries.rows import CardRow
from ui.cards.presenter import ISSUE, LOSE, REPLACE, REWRITE, VIRTUAL, CardsPresenter, CardsState
from ui.cards.words import number_hint
from ui.counter import words
from ui.counter.pane import TaskPane, put
from ui.counter.result import ResultPanel
from ui.counter.row_list import RowList, write
from ui.counter.services import CounterServices
from ui.locale import day, tr
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets import Banner, Button, Card, EmptyState, Text, TextField


def _paint(painter: QPainter, rect: QRectF, card: CardRow, _chosen: bool) -> None:
    inner = rect.adjusted(Space.M, 0, -Space.M, 0)
    side = theme().px(24)
    icon = QRectF(inner.left(), rect.center().y() - side / 2, side, side)
    paint_icon(painter, icon, "card", theme().colour("text_muted"))
    half = rect.height() / 2
    left = icon.right() + Space.M
    write(painter, QRectF(left, rect.top() + 6, inner.width() * 0.6, half - 6), card.number, "strong")
    kind = tr(words.CARD_KINDS.get(card.kind, card.kind))
    since = tr("since {day}", day=day(card.since))
    told = tr("Its number is not known at this desk") if card.in_short else f"{kind} · {since}"
    write(
        painter,
        QRectF(left, rect.top() + half - 1, inner.width() * 0.7, half - 6),
        told,
        "small",
        "text_muted",
    )
    text, tone = words.CARD_STATES.get(card.state, (card.state, "neutral"))
    shown = tr(text)
    width = theme().metrics("label").horizontalAdvance(shown) + theme().px(20)
    pill = QRectF(inner.right() - width, rect.center().y() - theme().px(13), width, theme().px(26))
    soft = "sunken" if tone == "neutral" else f"{tone}_soft"
    fill_rounded(painter, pill, pill.height() / 2, theme().colour(soft))
    write(painter, pill.adjusted(10, 0, 0, 0), shown, "label", "text_muted" if tone == "neutral" else f"{tone}_text")


def _said(card: CardRow) -> str:
    return f"{card.number} {tr(words.CARD_STATES.get(card.state, (card.state, ''))[0])}"


class CardsView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: CardsPresenter = CardsPresenter(self, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.empty = EmptyState("card", tr("No card yet"), tr("Issue one: swipe it or take the next free number."))
        self.rows = RowList(_paint, _said, height=60, name=tr("Cards"))
        self.card = Card(padding=Space.S)
        self.card.body.addWidget(self.rows)
        column.addWidget(self.empty, 1)
        column.addWidget(self.card)
        self.lose = Button(tr("Report lost"), icon="warning")
        self.replace_ = Button(tr("Replace"), icon="refresh")
        self.issue = Button(tr("Issue a card"), icon="plus")
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        self.rewrite = Button(tr("Write anew"), icon="save")
        self.rewrite.hide()
        self.virtual = Button(tr("Virtual card"), icon="phone")
        self.virtual.hide()
        self.kinds = (
            (self.lose, LOSE),
            (self.replace_, REPLACE),
            (self.rewrite, REWRITE),
            (self.issue, ISSUE),
            (self.virtual, VIRTUAL),
        )
        for button, doing in self.kinds:
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, what=doing: self._begin(what))
            (below if doing in {ISSUE, VIRTUAL} else row).addWidget(button)
        self.print_ = Button(tr("Print the card …"), icon="printer")
        self.print_.hide()
        self.print_.clicked.connect(self._print)
        below.addWidget(self.print_)
        for line in (row, below):
            line.addStretch(1)
            column.addLayout(line)
        self.printed = Banner("", "success")
        self.printed.hide()
        column.addWidget(self.printed)
        self.sheet = Card(padding=Space.L)
        self.what = Text("", "body", wrap=True)
        self.number = TextField(tr("New card number"), number_hint(may_make=False), max_length=20)
        self.sheet.body.addWidget(self.what)
        self.sheet.body.addWidget(self.number)
        column.addWidget(self.sheet)
        column.addStretch(1)
        self.go = Button("", "primary", key="Enter", large=True, icon="card")
        column.addLayout(self.foot(self.go))
        self.rows.chosen.connect(self.presenter.select)
        self.rows.marked.connect(self.presenter.select)
        self.number.changed.connect(self.presenter.type_number)
        return form

    def connect_result(self, result: ResultPanel) -> None:
        result.also.connect(self.presenter.replace_now)

    def primary(self) -> None:
        if self.presenter.making.state.is_shown:
            self.presenter.making.again()
        else:
            self.presenter.confirm()

    def does(self) -> type[Operation] | None:
        match self.presenter.state.doing:
            case "replace":
                return ReplaceCard
            case "rewrite":
                return ReissueCard
            case _:
                return None

    def focus_form(self) -> None:
        first = next((one for one, _ in self.kinds if one.isEnabled()), None)
        if self.presenter.state.doing in {REPLACE, ISSUE}:
            self.number.setFocus()
        elif first is not None:
            first.setFocus()

    def escape(self) -> None:
        if self.presenter.making.state.is_shown:
            self.presenter.cancel()
        elif self.presenter.state.doing and self.presenter.sending.state.editable:
            self.presenter.cancel()
            self.focus_form()
        else:
            super().escape()

    def show_cards(self, state: CardsState) -> None:
        if not self.awake:
            return
        self.empty.setVisible(not state.cards)
        self.card.setVisible(bool(state.cards))
        self.rows.show_rows(state.cards, state.selected)
        self.rows.fit(4)
        may = {
            LOSE: state.may_lose,
            REPLACE: state.may_replace,
            ISSUE: state.may_issue,
            REWRITE: state.may_rewrite,
            VIRTUAL: state.may_issue_virtual,
        }
        for button, doing in self.kinds:
            button.setEnabled(may[doing] and state.sending.editable)
            button.setChecked(state.doing == doing)
        self.issue.setVisible(state.may_issue)
        self.rewrite.setVisible(state.may_make)
        self.virtual.setVisible(state.may_issue_virtual)
        self.print_.setVisible(state.may_print)
        self.print_.setEnabled(not state.printing and state.sending.editable)
        self.printed.setVisible(bool(state.printed))
        if state.printed:
            text = tr("{file} is written: front and back for the card printer.", file=state.printed)
            self.printed.set(text, "success")
        self.sheet.setVisible(bool(state.doing))
        self.number.setVisible(state.doing in {REPLACE, ISSUE} and not state.is_virtual)
        put(self.number, state.new_number)
        self.go.setVisible(bool(state.doing))
        self.go.setEnabled(not state.sending.asks)
        card = state.card.number if state.card else ""
        match state.doing:
            case "lose":
                text = tr("{card} stops working at once and never works again.", card=card)
                if state.card is not None and state.card.in_short:
                    text = tr(
                        "This card stops working here at once, everywhere as soon as the hub hears of it, and never "
                        "works again. Its number is not known at this desk."
                    )
                self.what.setText(text)
                self.go.setText(tr("Report lost"))
                self.go.set_kind("danger")
            case "replace":
                self.what.setText(tr("{card} is finished; points and tier stay with the member.", card=card))
                self.go.setText(tr("Replace"))
                self.go.set_kind("primary")
            case "issue":
                given = tr("The member gets the card that is written now.")
                self.what.setText(given if state.writes else tr("The member gets this card."))
                self.go.setText(tr("Issue a card"))
                self.go.set_kind("primary")
            case "virtual":
                self.what.setText(tr("The member gets a code on paper at once; plastic can follow."))
                self.go.setText(tr("Issue a virtual card"))
                self.go.set_kind("primary")
            case "rewrite":
                text = tr("{card} is written once more; whatever was written before no longer works.", card=card)
                self.what.setText(text)
                self.go.set_kind("primary")
        if state.writes:
            self.go.setText(tr("Write the card"))
        self.number.set_hint(number_hint(may_make=state.may_make))
        self.show_making(state.making)
        self.show_sending(state.sending)
        if state.result is not None:
            self._show_result(state)

    def _show_result(self, state: CardsState) -> None:
        result = state.result
        assert result is not None
        if result.did == LOSE:
            also = tr("Replace it now") if state.may_replace else ""
            self.result.say(tr("{card} is blocked", card=result.old), undo=False, also=also)
        elif result.did == REPLACE:
            lines = [(tr("Old card"), result.old), (tr("New card"), result.new)]
            self.result.say(tr("Card replaced"), lines=lines, undo=False)
        elif result.did == REWRITE:
            self.result.say(tr("Card written anew"), lines=[(tr("Card"), result.old)], undo=False)
        else:
            self.result.say(tr("Card issued"), lines=[(tr("Card"), result.old)], undo=False)

    def _print(self) -> None:
        card = self.presenter.state.card
        name = tr("Card {card}", card=card.card[-4:] if card else "")
        chosen, _filter = QFileDialog.getSaveFileName(self, tr("Print the card …"), f"{name}.pdf", "PDF (*.pdf)")
        if chosen:
            self.presenter.print_face(Path(chosen))

    def _begin(self, doing: str) -> None:
        self.presenter.begin(doing)
        if doing in {REPLACE, ISSUE}:
            self.number.setFocus()
        else:
            self.go.setFocus()
