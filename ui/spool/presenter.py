"""The print queue of this desk, and any document of an earlier operation. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID

from app.domain.errors import Refused, Unavailable
from app.domain.ids import new_id
from app.operations.base import Operation
from app.operations.open_drawer import DrawerReason, OpenDrawer
from app.operations.print_statement import PrintStatement
from app.operations.reprint_slip import DOCUMENTS_OF, RIGHT_FOR, ReprintSlip
from app.ports.authority import Answer, Submission
from app.ports.paper import PrintState
from app.queries.rows import OperationRow
from app.queries.slips import QueuedSlip, SlipQueries
from ui.counter.services import CounterServices, Problem
from ui.spool.again import printing_again

MOST_ROWS = 200
Part = Literal["queue", "operations"]
_PRINTS_BY_ITSELF = frozenset({PrintState.QUEUED, PrintState.SENDING, PrintState.WAITING, PrintState.FAILED})


@dataclass(frozen=True)
class PaperRow:
    """A job of the queue, or (without `job`) an operation whose document can be printed."""

    operation: UUID
    document: str
    at: datetime
    staff: str
    member_name: str
    member_no: str = ""
    job: UUID | None = None
    copy: int = 0
    state: PrintState | None = None
    cause: str | None = None
    summary: str = ""

    @classmethod
    def of_job(cls, slip: QueuedSlip) -> PaperRow:
        return cls(
            slip.operation,
            slip.document,
            slip.queued_at,
            slip.staff,
            slip.member_name,
            slip.member_no,
            slip.job,
            slip.copy,
            PrintState(slip.state),
            slip.cause,
        )

    @classmethod
    def of_operation(cls, row: OperationRow) -> PaperRow:
        return cls(row.operation, DOCUMENTS_OF[row.verb][0], row.at, row.staff, row.member_name, summary=row.summary)

    @property
    def is_uncertain(self) -> bool:
        return self.state is PrintState.UNCERTAIN

    @property
    def can_print(self) -> bool:
        """What waits prints by itself: nobody has to ask for it, and a copy would only be a second one."""
        return self.state not in _PRINTS_BY_ITSELF

    @property
    def is_held(self) -> bool:
        """The printer has it and waits for something."""
        return self.state is PrintState.WAITING

    @property
    def is_jammed(self) -> bool:
        return self.is_held and self.cause == "printer.cutter"

    def is_same(self, other: PaperRow) -> bool:
        return (self.job, self.operation) == (other.job, other.operation)


@dataclass(frozen=True)
class SpoolState:
    part: Part = "queue"
    rows: tuple[PaperRow, ...] = ()
    chosen: PaperRow | None = None
    picture: bytes | None = None  # PNG of the paper; None while it is being made
    problem: Problem | None = None
    busy: bool = False
    loaded: bool = False


class SpoolScreenProtocol(Protocol):
    def show_state(self, state: SpoolState) -> None: ...

    def say(self, what: str) -> None:
        """Something was done: "printing", "statement", "confirmed", "saved", "given_up", "restarted",
        "cleared" or "drawer"."""


class SpoolPresenter:
    """`language` is that of the paper: the one that is spoken on the screen."""

    def __init__(
        self,
        screen: SpoolScreenProtocol,
        services: CounterServices,
        slips: SlipQueries,
        language: Callable[[], str],
    ) -> None:
        self.screen = screen
        self.services = services
        self.state = SpoolState()
        self._slips = slips
        self._language = language
        self._next_id = new_id()  # of what is asked for next: asking again after no answer is the same request

    def open(self) -> None:
        self.refresh()

    def show_part(self, part: Part) -> None:
        if part != self.state.part:
            self._show(SpoolState(part))
            self.refresh()

    def refresh(self) -> None:
        """Ask again; whatever was chosen stays chosen."""
        part = self.state.part

        def load() -> tuple[PaperRow, ...]:
            if part == "queue":
                return tuple(PaperRow.of_job(slip) for slip in self._slips.queue(MOST_ROWS))
            done = self.services.queries.recent_operations(MOST_ROWS)
            return tuple(PaperRow.of_operation(row) for row in done if row.verb in DOCUMENTS_OF)

        def told(rows: tuple[PaperRow, ...]) -> None:
            if part != self.state.part:
                return
            before = self.state.chosen
            chosen = next((row for row in rows if before is not None and row.is_same(before)), None)
            if chosen is None and rows:
                chosen = rows[0]
            self._show(replace(self.state, rows=rows, loaded=True, problem=None))
            self.choose(chosen)

        self.services.jobs.run(load, told, self._failed)

    def choose(self, row: PaperRow | None) -> None:
        before = self.state.chosen
        if row is not None and before is not None and row.is_same(before) and self.state.picture is not None:
            self._show(replace(self.state, chosen=row))  # the paper is the same; only its state may have changed
            return
        self._next_id = new_id()
        self._show(replace(self.state, chosen=row, picture=None, problem=None))
        if row is None or self._hidden(row):
            return
        look = partial(self.services.paper.preview_png, row.operation, row.document, self._language())

        def told(picture: bytes) -> None:
            if self.state.chosen is not None and self.state.chosen.is_same(row):
                self._show(replace(self.state, picture=picture))

        self.services.jobs.run(look, told, self._failed)

    def _hidden(self, row: PaperRow) -> bool:
        """A paper that is not for everybody: it stays in the queue, but what stands on it is not shown or saved."""
        person, right = self.services.who(), RIGHT_FOR.get(row.document)
        if person is None or right is None or person.may(right):
            return False
        self._failed(Refused("staff.no_right", right=right.value, role=person.role))
        return True

    def came_out(self) -> None:
        row = self.state.chosen
        if row is not None and row.job is not None and row.is_uncertain:
            self._do(partial(self.services.paper.came_out, row.job), "confirmed")

    def give_up(self) -> None:
        """No longer wait for paper: what stands on it, the person says afterwards."""
        row = self.state.chosen
        if row is not None and row.job is not None and row.is_held:
            self._do(partial(self.services.paper.give_up, row.job), "given_up")

    def after_jam(self, *, restart: bool) -> None:
        row = self.state.chosen
        if row is not None and row.is_jammed:
            self._do(partial(self.services.paper.after_jam, restart=restart), "restarted" if restart else "cleared")

    def open_drawer(self, reason: DrawerReason) -> None:
        """First written down, then opened: a drawer that opened unseen would be the worse of the two."""
        submit = self._submission(OpenDrawer(id=self._next_id, reason=reason))

        def work() -> None:
            submit()
            self.services.paper.open_drawer()

        self._do(work, "drawer")

    def print(self) -> None:
        """Again where it is in doubt, a copy of what was printed, or for the first time."""
        row = self.state.chosen
        if row is None or not row.can_print or self.state.busy:
            return
        if row.is_uncertain and row.job is not None:
            self._do(printing_again(self.services, row.job, row.operation, row.document), "printing")
        else:
            self._submit(ReprintSlip(id=self._next_id, reprints=row.operation, document=row.document), "printing")

    def save(self, path: Path) -> None:
        row = self.state.chosen
        if row is not None and not self._hidden(row):
            self._do(partial(self._write_pdf, row.operation, row.document, path, self._language()), "saved")

    def print_slip(self, operation: UUID, document: str) -> None:
        """A copy of a slip that somebody has at hand."""
        self._submit(ReprintSlip(id=self._next_id, reprints=operation, document=document), "printing")

    def print_statement(self, member: UUID) -> None:
        self._submit(PrintStatement(id=self._next_id, member=member), "statement")

    def save_statement(self, member: UUID, path: Path) -> None:
        statement, language = PrintStatement(id=self._next_id, member=member, onto="file"), self._language()
        submit = self._submission(statement)

        def make() -> None:
            submit()
            self._write_pdf(statement.id, "statement", path, language)

        self._do(make, "saved")

    def blank(self) -> None:
        """Nobody is here: what is on paper is not for everybody."""
        self._show(SpoolState(self.state.part))

    def _write_pdf(self, operation: UUID, document: str, path: Path, language: str) -> None:
        file = self.services.paper.pdf(operation, document, language)
        try:
            path.write_bytes(file)
        except OSError as problem:
            raise Unavailable("file.not_written", file=path.name, why=problem.strerror or "") from None

    def _submission(self, operation: Operation) -> Callable[[], tuple[Answer, ...]]:
        person = self.services.who()
        submission = Submission((operation,), person.session if person else None)
        return partial(self.services.authority.submit, submission)

    def _submit(self, operation: Operation, said: str) -> None:
        submit = self._submission(operation)

        def work() -> None:
            submit()
            self.services.paper.wake()

        self._do(work, said)

    def _do(self, work: Callable[[], None], said: str) -> None:
        if self.state.busy or self.services.who() is None:
            return
        self._show(replace(self.state, busy=True, problem=None))

        def done(_none: None) -> None:
            self._next_id = new_id()
            self._show(replace(self.state, busy=False))
            self.screen.say(said)
            self.refresh()

        self.services.jobs.run(work, done, self._failed)

    def _failed(self, failure: Exception) -> None:
        self._show(replace(self.state, busy=False, problem=self.services.problem(failure)))

    def _show(self, state: SpoolState) -> None:
        self.state = state
        self.screen.show_state(state)
