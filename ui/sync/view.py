"""The screen of this desk and its hub: how it stands, what has not been sent, and what came back to be looked after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.mode import Mode
from app.ports.hub import HubLink, HubStatus, SyncTask
from ui.counter import words
from ui.counter.result import TwoSides
from ui.counter.services import CounterServices
from ui.locale import moment, number, tr, trn
from ui.shell.screen import Command
from ui.sync.by_file.view import ByFilePanel
from ui.sync.enrol_again.view import EnrolAgainPanel
from ui.sync.give_up.view import GiveUpPanel
from ui.sync.presenter import A_DAY, SyncPresenter, SyncState
from ui.sync.words import ADVICE, AGAIN, CALL, OUTCOMES, STANDS
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
    RowsModel,
    ScrollColumn,
    SegmentedControl,
    SelectField,
    Stat,
    Text,
    clear,
    show_if,
)


class SyncView(QWidget):
    """`member_wanted` carries the member of the task that is chosen."""

    name = "sync"
    icon = "refresh"
    key = "F9"

    member_wanted = Signal(object)
    enrolled_again = Signal()
    given_up = Signal()
    task_wanted = Signal(str, object)  # of the counter, with the member
    shelf_wanted = Signal()

    def __init__(self, services: CounterServices, link: HubLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(1)
        self.services = services
        self._link = link
        self._columns: tuple[Column[SyncTask], ...] = (
            Column("at", lambda: tr("When"), lambda t: moment(t.raised_at), sort_by=lambda t: t.raised_at, width=170),
            Column("verb", lambda: tr("What"), lambda t: words.verb(t.verb), width=132),
            Column("member", lambda: tr("Member"), lambda t: t.name or t.member_no, width=96),
            Column("age", lambda: tr("Open for"), self._age, sort_by=lambda t: t.raised_at, width=96, tone=self._old),
            Column("owner", lambda: tr("Looked after by"), self._by, width=110),
            Column("told", lambda: tr("What came of it"), self._told, width=150),
        )
        self._model: RowsModel[SyncTask] = RowsModel(self._columns)
        self._shown: tuple[object, ...] = ()
        self.presenter = SyncPresenter(self, services, link)
        self._lay_out()
        self.retranslate()

    # A Screen of the shell

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Sync")

    def help(self) -> str:
        return tr(
            "What was done while the network was down, and could not be booked as it was, comes back here: what "
            "happened, whose it is, what to do and what to say. Nothing has to be typed again."
        )

    def commands(self) -> Sequence[Command]:
        def chosen() -> bool:
            return self.presenter.state.task is not None

        return (
            Command(
                "sync.done",
                lambda: tr("Do what the task says"),
                self._do,
                key="Ctrl+Return",
                icon="check",
                everywhere=False,
                is_possible=chosen,
            ),
            Command(
                "sync.settle",
                lambda: tr("Looked after"),
                self._settle,
                key="Ctrl+D",
                icon="check",
                everywhere=False,
                is_possible=chosen,
            ),
            Command(
                "sync.take",
                lambda: tr("Take it over"),
                self.presenter.take_over,
                key="Ctrl+T",
                icon="members",
                everywhere=False,
                is_possible=chosen,
            ),
            Command(
                "sync.by_file", lambda: tr("By file…"), self._by_file, key="Ctrl+U", icon="export", everywhere=False
            ),
            Command("sync.now", lambda: tr("Try again now"), self.presenter.try_now, icon="refresh", everywhere=False),
        )

    def retranslate(self) -> None:
        self.heading.setText(tr("To look after"))
        self.stand.set_title(tr("This desk and the hub"))
        self.unsent.label.setText(tr("Not sent yet"))
        self.floor.label.setText(tr("Redeemed offline, on its way"))
        self.exposure.label.setText(tr("May still be redeemed offline"))
        self.detail.set_title(tr("What happened"))
        self.empty.set(tr("Nothing to look after"), tr("What was done here while cut off was booked as it was done."))
        self.nothing.setText(tr("Looked after"))
        self.which.set_options((("open", tr("Still open")), ("closed", tr("Closed lately"))))
        self.which.setAccessibleName(tr("Which tasks"))
        self.owner.label.setText(tr("Looked after by"))
        self.owner.box.setAccessibleName(tr("Looked after by"))
        self.take.setText(tr("Take it over"))
        self.open_member.setText(tr("Open the member"))
        self.again.setText(tr("Try again now"))
        self.by_file.setText(tr("By file…"))
        self.enrol_again.setText(tr("Enrol again…"))
        self.give_up.setText(tr("Give this desk up…"))
        self.call_title.setText(tr("What to say"))
        self.todo_title.setText(tr("What to do"))
        self.table.setAccessibleName(tr("To look after"))
        self._shown = ()
        self.presenter.render()

    def entered(self) -> None:
        self.presenter.opened()
        self.table.setFocus()

    def person_changed(self) -> None:
        self.presenter.lock()

    def blank(self) -> None:
        self.presenter.lock()

    # What the presenter shows

    def show_sync(self, state: SyncState) -> None:
        self._show_status(state)
        if state.tasks != self._model.rows:
            self._model.set_rows(state.tasks)
        if state.selected >= 0:
            self.table.selectRow(state.selected)
        some = bool(state.tasks)
        self.which.set_value("closed" if state.shows_closed else "open")
        if state.shows_closed:
            self.empty.set(tr("Nothing was closed this week"), "")
        else:
            self.empty.set(
                tr("Nothing to look after"), tr("What was done here while cut off was booked as it was done.")
            )
        show_if(self.table, some)
        show_if(self.empty, not some and not state.loading and state.sees_tasks)
        for about_tasks in (self.heading, self.count, self.which):
            show_if(about_tasks, state.sees_tasks)
        show_if(self.no_tasks, not state.sees_tasks)
        count = trn("{n} to settle", "{n} to settle", state.open_count) if state.open_count else ""
        if state.old_count:
            count += tr(", {n} for more than a day", n=number(state.old_count))
        self.count.setText(count)
        self.count.set_tone("warning" if state.old_count else "muted")
        show_if(self.side, some)
        show_if(self.detail, state.task is not None)
        self._show_detail(state)
        self.problem.setVisible(state.problem is not None)
        if state.problem is not None:
            self.problem.set(self.services.sentence(state.problem.code, state.problem.facts), "warning")
        self.settled.setVisible(state.settled or bool(state.handed_to))
        handed = tr("{name} looks after it now.", name=state.handed_to) if state.handed_to else ""
        self.settled.set(handed or tr("Noted; the hub is told."), "success")
        goes = state.action is not None and state.action.goes_to != ""
        self.done.setEnabled(not state.sending and (goes or state.may_settle))
        self.nothing.setEnabled(not state.sending and state.may_settle)
        is_open = state.task is not None and state.task.is_open
        for part in (self.done, self.owner_row):
            show_if(part, is_open)
        self.take.setEnabled(not state.sending and state.task is not None and state.task.owner != state.own)
        show_if(self.open_member, state.task is not None and state.task.member is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for at, column in enumerate(self._columns):
            least = {"verb": 1360, "owner": 1180, "member": 880}.get(column.name)
            if least is not None:
                self.table.setColumnHidden(at, self.width() < theme().px(least))

    # Within

    def _show_status(self, state: SyncState) -> None:
        status = state.status
        tone = "success" if status.mode is Mode.ONLINE else "info" if status.mode is Mode.FRESH else "warning"
        text = tr(STANDS[status.mode])
        if status.since is not None:
            text = tr("Since {when}: {text}", when=moment(status.since), text=text)
        if status.trouble and status.mode is not Mode.FRESH:
            text += " " + self.services.sentence(status.trouble, {})
        self.banner.set(text, tone)
        oldest = tr("oldest {age}", age=age(self.services.now(), status.oldest)) if status.oldest else ""
        self.unsent.set(number(status.unsent), oldest)
        self.floor.set(number(status.floor_used), tr("of {limit} points", limit=number(status.floor_limit)))
        self.exposure.set(number(max(0, status.floor_limit - status.floor_used)), tr("at most, before the hub answers"))
        show_if(self.exposure, state.sees_exposure)
        may_enrol = status.trouble in ("hub.re_enrol", "hub.retired")
        for button in (self.again, self.by_file):
            show_if(button, status.mode is not Mode.ONLINE and not may_enrol)
        show_if(self.enrol_again, may_enrol)
        show_if(self.give_up, state.may_give_up)

    def _show_detail(self, state: SyncState) -> None:
        task = state.task
        now = (task, state.has_call, state.colleagues, state.may_settle)
        if now == self._shown:
            return
        self._shown = now
        clear(self.lines)
        if task is None:
            return
        self.sentence.setText(self._told(task))
        told = [
            (tr("When"), moment(task.raised_at)),
            (tr("What"), words.verb(task.verb)),
            (tr("Member"), " ".join(part for part in (task.name, task.phone) if part)),
            (tr("Member number"), task.member_no),
            (tr("Looked after by"), "" if task.is_open else task.owner_name),
            (tr("Open for"), self._age(task) if task.is_open else ""),
            (tr("The other member"), task.twin_no),
            (tr("Closed on"), moment(task.closed_at) if task.closed_at else ""),
            (tr("Closed by"), task.closed_by),
            (tr("How"), tr(OUTCOMES[task.outcome]) if task.outcome in OUTCOMES else ""),
            (tr("Number"), str(task.operation)[-12:]),
        ]
        for at, (name, value) in enumerate(line for line in told if line[1]):
            if at:
                self.lines.addWidget(Divider())
            self.lines.addWidget(TwoSides(name, value))
        action = state.action
        self.done.setText(tr(action.label) if action is not None else "")
        show_if(self.nothing, task.is_open and (action is None or bool(action.goes_to)))
        self.owner.set_options([(one.staff, one.name) for one in state.colleagues], task.owner or "")
        advice = tr(ADVICE[task.code]) if task.code in ADVICE and task.is_open else ""
        if task.is_open and not state.may_settle:
            advice = tr("For a supervisor who neither did nor approved it.") + " " + advice
        self.todo.setText(advice)
        show_if(self.todo_title, bool(advice))
        show_if(self.todo, bool(advice))
        show_if(self.call_title, state.has_call and task.is_open)
        show_if(self.call, state.has_call and task.is_open)
        self.call.setText(tr(CALL[task.code]) if task.code in CALL else "")

    def _told(self, task: SyncTask) -> str:
        return self.services.sentence(task.code, dict(task.facts))

    def _age(self, task: SyncTask) -> str:
        return age(task.closed_at or self.services.now(), task.raised_at)

    def _old(self, task: SyncTask) -> str:
        """Colour only underlines what the figure says."""
        waited = self.services.now() - task.raised_at
        if not task.is_open or waited < A_DAY:
            return ""
        return "danger_text" if waited >= 3 * A_DAY else "warning_text"

    def _by(self, task: SyncTask) -> str:
        return task.owner_name if task.is_open else task.closed_by

    def _do(self) -> None:
        """The one key: settle it, or go where it is put right."""
        task, action = self.presenter.state.task, self.presenter.state.action
        if task is None or action is None:
            return
        if action.outcome is not None:
            self.presenter.settle(action.outcome)
        elif action.goes_to == "shelf":
            self.shelf_wanted.emit()
        elif task.member is not None:
            goes_to = AGAIN.get(task.verb, "") if action.goes_to == "again" else action.goes_to
            self.task_wanted.emit("" if goes_to == "member" else goes_to, task.member)

    def _settle(self) -> None:
        """It was put right elsewhere, or there is nothing to do."""
        action = self.presenter.state.action
        if action is not None:
            self.presenter.settle(action.outcome or "put_right")

    def _lay_out(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        outer.setSpacing(Space.L)
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        self.stand = Card("")
        self.banner = Banner()
        self.stand.body.addWidget(self.banner)
        figures = QHBoxLayout()
        figures.setSpacing(Space.L)
        self.unsent, self.floor, self.exposure = Stat(""), Stat(""), Stat("")
        for stat in (self.unsent, self.floor, self.exposure):
            figures.addWidget(stat, 0, Qt.AlignmentFlag.AlignTop)
        figures.addStretch(1)
        self.again = Button("", icon="refresh")
        self.by_file = Button("", icon="export")
        self.enrol_again = Button("", icon="refresh")
        self.give_up = Button("", "quiet")
        for button in (self.give_up, self.enrol_again, self.by_file, self.again):
            self.stand.header.addWidget(button)
        self.stand.body.addLayout(figures)
        left.addWidget(self.stand)
        head = QHBoxLayout()
        self.heading = Text("", "headline")
        self.count = ElidedText("", "body", tone="muted")
        head.addWidget(self.heading)
        head.addSpacing(Space.M)
        head.addWidget(self.count, 1)
        self.which = SegmentedControl((("open", ""), ("closed", "")), "open")
        head.addWidget(self.which)
        left.addLayout(head)
        self.table = DataTable("sync")
        self.table.show_model(self._model)
        self.empty = EmptyState("check", "", "")
        left.addWidget(self.table, 1)
        left.addWidget(self.empty, 1)
        self.no_tasks = QWidget()  # keeps the card at the top
        left.addWidget(self.no_tasks, 1)
        outer.addLayout(left, 1)
        self.side = self._side()
        outer.addWidget(self.side)
        self.table.picked.connect(self._on_picked)
        self.again.clicked.connect(self.presenter.try_now)
        self.by_file.clicked.connect(self._by_file)
        self.enrol_again.clicked.connect(self._enrol_again)
        self.give_up.clicked.connect(self._give_up)
        self.which.changed.connect(lambda which: self.presenter.show_closed(which == "closed"))
        self.done.clicked.connect(self._do)
        self.nothing.clicked.connect(self._settle)
        self.take.clicked.connect(self.presenter.take_over)
        self.owner.changed.connect(self.presenter.hand_to)
        self.open_member.clicked.connect(self._open_member)

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(theme().px(344))
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(Space.M)
        self.detail = Card("")
        scroll = ScrollColumn(spacing=Space.S)
        self.sentence = Text("", "strong", wrap=True)
        lines = QWidget()
        self.lines = QVBoxLayout(lines)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.lines.setSpacing(Space.XS)
        self.todo_title, self.todo = Text("", "label", tone="muted"), Text("", "body", wrap=True)
        self.call_title, self.call = Text("", "label", tone="muted"), Text("", "body", wrap=True)
        for part in (self.sentence, lines, self.todo_title, self.todo, self.call_title, self.call):
            scroll.column.addWidget(part)
        self.detail.body.addWidget(scroll, 1)
        self.done = Button("", "primary", key="Ctrl+Return", icon="check")
        self.open_member = Button("")
        self.nothing = Button("")  # Ctrl+D
        self.owner = SelectField("")
        self.take = Button("", key="Ctrl+T")
        self.owner_row = QWidget()
        owned = QHBoxLayout(self.owner_row)
        owned.setContentsMargins(0, 0, 0, 0)
        owned.setSpacing(Space.S)
        owned.addWidget(self.owner, 1)
        owned.addWidget(self.take, 0, Qt.AlignmentFlag.AlignBottom)
        self.detail.body.addWidget(self.owner_row)
        self.detail.body.addWidget(self.done)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.open_member)
        row.addWidget(self.nothing)
        self.detail.body.addLayout(row)
        self.problem, self.settled = Banner(tone="warning"), Banner(tone="success")
        right.addWidget(self.problem)
        right.addWidget(self.settled)
        right.addWidget(self.detail, 1)
        right.addStretch(0)
        return side

    def _on_picked(self, place: int) -> None:
        picked = self._model.row(place)
        tasks = self.presenter.state.tasks
        if picked in tasks:
            self.presenter.select(tasks.index(picked))

    def _by_file(self) -> None:
        ByFilePanel(self.window(), self.services, self._link).open()

    def _enrol_again(self) -> None:
        panel = EnrolAgainPanel(self.window(), self.services, self._link)
        panel.enrolled.connect(self.enrolled_again)
        panel.open()

    def _give_up(self) -> None:
        panel = GiveUpPanel(self.window(), self.services, self._link)
        panel.given_up.connect(self.given_up)
        panel.by_file_wanted.connect(self._by_file)
        panel.open()

    def _open_member(self) -> None:
        member = self.presenter.member()
        if member is not None:
            self.member_wanted.emit(member)

    def status_changed(self, status: HubStatus) -> None:
        self.presenter.status_changed(status)
        for panel in self.window().findChildren(GiveUpPanel):
            panel.status_changed(status)


def age(now: datetime, since: datetime) -> str:
    """In the largest unit that fits."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return tr("{n} minute", n=number(minutes)) if minutes == 1 else tr("{n} minutes", n=number(minutes))
    if minutes < 48 * 60:
        return trn("{n} hour", "{n} hours", minutes // 60)
    days = minutes // (24 * 60)
    return tr("{n} day", n=number(days)) if days == 1 else tr("{n} days", n=number(days))
