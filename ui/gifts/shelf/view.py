"""The gifts screen: what stands on the shelf, and what has just arrived."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.domain.staff import Right
from app.queries.rows import GiftRow
from ui.counter.pane import TaskPane, put
from ui.counter.result import ResultPanel
from ui.counter.reverse.view import ReverseView
from ui.counter.services import CounterServices
from ui.counter.task import Undo
from ui.gifts.gift_row import LOW_STOCK
from ui.gifts.shelf.presenter import Arriving, ShelfPresenter, ShelfState
from ui.locale import money, number, tr, trn
from ui.shell.screen import Command
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    Column,
    DataTable,
    Divider,
    ElidedText,
    EmptyState,
    IconButton,
    RowsModel,
    ScrollColumn,
    SearchField,
    Text,
    TextField,
    clear,
)

TIGHT_PX = 760  # below it list and form take turns


def _elsewhere(gift: GiftRow) -> str:
    return "、".join(f"{desk} {number(pieces)}" for desk, pieces in gift.elsewhere if pieces > 0)


def _stock_tone(gift: GiftRow) -> str:
    return "danger_text" if gift.free <= 0 else "warning_text" if gift.free <= LOW_STOCK else ""


COLUMNS: tuple[Column[GiftRow], ...] = (
    Column("name", lambda: tr("Gift"), lambda gift: gift.name, sort_by=lambda gift: gift.pinyin, width=176),
    Column("code", lambda: tr("Code"), lambda gift: gift.gift, width=120, whole=True),
    Column("points", lambda: tr("Points"), lambda g: number(g.points), lambda g: g.points, right=True, width=90),
    Column("free", lambda: tr("Free"), lambda g: number(g.free), lambda g: g.free, True, 76, _stock_tone),
    Column("reserved", lambda: tr("Reserved"), lambda g: number(g.reserved), lambda g: g.reserved, True, 92),
    Column("value", lambda: tr("Value"), lambda g: money(g.value_fen), lambda g: g.value_fen, True, 92),
    Column("elsewhere", lambda: tr("Other desks"), _elsewhere, width=110),
)


class _ReceivePane(TaskPane):
    """The form at the right."""

    def __init__(self, services: CounterServices, screen: ShelfView) -> None:
        super().__init__(services)
        self.presenter: ShelfPresenter = ShelfPresenter(screen, services)

    def make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.hint = Text(tr("Choose a gift in the list, then type how many pieces came."), tone="muted", wrap=True)
        column.addWidget(self.hint)
        self.picked = Text("", "title", wrap=True)
        column.addWidget(self.picked)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.quantity = TextField(tr("Pieces"), digits=True, max_length=5)
        self.add = Button(tr("Add"), icon="plus")
        row.addWidget(self.quantity, 1)
        row.addWidget(self.add, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        self.lines = ScrollColumn(spacing=Space.XS)
        column.addWidget(self.lines, 1)
        self.note = TextField(tr("Delivery note (optional)"), max_length=60)
        column.addWidget(self.note)
        self.go = Button(tr("Receive"), "primary", key="Enter", large=True, icon="stock")
        column.addLayout(self.foot(self.go))
        self.quantity.changed.connect(self.presenter.type_quantity)
        self.add.clicked.connect(self._on_add)
        self.note.changed.connect(self.presenter.type_note)
        self._shown: tuple[Arriving, ...] = ()
        return form

    def connect_result(self, result: ResultPanel) -> None:
        result.undone.connect(self.presenter.undo)

    def primary(self) -> None:
        """Enter adds the typed pieces first; when nothing is typed, it receives what is listed."""
        if self.presenter.quantity.strip() or not self.presenter.unfinished:
            self.presenter.add()
        else:
            self.presenter.receive()

    def focus_form(self) -> None:
        self.quantity.setFocus()

    def show_state(self, state: ShelfState) -> None:
        if not self.awake:
            return
        picked = state.picked
        self.hint.setVisible(picked is None and not state.lines)
        self.picked.setVisible(picked is not None)
        if picked is not None:
            after = tr("now {n}", n=number(picked.on_hand))
            if state.quantity.isascii() and state.quantity.isdigit():
                after = f"{number(picked.on_hand)} → {number(picked.on_hand + int(state.quantity))}"
            self.picked.setText(f"{picked.name}  {after}")
        put(self.quantity, state.quantity)
        put(self.note, state.delivery_note)
        editable = state.sending.editable
        for part in (self.quantity, self.add):
            part.setEnabled(editable and picked is not None)
        self.note.setEnabled(editable)
        self._show_lines(state)
        pieces = trn("Receive {n} piece", "Receive {n} pieces", state.pieces)
        self.go.setText(pieces if state.pieces else tr("Receive"))
        self.go.setEnabled(bool(state.lines) and not state.sending.asks)
        self.show_sending(state.sending)
        if state.result is not None:
            lines = [(line.gift.name, f"+{number(line.quantity)}") for line in state.result.lines]
            self.result.say(trn("{n} piece received", "{n} pieces received", state.result.pieces), lines=lines)

    def _show_lines(self, state: ShelfState) -> None:
        if state.lines == self._shown:
            return
        self._shown = state.lines
        column = self.lines.column
        clear(column)
        for at, line in enumerate(state.lines):
            if at:
                column.addWidget(Divider())
            part = QWidget()
            row = QHBoxLayout(part)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(ElidedText(line.gift.name, "body"), 1)
            row.addWidget(Text(f"+{number(line.quantity)}", "strong"))
            remove = IconButton("close", tr("Take {gift} out", gift=line.gift.name))
            remove.clicked.connect(lambda _checked=False, gift=line.gift.gift: self.presenter.remove(gift))
            row.addWidget(remove)
            column.addWidget(part)

    def _on_add(self) -> None:
        self.presenter.add()


class ShelfView(QWidget):
    """A Screen of the shell, and the host of its two forms: receive, and undo of what was received."""

    name = "gifts"
    icon = "gift"
    key = "Ctrl+2"

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(1)
        self.services = services
        self.receive = _ReceivePane(services, self)
        self.presenter = self.receive.presenter
        self.reverse = ReverseView(services)
        self.reverse.presenter.of_stock = True
        self._model: RowsModel[GiftRow] = RowsModel(COLUMNS)
        self._shown: tuple[GiftRow, ...] = ()
        self._at_form = False
        self._picked = ""
        self._outer = QHBoxLayout(self)
        self._outer.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self._outer.setSpacing(Space.L)
        self._lay_out()
        self.receive.on_escape = self._on_escape
        self.reverse.on_escape = self._back_to_receiving
        self.presenter.host = self
        self.reverse.presenter.host = self
        self.receive.wake()

    # A Screen of the shell

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Gifts")

    def help(self) -> str:
        return tr("What this desk has, what is reserved, and what other desks have. Receive deliveries on the right.")

    def commands(self) -> Sequence[Command]:
        return (Command("receive_stock", lambda: tr("Receive stock"), self._start, "", "stock", everywhere=False),)

    def retranslate(self) -> None:
        self.filter.set_placeholder(tr("Find a gift: code, name, pinyin or initials"))
        self.heading.setText(tr("On this desk's shelf"))
        self.export.setText(tr("Copy table"))
        self.to_form.setText(tr("Receive stock"))
        self.empty.set(tr("No gift fits"), tr("Try its code, part of its name, or the initials."))
        self.side.set_title(tr("Receive stock"))
        self.table.setAccessibleName(tr("Gifts"))
        self.receive.retranslate()
        self.reverse.retranslate()

    def entered(self) -> None:
        self.presenter.opened()
        self.filter.setFocus()

    def person_changed(self) -> None:
        self.presenter.lock()
        self._back_to_receiving()

    def blank(self) -> None:
        self.presenter.lock()
        self.reverse.presenter.lock()

    # What the presenter shows

    def show_shelf(self, state: ShelfState) -> None:
        if tuple(state.gifts) != self._shown:
            self._shown = tuple(state.gifts)
            self._model.set_rows(state.gifts)
            self.table.share_width()
        self.table.setVisible(bool(state.gifts) or state.loading)
        self.empty.setVisible(not state.gifts and not state.loading and state.load_problem is None)
        self.problem.setVisible(state.load_problem is not None)
        if state.load_problem is not None:
            text = self.services.sentence(state.load_problem.code, state.load_problem.facts)
            self.problem.set(text, "warning", tr("Try again"))
        self._follow(state)
        low = sum(1 for gift in state.gifts if 0 < gift.free <= LOW_STOCK)
        gone = sum(1 for gift in state.gifts if gift.free <= 0)
        parts = [trn("{n} gift", "{n} gifts", len(state.gifts))]
        if low:
            parts.append(tr("{n} nearly gone", n=number(low)))
        if gone:
            parts.append(tr("{n} out of stock", n=number(gone)))
        self.count.setText(" · ".join(parts))
        self._arrange()
        self.receive.show_state(state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(1240)
        self._arrange()
        for at, column in enumerate(COLUMNS):
            if column.name in {"reserved", "value"}:
                self.table.setColumnHidden(at, narrow)
        self.table.share_width()

    # The host of its forms

    def changed(self) -> None:
        self.presenter.load()

    def settled(self) -> None:
        pass

    def shows(self) -> None:
        pass

    def open_member(self, member: UUID) -> None:
        pass

    def undo(self, what: Undo) -> None:
        self.reverse.presenter.choose(what)
        self.reverse.wake()
        self.forms.setCurrentWidget(self.reverse)
        self.side.set_title(tr("Undo"))
        self._at_form = True
        self._arrange()
        self.reverse.focus_form()

    def finished(self) -> None:
        self._at_form = False
        self._arrange()
        self._back_to_receiving()

    # Within

    def _lay_out(self) -> None:
        self.list = QWidget()
        left = QVBoxLayout(self.list)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(Space.M)
        head = QHBoxLayout()
        self.heading = Text(tr("On this desk's shelf"), "headline")
        self.count = ElidedText("", "body", tone="muted")
        self.export = Button(tr("Copy table"), "quiet", icon="copy")
        head.addWidget(self.heading)
        head.addSpacing(Space.M)
        head.addWidget(self.count, 1)
        head.addWidget(self.export)
        self.to_form = Button(tr("Receive stock"), "secondary", icon="stock")
        self.to_form.clicked.connect(self._open_form)
        head.addWidget(self.to_form)
        left.addLayout(head)
        self.filter = SearchField(tr("Find a gift: code, name, pinyin or initials"), key="")
        left.addWidget(self.filter)
        self.problem = Banner(tone="warning")
        self.problem.hide()
        left.addWidget(self.problem)
        self.table = DataTable("gifts")
        self.table.setAccessibleName(tr("Gifts"))
        self.table.show_model(self._model)
        self.empty = EmptyState("gift", tr("No gift fits"), tr("Try its code, part of its name, or the initials."))
        left.addWidget(self.table, 1)
        left.addWidget(self.empty, 1)
        self._outer.addWidget(self.list, 1)
        self.side = Card(tr("Receive stock"))
        self.side.setFixedWidth(theme().px(360))
        self.forms = QStackedWidget()
        self.forms.addWidget(self.receive)
        self.forms.addWidget(self.reverse)
        self.side.body.addWidget(self.forms, 1)
        self._outer.addWidget(self.side)
        self.filter.typed.connect(self.presenter.type_filter)
        self.filter.chosen.connect(self._on_filter_enter)
        self.filter.moved.connect(self._on_filter_moved)
        self.table.opened.connect(self._on_gift)
        self.table.clicked.connect(lambda index: self._on_gift(index.row()))
        self.problem.acted.connect(self.presenter.load)
        self.export.clicked.connect(self._copy)

    def _start(self) -> None:
        self._back_to_receiving()
        self.filter.setFocus()

    def _on_filter_moved(self, _step: int) -> None:
        self.table.setFocus()
        if self._model.rowCount():
            self.table.selectRow(0)

    def _on_filter_enter(self, _text: str) -> None:
        if self._model.rowCount():
            self._on_gift(0)

    def _follow(self, state: ShelfState) -> None:
        """A gift that was picked, or a result, brings its form up; Esc goes back to the list."""
        picked = state.picked.gift if state.picked is not None else ""
        if picked and picked != self._picked:
            self._at_form = True
        self._picked = picked
        self._at_form = self._at_form or state.result is not None

    def _open_form(self) -> None:
        self._at_form = True
        self._arrange()
        self.receive.focus_form()

    def _arrange(self) -> None:
        """List and form beside each other, or one after the other where the window is too small for both."""
        width = self.width()
        tight = width < theme().px(TIGHT_PX)
        allowed = self.services.may(Right.RECEIVE_STOCK)
        form = allowed and (not tight or self._at_form)
        self.side.setVisible(form)
        self.list.setVisible(not (tight and form))
        self.to_form.setVisible(tight and allowed)
        self.export.setVisible(not tight)
        if tight:
            self.side.setMinimumWidth(0)
            self.side.setMaximumWidth(16_777_215)
        else:
            self.side.setFixedWidth(theme().px(320 if width < theme().px(1040) else 360))

    def _on_gift(self, place: int) -> None:
        self._at_form = True
        self.presenter.pick(self._model.row(place).gift)
        self.receive.focus_form()

    def _on_escape(self) -> None:
        self._at_form = False
        self._arrange()
        self.filter.setFocus()

    def _back_to_receiving(self) -> None:
        self.reverse.presenter.cancel()
        self.reverse.sleep()
        self.forms.setCurrentWidget(self.receive)
        self.side.set_title(tr("Receive stock"))

    def _copy(self) -> None:
        from PySide6.QtWidgets import QApplication

        self.table.clearSelection()
        QApplication.clipboard().setText(self.table.copied())
