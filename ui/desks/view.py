"""The screen of the mall's desks: how each stands, and what the administrator may do about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from app.ports.hub import AllDesks, DeskRoll, DeskStands
from ui.catalogue.keeper_view import FORM_PX, NARROW_PX, Field, KeeperView
from ui.catalogue.keeping import NEW, Form, KeepingState
from ui.counter.result import TwoSides
from ui.counter.services import CounterServices
from ui.desks import words
from ui.desks.presenter import ALONE, CODE, DESK, ENROL, LOST, RESUME, RETIRE, SUSPEND, DesksPresenter, is_till
from ui.locale import moment, number, tr, trn
from ui.settings.offline.view import OfflineView
from ui.shell.screen import Command
from ui.sync.view import age
from ui.theme import Space, theme
from ui.widgets import Banner, Button, Card, Column, Divider, SegmentedControl, Stat, Text, clear, show_if
from ui.widgets.pages import Pages

EVERY_MS = 10_000
# How wide the list has to be for a column to be shown.
NARROWEST: Final = {
    "number": 460,
    "seen": 400,
    "unsent": 520,
    "kind": 620,
    "behind": 760,
    "program": 860,
    "clock": 960,
}


class DesksView(KeeperView):
    icon_of_nothing = "desk"

    def __init__(self, services: CounterServices, roll: DeskRoll, parent: QWidget | None = None) -> None:
        self.keeper = DesksPresenter(self, services, roll)
        self.presenter = self.keeper

        def known() -> AllDesks:
            return self.keeper.known

        self.columns = (
            Column("number", lambda: tr("No."), lambda r: number(r.number), lambda r: r.number, True, 52),
            Column("name", lambda: tr("Desk"), lambda r: f"{r.name}  {r.desk}", lambda r: r.name, width=172),
            Column("kind", lambda: tr("Used as"), words.kind_words, width=84),
            Column("state", lambda: tr("State"), lambda r: words.state_words(r, known()), width=120,
                   tone=lambda r: words.state_tone(r, known())),
            Column("seen", lambda: tr("Last contact"), lambda r: words.seen_words(r, known()),
                   lambda r: r.last_seen.timestamp() if r.last_seen else 0, width=112),
            Column("unsent", lambda: tr("Unsent"), lambda r: number(r.unsent) if r.last_seen else "—",
                   lambda r: r.unsent, True, 76, lambda r: "warning_text" if r.unsent else "text_muted"),
            Column("behind", lambda: tr("Behind"), lambda r: number(r.behind) if r.last_seen else "—",
                   lambda r: r.behind, True, 76, lambda r: "" if r.behind else "text_muted"),
            Column("program", lambda: tr("Program"), lambda r: words.program_words(r, known()), width=110),
            Column("clock", lambda: tr("Clock"), words.clock_words, width=96),
        )  # fmt: skip
        super().__init__(parent)
        self.stale = Banner("", "info")
        self.stale.hide()
        self.of_hub = Banner("", "warning")
        self.of_hub.hide()
        self.exposure = Card()
        self.exposure.hide()
        self.most, self.on_its_way, self.owed = Stat(""), Stat(""), Stat("")
        figures = QHBoxLayout()
        figures.setSpacing(Space.L)
        for stat in (self.most, self.on_its_way, self.owed):
            figures.addWidget(stat, 1, Qt.AlignmentFlag.AlignTop)
        self.exposure.body.addLayout(figures)
        column = self._list.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(1, self.stale)
        column.insertWidget(2, self.of_hub)
        column.insertWidget(3, self.exposure)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.keeper.refresh)
        self.retranslate()

    # What a KeeperView asks

    def words(self) -> dict[str, str]:
        may = self.keeper.may_keep
        return {
            "find": tr("Find by name, code or number"),
            "new": tr("Enrolment code") if may else "",
            "nothing": tr("No desks yet"),
            "nothing_hint": tr("Make an enrolment code, and type it at the new desk within ten minutes."),
            "choose": tr("Choose a desk"),
            "choose_hint": tr("How it stands with the hub, and what it may do when it is cut off."),
        }

    def may_add(self) -> bool:
        return self.keeper.may_keep and self.keeper.reached

    def open_kind(self, row: Any) -> str:
        return DESK

    def form_title(self, form: Form[Any]) -> str:
        name = form.row.name if form.row is not None else ""
        match form.kind:
            case "new":
                return tr("Enrolment code for a new desk")
            case "code":
                return tr("Enrolment code")
            case "suspend":
                return tr("Suspend {name}", name=name)
            case "resume":
                return tr("Resume {name}", name=name)
            case "retire":
                return tr("Retire {name}", name=name)
            case "lost":
                return tr("Report {name} lost", name=name)
            case "enrol":
                return tr("Enrolment code for {name}", name=name)
            case _:
                return str(name)

    def form_hint(self, form: Form[Any]) -> str:
        match form.kind:
            case "new":
                return tr("The new desk types it within ten minutes; it counts once. Two people make it.")
            case "suspend":
                return tr(
                    "At its next contact it begins nothing new. What it has done, or does until then, still counts."
                )
            case "resume":
                return tr("It works again at its next contact, also within the offline limits.")
            case "retire":
                return tr(
                    "For good: nothing of it is taken any more, and its card numbers are never given out. Only when "
                    "all that it did has arrived."
                )
            case "lost":
                return tr(
                    "At its next contact it destroys its store and its keys. What it still sends is kept aside for you "
                    "to look at and counts for nothing. Its card numbers are never given out."
                )
            case "enrol":
                return tr("The desk begins a new part of its history with it. It counts once, for ten minutes.")
            case _:
                return ""

    def form_fields(self, form: Form[Any]) -> Sequence[Field]:
        if form.kind in (DESK, CODE):
            return ()
        first = (
            (
                Field("name", tr("Name of the desk"), longest=30, placeholder=tr("2F service desk")),
                Field("desk", tr("Code"), hint=tr("Short, for slips and files: K02"), longest=20),
                Field("number", tr("Number (1 to 99)"), "digits", hint=tr("Part of the member numbers it gives out."),
                      longest=2),
                Field("kind", tr("Used as"), "segments",
                      hint=tr("A kiosk serves without a clerk; a till only tells sales to the hub."),
                      options=[(kind.value, tr(name)) for kind, name in words.KINDS.items()]),
            )
            if form.kind == NEW
            else ()
        )  # fmt: skip
        own = Field("own_pin", tr("Your own PIN"), "secret", longest=PIN_DIGITS)
        if form.kind in ALONE:
            return (*first, own)
        options = [(staff, f"{name}  {staff}") for staff, name in self.keeper.approvers]
        return (
            *first,
            own,
            Field("approver", tr("Second person"), "select", options=options),
            Field("approver_pin", tr("The second person's PIN"), "secret", longest=PIN_DIGITS),
        )

    def form_extras(self, form: Form[Any]) -> Sequence[QWidget]:
        if form.kind == CODE:
            return (_Code(form.value("code")),)
        if form.kind != DESK:
            return ()
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        self.told = Banner("", "info")
        column.addWidget(self.told)
        lines = QWidget()
        self._lines = QVBoxLayout(lines)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        column.addWidget(lines)
        column.addSpacing(Space.S)
        self.deeds: dict[str, Button] = {}
        beside = QHBoxLayout()
        beside.setSpacing(Space.S)
        for kind, text in self._action_words().items():
            back = kind in (RESUME, ENROL)
            button = Button(text, "secondary")
            button.clicked.connect(partial(self._start, kind))
            self.deeds[kind] = button
            if back:
                column.addWidget(button)
            else:
                beside.addWidget(button, 1)
        column.addLayout(beside)
        self._shown_desk: tuple[object, ...] = ()
        return (part,)

    def show_extras(self, form: Form[Any]) -> None:
        if form.kind != DESK:
            return
        row = self.keeper.now(form.whose())
        known, possible = self.keeper.known, self.keeper.possible(row)
        now = (row, known.at, possible)
        if now == self._shown_desk:
            return
        self._shown_desk = now
        text, tone = words.what_is_to_know(row, known)
        show_if(self.told, bool(text))
        if text:
            self.told.set(text, tone)
        clear(self._lines)
        for at, (name, value) in enumerate(self._details(row)):
            if at:
                self._lines.addWidget(Divider())
            self._lines.addWidget(TwoSides(name, value))
        for kind, button in self.deeds.items():
            show_if(button, kind in possible)

    def save_words(self, form: Form[Any]) -> str:
        return {
            DESK: "",
            CODE: "",
            SUSPEND: tr("Suspend"),
            RESUME: tr("Resume"),
            RETIRE: tr("Retire"),
            LOST: tr("Report it lost"),
        }.get(form.kind, tr("Make the code"))

    def saved_words(self, saved: str, name: str) -> str:
        match saved:
            case "suspend":
                return tr("{name} is suspended.", name=name)
            case "resume":
                return tr("{name} may work again.", name=name)
            case "retire":
                return tr("{name} is retired.", name=name)
            case "lost":
                return tr("{name} is reported lost.", name=name)
            case _:
                return tr("The code for {name} was made.", name=name)

    def show_state(self, state: KeepingState[Any]) -> None:
        if hasattr(self, "stale"):  # Qt shows a first state while this view is being made
            known = self.keeper.known
            away = not self.keeper.reached and not state.loading and bool(known.rows)
            show_if(self.stale, away)
            if away and known.at is not None:
                self.stale.set(tr("The hub is out of reach; this was so at {when}.", when=moment(known.at)), "info")
            elif away:
                self.stale.set(tr("The hub is out of reach: only the names are known here."), "info")
            text, tone = words.what_the_hub_has(known)
            show_if(self.of_hub, bool(text))
            if text:
                self.of_hub.set(text, tone)
            self._show_exposure()
        super().show_state(state)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a small window: which desk, and whether it is well. The rest stands on its sheet."""
        width = self.width()
        room = width if width < theme().px(NARROW_PX) else width - theme().px(FORM_PX)
        for at, column in enumerate(self.columns):
            self.table.setColumnHidden(at, room < theme().px(NARROWEST.get(column.name, 0)))
        super().resizeEvent(event)

    # Within

    def _show_exposure(self) -> None:
        found = self.keeper.exposure()
        show_if(self.exposure, found is not None)
        if found is None:
            return
        self.most.set_label(tr("May be overspent") if found.strict else tr("May be on its way at most"))
        self.most.set(number(found.most), words.bound_words(found))
        self.on_its_way.set_label(tr("Redeemed offline, on its way"))
        self.on_its_way.set(number(found.on_its_way), tr("as the desks told last"))
        self.owed.set_label(tr("Members owe"))
        owing = trn("{n} member", "{n} members", found.owing)
        self.owed.set(number(found.owed), owing, tone="warning" if found.owed else "normal")

    def _start(self, kind: str) -> None:
        form = self._state.form
        if form is not None and form.row is not None:
            self.presenter.start(kind, self.keeper.now(form.row))

    def _action_words(self) -> dict[str, str]:
        return {
            RESUME: tr("Resume …"),
            ENROL: tr("Make an enrolment code …"),
            SUSPEND: tr("Suspend …"),
            RETIRE: tr("Retire …"),
            LOST: tr("Lost …"),
        }

    def _details(self, row: DeskStands) -> list[tuple[str, str]]:
        known = self.keeper.known
        found = [(tr("Code and number"), f"{row.desk} · {number(row.number)}")]
        if not row.state or known.at is None:
            return found
        found.append((tr("Used as"), words.kind_words(row)))
        found.append((tr("State"), words.state_words(row, known)))
        if row.state != "active" and row.since is not None:
            found.append((tr("Since"), moment(row.since)))
        if is_till(row):
            return found
        if row.last_seen is None:
            return [*found, (tr("Last contact"), tr("never"))]
        unsent = number(row.unsent)
        if row.unsent and row.oldest is not None:
            unsent = tr("{n}, oldest {age}", n=unsent, age=age(known.at, row.oldest))
        found += [
            (tr("Last contact"), moment(row.last_seen)),
            (tr("Unsent, as it told last"), unsent),
            (tr("Rows of the feed to read"), number(row.behind)),
            (tr("Program"), words.program_words(row, known)),
            (tr("Clock"), words.clock_words(row)),
            (tr("Licence to redeem offline"), words.licence_words(row, known)),
        ]
        if row.floor_used:
            found.append((tr("Redeemed offline, on its way"), tr("{n} points", n=number(row.floor_used))))
        if row.state in ("active", "suspended"):
            found.append((tr("May be on its way at most"), tr("{n} points", n=number(row.exposure))))
        if row.numbers_left is not None:
            found.append((tr("Card numbers left"), number(row.numbers_left)))
        if row.aside:
            found.append((tr("Operations kept aside"), number(row.aside)))
        return found


class _Code(QWidget):
    """Large enough to be read out from across the counter."""

    def __init__(self, code: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        centre = Qt.AlignmentFlag.AlignHCenter
        card = Card(padding=Space.L)
        for group in code.split("-"):
            card.body.addWidget(Text(group, "display", align=centre, selectable=True))
        self.setAccessibleName(code)
        column.addWidget(card)
        for text in (
            tr("Type it at the desk within ten minutes. It counts once."),
            tr("It is shown only now: nobody can see it again, and it is written nowhere."),
        ):
            column.addWidget(Text(text, "body", tone="muted", wrap=True))


class DesksScreen(QWidget):
    """A `Screen` of the shell: the desks, and what they may do while they are cut off."""

    name = "desks"
    icon = "desk"
    key = ""

    def __init__(self, services: CounterServices, roll: DeskRoll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 0, Space.L, Space.L)
        column.setSpacing(Space.M)
        top = QHBoxLayout()
        self._title = Text(role="headline")
        self.which = SegmentedControl((("desks", ""), ("offline", "")), "desks")
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self.which)
        column.addLayout(top)
        self.view = DesksView(services, roll)
        self.offline = OfflineView(services, roll)
        self._pages = Pages()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.offline)
        column.addWidget(self._pages, 1)
        self.which.changed.connect(self.choose)
        self.retranslate()

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Service desks")

    def commands(self) -> Sequence[Command]:
        return (
            Command("desks_list", lambda: tr("All desks"), lambda: self.choose("desks"), "Alt+1", "desk",
                    everywhere=False),
            Command("desks_offline", lambda: tr("Offline rules"), lambda: self.choose("offline"), "Alt+2", "offline",
                    everywhere=False),
            Command("enrolment_code", lambda: tr("Enrolment code"), self.view.start_new, "Ctrl+N", "plus",
                    everywhere=False, is_possible=lambda: self.which.value == "desks" and self.view.may_add()),
        )  # fmt: skip

    def help(self) -> str:
        return tr(
            "Every desk as the hub has it: when it was last heard of, what it has not sent, what it may redeem when it "
            "is cut off. The administrator suspends, retires and enrols desks; a second person agrees."
        )

    def choose(self, which: str) -> None:
        self.which.set_value(which)
        if which == "offline":
            self._pages.setCurrentWidget(self.offline)
            self.offline.entered()
        else:
            self._pages.setCurrentWidget(self.view)
            self.view.presenter.open()
            self.view.take_keyboard()

    def entered(self) -> None:
        self.choose(self.which.value)

    def retranslate(self) -> None:
        self._title.setText(self.title())
        self.which.set_options((("desks", tr("All desks")), ("offline", tr("Offline rules"))))
        self.which.setAccessibleName(self.title())
        self.view.retranslate()
        self.offline.retranslate()

    def person_changed(self) -> None:
        self.view.presenter.person_changed()
        self.offline.presenter.person_changed()

    def blank(self) -> None:
        self.view.presenter.blank()
        self.offline.presenter.blank()
