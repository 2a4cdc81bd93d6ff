"""The daily report on the screen: its sums, the hours as bars, and each table, with a way onto paper and into files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import Right
from app.ports.preferences import Preferences
from app.queries.reports import DailyReport, ReportQueries
from ui.counter.services import CounterServices
from ui.locale import clock, day, language, moment, money, number, signed, tr, trn
from ui.reports.bars import HourBars
from ui.reports.day_panel import DayPanel
from ui.reports.presenter import PARTS, Part, ReportsPresenter, ReportsState
from ui.reports.tables import PART_NAMES, columns_of, rows_of
from ui.shell.messages import Messages
from ui.shell.screen import Command
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    DataTable,
    EmptyState,
    IconButton,
    ProgressLine,
    RowsModel,
    SegmentedControl,
    Stat,
    Text,
    show_if,
)

_WIDE_PX = 1040  # from here on the day has its weekday
_SUMS_PX = 880  # from here on all sums stand in one row
_SHORT_PX = 720  # below it the top row says no more than it must
_LOW_PX = 700  # below it the bars give their room to the table


class ReportsScreen(QWidget):
    """A `Screen` of the shell."""

    name = "reports"
    icon = "report"
    key = "Ctrl+0"

    def __init__(
        self,
        services: CounterServices,
        reports: ReportQueries,
        messages: Messages,
        preferences: Preferences,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._messages = messages
        self._preferences = preferences
        self._report: DailyReport | None = None
        self._tables: dict[Part, DataTable] = {}
        self._lay_out()
        self.presenter = ReportsPresenter(self, services, reports, language)
        self._connect()
        self.retranslate()

    # A Screen of the shell

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Reports")

    def help(self) -> str:
        return tr(
            "What all counters did on one business day. Choose the day at the top; print the report, or keep it as a "
            "PDF; the table in front can be copied and exported for a spreadsheet."
        )

    def commands(self) -> Sequence[Command]:
        def may() -> bool:
            return self._services.may(Right.REPORTS)

        def there() -> bool:
            return may() and self._report is not None

        presenter = self.presenter
        return (
            Command("report_day", lambda: tr("Choose the day…"), self.choose_day, "Ctrl+D", "calendar",
                    everywhere=False, is_possible=may),
            Command("report_before", lambda: tr("The day before"), lambda: presenter.step(-1), "Alt+Left", "arrow_left",
                    everywhere=False, is_possible=may),
            Command("report_after", lambda: tr("The day after"), lambda: presenter.step(1), "Alt+Right", "arrow_right",
                    everywhere=False, is_possible=lambda: may() and not presenter.state.is_last),
            Command("report_today", lambda: tr("Today"), presenter.show_today, "Alt+Home", "calendar",
                    everywhere=False, is_possible=may),
            Command("print_report", lambda: tr("Print the report"), presenter.print, "Ctrl+P", "printer",
                    everywhere=False, is_possible=there, words="ribao rb"),
            Command("save_report", lambda: tr("Save the report as PDF…"), self.save_pdf, "Ctrl+S", "slip",
                    everywhere=False, is_possible=there, words="ribao rb pdf"),
            Command("export_table", lambda: tr("Export this table as CSV…"), self.save_csv, "Ctrl+E", "list",
                    everywhere=False, is_possible=there, words="excel daochu dc csv"),
            Command("copy_table", lambda: tr("Copy this table"), self.copy_table, "Ctrl+Shift+C", "list",
                    everywhere=False, is_possible=there, words="fuzhi fz"),
            Command("refresh_report", lambda: tr("Refresh"), presenter.refresh, "F5", "refresh", everywhere=False),
        )  # fmt: skip

    def retranslate(self) -> None:
        self._title.setText(tr("Daily report"))
        self._before.set_name(tr("The day before"))
        self._after.set_name(tr("The day after"))
        self._today.setText(tr("Today"))
        self._refresh.set_name(tr("Refresh"))
        self._export.setText(tr("Export CSV"))
        self._save.setText("PDF" if self.width() < theme().px(_SHORT_PX) else tr("Save as PDF"))
        self._save.setAccessibleName(tr("Save as PDF"))
        self._print.setText(tr("Print"))
        self._chart.set_title(tr("Points by the hour"))
        self._show_parts()
        self._parts.setAccessibleName(tr("Tables"))
        self._nothing.set(tr("Nothing was done on this day"), tr("Choose another day with the arrows or the calendar."))
        for stat, label in zip(self._stats, self._stat_labels(), strict=True):
            stat.set_label(label)
        for part, table in self._tables.items():
            table.setAccessibleName(tr(PART_NAMES[part]))
            table.horizontalHeader().viewport().update()
        self._report = None  # what stands below the figures is words, too
        self.show_state(self.presenter.state)

    def entered(self) -> None:
        self.presenter.open()
        self._table().setFocus()

    def person_changed(self) -> None:
        self.presenter.person_changed()

    # A screen of the presenter

    def show_state(self, state: ReportsState) -> None:
        self._show_day(state)
        self._after.setEnabled(not state.is_last)
        report = state.report
        for button in (self._print, self._save, self._export):
            button.setEnabled(report is not None and not state.busy)
        show_if(self._problem, state.problem is not None)
        if state.problem is not None:
            text = self._services.sentence(state.problem.code, state.problem.facts)
            self._problem.set(text, "warning", tr("Try again") if state.problem.again else "")
        self._show_progress(state)
        if report is not self._report or not self.isVisible():
            self._report = report
            self._show_report(report)
        shown = self._part(state)
        self._parts.set_value(shown)
        for part, table in self._tables.items():
            show_if(table, part == shown and report is not None and not report.is_empty)

    def say(self, what: str) -> None:
        words = {
            "printing": tr("The report goes to the printer."),
            "pdf": tr("Saved as PDF."),
            "csv": tr("The table was saved."),
        }
        self._messages.say(words[what], "success")

    # What a person does here

    def choose_day(self) -> None:
        state = self.presenter.state
        DayPanel(self, state.day, state.today, self.presenter.show_day).open()

    def save_pdf(self) -> None:
        path = self._ask_path(tr("Daily report"), "pdf", "PDF (*.pdf)")
        if path is not None:
            self.presenter.save_pdf(path)

    def save_csv(self) -> None:
        part = self._part(self.presenter.state)
        path = self._ask_path(f"{tr('Daily report')} {tr(PART_NAMES[part])}", "csv", "CSV (*.csv)")
        if path is not None:
            self.presenter.save_csv(path, self._table().as_csv())

    def copy_table(self) -> None:
        QApplication.clipboard().setText(self._table().copied())
        self._messages.say(tr("The table was copied."), "success")

    # Within

    def _table(self) -> DataTable:
        return self._tables[self._part(self.presenter.state)]

    def _part(self, state: ReportsState) -> Part:
        """Nothing came late on most days: then that table is not there."""
        return state.part if state.part in self._shown_parts() else PARTS[0]

    def _shown_parts(self) -> Sequence[Part]:
        report = self._report
        nothing_late = report is None or not (report.late or report.later)
        return [part for part in PARTS if not (part == "late" and nothing_late)]

    def _show_parts(self) -> None:
        self._parts.set_options([(part, tr(PART_NAMES[part])) for part in self._shown_parts()])

    def _lay_out(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(Space.L, 0, Space.L, Space.L)
        page.setSpacing(Space.M)
        page.addLayout(self._make_top())
        self._problem = Banner(tone="warning")
        self._problem.hide()
        page.addWidget(self._problem)
        self._notice = Banner(tone="info")
        self._notice.hide()
        page.addWidget(self._notice)
        self._progress = ProgressLine()
        page.addWidget(self._progress)
        self._sums = Card()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.M)
        self._stats = tuple(Stat("", role="title") for _ in self._stat_labels())
        self._sums.body.addLayout(self._grid)
        self._arrange_sums(len(self._stats))
        page.addWidget(self._sums)
        self._chart = Card()
        self._bars = HourBars()
        self._chart.body.addWidget(self._bars)
        page.addWidget(self._chart)
        listed = Card(padding=0)
        bar = QHBoxLayout()
        bar.setContentsMargins(Space.M, Space.M, Space.M, Space.S)
        self._parts = SegmentedControl([(part, "") for part in PARTS], "desks")
        bar.addWidget(self._parts)
        bar.addStretch(1)
        self._export = Button("", "quiet", icon="list")
        bar.addWidget(self._export)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        listed.body.addWidget(self._bar)
        for part in PARTS:
            table = DataTable(f"report_{part}", self._preferences)
            table.show_model(RowsModel(columns_of(part, lambda: self._report)))
            table.horizontalHeader().setStretchLastSection(False)
            table.hide()
            self._tables[part] = table
            listed.body.addWidget(table, 1)
        self._nothing = EmptyState("report", "", "")
        self._nothing.hide()
        listed.body.addWidget(self._nothing, 1)
        page.addWidget(listed, 1)

    def _make_top(self) -> QHBoxLayout:
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        self._title = Text(role="headline")
        self._before, self._after = IconButton("arrow_left", ""), IconButton("arrow_right", "")
        self._day = Button("", "secondary", icon="calendar")
        self._today = Button("", "quiet")
        self._as_of = Text("", "small", tone="muted")
        self._refresh = IconButton("refresh", "")
        self._save = Button("", "quiet", icon="slip", key="Ctrl+S")
        self._print = Button("", "primary", icon="printer", key="Ctrl+P")
        top.addWidget(self._title)
        top.addSpacing(Space.M)
        for widget in (self._before, self._day, self._after, self._today, self._refresh, self._as_of):
            top.addWidget(widget)
        top.addStretch(1)
        for widget in (self._save, self._print):
            top.addWidget(widget)
        return top

    def _connect(self) -> None:
        self._before.clicked.connect(lambda: self.presenter.step(-1))
        self._after.clicked.connect(lambda: self.presenter.step(1))
        self._today.clicked.connect(self.presenter.show_today)
        self._day.clicked.connect(self.choose_day)
        self._refresh.clicked.connect(self.presenter.refresh)
        self._export.clicked.connect(self.save_csv)
        self._save.clicked.connect(self.save_pdf)
        self._print.clicked.connect(self.presenter.print)
        self._problem.acted.connect(self.presenter.refresh)
        self._notice.acted.connect(lambda: self.presenter.show_part("late"))
        self._parts.changed.connect(lambda part: self.presenter.show_part(cast("Part", part)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        count = len(self._stats)
        self._arrange_sums(count if self.width() >= theme().px(_SUMS_PX) else (count + 1) // 2)
        self._save.set_key("Ctrl+S" if self._is_wide else "")
        short = self.width() < theme().px(_SHORT_PX)
        show_if(self._title, not short)
        self._print.set_key("" if short else "Ctrl+P")
        self._save.setText("PDF" if short else tr("Save as PDF"))
        self._show_day(self.presenter.state)
        self._show_chart()

    def minimumSizeHint(self) -> QSize:
        """The window may become as small as it likes: `resizeEvent` makes room."""
        return QSize(0, 0)

    @property
    def _is_wide(self) -> bool:
        return self.width() >= theme().px(_WIDE_PX)

    def _show_day(self, state: ReportsState) -> None:
        weekday = tr("Monday Tuesday Wednesday Thursday Friday Saturday Sunday").split()[state.day.weekday()]
        self._day.setText(f"{day(state.day)}  {weekday}" if self._is_wide else day(state.day))
        show_if(self._today, not state.is_last)
        text = _how_far(state)
        show_if(self._as_of, self._is_wide and bool(text))
        self._as_of.setText(text)

    def _arrange_sums(self, columns: int) -> None:
        for place, stat in enumerate(self._stats):
            self._grid.addWidget(stat, place // columns, place % columns)

    def _show_chart(self) -> None:
        there = self._report is not None and not self._report.is_empty
        show_if(self._chart, there and self.height() >= theme().px(_LOW_PX))

    @staticmethod
    def _stat_labels() -> tuple[str, ...]:
        return (
            tr("Points issued"),
            tr("Points used"),
            tr("Net change"),
            tr("Sales credited"),
            tr("Redemptions"),
            tr("New members"),
        )

    def _show_report(self, report: DailyReport | None) -> None:
        there = report is not None and not report.is_empty
        for widget in (self._sums, self._bar):
            show_if(widget, there)
        show_if(self._nothing, report is not None and report.is_empty)
        self._show_chart()
        self._show_parts()
        self._show_notice(report)
        if report is None:
            return
        for part, table in self._tables.items():
            model = table.model()
            if isinstance(model, RowsModel):
                model.set_rows(rows_of(report, part))
                table.share_width()
        self._bars.show_hours(report.shown_hours)
        total = report.total
        told = (
            (number(total.issued), tr("expired {n}", n=number(total.expired))),
            (number(total.used), tr("given back {n}", n=number(total.given_back))),
            (signed(total.change), tr("adjusted {n}", n=signed(total.adjusted))),
            (number(total.sales), money(total.sales_fen)),
            (number(total.redemptions), tr("pieces handed out: {n}", n=number(total.handed_out))),
            (number(total.enrolled), tr("cards issued: {n}", n=number(total.cards))),
        )
        for stat, (value, detail) in zip(self._stats, told, strict=True):
            stat.set(value, detail)

    def _show_notice(self, report: DailyReport | None) -> None:
        """What the figures leave out."""
        said: list[str] = []
        if report is not None and report.desk_only:
            said.append(tr("The hub cannot be reached: this is what was done at this counter, not in the whole mall."))
        if report is not None and report.late:
            points = signed(report.late_total.change)
            said.append(
                trn(
                    "{n} operation of earlier days came on this day ({points} points); the figures leave it out.",
                    "{n} operations of earlier days came on this day ({points} points); the figures leave them out.",
                    len(report.late),
                    points=points,
                )
            )
        if report is not None and report.later:
            points = signed(report.later_total.change)
            said.append(
                trn(
                    "{n} operation of this day came after it was closed ({points} points) and is listed on a later "
                    "report.",
                    "{n} operations of this day came after it was closed ({points} points) and are listed on later "
                    "reports.",
                    len(report.later),
                    points=points,
                )
            )
        show_if(self._notice, bool(said))
        if report is not None and said:
            self._notice.set(
                "\n".join(said),
                "warning" if report.desk_only else "info",
                tr("Show them") if report.late or report.later else "",
            )

    def _show_progress(self, state: ReportsState) -> None:
        doing = tr("Adding up the day…") if state.loading else tr("Making the report…") if state.busy else ""
        if doing and not self._is_doing:
            self._progress.start(doing)
        elif not doing and self._is_doing:
            self._progress.finish()
        self._is_doing = bool(doing)

    _is_doing = False

    def _ask_path(self, name: str, ending: str, kinds: str) -> Path | None:
        suggested = f"{name} {self.presenter.state.day.isoformat()}.{ending}"
        chosen, _filter = QFileDialog.getSaveFileName(self, tr("Save as…"), suggested, kinds)
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix.lower() == f".{ending}" else path.with_name(f"{path.name}.{ending}")


def _how_far(state: ReportsState) -> str:
    """Until when it tells, or since when nothing of it changes."""
    report = state.report
    if report is None:
        return ""
    if report.closed is not None:
        return tr("closed {time}", time=moment(report.closed.at))
    return tr("as of {time}", time=clock(report.as_of)) if state.is_last else ""
