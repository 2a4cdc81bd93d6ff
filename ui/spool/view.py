"""The print queue: jobs on the left, the paper itself on the right, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import Right
from app.ports.paper import PrintState
from app.queries.slips import SlipQueries
from ui.counter.services import CounterServices, Problem
from ui.locale import clock, day, language, moment, tr
from ui.shell.messages import Messages
from ui.shell.screen import Command
from ui.spool.drawer_panel import DrawerPanel
from ui.spool.presenter import PaperRow, SpoolPresenter, SpoolState
from ui.spool.words import STATES, TONES, document_name
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    Chip,
    Column,
    DataTable,
    ElidedText,
    EmptyState,
    PaperPicture,
    RowsModel,
    ScrollColumn,
    SegmentedControl,
    Text,
    show_if,
)

NARROW_PX = 760
STAFF_FROM_PX = 1000
_TABLE_TONES = {"warning": "warning_text", "danger": "danger_text"}


class SpoolScreen(QWidget):
    """A `Screen` of the shell. `member` is whose page is open at the counter, None where there is none; `look_wanted`:
    whoever keeps the rules wants to change how slips look."""

    name = "spool"
    icon = "slip"
    key = "Ctrl+9"

    look_wanted = Signal()

    def __init__(
        self,
        services: CounterServices,
        slips: SlipQueries,
        messages: Messages,
        member: Callable[[], UUID | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._messages = messages
        self._member = member
        self._state = SpoolState()
        self._told: Problem | None = None
        self._shown: tuple[PaperRow, ...] | None = None
        self._lay_out()
        self.presenter = SpoolPresenter(self, services, slips, language)
        self._connect()
        self.retranslate()

    # A Screen of the shell

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Printing")

    def help(self) -> str:
        return tr(
            "What this desk prints, and how each slip fares. Choose one to see its paper; print a copy, or keep it as "
            "a PDF. Under “Documents” any recent operation can be printed."
        )

    def commands(self) -> Sequence[Command]:
        def here() -> bool:
            return self._state.chosen is not None and self._services.who() is not None

        def at_counter() -> bool:
            return self._member() is not None and self._services.who() is not None

        return (
            Command(
                "print_chosen", self._print_words, self.presenter.print, "Ctrl+P", "printer", everywhere=False,
                is_possible=lambda: here() and self._can_print(),
            ),
            Command(
                "came_out", lambda: tr("It was printed"), self.presenter.came_out, "Ctrl+Return", "check",
                everywhere=False, is_possible=lambda: here() and self._is_uncertain(),
            ),
            Command(
                "give_up_slip", lambda: tr("Do not wait any longer"), self.presenter.give_up, "", "close",
                everywhere=False, is_possible=lambda: here() and self._is_held(),
            ),
            Command(
                "go_on_after_jam", lambda: tr("Cutter is free: go on"), self._on_go_on, "", "printer",
                everywhere=False, is_possible=lambda: here() and self._is_jammed(),
            ),
            Command(
                "clear_after_jam", lambda: tr("Cutter is free: discard the rest"), self._on_clear, "", "close",
                everywhere=False, is_possible=lambda: here() and self._is_jammed(),
            ),
            Command(
                "save_pdf", lambda: tr("Save as PDF…"), self._on_save, "Ctrl+S", "slip", everywhere=False,
                is_possible=here,
            ),
            Command(
                "slip_look", lambda: tr("Look of slips"), self.look_wanted.emit, "", "slip",
                is_possible=lambda: self._services.may(Right.RULES), words="danju biaozhi logo djbz",
            ),
            Command("refresh_queue", lambda: tr("Refresh"), self.presenter.refresh, "F5", "refresh", everywhere=False),
            Command(
                "open_drawer", lambda: tr("Open the drawer…"), self.ask_drawer, "", "wallet",
                is_possible=lambda: self._services.may(Right.CARDS), words="qianxiang qx cash",
            ),
            Command(
                "print_statement", lambda: tr("Print a statement for this member"), self.print_statement, "", "printer",
                is_possible=at_counter, words="duizhangdan dzd",
            ),
            Command(
                "save_statement", lambda: tr("Save this member's statement as PDF…"), self.save_statement, "", "slip",
                is_possible=at_counter, words="duizhangdan dzd pdf",
            ),
        )  # fmt: skip

    def entered(self) -> None:
        self.presenter.open()
        self._table.setFocus()

    def person_changed(self) -> None:
        self.presenter.blank()

    def blank(self) -> None:
        self.presenter.blank()

    def job_changed(self) -> None:
        """The spool told of a new state."""
        if self.isVisible():
            self.presenter.refresh()

    def retranslate(self) -> None:
        self._title.setText(tr("Print queue"))
        self._part.set_options((("queue", tr("Queue")), ("operations", tr("Documents"))))
        self._part.setAccessibleName(tr("What is listed"))
        self._refresh.setText(tr("Refresh"))
        self._look.setText(tr("Look of slips"))
        self._came_out.setText(tr("It was printed"))
        self._give_up.setText(tr("Do not wait any longer"))
        self._go_on.setText(tr("Go on printing"))
        self._clear.setText(tr("Discard the rest"))
        self._save.setText(tr("Save as PDF…"))
        self._table.setAccessibleName(tr("Print queue"))
        self._shown = None
        self.show_state(self._state)

    # Statements, also from the member's page

    def print_statement(self) -> None:
        member = self._member()
        if member is not None:
            self.presenter.print_statement(member)

    def save_statement(self) -> None:
        member = self._member()
        path = self._ask_path(tr("Statement of points")) if member is not None else None
        if member is not None and path is not None:
            self.presenter.save_statement(member, path)

    def print_slip(self, operation: UUID, document: str) -> None:
        self.presenter.print_slip(operation, document)

    def ask_drawer(self) -> None:
        DrawerPanel(self.window(), self.presenter.open_drawer).open()

    # What the presenter shows

    def show_state(self, state: SpoolState) -> None:
        self._state = state
        self._part.set_value(state.part)
        if self._shown is not state.rows:
            self._shown = state.rows
            self._table.blockSignals(True)
            self._model.set_rows(state.rows)
            self._table.blockSignals(False)
            self._table.setColumnHidden(self._STATE, state.part != "queue")
            self._table.setColumnHidden(self._SUMMARY, state.part == "queue")
            self._table.share_width()
        self._mark_chosen(state.chosen)
        nothing = state.loaded and not state.rows
        self._nothing.set(*self._nothing_words())
        show_if(self._nothing, nothing)
        show_if(self._table, not nothing)
        show_if(self._look, self._services.may(Right.RULES))
        self._show_problem(state)
        self._show_paper(state)

    def say(self, what: str) -> None:
        words = {
            "printing": tr("It goes to the printer."),
            "statement": tr("The statement goes to the printer."),
            "confirmed": tr("Noted: it was printed."),
            "saved": tr("Saved as PDF."),
            "drawer": tr("The drawer was told to open."),
            "given_up": tr("Given up. Say whether it was printed, or print it again."),
            "restarted": tr("The printer was told to go on."),
            "cleared": tr("The printer was told to forget the rest."),
        }
        self._messages.say(words[what], "success")

    # Within

    _STATE, _SUMMARY, _STAFF = 3, 4, 5

    def _lay_out(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(Space.L, 0, Space.L, Space.L)
        page.setSpacing(Space.M)
        top = QHBoxLayout()
        top.setSpacing(Space.M)
        self._title = Text(role="headline")
        self._part = SegmentedControl((("queue", ""), ("operations", "")), "queue")
        self._refresh = Button("", "quiet", icon="refresh", key="F5")
        top.addWidget(self._title)
        top.addStretch(1)
        self._look = Button("", "quiet", icon="slip")
        top.addWidget(self._look)
        top.addWidget(self._part)
        top.addWidget(self._refresh)
        page.addLayout(top)
        self._problem = Banner(tone="warning")
        self._problem.hide()
        page.addWidget(self._problem)
        self._row = QHBoxLayout()
        self._row.setSpacing(Space.L)
        page.addLayout(self._row, 1)
        listed = Card(padding=0)
        self._table = DataTable("spool")
        self._table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self._model: RowsModel[PaperRow] = RowsModel(
            (
                Column("at", lambda: tr("Time"), self._when, lambda row: row.at, width=112, whole=True),
                Column(
                    "document", lambda: tr("Document"), lambda row: document_name(row.document, row.copy), width=150
                ),
                Column("member", lambda: tr("Member"), lambda row: row.member_name or "-", width=84),
                Column("state", lambda: tr("State"), _state_words, tone=_state_tone, width=110, whole=True),
                Column("summary", lambda: tr("About"), lambda row: row.summary, width=140),
                Column("staff", lambda: tr("Staff"), lambda row: row.staff, width=64),
            )
        )
        self._table.show_model(self._model)
        self._nothing = EmptyState("slip", "", "")
        self._nothing.hide()
        listed.body.addWidget(self._table, 1)
        listed.body.addWidget(self._nothing, 1)
        self._row.addWidget(listed, 3)
        self._row.addWidget(self._make_paper(), 2)

    def _make_paper(self) -> Card:
        card = Card()
        self._name = ElidedText("", "title")
        self._chip = Chip()
        card.header.insertWidget(0, self._name, 100)
        card.header.addWidget(self._chip)
        self._cause = Banner(tone="warning")
        card.body.addWidget(self._cause)
        desk = Card(padding=Space.S, ground="sunken")
        self._scroll = ScrollColumn()
        self._paper = PaperPicture()
        self._scroll.column.addWidget(self._paper, 0, Qt.AlignmentFlag.AlignHCenter)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._fit_paper)
        desk.body.addWidget(self._scroll, 1)
        card.body.addWidget(desk, 1)
        self._came_out = Button("", "secondary", icon="check")
        self._print = Button("", "primary", icon="printer", key="Ctrl+P")
        self._save = Button("", "secondary", icon="slip", key="Ctrl+S")
        self._give_up = Button("", "secondary", icon="close")
        self._go_on = Button("", "primary", icon="printer")
        self._clear = Button("", "secondary", icon="close")
        rows = [QHBoxLayout() for _ in range(3)]
        placed = ((self._clear, self._go_on), (self._came_out, self._print), (self._give_up, self._save))
        for row, buttons in zip(rows, placed, strict=True):
            row.setSpacing(Space.S)
            for button in buttons:
                row.addWidget(button, 1)
            card.body.addLayout(row)
        return card

    def _connect(self) -> None:
        self._part.changed.connect(self._on_part)
        self._refresh.clicked.connect(self.presenter.refresh)
        self._look.clicked.connect(self.look_wanted)
        self._problem.acted.connect(self.presenter.refresh)
        self._table.picked.connect(self._on_picked)
        self._came_out.clicked.connect(self.presenter.came_out)
        self._give_up.clicked.connect(self.presenter.give_up)
        self._go_on.clicked.connect(self._on_go_on)
        self._clear.clicked.connect(self._on_clear)
        self._print.clicked.connect(self.presenter.print)
        self._save.clicked.connect(self._on_save)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(NARROW_PX)
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._table.setColumnHidden(self._STAFF, not narrow and self.width() < theme().px(STAFF_FROM_PX))
        self._table.share_width()
        QTimer.singleShot(0, self, self._fit_paper)  # once the layout has given the paper its room

    def _fit_paper(self) -> None:
        self._paper.set_room(self._scroll.viewport().width())

    def _on_part(self, part: str) -> None:
        self.presenter.show_part("operations" if part == "operations" else "queue")

    def _on_picked(self, at: int) -> None:
        self.presenter.choose(self._model.row(at))

    def _on_save(self) -> None:
        row = self._state.chosen
        path = self._ask_path(f"{document_name(row.document)} {row.operation.hex[-8:].upper()}") if row else None
        if path is not None:
            self.presenter.save(path)

    def _ask_path(self, name: str) -> Path | None:
        chosen, _filter = QFileDialog.getSaveFileName(self, tr("Save as PDF…"), f"{name}.pdf", "PDF (*.pdf)")
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf")

    def _mark_chosen(self, chosen: PaperRow | None) -> None:
        at = next((at for at, row in enumerate(self._model.rows) if chosen is not None and row.is_same(chosen)), None)
        if at is not None and self._table.currentIndex().row() != at:
            self._table.blockSignals(True)
            self._table.selectRow(at)
            self._table.blockSignals(False)

    def _show_problem(self, state: SpoolState) -> None:
        show_if(self._problem, state.problem is not None)
        if state.problem is not None:
            text = self._services.sentence(state.problem.code, state.problem.facts)
            if not self.isVisible() and state.problem is not self._told:  # asked for from the member's page
                self._messages.say(text, "warning")
            self._told = state.problem
            self._problem.set(text, "warning", tr("Try again") if state.problem.again else "")

    def _show_paper(self, state: SpoolState) -> None:
        row = state.chosen
        self._name.setText(document_name(row.document, row.copy) if row is not None else "")
        show_if(self._chip, row is not None and row.state is not None)
        cause = ""
        if row is not None and row.state is not None:
            self._chip.set(tr(STATES[row.state]), TONES[row.state])
            cause = self._services.sentence(row.cause, {}) if row.cause else ""
            if row.state is PrintState.CONFIRMED:
                cause = ""
        self._cause.set(cause)
        show_if(self._cause, bool(cause))
        self._paper.show_png(state.picture if row is not None else None)
        for button in (self._print, self._save, self._give_up, self._go_on, self._clear):
            button.setEnabled(row is not None and not state.busy)
        show_if(self._give_up, self._is_held())
        for button in (self._go_on, self._clear):
            show_if(button, self._is_jammed())
        self._print.setText(self._print_words())
        show_if(self._print, self._can_print())
        show_if(self._save, row is not None)
        show_if(self._came_out, self._is_uncertain())
        self._came_out.setEnabled(not state.busy)

    def _when(self, row: PaperRow) -> str:
        today = day(row.at) == day(self._services.now())
        return clock(row.at) if today else moment(row.at)[5:]

    def _can_print(self) -> bool:
        return self._state.chosen is not None and self._state.chosen.can_print

    def _is_uncertain(self) -> bool:
        return self._state.chosen is not None and self._state.chosen.is_uncertain

    def _is_held(self) -> bool:
        return self._state.chosen is not None and self._state.chosen.is_held

    def _is_jammed(self) -> bool:
        return self._state.chosen is not None and self._state.chosen.is_jammed

    def _on_go_on(self) -> None:
        self.presenter.after_jam(restart=True)

    def _on_clear(self) -> None:
        self.presenter.after_jam(restart=False)

    def _print_words(self) -> str:
        row = self._state.chosen
        if row is None or row.job is None:
            return tr("Print")
        return tr("Print again") if row.is_uncertain else tr("Print a copy")

    def _nothing_words(self) -> tuple[str, str]:
        if self._state.part == "queue":
            return tr("Nothing to print"), tr("Slips appear here as soon as something is redeemed or printed.")
        return tr("No documents yet"), tr(
            "Each credit, redemption, hand-out and undo of this desk can be printed here."
        )


def _state_words(row: PaperRow) -> str:
    return tr(STATES[row.state]) if row.state is not None else ""


def _state_tone(row: PaperRow) -> str:
    return _TABLE_TONES.get(TONES[row.state], "") if row.state is not None else ""
