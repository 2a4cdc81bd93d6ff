"""The self-test: one button, its lines as they come, and those of the days before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.errors import Fact, Refused, Unavailable
from app.domain.self_test import Check, worst
from app.ports.devices import DeviceKind
from app.queries.self_tests import SelfTestRow
from ui.devices.self_test.presenter import SelfTestPresenter, SelfTestState
from ui.locale import mark, moment, number, tr
from ui.shell.status_bar import machine_name
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    Column,
    DataTable,
    EmptyState,
    ProgressLine,
    RowsModel,
    SelectField,
    Text,
    show_if,
)

LOOK_EVERY_MS = 200
LINES_HIGH_PX = 220
BESIDE_PX = 680
THINGS = {
    "store": mark("Data"),
    "space": mark("Disk"),
    "backup": mark("Backup"),
    "clock": mark("Clock"),
    "queue": mark("Print queue"),
}
OUTCOMES = {"good": mark("in order"), "doubtful": mark("have a look"), "bad": mark("out of order")}
TONES = {"good": "success_text", "doubtful": "warning_text", "bad": "danger_text"}
WHOLE = {
    "good": mark("Everything is in order."),
    "doubtful": mark("Ready; some of it wants a look."),
    "bad": mark("Something does not work. What still works stands beside the machines."),
}


class SelfTestPanel(QWidget):
    """Shows a `SelfTestPresenter`. `failed` is told of a file that was not written, `said` what was done."""

    def __init__(
        self,
        make_presenter: Callable[[SelfTestPanel], SelfTestPresenter],
        sentence: Callable[[str, Mapping[str, Fact]], str],
        *,
        failed: Callable[[Exception], None] = lambda _: None,
        said: Callable[[str], None] = lambda _: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sentence = sentence
        self._failed = failed
        self._said_to = said
        self._state = SelfTestState()
        self.presenter = make_presenter(self)
        self._lay_out()
        self._watch = QTimer(self)
        self._watch.setInterval(LOOK_EVERY_MS)
        self._watch.timeout.connect(self.presenter.look)
        self.retranslate()

    def show_self_test(self, state: SelfTestState) -> None:
        before, self._state = self._state, state
        if state.rows != before.rows:
            self._show_history(state)
        elif state.shown is not None and self.history.value != str(state.shown.operation):
            self.history.set_value(str(state.shown.operation))
        if state.checks != before.checks or state.running != before.running:
            self.lines.set_rows(state.checks)
            self.table.share_width()
        self.start.setEnabled(not state.running)
        self._show_progress(state, before)
        self._show_summary(state)
        self.save.setEnabled(bool(state.checks) and not state.running and not state.busy)
        on_record = state.shown is not None and not state.unsaved
        self.print.setEnabled(on_record and not state.running and not state.busy)
        show_if(self.table, bool(state.checks) or state.running)
        show_if(self.nothing, not state.checks and not state.running)
        show_if(self.history, bool(state.rows) and not state.running)

    def said_done(self, what: str) -> None:
        self._said_to(tr("The slip goes to the printer.") if what == "printing" else tr("Saved as PDF."))

    def retranslate(self) -> None:
        self._card.set_title(tr("Start-of-shift self-test"))
        self.history.set_label(tr("Recorded self-tests"))
        self.start.setText(tr("Start the self-test"))
        self.save.setText(tr("Save…"))
        self.print.setText(tr("Print"))
        self.skip.setText(tr("No card at hand"))
        self.cancel.setText(tr("Stop"))
        self.nothing.set(
            tr("Not tested yet"),
            tr("Data, disk, backup, clock, print queue, then each machine. It takes half a minute."),
        )
        self.table.setAccessibleName(tr("Start-of-shift self-test"))
        self.table.horizontalHeader().viewport().update()
        self.lines.set_rows(self._state.checks)
        self.table.share_width()
        self._show_history(self._state)
        self.show_self_test(self._state)

    def take_keyboard(self) -> None:
        self.start.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(beside=self.width() >= theme().px(BESIDE_PX))

    def _arrange(self, *, beside: bool) -> None:
        row = self._card.header if beside else self._own_row
        if row.indexOf(self.start) < 0:
            for button in (self.save, self.print, self.start):
                row.addWidget(button)

    def hideEvent(self, event: QHideEvent) -> None:
        self._watch.stop()
        super().hideEvent(event)

    def write_lines(self, path: Path) -> None:
        try:
            self.table.to_csv(path)
        except OSError as problem:
            self._failed(Unavailable("file.not_written", file=path.name, why=problem.strerror or ""))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self._card = Card()
        self.save = Button("", "quiet", icon="save")
        self.print = Button("", "quiet", icon="printer")
        self.start = Button("", "primary", icon="check")
        self._own_row = QHBoxLayout()  # for the buttons, where they do not fit beside the title
        self._own_row.setSpacing(Space.S)
        self._card.body.addLayout(self._own_row)
        self._arrange(beside=True)
        self.history = SelectField("")
        self.summary = Banner("", "info")
        self.summary.hide()
        self.doing = QWidget()
        doing = QHBoxLayout(self.doing)
        doing.setContentsMargins(0, 0, 0, 0)
        doing.setSpacing(Space.S)
        self.step = Text(role="strong", wrap=True)
        self.skip = Button("", "secondary")
        self.cancel = Button("", "quiet", icon="close")
        doing.addWidget(self.step, 1)
        doing.addWidget(self.skip)
        doing.addWidget(self.cancel)
        self.progress = ProgressLine()
        self.table = DataTable()
        self.lines: RowsModel[Check] = RowsModel(
            (
                Column("thing", lambda: tr("Checked"), _thing, width=150, whole=True),
                Column(
                    "outcome", lambda: tr("Result"), lambda check: tr(OUTCOMES[check.outcome]), width=100, whole=True,
                    tone=lambda check: TONES[check.outcome],
                ),
                Column("said", lambda: tr("Details"), self._said, width=320),
            )
        )  # fmt: skip
        self.table.show_model(self.lines)
        self.table.setMinimumHeight(theme().px(LINES_HIGH_PX))
        self.nothing = EmptyState("check", "", "")
        for widget in (self.history, self.summary, self.doing, self.progress):
            self._card.body.addWidget(widget)
        self._card.body.addWidget(self.table, 1)
        self._card.body.addWidget(self.nothing, 1)
        column.addWidget(self._card, 1)
        self.start.clicked.connect(self.presenter.start)
        self.skip.clicked.connect(self.presenter.skip)
        self.cancel.clicked.connect(self.presenter.cancel)
        self.save.clicked.connect(self._on_save)
        self.print.clicked.connect(self.presenter.print)
        self.history.changed.connect(self._on_picked)

    def _show_history(self, state: SelfTestState) -> None:
        shown = str(state.shown.operation) if state.shown is not None else ""
        options = [(str(row.operation), "  ·  ".join((moment(row.at), row.staff, _counts(row)))) for row in state.rows]
        self.history.set_options(options, shown)

    def _show_progress(self, state: SelfTestState, before: SelfTestState) -> None:
        had_keyboard = self.start.hasFocus() or self.skip.hasFocus() or self.cancel.hasFocus()
        show_if(self.doing, state.running)
        show_if(self.skip, state.step is not None and state.step.swipe)
        if not state.running:
            self.progress.finish()
            if before.running and (had_keyboard or self.isAncestorOf(self.window().focusWidget() or self)):
                self.start.setFocus()
            return
        if not before.running:
            self.progress.start("")
            self.cancel.setFocus()
        step = state.step
        if step is None:
            self.step.setText(tr("Beginning …"))
            return
        thing = _named(step.what, step.name)
        if step.swipe:
            self.step.setText(tr("{machine}: swipe, tap or scan any card now", machine=thing))
            self.skip.setFocus()
        else:
            self.step.setText(tr("{n} of {of}: {thing}", n=number(step.number), of=number(step.of), thing=thing))
        self.progress.set_progress(step.number - 1, step.of)

    def _show_summary(self, state: SelfTestState) -> None:
        show_if(self.summary, not state.running and (bool(state.checks) or state.problem is not None))
        problem = state.problem
        if problem is not None:
            why = type(problem).__name__
            if isinstance(problem, Refused | Unavailable):
                why = self._sentence(problem.code, problem.facts)
            self.summary.set(tr("Not written down: {why}", why=why), "warning")
        elif state.checks:
            outcome = worst(state.checks)
            tone = {"good": "success", "doubtful": "info", "bad": "warning"}[outcome]
            self.summary.set(tr(WHOLE[outcome]), tone)

    def _said(self, check: Check) -> str:
        return self._sentence(check.code, check.facts)

    def _on_picked(self, operation: str) -> None:
        self.presenter.choose(UUID(operation))

    def _on_save(self) -> None:
        """As a sheet to keep; what was not written down has no sheet, only its lines."""
        row = None if self._state.unsaved else self._state.shown
        name = f"{tr('Start-of-shift self-test')} {row.at:%Y-%m-%d}.pdf" if row is not None else "self-test.csv"
        kinds = "PDF (*.pdf);;CSV (*.csv)" if row is not None else "CSV (*.csv)"
        chosen, kind = QFileDialog.getSaveFileName(self, tr("Save…"), name, kinds)
        if not chosen:
            return
        path = Path(chosen)
        if row is None or path.suffix.lower() == ".csv" or kind.startswith("CSV"):
            self.write_lines(path.with_suffix(".csv"))
        else:
            self.presenter.save_pdf(path.with_suffix(".pdf"))


def _thing(check: Check) -> str:
    return _named(check.what, check.name)


def _named(what: str, name: str) -> str:
    if what in THINGS:
        return tr(THINGS[what])
    known = {kind.value: kind for kind in DeviceKind}
    return machine_name(name, known[what]) if what in known else what


def _counts(row: SelfTestRow) -> str:
    outcomes = [check.outcome for check in row.checks]
    parts = [
        f"{tr(OUTCOMES[outcome])} {outcomes.count(outcome)}"
        for outcome in ("good", "doubtful", "bad")
        if outcomes.count(outcome)
    ]
    return "  ·  ".join(parts)
