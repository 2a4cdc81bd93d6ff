"""Who works here: add a person, give a new PIN, let somebody try again, close an account and open it again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from app.domain.approval_card import SECRET_BYTES, ApprovalCard
from app.domain.errors import Refused, Unavailable
from app.domain.staff import RIGHTS, Right, Role, checked_pin
from app.operations.close_staff import CloseStaff
from app.operations.end_approval_card import EndApprovalCard
from app.operations.give_approval_card import GiveApprovalCard
from app.operations.lift_lockout import LiftLockout
from app.operations.reopen_staff import ReopenStaff
from app.operations.set_staff_pin import SetStaffPin
from app.operations.set_up import AddStaff
from app.ports.authority import Answer, ApprovalGiven, Submission
from app.queries.rows import StaffRow
from ui.catalogue.keeping import NEW, Form, Invalid, Keeper, Request
from ui.counter.services import Problem, SignedIn

PERSON = "person"  # one person, with what may be done about them
PIN = "pin"
CARD = "approval_card"  # given: with it and their PIN they approve without the hub
END_CARD = "end_approval_card"
CLOSE = "close_staff"
ROLES = (Role.CLERK, Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR)
_OWN_PIN = frozenset({"pin.wrong", "staff.pin_locked", "staff.pin_locked_until_lifted"})


class StaffPresenter(Keeper[StaffRow]):
    """The administrator adds people and sets PINs; whoever approves lifts lockouts. `choose_file` asks where the card
    of somebody is to be saved."""

    choose_file: Callable[[str], Path | None]

    @property
    def may_keep(self) -> bool:
        return self.services.may(Right.STAFF)

    def may_lift(self, row: StaffRow) -> bool:
        person = self.services.who()
        return person is not None and person.may(Right.APPROVE) and row.staff != person.staff and not row.closed

    def may_set_pin(self, row: StaffRow) -> bool:
        return self.may_keep and not row.closed

    def may_close(self, row: StaffRow) -> bool:
        person = self.services.who()
        return self.may_keep and person is not None and row.staff != person.staff and not row.closed

    def may_reopen(self, row: StaffRow) -> bool:
        return self.may_keep and row.closed

    def may_give_card(self, row: StaffRow) -> bool:
        """Two people give one: the administrator, and whoever it is for, with their own PIN."""
        may = self.may_keep and self.services.approval_card_pdf is not None
        return may and Right.APPROVE in RIGHTS[Role(row.role)] and not row.closed

    def may_end_card(self, row: StaffRow) -> bool:
        person = self.services.who()
        return row.has_card and person is not None and (self.may_keep or person.may(Right.APPROVE))

    def save(self) -> None:
        form = self.state.form
        if form is None or form.kind != CARD:
            super().save()
            return
        missing = next((name for name in ("holder_pin", "own_pin") if not form.value(name)), "")
        if missing:
            self._show(problem=Problem("pin.required"), problem_field=missing)
            return
        path = None if self.state.busy else self.choose_file(form.whose().name)
        if path is not None:
            self._give_card(form, path)

    def _give_card(self, form: Form[StaffRow], path: Path) -> None:
        """The card as a file to print. What is on it stands nowhere else: a lost file means a new card."""
        person, draw, row = self.services.who(), self.services.approval_card_pdf, form.whose()
        if person is None or draw is None:
            return
        card = ApprovalCard(row.staff, os.urandom(SECRET_BYTES))
        submission = Submission(
            (GiveApprovalCard(staff=row.staff),),
            person.session,
            ApprovalGiven(row.staff, form.value("holder_pin")),
            pin=form.value("own_pin"),
            new_card=card.secret,
        )
        authority, language = self.services.authority, self.services.language()

        def work() -> tuple[Answer, ...]:
            file = draw(row.name, card.text, language)
            try:  # a folder that cannot be written to is found before the card that they have is ended
                path.write_bytes(file)
                return authority.submit(submission)
            except OSError as problem:
                raise Unavailable("file.not_written", file=path.name, why=problem.strerror or "") from None
            except (Refused, Unavailable):
                path.unlink(missing_ok=True)
                raise

        self._show(busy=True, problem=None, problem_field="", saved="")
        asked = Request(submission, "card", row.name)
        self.services.jobs.run(work, partial(self._done, asked), partial(self._failed, form))

    def is_locked(self, row: StaffRow) -> bool:
        if row.closed:
            return False
        return row.locked_for_good or (row.locked_until is not None and row.locked_until > self.services.now())

    def load(self) -> tuple[StaffRow, ...]:
        return self.services.queries.staff_roll()

    def fits(self, row: StaffRow, typed: str) -> bool:
        return typed in row.staff.lower() or typed in row.name.lower()

    def filled(self, kind: str, row: StaffRow | None) -> Mapping[str, str]:
        return {"role": Role.CLERK.value} if kind == NEW else {}

    def lift(self) -> None:
        """The person whose page is open may try again at once, or, where their account is closed, works again."""
        form = self.state.form
        if form is not None and form.kind == PERSON:
            self.save()

    def request(self, form: Form[StaffRow], person: SignedIn) -> Request:
        row = form.row
        if form.kind == NEW:
            return self._add(form, person)
        assert row is not None
        if form.kind == CLOSE:
            return Request(Submission((CloseStaff(staff=row.staff),), person.session), "closed", row.name)
        if form.kind == PERSON and row.closed:
            return Request(Submission((ReopenStaff(staff=row.staff),), person.session), "reopened", row.name)
        if form.kind == PERSON:
            return Request(Submission((LiftLockout(staff=row.staff),), person.session), "lifted", row.name)
        if form.kind == END_CARD:
            ended = EndApprovalCard(staff=row.staff, reason="lost")
            return Request(Submission((ended,), person.session), "card_ended", row.name)
        own = row.staff == person.staff
        new_pin = _new_pin(form)
        if not form.value("own_pin"):
            raise Invalid("own_pin", "pin.required")
        if own and new_pin == form.value("own_pin"):
            raise Invalid("pin", "pin.same_as_before")
        operation = SetStaffPin(staff=row.staff)
        return Request(
            Submission((operation,), person.session, pin=form.value("own_pin"), new_pin=new_pin), "pin", row.name
        )

    def field_of(self, problem: Problem, form: Form[StaffRow]) -> str:
        if form.kind == PIN and problem.code in _OWN_PIN:
            return "own_pin"
        if form.kind == CARD and problem.code in _OWN_PIN:
            return ""  # one of the two; the sentence stands over both
        return {
            "staff.exists": "staff",
            "staff.number_letters_digits": "staff",
            "staff.number_digits": "staff",
            "pin.six_digits": "pin",
            "pin.too_simple": "pin",
        }.get(problem.code, "name" if problem.code.startswith("text.") else "")

    def _add(self, form: Form[StaffRow], person: SignedIn) -> Request:
        number = form.value("staff")
        if not (number.isascii() and number.isalnum() and len(number) <= 20):
            raise Invalid("staff", "staff.number_letters_digits")
        operation = AddStaff(staff=number, name=form.value("name"), role=Role(form.value("role"))).normalised()
        new_pin = _new_pin(form)
        return Request(Submission((operation,), person.session, new_pin=new_pin), "added", operation.name)


def _new_pin(form: Form[StaffRow]) -> str:
    pin = checked_pin(form.value("pin"))
    if form.value("pin_again") != pin:
        raise Invalid("pin_again", "pin.not_the_same")
    return pin
