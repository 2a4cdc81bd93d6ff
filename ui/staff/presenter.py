"""Who works here: add a person, give a new PIN, let somebody try again."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.staff import Right, Role, checked_pin
from app.operations.lift_lockout import LiftLockout
from app.operations.set_staff_pin import SetStaffPin
from app.operations.set_up import AddStaff
from app.ports.authority import Submission
from app.queries.rows import StaffRow
from ui.catalogue.keeping import NEW, Form, Invalid, Keeper, Request
from ui.counter.services import Problem, SignedIn

PERSON = "person"  # one person, with what may be done about them
PIN = "pin"
ROLES = (Role.CLERK, Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR)
_OWN_PIN = frozenset({"pin.wrong", "staff.pin_locked", "staff.pin_locked_until_lifted"})


class StaffPresenter(Keeper[StaffRow]):
    """The administrator adds people and sets PINs; whoever approves lifts lockouts."""

    @property
    def may_keep(self) -> bool:
        return self.services.may(Right.STAFF)

    def may_lift(self, row: StaffRow) -> bool:
        person = self.services.who()
        return person is not None and person.may(Right.APPROVE) and row.staff != person.staff

    def is_locked(self, row: StaffRow) -> bool:
        return row.locked_for_good or (row.locked_until is not None and row.locked_until > self.services.now())

    def load(self) -> tuple[StaffRow, ...]:
        return self.services.queries.staff_roll()

    def fits(self, row: StaffRow, typed: str) -> bool:
        return typed in row.staff.lower() or typed in row.name.lower()

    def filled(self, kind: str, row: StaffRow | None) -> Mapping[str, str]:
        return {"role": Role.CLERK.value} if kind == NEW else {}

    def lift(self) -> None:
        """The person whose page is open may try again at once."""
        form = self.state.form
        if form is not None and form.kind == PERSON:
            self.save()

    def request(self, form: Form[StaffRow], person: SignedIn) -> Request:
        row = form.row
        if form.kind == NEW:
            return self._add(form, person)
        assert row is not None
        if form.kind == PERSON:
            return Request(Submission((LiftLockout(staff=row.staff),), person.session), "lifted", row.name)
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
