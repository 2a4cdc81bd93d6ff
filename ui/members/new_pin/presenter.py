"""A member who forgot their PIN, or never had one, types a new one; somebody else approves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from app.domain.errors import Refused
from app.domain.ids import new_id
from app.domain.staff import Right, checked_pin
from app.operations.lift_lockout import LiftLockout
from app.operations.set_member_pin import SetMemberPin
from app.ports.authority import Answer
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine, Task
from ui.locale import mark

LOCKED = "member.pin_locked_until_lifted"


@dataclass(frozen=True)
class NewPinState:
    """`can_lift`: the old PIN is locked, and whoever is signed in may let the member try it again."""

    allowed: bool = True
    has_pin: bool = False
    locked: bool = False
    can_lift: bool = False
    pin: str = field(default="", repr=False)
    again: str = field(default="", repr=False)
    sending: SendingState = AT_REST
    done: str = ""  # "set" or "lifted"


class NewPinScreen(Protocol):
    def show_new_pin(self, state: NewPinState) -> None: ...


class NewPinPresenter(Task):
    name = "new_pin"

    def __init__(self, screen: NewPinScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._pin = ""
        self._again = ""
        self._operation = new_id()
        self._lifting = False

    def member_left(self) -> None:
        self._forget()
        super().member_left()

    def lock(self) -> None:
        self._forget()
        super().lock()
        self.render()

    def opened(self) -> None:
        self._forget()
        super().opened()

    def cancel(self) -> None:
        super().cancel()
        self.render()

    def type_pin(self, text: str) -> None:
        self._typed(text, self._again)

    def type_again(self, text: str) -> None:
        self._typed(self._pin, text)

    def set_pin(self) -> None:
        page = self.page
        if self.done:
            self.finish()
            return
        if page is None or self.sending.state.step is not Step.FORM:
            return
        try:
            pin = checked_pin(self._pin)
        except Refused as no:
            self.fail(no.code, **no.facts)
            return
        if self._again != pin:
            self.fail("pin.not_the_same")
            return
        self._lifting = False
        self.sending.start((SetMemberPin(id=self._operation, member=page.member),), new_pin=pin)

    def lift(self) -> None:
        """The old PIN is known after all: let the member try it again."""
        page = self.page
        if page is not None and self._state().can_lift and self.sending.state.step is Step.FORM:
            self._lifting = True
            self.sending.start((LiftLockout(id=self._operation, member=page.member),))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        self._forget()
        self._operation = new_id()

    def mint(self) -> None:
        self._operation = new_id()

    def summary(self) -> Summary:
        page = self.page
        asked = mark("Let the PIN be tried again") if self._lifting else mark("Set a new member PIN")
        lines = (SummaryLine(mark("Member number"), page.member_no if page else ""),)
        return Summary(asked, page.name if page else "", lines)

    def render(self) -> None:
        self.screen.show_new_pin(self._state())

    def _state(self) -> NewPinState:
        page, person = self.page, self.services.who()
        locked = page is not None and LOCKED in page.warnings
        can_lift = locked and person is not None and person.may(Right.APPROVE)
        done = ("lifted" if self._lifting else "set") if self.done else ""
        return NewPinState(
            self.services.may(Right.ENROL), page is not None and page.has_pin, locked, can_lift,
            self._pin, self._again, self.sending.state, done,
        )  # fmt: skip

    def _typed(self, pin: str, again: str) -> None:
        if not self.sending.state.editable:
            return
        if (pin, again) != (self._pin, self._again):
            self._operation = new_id()  # another PIN is another request
        self._pin, self._again = pin, again
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()

    def _forget(self) -> None:
        self._pin = self._again = ""
