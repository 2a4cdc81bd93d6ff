"""The look of slips: what the mall decides on the left, a sample on the right that follows every letter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal, cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.slip_look import DOCUMENT_NAMES, LONGEST_LINE, MOST_LINES, OPTIONAL_LINES, DocumentName, OptionalLine
from app.ports.paper import SlipDesigner
from app.queries.slips import SlipQueries
from ui.counter.services import CounterServices
from ui.locale import language, mark, tr
from ui.settings.slips.presenter import Shown, SlipsPresenter, SlipsState
from ui.spool.words import document_name
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    CheckBox,
    Divider,
    PaperPicture,
    ScrollColumn,
    SegmentedControl,
    SelectField,
    Text,
    TextField,
    show_if,
)

NARROW_PX = 1000
NARROWEST_PX = 760
WIDE_PX = 1160
DOCUMENT_PX = 240
LINE_NAMES: dict[OptionalLine, str] = {
    "mall_name": mark("The mall's name"),
    "tier": mark("Tier"),
    "card": mark("Card number, masked"),
    "points_before": mark("Points before"),
    "expiring": mark("When points expire"),
    "capitals": mark("Amount in Chinese capitals"),
    "desk": mark("Counter"),
    "staff": mark("Who served"),
    "approver": mark("Who approved"),
    "code": mark("QR code"),
}
_FEWEST_FIELDS = 2


class OwnLines(QWidget):
    """As many fields as there are lines, and one more to type into, up to four."""

    def __init__(self, typed: Callable[[tuple[str, ...]], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typed = typed
        self.label = Text("", "strong")
        self.fields = [TextField("", max_length=LONGEST_LINE) for _ in range(MOST_LINES)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.label)
        for field in self.fields:
            show_if(field.label, False)
            field.changed.connect(self._on_changed)
            column.addWidget(field)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(field.value for field in self.fields if field.value)

    def set_label(self, label: str) -> None:
        self.label.setText(label)
        for number, field in enumerate(self.fields, 1):
            field.edit.setAccessibleName(f"{label}, {tr('Line {n}', n=number)}")
            field.set_placeholder(tr("Line {n}", n=number))

    def show_lines(self, lines: tuple[str, ...]) -> None:
        """What is typed stays as it is while it means the same."""
        if lines != self.lines:
            for number, field in enumerate(self.fields):
                field.set_value(lines[number] if number < len(lines) else "")
                field.edit.setCursorPosition(0)
        last = max((number for number, field in enumerate(self.fields) if field.value), default=-1)
        for number, field in enumerate(self.fields):
            show_if(field, number < max(_FEWEST_FIELDS, last + 2))

    def _on_changed(self, _text: str) -> None:
        self._typed(self.lines)


class SlipsView(QWidget):
    """`said`: told in words when a look was kept."""

    def __init__(
        self,
        services: CounterServices,
        slips: SlipQueries,
        designer: SlipDesigner,
        said: Callable[[str], None],
        *,
        paper_mm: int = 80,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._said = said
        self._state: SlipsState | None = None
        self._wants_keyboard = False
        self._named: list[tuple[str, str]] = []
        self._lay_out(paper_mm)
        self._arrange(0)  # or it would ask for more room than the smallest window has
        self.presenter = SlipsPresenter(self, services, slips, designer, language=language(), paper_mm=paper_mm)
        self._connect()
        self.retranslate()
        self.show_slips(self.presenter.state)
        services.contact.listen(lambda: self.show_slips(self.presenter.state))

    # What the presenter shows

    def show_slips(self, state: SlipsState) -> None:
        self._state = state
        look = state.look
        editable = (self.heading, self.footer, *self.ticks.values(), self.choose, self.remove, self.scope, self.as_all)
        for part in editable:
            part.setEnabled(state.loaded and not state.busy)
        self.heading.show_lines(look.heading)
        self.footer.show_lines(look.footer)
        self._place_ticks()
        for line, tick in self.ticks.items():
            tick.setChecked(state.shows(line))
            show_if(tick, line in state.lines)
        self._show_scope(state)
        show_if(self.remove, look.logo is not None)
        self.choose.setText(tr("Another picture…") if look.logo is not None else tr("Choose a picture…"))
        self.undo.setEnabled(state.can_undo and not state.busy)
        self.default.setEnabled(state.loaded and not state.busy and not state.is_as_at_first)
        why_not = self._services.contact.why_not
        if why_not:
            self.only_hub.set(self._services.sentence(why_not, {}), "info")
        show_if(self.only_hub, bool(why_not))
        self.save.setEnabled(state.is_changed and not state.busy and not why_not)
        self.notice.setText(tr("Not kept yet: slips still print as before.") if state.is_changed else "")
        self._paper.show_png(state.picture)
        self._show_problem(state)
        if self._wants_keyboard and state.loaded:
            self._wants_keyboard = False
            self.heading.fields[0].setFocus()

    def said_kept(self) -> None:
        self._said(tr("Slips look like this from now on, at every counter."))

    # As part of a screen

    def retranslate(self) -> None:
        self._logo_title.setText(tr("Logo"))
        self._logo_hint.setText(tr("A PNG or JPEG picture. Dark on white, with clear outlines, prints best."))
        self.remove.setText(tr("No logo"))
        self.heading.set_label(tr("Under the mall's name"))
        self.footer.set_label(tr("At the end of a slip"))
        self._ticks_title.setText(tr("What stands on slips"))
        self._ticks_hint.setText(
            tr("Member, points, time, reference and the mark of a copy always stand there: they prove what was done.")
        )
        for line, tick in self.ticks.items():
            tick.set_text(tr(LINE_NAMES[line]))
        self.scope.set_options((("all", tr("All documents")), ("alone", tr("Only this one"))))
        self.scope.setAccessibleName(tr("What stands on slips"))
        self.as_all.setText(tr("As on all documents"))
        self.width_mm.set_options((("58", tr("58 mm")), ("80", tr("80 mm"))))
        for control, name in (
            (self.document.box, tr("Document")),
            (self.width_mm, tr("Paper width")),
            (self.speech, tr("Language")),
        ):
            control.setAccessibleName(name)
        self._sample_title.setText(tr("Sample"))
        self.undo.setText(tr("One step back"))
        self.default.setText(tr("Restore default"))
        self.save.setText(tr("Save"))
        if self._state is not None:
            self.show_slips(self._state)

    def take_keyboard(self) -> None:
        """Once what is in force is there: nothing can be typed before."""
        self._wants_keyboard = not self.presenter.state.loaded
        if self.presenter.state.loaded:
            self.heading.fields[0].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width())
        QTimer.singleShot(0, self, self._fit_paper)  # once the layout has given the paper its room

    # Within

    def _arrange(self, width: int) -> None:
        narrow = width < theme().px(NARROW_PX)
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        for row in (self._sample_row, self._button_row):
            row.setDirection(direction)
        narrowest = width < theme().px(NARROWEST_PX)
        direction = QBoxLayout.Direction.TopToBottom if narrowest else QBoxLayout.Direction.LeftToRight
        for row in (self._logo_row, self._back_row):
            row.setDirection(direction)
        show_if(self._sample_title, not narrow)
        self._place_ticks()

    def _place_ticks(self) -> None:
        columns = 1 if self.width() < theme().px(WIDE_PX) else 2
        for at, line in enumerate(self._state.lines if self._state is not None else OPTIONAL_LINES):
            self._grid.addWidget(self.ticks[line], at // columns, at % columns)

    def _lay_out(self, paper_mm: int) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(Space.M)
        self.problem = Banner(tone="warning")
        self.problem.hide()
        page.addWidget(self.problem)
        halves = QHBoxLayout()
        halves.setSpacing(Space.L)
        page.addLayout(halves, 1)
        halves.addWidget(self._make_choices(), 1)
        halves.addWidget(self._make_sample(paper_mm), 1)

    def _make_choices(self) -> Card:
        card = Card()
        column = ScrollColumn(spacing=Space.M, margins=2)
        card.body.addWidget(column, 1)
        self._logo_title, self._logo_hint = Text("", "strong"), Text("", "small", tone="muted", wrap=True)
        self.choose = Button("", "secondary", icon="slip")
        self.remove = Button("", "quiet", icon="close")
        self._logo_row = QHBoxLayout()
        self._logo_row.setSpacing(Space.S)
        self._logo_row.addWidget(self.choose)
        self._logo_row.addWidget(self.remove)
        self._logo_row.addStretch(1)
        column.column.addWidget(self._logo_title)
        column.column.addWidget(self._logo_hint)
        column.column.addLayout(self._logo_row)
        column.column.addWidget(Divider())
        self.heading = OwnLines(partial(self._on_typed, "heading"))
        self.footer = OwnLines(partial(self._on_typed, "footer"))
        for part in (self.heading, self.footer, Divider()):
            column.column.addWidget(part)
        self._ticks_title, self._ticks_hint = Text("", "strong"), Text("", "small", tone="muted", wrap=True)
        self.scope = SegmentedControl((("all", ""), ("alone", "")), "all")
        self._own = Text("", "small", tone="muted", wrap=True)
        self.as_all = Button("", "quiet", icon="undo")
        column.column.addWidget(self._ticks_title)
        column.column.addWidget(self._ticks_hint)
        column.column.addWidget(self.scope, 0, Qt.AlignmentFlag.AlignLeft)
        column.column.addWidget(self._own)
        column.column.addWidget(self.as_all, 0, Qt.AlignmentFlag.AlignLeft)
        self.ticks: dict[OptionalLine, CheckBox] = {line: CheckBox() for line in OPTIONAL_LINES}
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        column.column.addLayout(self._grid)
        return card

    def _make_sample(self, paper_mm: int) -> Card:
        card = Card()
        self._sample_title = Text("", "title")
        self.document = SelectField("", [(document, "") for document in DOCUMENT_NAMES], "redemption")
        show_if(self.document.label, False)
        self.document.setMinimumWidth(theme().px(DOCUMENT_PX))
        self.width_mm = SegmentedControl((("58", ""), ("80", "")), str(paper_mm))
        self.speech = SegmentedControl((("zh_CN", "中"), ("en", "EN")), language())
        card.body.addWidget(self._sample_title)
        self._sample_row, paper = QHBoxLayout(), QHBoxLayout()
        for row, parts in ((self._sample_row, (self.document,)), (paper, (self.width_mm, self.speech))):
            row.setSpacing(Space.S)
            for part in parts:
                row.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
        paper.addStretch(1)
        self._sample_row.addLayout(paper)
        self._sample_row.addStretch(1)
        card.body.addLayout(self._sample_row)
        desk = Card(padding=Space.S, ground="sunken")
        self._scroll = ScrollColumn()
        self._paper = PaperPicture()
        self._scroll.column.addWidget(self._paper, 0, Qt.AlignmentFlag.AlignHCenter)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._fit_paper)
        desk.body.addWidget(self._scroll, 1)
        card.body.addWidget(desk, 1)
        self.only_hub = Banner()
        self.only_hub.hide()
        card.body.addWidget(self.only_hub)
        self.notice = Text("", "small", tone="warning", wrap=True)
        card.body.addWidget(self.notice)
        self.undo = Button("", "secondary", icon="undo")
        self.default = Button("", "quiet", icon="refresh")
        self.save = Button("", "primary", icon="save", key="Ctrl+S")
        self._button_row, self._back_row = QHBoxLayout(), QHBoxLayout()
        for row in (self._button_row, self._back_row):
            row.setSpacing(Space.S)
        self._back_row.addWidget(self.undo)
        self._back_row.addWidget(self.default)
        self._back_row.addStretch(1)
        self._button_row.addLayout(self._back_row)
        self._button_row.addWidget(self.save)
        card.body.addLayout(self._button_row)
        return card

    def _connect(self) -> None:
        self.choose.clicked.connect(self._on_choose)
        self.remove.clicked.connect(self.presenter.remove_logo)
        for line, tick in self.ticks.items():
            tick.clicked.connect(self._ticker(line))
        self.scope.changed.connect(lambda scope: self.presenter.choose_alone(scope == "alone"))
        self.as_all.clicked.connect(self.presenter.as_all)
        for control in (self.document, self.width_mm, self.speech):
            control.changed.connect(self._on_sample)
        self.undo.clicked.connect(self.presenter.undo)
        self.default.clicked.connect(self.presenter.restore_default)
        self.save.clicked.connect(self.presenter.save)
        self.problem.acted.connect(self.presenter.open)

    def _ticker(self, line: OptionalLine) -> Callable[[bool], None]:
        def on_tick(shown: bool) -> None:
            self.presenter.show_line(line, shown)

        return on_tick

    def _on_typed(self, place: Literal["heading", "footer"], lines: tuple[str, ...]) -> None:
        self.presenter.set_lines(place, lines)

    def _on_choose(self) -> None:
        pictures = tr("Pictures") + " (*.png *.jpg *.jpeg)"
        chosen, _filter = QFileDialog.getOpenFileName(self, tr("Choose a picture…"), "", pictures)
        if chosen:
            self.presenter.choose_logo(Path(chosen))

    def _on_sample(self, _value: str) -> None:
        document = cast("DocumentName", self.document.value)
        self.presenter.show_sample(Shown(document, int(self.width_mm.value), self.speech.value))

    def _fit_paper(self) -> None:
        self._paper.set_room(self._scroll.viewport().width())

    def _show_scope(self, state: SlipsState) -> None:
        """Which document the ticks are about, and which ones have lines of their own."""
        look, document = state.look, state.shown.document
        named: list[tuple[str, str]] = [
            (each, f"{document_name(each)} · {tr('own lines')}" if look.is_own(each) else document_name(each))
            for each in DOCUMENT_NAMES
        ]
        if named != self._named:
            self._named = named
            self.document.set_options(named, document)
        self.document.set_value(document)
        self.scope.set_value("alone" if state.alone else "all")
        name, own = document_name(document), look.is_own(document)
        if own:
            told = tr("{document} has lines of its own: what is chosen for all does not change it.", document=name)
        elif state.alone:
            told = tr("{document} is as all others; a tick here gives it lines of its own.", document=name)
        else:
            told = ""
        self._own.setText(told)
        show_if(self._own, bool(told))
        show_if(self.as_all, own and state.alone)

    def _show_problem(self, state: SlipsState) -> None:
        show_if(self.problem, state.problem is not None)
        if state.problem is not None:
            text = self._services.sentence(state.problem.code, state.problem.facts)
            again = state.problem.again and not state.loaded
            self.problem.set(text, "warning", tr("Try again") if again else "")
