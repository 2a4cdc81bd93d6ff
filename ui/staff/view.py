"""The staff screen: who works here, and what may be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import PIN_DIGITS
from app.queries.rows import StaffRow
from ui.catalogue.keeper_screen import KeeperScreen
from ui.catalogue.keeper_view import Field, KeeperView
from ui.catalogue.keeping import NEW, Form
from ui.counter.services import CounterServices
from ui.locale import clock, mark, tr
from ui.shell.roles import role_name
from ui.shell.screen import Command
from ui.staff.presenter import CARD, CLOSE, END_CARD, PERSON, PIN, ROLES, StaffPresenter
from ui.theme import Space
from ui.widgets import Button, Chip, Column, Text, show_if

ROLE_HINTS = {
    "clerk": mark("Serves members: swipe, credit, redeem, hand out, undo."),
    "supervisor": mark("As a clerk; also approves, adjusts points and lifts lockouts."),
    "manager": mark("Keeps gifts, shops and rules; serves nobody."),
    "administrator": mark("Keeps staff and counters; sees no members."),
}


class StaffView(KeeperView):
    icon_of_nothing = "members"

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        self.columns = (
            Column("staff", lambda: tr("Staff number"), lambda row: row.staff, width=96),
            Column("name", lambda: tr("Name"), lambda row: row.name, width=220),
            Column("role", lambda: tr("Role"), lambda row: role_name(row.role), width=170),
            Column("state", lambda: tr("State"), self._state_words, tone=self._state_tone, width=130),
        )
        self.keeper = StaffPresenter(self, services)
        self.keeper.choose_file = self._choose_file
        self.presenter = self.keeper
        super().__init__(parent)
        self.retranslate()

    def words(self) -> dict[str, str]:
        may = self.keeper.may_keep
        return {
            "find": tr("Find by number or name"),
            "new": tr("Add a person"),
            "nothing": tr("Nobody yet"),
            "nothing_hint": tr("Add a manager, supervisors and clerks."),
            "choose": tr("Add a person, or choose one") if may else tr("Choose a person"),
            "choose_hint": tr("Each person signs in with their own number and PIN.")
            if may
            else tr("Here you let somebody try their PIN again."),
        }

    def may_add(self) -> bool:
        return self.keeper.may_keep

    def open_kind(self, row: Any) -> str:
        return PERSON

    def form_title(self, form: Form[Any]) -> str:
        if form.kind == NEW:
            return tr("Add a person")
        if form.kind == PIN:
            return tr("A new PIN for {name}", name=form.whose().name)
        if form.kind == CARD:
            return tr("An approval card for {name}", name=form.whose().name)
        if form.kind == END_CARD:
            return tr("End the approval card of {name}", name=form.whose().name)
        if form.kind == CLOSE:
            return tr("Close the account of {name}", name=form.whose().name)
        return str(form.whose().name)

    def form_hint(self, form: Form[Any]) -> str:
        if form.kind == PIN:
            return tr("Tell it to nobody else. They can change it themselves in the menu at the top right.")
        if form.kind == CARD:
            return tr(
                "With it and their PIN they approve while the hub cannot be reached. Print the file, put the card "
                "behind their staff card, and delete the file. An earlier card ends; a new PIN ends this one."
            )
        if form.kind == END_CARD:
            return tr("It counts no more here at once, and at the other desks as soon as they hear of it.")
        if form.kind == CLOSE:
            return tr(
                "For somebody who works here no more. Nothing can be done in their name from now on, also where they "
                "are signed in; a desk that is cut off hears of it later. What they did keeps their name. An "
                "administrator can open the account again."
            )
        return ""

    def form_fields(self, form: Form[Any]) -> Sequence[Field]:
        if form.kind in (PERSON, END_CARD, CLOSE):
            return ()
        if form.kind == CARD:
            return (
                Field("holder_pin", tr("PIN of {name}", name=form.whose().name), "secret", longest=PIN_DIGITS),
                Field("own_pin", tr("Your own PIN"), "secret", longest=PIN_DIGITS),
            )
        pins = (
            Field("pin", tr("PIN (six digits)"), "secret", longest=PIN_DIGITS),
            Field("pin_again", tr("The same PIN again"), "secret", longest=PIN_DIGITS),
        )
        if form.kind == PIN:
            return (*pins, Field("own_pin", tr("Your own PIN"), "secret", longest=PIN_DIGITS))
        return (
            Field("staff", tr("Staff number"), hint=tr("Letters and digits; typed to sign in."), longest=20),
            Field("name", tr("Name"), longest=40),
            *pins,
            Field("role", tr("Role"), "select", options=[(role.value, role_name(role.value)) for role in ROLES]),
        )

    def form_extras(self, form: Form[Any]) -> Sequence[QWidget]:
        if form.kind in (PIN, CARD, END_CARD, CLOSE):
            return ()
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        self.role_hint = Text("", "small", tone="muted", wrap=True)
        column.addWidget(self.role_hint)
        if form.kind == PERSON:
            row: StaffRow = form.whose()
            line = QHBoxLayout()
            line.setSpacing(Space.S)
            line.addWidget(Chip(role_name(row.role), "neutral"))
            locked = self.keeper.is_locked(row)
            line.addWidget(
                Chip(self._state_words(row), "warning" if locked else "neutral" if row.closed else "success")
            )
            if row.has_card:
                line.addWidget(Chip(tr("Approval card"), "info"))
            line.addStretch(1)
            column.insertLayout(0, line)
            column.insertWidget(0, Text(tr("Number {n}", n=row.staff), "body", tone="muted"))
            self.set_pin = Button(tr("Set a new PIN"), "secondary", icon="keyboard")
            self.set_pin.clicked.connect(partial(self.keeper.start, PIN, row))
            column.addWidget(self.set_pin)
            show_if(self.set_pin, self.keeper.may_set_pin(row))
            again = tr("Give a new approval card") if row.has_card else tr("Give an approval card")
            self.card = Button(again, "secondary", icon="card")
            self.card.clicked.connect(partial(self.keeper.start, CARD, row))
            column.addWidget(self.card)
            show_if(self.card, self.keeper.may_give_card(row))
            self.end_card = Button(tr("The approval card is lost"), "secondary", icon="lock")
            self.end_card.clicked.connect(partial(self.keeper.start, END_CARD, row))
            column.addWidget(self.end_card)
            show_if(self.end_card, self.keeper.may_end_card(row))
            self.close_account = Button(tr("Close the account"), "secondary", icon="close")
            self.close_account.clicked.connect(partial(self.keeper.start, CLOSE, row))
            column.addWidget(self.close_account)
            show_if(self.close_account, self.keeper.may_close(row))
            if locked and not self.keeper.may_lift(row):
                text = tr("A supervisor can let them try again; a new PIN does it too.")
                column.addWidget(Text(text, "small", tone="muted", wrap=True))
        return (part,)

    def show_extras(self, form: Form[Any]) -> None:
        if form.kind in (NEW, PERSON):
            role = form.value("role") if form.kind == NEW else form.whose().role
            hint = ROLE_HINTS.get(role, "")
            self.role_hint.setText(tr(hint) if hint else "")

    def waits_for_hub(self, form: Form[Any]) -> bool:
        return form.kind != END_CARD and super().waits_for_hub(form)

    def save_words(self, form: Form[Any]) -> str:
        if form.kind == PERSON and form.whose().closed:
            return tr("Reopen") if self.keeper.may_reopen(form.whose()) else ""
        if form.kind == PERSON:
            may = self.keeper.may_lift(form.whose()) and self.keeper.is_locked(form.whose())
            return tr("Let them try again") if may else ""
        if form.kind == CARD:
            return tr("Give and save …")
        if form.kind == END_CARD:
            return tr("End the card")
        if form.kind == CLOSE:
            return tr("Close it")
        return tr("Set the PIN") if form.kind == PIN else tr("Add the person")

    def saved_words(self, saved: str, name: str) -> str:
        match saved:
            case "pin":
                return tr("{name} has a new PIN.", name=name)
            case "card":
                return tr("{name} has an approval card. Print it now, then delete the file.", name=name)
            case "card_ended":
                return tr("The approval card of {name} counts no more.", name=name)
            case "closed":
                return tr("The account of {name} is closed.", name=name)
            case "reopened":
                return tr("{name} can sign in again, with the PIN they had.", name=name)
            case "lifted":
                return tr("{name} may try again now.", name=name)
            case _:
                return super().saved_words(saved, name)

    def _choose_file(self, name: str) -> Path | None:
        title = tr("Save the approval card …")
        suggested = tr("Approval card {name}", name=name)
        chosen, _filter = QFileDialog.getSaveFileName(self, title, f"{suggested}.pdf", "PDF (*.pdf)")
        return Path(chosen) if chosen else None

    def _focus_form(self) -> None:
        super()._focus_form()
        form = self._state.form
        if (
            form is not None
            and form.kind == PERSON
            and not self.save_words(form)
            and self.keeper.may_set_pin(form.whose())
        ):
            self.set_pin.setFocus()

    def _state_words(self, row: StaffRow) -> str:
        if row.closed:
            return tr("Inactive")
        if row.locked_for_good:
            return tr("Locked")
        if row.locked_until is not None and self.keeper.is_locked(row):
            return tr("Locked until {time}", time=clock(row.locked_until))
        return tr("Active")

    def _state_tone(self, row: StaffRow) -> str:
        return "text_muted" if row.closed else "warning_text" if self.keeper.is_locked(row) else ""


class StaffScreen(KeeperScreen):
    """A `Screen` of the shell."""

    name = "staff"
    icon = "members"
    key = "Ctrl+7"

    view: StaffView

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(StaffView(services), parent)

    def title(self) -> str:
        return tr("Staff")

    def commands(self) -> Sequence[Command]:
        return (
            Command(
                "add_staff", lambda: tr("Add a person"), self.view.start_new, "Ctrl+N", "plus", everywhere=False,
                is_possible=self.view.may_add,
            ),
        )  # fmt: skip

    def help(self) -> str:
        return tr(
            "Who works here. The administrator adds people, sets PINs and closes the account of who is gone; a "
            "supervisor lifts lockouts."
        )
