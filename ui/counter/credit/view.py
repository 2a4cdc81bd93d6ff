"""The form for a till slip."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.queries.rows import ShopRow
from ui.counter import words
from ui.counter.credit.presenter import CreditPresenter, CreditState
from ui.counter.pane import TaskPane, put
from ui.counter.result import ResultPanel
from ui.counter.row_list import RowList, write
from ui.counter.services import CounterServices
from ui.locale import number, signed, tr
from ui.theme import Space, paint_icon, theme
from ui.widgets import BeforeAfter, Button, Card, ScrollColumn, SearchField, Text, TextField

SHOP_ROW = 48


def _paint_shop(painter: QPainter, rect: QRectF, shop: ShopRow, _chosen: bool) -> None:
    inner = rect.adjusted(Space.M, 0, -Space.M, 0)
    side = theme().px(20)
    icon = QRectF(inner.left(), rect.center().y() - side / 2, side, side)
    paint_icon(painter, icon, "shop", theme().colour("text_muted"))
    name = QRectF(icon.right() + Space.M, rect.top(), inner.width() * 0.6, rect.height())
    write(painter, name, shop.name, "strong")
    write(painter, inner, f"{shop.category}  {shop.shop}".strip(), "small", "text_muted", right=True)


class CreditView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: CreditPresenter = CreditPresenter(self, services)

    def make_form(self) -> QWidget:
        scroll = ScrollColumn(spacing=Space.L)
        sheet = Card(tr("Credit a till slip"), padding=Space.L)
        scroll.column.addWidget(sheet)
        form = sheet.body
        form.setSpacing(Space.L)
        shop = QVBoxLayout()
        shop.setSpacing(6)
        form.addLayout(shop)
        shop.addWidget(Text(tr("Shop"), "label"))
        self.shop = SearchField(tr("Code, name, pinyin or initials"), key="")
        self.shops = RowList(
            _paint_shop, lambda shop: f"{shop.name} {shop.category} {shop.shop}", height=SHOP_ROW, name=tr("Shops")
        )
        shop.addWidget(self.shop)
        shop.addWidget(self.shops)
        nothing = tr("No shop fits: try its code, part of its name, or the initials.")
        self.no_shop = Text(nothing, "small", tone="muted", wrap=True)
        shop.addWidget(self.no_shop)
        self.number = TextField(tr("Slip number"), max_length=40)
        self.amount = TextField(tr("Amount"), placeholder="0.00", max_length=20)
        first = QHBoxLayout()
        first.setSpacing(Space.M)
        first.addWidget(self.number, 3)
        first.addWidget(self.amount, 2)
        form.addLayout(first)
        self.day = TextField(tr("Day"), placeholder="2026-11-20", max_length=10)
        self.time = TextField(tr("Time"), placeholder="14:03", max_length=5)
        second = QHBoxLayout()
        second.setSpacing(Space.M)
        second.addWidget(self.day, 3)
        second.addWidget(self.time, 2)
        form.addLayout(second)
        self.why = Text("", "body", tone="muted", wrap=True)
        self.figures = BeforeAfter(unit=tr("points"))
        form.addWidget(self.why)
        form.addWidget(self.figures)
        outer = QWidget()
        column = QVBoxLayout(outer)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(scroll, 1)
        self.go = Button(tr("Credit"), "primary", key="Enter", large=True, icon="slip")
        column.addLayout(self.foot(self.go))

        self.shop.typed.connect(self.presenter.type_shop)
        self.shop.moved.connect(self.presenter.move)
        self.shop.chosen.connect(self._on_shop_enter)
        self.shops.chosen.connect(self._on_shop)
        self.number.changed.connect(self.presenter.type_slip_number)
        self.amount.changed.connect(self.presenter.type_amount)
        self.day.changed.connect(self.presenter.type_day)
        self.time.changed.connect(self.presenter.type_time)
        return outer

    def connect_result(self, result: ResultPanel) -> None:
        result.undone.connect(self.presenter.undo)

    def primary(self) -> None:
        self.presenter.credit()

    def focus_form(self) -> None:
        (self.shop if self.presenter.draft.shop is None else self.number).setFocus()

    def show_credit(self, state: CreditState) -> None:
        if not self.awake:
            return
        draft = state.draft
        shown = draft.shop.name if draft.shop is not None else state.shop_typed
        if self.shop.text() != shown:
            self.shop.setText(shown)
        looking = draft.shop is None and bool(state.shop_typed.strip())
        self.shops.show_rows(state.shops if looking else (), state.selected)
        self.shops.setVisible(looking and bool(state.shops))
        self.shops.fit(5)
        self.no_shop.setVisible(state.none_fits)
        put(self.number, draft.slip_number)
        put(self.amount, draft.amount)
        put(self.day, draft.day)
        put(self.time, draft.time)
        for field in (self.shop, self.number, self.amount, self.day, self.time):
            field.setEnabled(state.sending.editable)
        self._show_figures(state)
        self.go.setEnabled(not state.sending.asks)
        self.show_sending(state.sending)
        self._show_result(state)

    def _show_figures(self, state: CreditState) -> None:
        if state.earns is None:
            self.why.setText(tr("The points are shown here before anything is written down."))
        else:
            steps = " · ".join(words.step(step) for step in state.steps)
            self.why.setText(f"{signed(state.earns)}   {steps}")
        self.figures.set(state.usable, state.usable + (state.earns or 0), label=tr("Usable points"))

    def _show_result(self, state: CreditState) -> None:
        result = state.result
        if result is None:
            return
        lines = [(tr("Shop"), result.shop), (tr("Usable until"), result.expires_on)]
        if result.tier_after != result.tier_before:
            lines.append((tr("New tier"), words.tier(result.tier_after)))
        self.result.say(
            tr("{n} points credited", n=number(result.points)), points=(result.before, result.after), lines=lines
        )

    def _on_shop_enter(self, _text: str) -> None:
        if self.presenter.draft.shop is None:
            self.presenter.choose_shop()
        if self.presenter.draft.shop is not None:
            self.number.setFocus()

    def _on_shop(self, place: int) -> None:
        self.presenter.choose_shop(self.shops.rows[place].shop)
        self.number.setFocus()
