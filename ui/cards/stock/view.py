"""The screen of card stock."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from app.queries.rows import CardBatchRow
from ui.cards.stock.presenter import BATCH, EXPORT, KINDS, VOID, StockPresenter, batch_name
from ui.catalogue.keeper_screen import KeeperScreen
from ui.catalogue.keeper_view import FORM_PX, NARROW_PX, Field, KeeperView
from ui.catalogue.keeping import NEW, Form
from ui.counter.services import CounterServices
from ui.locale import day, mark, number, tr
from ui.shell.screen import Command
from ui.theme import Space, theme
from ui.widgets import Button, Column, Divider, Text

# How wide the list has to be for a column to be shown.
NARROWEST: Final = {"kind": 620, "desk": 900, "count": 520, "issued": 440, "lost": 780, "replaced": 780, "void": 700}
KIND_WORDS: Final = {"any": mark("Any kind"), "physical": mark("Plastic card"), "virtual": mark("Virtual card")}


def _kind(row: CardBatchRow) -> str:
    return tr(KIND_WORDS.get(row.kind, row.kind))


def _in_stock_tone(row: CardBatchRow) -> str:
    return "text_muted" if row.in_stock == 0 else "warning_text" if row.in_stock < row.count // 10 else ""


class StockView(KeeperView):
    icon_of_nothing = "card"
    columns = (
        Column("batch", lambda: tr("Batch"), batch_name, lambda row: row.first_serial, width=200),
        Column("kind", lambda: tr("Kind"), _kind, width=110),
        Column("desk", lambda: tr("Desk"), lambda row: row.desk_name, width=130),
        Column("count", lambda: tr("Numbers"), lambda r: number(r.count), lambda r: r.count, True, 92),
        Column("stock", lambda: tr("In stock"), lambda r: number(r.in_stock), lambda r: r.in_stock, True, 92,
               _in_stock_tone),
        Column("issued", lambda: tr("Given out"), lambda r: number(r.issued), lambda r: r.issued, True, 84),
        Column("lost", lambda: tr("Lost"), lambda r: number(r.lost), lambda r: r.lost, True, 72),
        Column("replaced", lambda: tr("Replaced"), lambda r: number(r.replaced), lambda r: r.replaced, True, 96),
        Column("void", lambda: tr("Void"), lambda r: number(r.void), lambda r: r.void, True, 72),
    )  # fmt: skip

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        self.keeper = StockPresenter(self, services)
        self.presenter = self.keeper
        super().__init__(parent)
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a small window: which batch, and what is left of it. The rest stands on its sheet."""
        width = self.width()
        room = width if width < theme().px(NARROW_PX) else width - theme().px(FORM_PX)
        for at, column in enumerate(self.columns):
            least = NARROWEST.get(column.name, 0)
            self.table.setColumnHidden(at, room < theme().px(least))
        super().resizeEvent(event)

    def ask_for_file(self, name: str) -> Path | None:
        plain = "".join(character if character.isalnum() else "-" for character in name)
        chosen, _filter = QFileDialog.getSaveFileName(self, tr("Save card numbers"), f"{plain}.csv", "CSV (*.csv)")
        return Path(chosen) if chosen else None

    def words(self) -> dict[str, str]:
        return {
            "find": tr("Find a batch: name, serial or desk"),
            "new": tr("New batch"),
            "nothing": tr("No card numbers yet"),
            "nothing_hint": tr("Make a batch; then cards can be issued."),
            "choose": tr("Make a batch, or choose one"),
            "choose_hint": tr("A number exists once, ever. What was issued, lost or voided is never given again."),
        }

    def open_kind(self, row: Any) -> str:
        return BATCH

    def form_title(self, form: Form[Any]) -> str:
        match form.kind:
            case "new":
                return tr("New batch")
            case "export":
                return tr("Take out the numbers of {batch}", batch=batch_name(form.whose()))
            case "void":
                return tr("Void the rest of {batch}", batch=batch_name(form.whose()))
            case _:
                return batch_name(form.whose())

    def form_hint(self, form: Form[Any]) -> str:
        match form.kind:
            case "new":
                return tr("The numbers begin with the mall's own digits and look random; they belong to this desk.")
            case "export":
                text = tr("{n} numbers in stock, with their card codes, as a file for the card factory.",
                          n=number(form.whose().in_stock))  # fmt: skip
                return text + "\n" + tr("Whoever has the file can write cards: give it to the factory and delete it.")
            case "void":
                return tr("{n} numbers can never be issued. Cards of members stay valid.",
                          n=number(form.whose().in_stock))  # fmt: skip
            case _:
                return ""

    def form_fields(self, form: Form[Any]) -> Sequence[Field]:
        if form.kind == BATCH:
            return ()
        if form.kind == NEW:
            return (
                Field("label", tr("Name of the batch (optional)"), longest=40),
                Field("count", tr("How many numbers"), "digits", longest=6),
                Field("kind", tr("For"), "segments", options=[(kind, tr(KIND_WORDS[kind])) for kind in KINDS]),
            )
        return (
            Field("reason", tr("Reason"), longest=200),
            Field("own_pin", tr("Your own PIN"), "secret", longest=PIN_DIGITS),
        )

    def form_extras(self, form: Form[Any]) -> Sequence[QWidget]:
        if form.kind != BATCH:
            return ()
        row: CardBatchRow = form.whose()
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        facts = (
            (tr("First number"), f"{row.first_number[:4]} •••• •••• {row.first_number[-4:]}"),
            (tr("Serials"), f"{row.first_serial:011d} – {row.first_serial + row.count - 1:011d}"),
            (tr("Kind"), _kind(row)),
            (tr("Made"), f"{day(row.made_at) if row.made_at else '—'} · {row.desk_name}"),
            (tr("In stock"), f"{number(row.in_stock)} / {number(row.count)}"),
            (tr("Given out"), number(row.issued)),
            (tr("Lost"), number(row.lost)),
            (tr("Replaced"), number(row.replaced)),
            (tr("Void"), number(row.void)),
        )
        for label, value in facts:
            line = QHBoxLayout()
            line.addWidget(Text(label, "body", tone="muted"))
            line.addStretch(1)
            line.addWidget(Text(value, "body"))
            column.addLayout(line)
        column.addWidget(Divider())
        export = Button(tr("Take out the numbers …"), "secondary", icon="export")
        void = Button(tr("Void the rest …"), "secondary", icon="warning")
        for button, kind in ((export, EXPORT), (void, VOID)):
            button.setEnabled(row.in_stock > 0)
            button.clicked.connect(partial(self.keeper.start, kind, row))
            column.addWidget(button)
        self.export, self.void = export, void
        return (part,)

    def save_words(self, form: Form[Any]) -> str:
        match form.kind:
            case "new":
                return tr("Make the batch")
            case "export":
                return tr("Take out")
            case "void":
                return tr("Void them")
            case _:
                return ""

    def saved_words(self, saved: str, name: str) -> str:
        match saved:
            case "exported":
                return tr("{file} is written.", file=name)
            case "voided":
                return tr("The rest of {batch} is void.", batch=name)
            case _:
                return tr("The batch is made.")


class CardStockScreen(KeeperScreen):
    """A `Screen` of the shell."""

    name = "card_stock"
    icon = "card"
    key = ""

    view: StockView

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(StockView(services), parent)

    def title(self) -> str:
        return tr("Card stock")

    def commands(self) -> Sequence[Command]:
        return (Command("new_batch", lambda: tr("New batch"), self.view.start_new, "Ctrl+N", "plus", everywhere=False),)

    def help(self) -> str:
        return tr("Batches of card numbers: what is in stock, issued, lost, replaced or void. Numbers can be taken out "
                  "for a card factory, and what is left of a batch can be voided; both are recorded.")  # fmt: skip
