"""Rows that are kept in a list: found, opened in a form, saved. What the staff, gift, shop and rule screens share.

A `Keeper` knows no Qt. Its form is a mapping of field to text; what the texts mean is its child's business."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from app.domain.errors import Refused
from app.ports.authority import Answer, Submission
from ui.counter.services import CounterServices, Problem, SignedIn

Row = TypeVar("Row")
NEW = "new"
EDIT = "edit"


@dataclass(frozen=True)
class Form(Generic[Row]):
    """What is filled in: `kind` is NEW, EDIT or one of the child's own; `row` is None for a new one."""

    kind: str
    row: Row | None
    typed: Mapping[str, str] = field(repr=False)  # may hold a PIN

    def whose(self) -> Row:
        """The row of a form that has one."""
        assert self.row is not None
        return self.row

    def value(self, name: str) -> str:
        return self.typed.get(name, "").strip()


@dataclass(frozen=True)
class KeepingState(Generic[Row]):
    """`saved` names what has just been done ("added", "changed" …) to `saved_row`. `problem_field` is "" for the whole
    form."""

    rows: tuple[Row, ...] = ()
    total: int = 0
    filter: str = ""
    loading: bool = False
    load_problem: Problem | None = None
    form: Form[Row] | None = None
    busy: bool = False
    problem: Problem | None = None
    problem_field: str = ""
    saved: str = ""
    saved_name: str = ""


class KeepingScreen(Protocol):
    def show_state(self, state: KeepingState[Any]) -> None: ...


@dataclass(frozen=True)
class Request:
    """What saving a form submits, and what is said when it is done."""

    submission: Submission
    saved: str
    name: str


_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")


def is_code(typed: str) -> bool:
    """What may name a gift or a shop for ever."""
    return _CODE.fullmatch(typed) is not None


class Invalid(Exception):
    """A field that cannot be right, found before anything is sent."""

    def __init__(self, name: str, code: str, /, **facts: str | int) -> None:
        super().__init__(code)
        self.field = name
        self.problem = Problem(code, facts)


class Keeper(ABC, Generic[Row]):
    def __init__(self, screen: KeepingScreen, services: CounterServices) -> None:
        self.screen = screen
        self.services = services
        self.state: KeepingState[Row] = KeepingState()
        self._rows: tuple[Row, ...] = ()
        self._turn = 0

    # What the child says

    @abstractmethod
    def load(self) -> tuple[Row, ...]:
        """All rows; runs in a job."""

    @abstractmethod
    def fits(self, row: Row, typed: str) -> bool:
        """`typed` is lower case and not empty."""

    @abstractmethod
    def filled(self, kind: str, row: Row | None) -> Mapping[str, str]:
        """The form as it opens."""

    @abstractmethod
    def request(self, form: Form[Row], person: SignedIn) -> Request:
        """What saving means. Raises Invalid or Refused."""

    def field_of(self, problem: Problem, form: Form[Row]) -> str:
        """At which field a refusal is said; "" for the whole form."""
        return ""

    # What people do

    def open(self) -> None:
        """Ask for the rows; those that are known stay in sight meanwhile."""
        self._turn += 1
        turn = self._turn
        self._show(loading=not self._rows, load_problem=None)

        def told(rows: tuple[Row, ...]) -> None:
            if turn == self._turn:
                self._rows = rows
                self._show(loading=False)

        def failed(failure: Exception) -> None:
            problem = self.services.problem(failure)
            if turn == self._turn:
                self._show(loading=False, load_problem=replace(problem, again=True))

        self.services.jobs.run(self.load, told, failed)

    def type_filter(self, text: str) -> None:
        self._show(filter=text)

    def start(self, kind: str, row: Row | None = None) -> None:
        """Open a form."""
        if not self.state.busy:
            form = Form(kind, row, self.filled(kind, row))
            self._show(form=form, problem=None, problem_field="", saved="")

    def put(self, name: str, value: str) -> None:
        form = self.state.form
        if form is not None and not self.state.busy and form.typed.get(name, "") != value:
            self._show(form=replace(form, typed={**form.typed, name: value}), problem=None, problem_field="")

    def leave_form(self) -> None:
        """Nothing of it is kept, least of all a PIN."""
        if not self.state.busy:
            self._show(form=None, problem=None, problem_field="", saved="")

    def save(self) -> None:
        form, person = self.state.form, self.services.who()
        if form is None or person is None or self.state.busy:
            return
        try:
            asked = self.request(form, person)
        except Invalid as no:
            self._show(problem=no.problem, problem_field=no.field, saved="")
            return
        except Refused as no:
            self._refused(no, form)
            return
        self._show(busy=True, problem=None, problem_field="", saved="")
        self.services.jobs.run(
            partial(self.services.authority.submit, asked.submission),
            partial(self._done, asked),
            partial(self._failed, form),
        )

    def person_changed(self) -> None:
        """Somebody else will stand here: nothing that was begun is left open."""
        self._turn += 1
        self._rows = ()
        self.state = KeepingState()
        self.screen.show_state(self.state)

    def blank(self) -> None:
        """The desk is locked: a PIN that was being typed is not left in a field."""
        self.leave_form()

    def after(self, answers: tuple[Answer, ...]) -> None:
        """For children that want to know what was written."""

    # Within

    def _done(self, asked: Request, answers: tuple[Answer, ...]) -> None:
        self._show(busy=False, form=None, saved=asked.saved, saved_name=asked.name)
        self.after(answers)
        self.open()

    def _failed(self, form: Form[Row], failure: Exception) -> None:
        problem = self.services.problem(failure)
        self._show(busy=False, problem=problem, problem_field=self.field_of(problem, form))

    def _refused(self, no: Refused, form: Form[Row]) -> None:
        problem = Problem(no.code, no.facts)
        self._show(problem=problem, problem_field=self.field_of(problem, form), saved="")

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type] # names are this class's own fields
        typed = self.state.filter.strip().lower()
        rows = tuple(row for row in self._rows if self.fits(row, typed)) if typed else self._rows
        self.state = replace(self.state, rows=rows, total=len(self._rows))
        self.screen.show_state(self.state)
