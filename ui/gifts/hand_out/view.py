"""Gifts that wait for this member."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.counter.pane import TaskPane, put
from ui.counter.result import ResultPanel
from ui.counter.row_list import RowList, write
from ui.counter.services import CounterServices
from ui.gifts.hand_out.presenter import HandOutPresenter, HandOutState, Waiting
from ui.locale import day, number, tr, trn
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets import Button, Card, EmptyState, Switch, TextField


def _paint(painter: QPainter, rect: QRectF, row: Waiting, _chosen: bool) -> None:
    inner = rect.adjusted(Space.M, 0, -Space.M, 0)
    side = theme().px(22)
    box = QRectF(inner.left(), rect.center().y() - side / 2, side, side)
    if row.ticked:
        fill_rounded(painter, box, 5, theme().colour("accent"))
        paint_icon(painter, box.adjusted(3, 3, -3, -3), "check", theme().colour("on_accent"), 3.0)
    elif row.here:
        fill_rounded(painter, box, 5, theme().colour("surface"), theme().colour("line_strong"), 1.5)
    half = rect.height() / 2
    left = box.right() + Space.M
    top = QRectF(left, rect.top() + 6, inner.right() - left - theme().px(60), half - 6)
    write(painter, top, row.gift.gift_name, "strong", "text" if row.here else "text_muted")
    where = tr("Redeemed on {day}", day=day(row.gift.since))
    if not row.here:
        where = f"{where} · " + tr("Collect at {desk}", desk=row.gift.desk)
    below = QRectF(left, rect.top() + half - 1, inner.right() - left, half - 6)
    write(painter, below, where, "small", "text_muted" if row.here else "warning_text")
    write(painter, inner, f"× {number(row.gift.quantity)}", "title", "text", right=True)


def _said(row: Waiting) -> str:
    state = tr("ticked") if row.ticked else tr("not ticked")
    return f"{row.gift.gift_name} × {row.gift.quantity} {state if row.here else row.gift.desk}"


class HandOutView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: HandOutPresenter = HandOutPresenter(self, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.empty = EmptyState(
            "hand_out", tr("No gift waits"), tr("What is redeemed and not handed out is listed here.")
        )
        self.rows = RowList(_paint, _said, height=60, name=tr("Gifts to hand out"))
        card = Card(padding=Space.S)
        card.body.addWidget(self.rows)
        self.card = card
        column.addWidget(self.empty, 1)
        column.addWidget(card)
        self.by_proxy = Switch(tr("Somebody else collects"))
        self.proxy = TextField(tr("Name of who collects"), max_length=60)
        column.addWidget(self.by_proxy)
        column.addWidget(self.proxy)
        column.addStretch(1)
        self.go = Button(tr("Hand out"), "primary", key="Enter", large=True, icon="hand_out")
        column.addLayout(self.foot(self.go))
        self.rows.chosen.connect(self.presenter.tick)
        self.by_proxy.toggled.connect(self._on_proxy)
        self.proxy.changed.connect(self.presenter.type_proxy)
        return form

    def connect_result(self, result: ResultPanel) -> None:
        result.undone.connect(self.presenter.undo)

    def primary(self) -> None:
        self.presenter.hand_out()

    def focus_form(self) -> None:
        self.go.setFocus()

    def show_hand_out(self, state: HandOutState) -> None:
        if not self.awake:
            return
        waits = bool(state.waiting)
        self.empty.setVisible(not waits)
        self.card.setVisible(waits)
        self.rows.show_rows(state.waiting, state.selected)
        self.rows.fit(5)
        for part in (self.by_proxy, self.go):
            part.setVisible(waits)
        self.by_proxy.blockSignals(True)
        self.by_proxy.setChecked(state.by_proxy)
        self.by_proxy.blockSignals(False)
        self.proxy.setVisible(waits and state.by_proxy)
        put(self.proxy, state.proxy)
        pieces = trn("Hand out {n} piece", "Hand out {n} pieces", state.pieces)
        self.go.setText(pieces if state.pieces else tr("Hand out"))
        self.go.setEnabled(not state.sending.asks)
        self.show_sending(state.sending)
        if state.result is not None:
            lines = [(gift.gift_name, f"× {gift.quantity}") for gift in state.result.gifts]
            if state.result.proxy:
                lines.append((tr("Collected by"), state.result.proxy))
            self.result.say(trn("{n} piece handed out", "{n} pieces handed out", state.result.pieces), lines=lines)

    def _on_proxy(self, on: bool) -> None:
        self.presenter.set_by_proxy(on)
        if on:
            self.proxy.setFocus()
