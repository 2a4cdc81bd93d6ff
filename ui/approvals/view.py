"""The approvals screen: what a second person agreed to here, and lifting a lockout."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.queries.rows import OperationRow, StaffTile
from ui.approvals.presenter import ApprovalsPresenter, ApprovalsState
from ui.counter import words
from ui.counter.result import TwoSides
from ui.counter.sending import Step
from ui.counter.services import CounterServices
from ui.locale import moment, signed, tr, trn
from ui.shell.screen import Command
from ui.theme import Space, theme
from ui.widgets import (
    Avatar,
    Banner,
    Button,
    Card,
    Column,
    DataTable,
    Divider,
    ElidedText,
    EmptyState,
    ListRow,
    RowsModel,
    ScrollColumn,
    Text,
    clear,
)


def _points(row: OperationRow) -> str:
    return signed(row.points) if row.points else ""


COLUMNS: tuple[Column[OperationRow], ...] = (
    Column("at", lambda: tr("When"), lambda row: moment(row.at), sort_by=lambda row: row.at, width=138),
    Column("verb", lambda: tr("What"), lambda row: words.verb(row.verb), width=104),
    Column("member", lambda: tr("Member"), lambda row: row.member_name, width=76),
    Column(
        "points", lambda: tr("Points"), lambda r: signed(r.points) if r.points else "", lambda r: r.points, True, 96
    ),
    Column("staff", lambda: tr("Asked by"), lambda row: row.staff, width=120),
    Column("approver", lambda: tr("Approved by"), lambda row: row.approver or "", width=104),
    Column("summary", lambda: tr("About"), lambda row: words.about(row.summary), width=120),
)


class ApprovalsView(QWidget):
    name = "approvals"
    icon = "approval"
    key = "F8"

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(1)
        self.services = services
        self._model: RowsModel[OperationRow] = RowsModel(COLUMNS)
        self._people_shown: tuple[tuple[StaffTile, ...], str] = ((), "?")
        self._row_shown: OperationRow | None = None
        self.presenter = ApprovalsPresenter(self, services)
        self._lay_out()
        self.presenter.render()

    # A Screen of the shell

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Approvals")

    def help(self) -> str:
        return tr("An approval is given where it is needed, with the approver's own PIN. This lists what was approved.")

    def commands(self) -> Sequence[Command]:
        return ()

    def retranslate(self) -> None:
        self.heading.setText(tr("Approved at this desk"))
        self.empty.set(tr("Nothing was approved here yet"), tr("Large or unusual requests ask for it by themselves."))
        self.detail.set_title(tr("Details"))
        self.people.set_title(tr("Lift a lockout"))
        self.people_hint.setText(tr("Whoever typed too many wrong PINs may try again at once."))
        self.lift.setText(tr("Lift the lockout"))
        self.table.setAccessibleName(tr("Approved at this desk"))
        self._row_shown = None
        self._people_shown = ((), "?")
        self.presenter.render()

    def entered(self) -> None:
        self.presenter.opened()
        self.table.setFocus()

    def person_changed(self) -> None:
        self.presenter.lock()

    def blank(self) -> None:
        self.presenter.lock()

    # What the presenter shows

    def show_approvals(self, state: ApprovalsState) -> None:
        if state.rows != self._model.rows:
            self._model.set_rows(state.rows)
            if state.selected >= 0:
                self.table.selectRow(state.selected)
        some = bool(state.rows)
        self.table.setVisible(some)
        self.empty.setVisible(not some and not state.loading)
        self.count.setText(trn("{n} approval", "{n} approvals", len(state.rows)) if some else "")
        self.detail.setVisible(some)
        self._show_detail(state.row)
        self.people.setVisible(state.may_lift)
        self._show_people(state)
        problem = state.sending.problem or state.load_problem
        self.problem.setVisible(problem is not None)
        if problem is not None:
            self.problem.set(self.services.sentence(problem.code, problem.facts), "warning")
        self.lifted.setVisible(state.sending.step is Step.DONE)
        self.lifted.set(tr("{name} may try again.", name=state.lifted), "success")
        self.lift.setEnabled(bool(state.lifting) and state.sending.step is Step.FORM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(1240)
        for at, column in enumerate(COLUMNS):
            if column.name == "summary":
                self.table.setColumnHidden(at, narrow)
            if column.name == "staff":
                self.table.setColumnHidden(at, self.width() < theme().px(1040))

    # Within

    def _lay_out(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        outer.setSpacing(Space.L)
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        head = QHBoxLayout()
        self.heading = Text(tr("Approved at this desk"), "headline")
        self.count = ElidedText("", "body", tone="muted")
        head.addWidget(self.heading)
        head.addSpacing(Space.M)
        head.addWidget(self.count, 1)
        left.addLayout(head)
        self.table = DataTable("approvals")
        self.table.setAccessibleName(tr("Approved at this desk"))
        self.table.show_model(self._model)
        self.empty = EmptyState(
            "approval", tr("Nothing was approved here yet"), tr("Large or unusual requests ask for it by themselves.")
        )
        left.addWidget(self.table, 1)
        left.addWidget(self.empty, 1)
        outer.addLayout(left, 1)
        side = QWidget()
        side.setFixedWidth(theme().px(352))
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(Space.L)
        self.detail = Card(tr("Details"))
        self.lines = QVBoxLayout()
        self.lines.setSpacing(Space.XS)
        self.detail.body.addLayout(self.lines)
        right.addWidget(self.detail)
        self.people = Card(tr("Lift a lockout"))
        self.people_hint = Text(
            tr("Whoever typed too many wrong PINs may try again at once."), "small", tone="muted", wrap=True
        )
        self.people.body.addWidget(self.people_hint)
        scroll = ScrollColumn(spacing=2)
        self.names = scroll.column
        self.people.body.addWidget(scroll, 1)
        self.problem = Banner(tone="warning")
        self.lifted = Banner(tone="success")
        self.people.body.addWidget(self.problem)
        self.people.body.addWidget(self.lifted)
        self.lift = Button(tr("Lift the lockout"), "primary", icon="lock")
        self.people.body.addWidget(self.lift)
        right.addWidget(self.people, 1)
        right.addStretch(0)
        outer.addWidget(side)
        self.table.picked.connect(self._on_picked)
        self.lift.clicked.connect(self.presenter.lift)

    def _show_detail(self, row: OperationRow | None) -> None:
        if row == self._row_shown:
            return
        self._row_shown = row
        clear(self.lines)
        if row is None:
            return
        told = [
            (tr("What"), words.verb(row.verb)),
            (tr("When"), moment(row.at)),
            (tr("Member"), row.member_name),
            (tr("About"), words.about(row.summary)),
            (tr("Points"), _points(row)),
            (tr("Asked by"), row.staff),
            (tr("Approved by"), row.approver or ""),
            (tr("Desk"), row.desk),
            (tr("Number"), str(row.operation)[-12:]),
        ]
        if row.reversed:
            told.append((tr("State"), tr("undone")))
        for at, (name, value) in enumerate(line for line in told if line[1]):
            if at:
                self.lines.addWidget(Divider())
            self.lines.addWidget(TwoSides(name, value))

    def _show_people(self, state: ApprovalsState) -> None:
        now = (state.colleagues, state.lifting)
        if now == self._people_shown:
            return
        self._people_shown = now
        clear(self.names)
        for one in state.colleagues:
            row = ListRow(one.name, one.staff, leading=Avatar(one.name[:1], size=32))
            row.set_selected(one.staff == state.lifting)
            row.chosen.connect(lambda staff=one.staff: self.presenter.choose(staff))
            self.names.addWidget(row)

    def _on_picked(self, place: int) -> None:
        picked = self._model.row(place)
        rows = self.presenter.rows
        if picked in rows:
            self.presenter.select(rows.index(picked))
