"""The redeem form: gifts above, basket below (beside, where there is room)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.queries.rows import GiftRow
from ui.counter.pane import TaskPane
from ui.counter.result import ResultPanel
from ui.counter.row_list import RowList
from ui.counter.services import CounterServices
from ui.gifts.gift_row import painter_of, said
from ui.gifts.redeem.presenter import BasketLine, RedeemPresenter, RedeemResult, RedeemState
from ui.locale import number, tr, trn
from ui.theme import Space, theme
from ui.widgets import (
    BeforeAfter,
    Button,
    Card,
    Divider,
    ElidedText,
    EmptyState,
    IconButton,
    ScrollColumn,
    SearchField,
    Stepper,
    Switch,
    Text,
    clear,
)

SIDE_BY_SIDE_PX = 680
ROOMY_PX = 1000  # from here on a basket line has room for everything in one row


class GiftField(SearchField):
    """Letters choose a gift; + and - change the basket's last line; Enter adds, and on an empty field redeems."""

    more = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.isAutoRepeat():
            event.accept()
        elif not self.text() and event.text() in ("+", "-", "＋", "－"):
            self.more.emit(1 if event.text() in ("+", "＋") else -1)
            event.accept()
        else:
            super().keyPressEvent(event)


class BasketRow(QWidget):
    """One line of the basket; `narrow` puts the name above the rest."""

    def __init__(
        self, line: BasketLine, place: int, presenter: RedeemPresenter, *, may_edit: bool, narrow: bool
    ) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, Space.XS if narrow else 0, 0, 0)
        outer.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        name = ElidedText(line.gift.name, "strong")
        each = ElidedText(tr("{n} points each", n=number(line.gift.points)), "small", tone="muted")
        remove = IconButton("close", tr("Take {gift} out", gift=line.gift.name))
        remove.clicked.connect(lambda: presenter.set_quantity(place, 0))
        remove.setEnabled(may_edit)
        if narrow:
            top = QHBoxLayout()
            top.addWidget(name, 1)
            top.addWidget(remove)
            outer.addLayout(top)
            row.addWidget(each, 1)
        else:
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(name)
            words.addWidget(each)
            row.addLayout(words, 1)
        outer.addLayout(row)
        self.stepper = Stepper(line.quantity, minimum=1, maximum=99, name=line.gift.name)
        self.stepper.changed.connect(lambda quantity: presenter.set_quantity(place, quantity))
        self.stepper.setEnabled(may_edit)
        row.addWidget(self.stepper)
        total = Text(number(line.points), "title", align=Qt.AlignmentFlag.AlignRight)
        total.setMinimumWidth(theme().px(76))
        row.addWidget(total)
        if not narrow:
            row.addWidget(remove)
        self.setMinimumHeight(theme().px(52))


class RedeemView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self._usable = 0
        self._narrow = False
        self._lines: tuple[object, ...] = ()
        self.presenter: RedeemPresenter = self.make_presenter()

    def make_presenter(self) -> RedeemPresenter:
        return RedeemPresenter(self, self.services)

    def make_form(self) -> QWidget:
        form = QWidget()
        outer = QVBoxLayout(form)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(Space.M)
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._both.setSpacing(Space.L)
        outer.addLayout(self._both, 1)

        shelf = QVBoxLayout()
        shelf.setSpacing(Space.S)
        self.field = GiftField(tr("Choose a gift: code, name, pinyin or initials"), key="F6")
        self.gifts = RowList(painter_of(lambda: self._usable), said, height=56, name=tr("Gifts"))
        self.empty = EmptyState("gift", tr("No gift fits"), tr("Try its code, part of its name, or the initials."))
        shelf.addWidget(self.field)
        shelf.addWidget(self.gifts, 1)
        shelf.addWidget(self.empty, 1)
        self._both.addLayout(shelf, 3)

        self._basket_card = Card(padding=Space.L)
        self._count = Text("", "small", tone="muted")
        self._clear = Button(tr("Empty"), "quiet")
        self._clear.clicked.connect(self.presenter.empty)
        self._basket_card.set_title(tr("Basket"))
        self._basket_card.header.addWidget(self._count)
        self._basket_card.header.addWidget(self._clear)
        self._hint = Text("", "body", tone="muted", wrap=True)
        self._basket_card.body.addWidget(self._hint, 1, Qt.AlignmentFlag.AlignTop)
        self._basket = ScrollColumn(spacing=Space.XS)
        self._basket_card.body.addWidget(self._basket, 1)
        self._both.addWidget(self._basket_card, 3)

        self.hand_out = Switch(tr("Hand out now"), checked=True)
        self.figures = BeforeAfter(unit=tr("points"))
        self.go = Button(tr("Redeem"), "primary", key="Enter", large=True, icon="gift")
        self._basket_card.body.addWidget(self.figures)
        self._basket_card.body.addLayout(self.foot(self.go, self.hand_out))

        self.field.typed.connect(self.presenter.typed)
        self.field.chosen.connect(lambda _text: self.presenter.enter())
        self.field.moved.connect(self.presenter.move)
        self.field.more.connect(self.presenter.more)
        self.gifts.chosen.connect(self._on_gift)
        self.hand_out.toggled.connect(self.presenter.set_hand_out)
        self._lines = ("nothing shown yet",)
        self._direct()
        return form

    def connect_result(self, result: ResultPanel) -> None:
        result.undone.connect(self.presenter.undo)
        result.slip_settled.connect(lambda printed: self.presenter.settle_slip(printed=printed))

    def primary(self) -> None:
        self.presenter.redeem()

    def focus_form(self) -> None:
        self.field.setFocus()

    def escape(self) -> None:
        if self.field.text() and self.presenter.sending.state.editable:
            self.presenter.typed("")
            self.field.setFocus()
        else:
            super().escape()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.awake:
            self._direct()

    def show_redeem(self, state: RedeemState) -> None:
        if not self.awake:
            return
        self._usable = state.usable
        if self.field.text() != state.typed:
            self.field.setText(state.typed)
        self.gifts.show_rows(state.gifts, state.selected if state.typed else -1)
        self.gifts.setVisible(bool(state.gifts) or state.loading)
        self.empty.setVisible(not state.gifts and not state.loading)
        self._show_basket(state)
        self.show_sending(state.sending)
        self._show_result(state)

    def _show_basket(self, state: RedeemState) -> None:
        may_edit = state.sending.editable
        shown = (state.lines, may_edit, self._narrow)
        if shown != self._lines:
            self._lines = shown
            column = self._basket.column
            clear(column)
            for place, line in enumerate(state.lines):
                if place:
                    column.addWidget(Divider())
                column.addWidget(BasketRow(line, place, self.presenter, may_edit=may_edit, narrow=self._narrow))
        pieces = sum(line.quantity for line in state.lines)
        self._count.setText(trn("{n} piece", "{n} pieces", pieces) if pieces else "")
        self._clear.setVisible(bool(state.lines))
        self._clear.setEnabled(may_edit)
        self._basket.setVisible(bool(state.lines))
        self._hint.setVisible(not state.lines)
        self._hint.setText(tr("Type a gift and press Enter. Enter on the empty field redeems."))
        self.figures.setVisible(bool(state.lines))
        label = tr("{n} points short", n=number(state.missing)) if state.missing else tr("Usable points")
        self.figures.set(state.usable, state.after, label=label)
        self.hand_out.blockSignals(True)
        self.hand_out.setChecked(state.hand_out)
        self.hand_out.blockSignals(False)
        self.hand_out.setEnabled(may_edit)
        self.go.setEnabled(bool(state.lines) and not state.sending.asks)

    def _show_result(self, state: RedeemState) -> None:
        result = state.result
        if result is None:
            return
        title = tr("Redeemed and handed out") if result.handed_out else tr("Redeemed, to be collected")
        self.result.say(
            title,
            points=(result.before, result.after),
            lines=self.result_lines(result),
        )
        self.result.show_slip(result.slip)

    @staticmethod
    def result_lines(result: RedeemResult) -> list[tuple[str, str]]:
        return [
            (f"{line.gift.name} × {line.quantity}", tr("{n} points", n=number(line.points))) for line in result.lines
        ]

    def _on_gift(self, place: int) -> None:
        gift: GiftRow = self.gifts.rows[place]
        self.presenter.add(gift.gift)
        self.field.setFocus()

    def _direct(self) -> None:
        beside = self.width() >= theme().px(SIDE_BY_SIDE_PX)
        narrow = beside and self.width() < theme().px(ROOMY_PX)
        changed, self._narrow = narrow != self._narrow, narrow
        down = QBoxLayout.Direction.TopToBottom
        self._both.setDirection(QBoxLayout.Direction.LeftToRight if beside else down)
        self._both.setStretch(0, 1)
        self._both.setStretch(1, 1 if beside else 2)
        if changed:
            self.presenter.render()
