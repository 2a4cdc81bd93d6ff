"""The spool: slips wait here for a printer, outlive the program, and never print twice by themselves (DEVICES.md 1.5).

Its own thread owns every change of state. Whatever comes from elsewhere (a wake-up, the printer's thread, a person's
word) goes through one queue, so nothing has to be locked and nobody who calls is ever kept waiting.

    QUEUED ─► SENDING ─► CONFIRMED
      ▲          │ ├───► WAITING (paper end, cover open) ─► as SENDING
      │          │ └───► UNCERTAIN ─► a person: CONFIRMED, or REPLACED by a copy
      └─ FAILED ◄┘  no byte was accepted: tried again by itself, ever more slowly

What is in the queue, operations put there: the first print with what it tells of, copies by `reprint slip`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic
from uuid import UUID

from app.domain.errors import Refused, Unavailable
from app.ports.devices import Printer, PrintOutcome, PrintResult
from app.ports.paper import PrintJob, PrintState, SpoolStore
from app.queries.slips import AnySlip
from printing.composing import A4_DOCUMENTS, composed
from printing.document import Document, Heading
from printing.renderers.paper_profile import PaperProfile

_log = logging.getLogger(__name__)

BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_JOIN_S = 2.0

_STATE_AFTER = {
    PrintOutcome.CONFIRMED: PrintState.CONFIRMED,
    PrintOutcome.UNCERTAIN: PrintState.UNCERTAIN,
    PrintOutcome.FAILED: PrintState.FAILED,
}


@dataclass(frozen=True)
class _Woken:
    pass


@dataclass(frozen=True)
class _Stopped:
    pass


@dataclass(frozen=True)
class _HeldBack:
    attempt: int
    cause: str


@dataclass(frozen=True)
class _Ended:
    attempt: int
    result: PrintResult


@dataclass(frozen=True)
class _CameOut:
    job_id: UUID


@dataclass(frozen=True)
class _GivenUp:
    job_id: UUID


_Event = _Woken | _Stopped | _HeldBack | _Ended | _CameOut | _GivenUp


class Spool:
    """`app.ports.paper.Paper` for this desk.

    `slip` gives what stands on a document of an operation (it may read the store: it is called on the spool's thread
    and on the caller's of `preview_png` and `pdf`). `printer`, `profile` and `language` are asked anew for every job,
    so that settings take effect at once; no printer leaves jobs queued with cause "printer.none". `changed` is told of
    every new state, on the spool's thread.
    """

    def __init__(
        self,
        store: SpoolStore,
        *,
        slip: Callable[[UUID, str], AnySlip],
        printer: Callable[[], Printer | None],
        profile: Callable[[], PaperProfile],
        language: Callable[[], str],
        changed: Callable[[PrintJob], None] = lambda _: None,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
    ) -> None:
        self._store = store
        self._slip = slip
        self._printer = printer
        self._profile = profile
        self._language = language
        self._changed = changed
        self._back_off_s = back_off_s
        self._events: Queue[_Event] = Queue()
        self._thread = Thread(target=self._run, name="spool", daemon=True)
        self._stopping = Event()
        self._current: PrintJob | None = None  # the one job a printer has
        self._attempt = 0
        self._failures = 0
        self._not_before = 0.0  # monotonic seconds

    def start(self) -> None:
        """What a killed program left half printed becomes uncertain; then the queue is worked off."""
        self._thread.start()
        self.wake()

    def stop(self) -> None:
        """Within two seconds; a job the printer still has stays as it is. Stop the devices first: what they say of
        that job at their end ("no byte accepted": it will print next time) is still written down."""
        self._stopping.set()
        self._events.put(_Stopped())
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def jobs(self, limit: int = 50) -> tuple[PrintJob, ...]:
        return self._store.recent(limit)

    def wake(self) -> None:
        """Also when a printer comes back: at its first ONLINE, not at each of its events, or there is no back-off."""
        self._events.put(_Woken())

    def came_out(self, job_id: UUID) -> None:
        self._events.put(_CameOut(job_id))

    def give_up(self, job_id: UUID) -> None:
        self._events.put(_GivenUp(job_id))

    def after_jam(self, *, restart: bool) -> None:
        printer = self._printer()
        if printer is None:
            raise Unavailable("printer.none")
        printer.after_jam(restart=restart)

    def open_drawer(self) -> None:
        printer = self._printer()
        if printer is None:
            raise Unavailable("printer.none")
        printer.open_drawer()

    def preview_png(self, operation_id: UUID, document: str, language: str) -> bytes:
        from printing.renderers.preview import preview_png

        return preview_png(self._compose(operation_id, document, language), self._profile())

    def pdf(self, operation_id: UUID, document: str, language: str) -> bytes:
        from printing.renderers.paper_profile import A4
        from printing.renderers.pdf import pdf

        paper = self._compose(operation_id, document, language)
        profile = A4 if document in A4_DOCUMENTS else self._profile()
        title = next((element.text for element in paper if isinstance(element, Heading)), document)
        return pdf(paper, profile, title=title, language=language)

    def _compose(self, operation_id: UUID, document: str, language: str, copy: int = 0) -> Document:
        return composed(replace(self._slip(operation_id, document), copy=copy), language)

    # Everything below runs on the spool's thread.

    def _run(self) -> None:
        self._until_stored(self._recover)
        while not isinstance(event := self._next_event(), _Stopped):
            self._until_stored(partial(self._handle, event))
            if self._current is None and monotonic() >= self._not_before and not self._stopping.is_set():
                self._until_stored(self._print_next)

    def _until_stored(self, step: Callable[[], None]) -> None:
        """Do `step`, again and again while the store is away: what a printer or a person said must not be forgotten."""
        failures = 0
        while True:
            try:
                step()
                return
            except Unavailable as error:
                _log.warning("spool: %s", error.code)
                if self._stopping.wait(self._back_off(failures)):
                    return
                failures += 1
            except Exception:
                # A bug must not end all printing until the next start: it is logged, and the queue goes on, slowly.
                _log.exception("spool")
                self._slow_down()
                return

    def _recover(self) -> None:
        for job in self._store.recover():
            self._tell(job)

    def _next_event(self) -> _Event:
        wait_s = self._not_before - monotonic() if self._current is None else 0.0
        try:
            # Looking again once in a while costs nothing, and heals a wake-up that was never sent.
            return self._events.get(timeout=wait_s if wait_s > 0 else self._back_off_s[-1])
        except Empty:
            return _Woken()

    def _handle(self, event: _Event) -> None:
        match event:
            case _Woken():
                # Somebody knows of a change (a new slip, a printer come back), or the time has come.
                self._not_before = 0.0
            case _HeldBack(attempt, cause):
                if self._current is not None and attempt == self._attempt:
                    self._current = self._set(self._current, PrintState.WAITING, cause)
            case _Ended(attempt, result):
                if self._current is not None and attempt == self._attempt:
                    self._end(self._current, result)
            case _CameOut(job_id):
                self._confirm(job_id)
            case _GivenUp(job_id):
                printer = self._printer()
                if printer is not None and self._current is not None and self._current.job_id == job_id:
                    printer.cancel(str(job_id))
            case _Stopped():
                raise AssertionError("the loop ends before this")

    def _print_next(self) -> None:
        job = self._store.next_queued()
        if job is None:
            return
        printer = self._printer()
        if printer is None:
            if (job.state, job.cause) != (PrintState.QUEUED, "printer.none"):
                self._set(job, PrintState.QUEUED, "printer.none")
            return
        from printing.renderers.escpos import encode  # brings fonts and pictures: not before the first slip

        try:
            paper = self._compose(job.operation_id, job.document, self._language(), job.copy)
            segments = encode(paper, self._profile())
        except Unavailable:
            raise
        except Exception as error:
            # Nothing was sent, but trying again by itself would keep every later slip from printing.
            _log.exception("slip of %s", job.operation_id)
            self._set(job, PrintState.UNCERTAIN, error.code if isinstance(error, Refused) else "print.cannot_compose")
            self.wake()
            return
        self._attempt += 1
        attempt = self._attempt
        # Written down before the first byte can leave: after a kill nobody may take this job for unprinted.
        self._current = self._set(job, PrintState.SENDING, None)
        try:
            printer.submit(
                str(job.job_id),
                segments,
                waiting=lambda cause: self._events.put(_HeldBack(attempt, cause)),
                done=lambda result: self._events.put(_Ended(attempt, result)),
            )
        except Unavailable as error:  # the printer's thread has ended: it took nothing
            self._events.put(_Ended(attempt, PrintResult(PrintOutcome.FAILED, error.code)))
        except Exception:
            _log.exception("printer")
            self._events.put(_Ended(attempt, PrintResult(PrintOutcome.UNCERTAIN, "printer.error")))

    def _end(self, job: PrintJob, result: PrintResult) -> None:
        # Whoever gave it up does not want it tried again by itself.
        given_up = result.cause == "printer.cancelled"
        self._set(job, PrintState.UNCERTAIN if given_up else _STATE_AFTER[result.outcome], result.cause)
        self._current = None
        if result.outcome is PrintOutcome.FAILED and not given_up:
            self._slow_down()
        else:
            self._failures = 0
            self._not_before = 0.0

    def _confirm(self, job_id: UUID) -> None:
        job = self._store.get(job_id)
        if job is not None and job.state is PrintState.UNCERTAIN:
            self._set(job, PrintState.CONFIRMED, "print.confirmed_by_person")

    def _set(self, job: PrintJob, state: PrintState, cause: str | None) -> PrintJob:
        self._store.set_state(job.job_id, state, cause)
        job = replace(job, state=state, cause=cause)
        self._tell(job)
        return job

    def _tell(self, job: PrintJob) -> None:
        try:
            self._changed(job)
        except Exception:  # a listener's bug is no reason to lose count of what the printer has
            _log.exception("listener")

    def _slow_down(self) -> None:
        self._not_before = monotonic() + self._back_off(self._failures)
        self._failures += 1

    def _back_off(self, failures: int) -> float:
        return self._back_off_s[min(failures, len(self._back_off_s) - 1)]
