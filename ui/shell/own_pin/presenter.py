"""Somebody chooses a new PIN for themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol
from uuid import UUID

from app.domain.errors import Fact, Refused, Unavailable
from app.domain.staff import checked_pin
from app.operations.set_staff_pin import SetStaffPin
from app.ports.authority import Authority, Submission
from app.ports.jobs import Jobs


class OwnPinScreen(Protocol):
    def show_busy(self, busy: bool) -> None: ...
    def show_problem(self, field: str, sentence: str) -> None:
        """`field` is "own", "new", "again", or "" for the whole; an empty sentence takes all back."""

    def leave(self) -> None: ...


class OwnPinPresenter:
    """PINs are kept no longer than the one request."""

    def __init__(
        self,
        screen: OwnPinScreen,
        authority: Authority,
        jobs: Jobs,
        session: UUID,
        staff: str,
        *,
        sentence: Callable[[str, Mapping[str, Fact]], str],
        changed: Callable[[], None],
        bug: Callable[[Exception], None],
    ) -> None:
        self._screen = screen
        self._authority = authority
        self._jobs = jobs
        self._session = session
        self._staff = staff
        self._sentence = sentence
        self._changed = changed
        self._bug = bug
        self._busy = False

    def change(self, own: str, new: str, again: str) -> None:
        if self._busy:
            return
        self._screen.show_problem("", "")
        field = "own"
        try:
            if not own:
                raise Refused("pin.required")
            field = "new"
            checked_pin(new)
            if new == own:
                raise Refused("pin.same_as_before")
            field = "again"
            if again != new:
                raise Refused("pin.not_the_same")
        except Refused as no:
            self._screen.show_problem(field, self._sentence(no.code, no.facts))
            return
        self._busy = True
        self._screen.show_busy(True)
        asked = Submission((SetStaffPin(staff=self._staff),), self._session, pin=own, new_pin=new)
        self._jobs.run(partial(self._authority.submit, asked), self._on_done, self._on_failed)

    def _on_done(self, _answers: object) -> None:
        self._busy = False
        self._screen.leave()
        self._changed()

    def _on_failed(self, failure: Exception) -> None:
        self._busy = False
        self._screen.show_busy(False)
        if not isinstance(failure, Refused | Unavailable):
            self._bug(failure)
            return
        own = failure.code in ("pin.wrong", "staff.pin_locked", "staff.pin_locked_until_lifted")
        self._screen.show_problem("own" if own else "", self._sentence(failure.code, failure.facts))
