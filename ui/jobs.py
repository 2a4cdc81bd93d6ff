"""Work on other threads, answers on the GUI thread.

One queued signal carries every result back. Its slot is a method of a QObject that lives as long as the program: a
signal connected to a method of a plain object that was dropped is silently never called (PySide6 6.12)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

T = TypeVar("T")
Deliver = Callable[[], None]


class QtJobs(QObject):
    """`app.ports.jobs.Jobs` for a program with a window. Make it on the GUI thread."""

    _finished = Signal(object)

    def __init__(
        self, unhandled: Callable[[Exception], None], *, workers: int = 4, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._unhandled = unhandled
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="job")
        self._stopped = False
        self._running = 0
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Nothing is running and no answer is on its way."""
        return self._running == 0

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self.run_while(_always, work, done, failed)

    def for_view(self, view: QObject) -> ViewJobs:
        """The same for one view: what arrives after the view was deleted is dropped."""
        return ViewJobs(self, view)

    def stop(self) -> None:
        """Wait for what is running; drop its answers and whatever has not begun."""
        self._stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def run_while(
        self,
        wanted: Callable[[], bool],
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """As `run`; the answer is dropped when `wanted()` is no longer true."""
        if self._stopped:
            return
        on_failure = failed or self._unhandled
        self._running += 1

        def elsewhere() -> None:
            try:
                result = work()
            except Exception as problem:  # told apart by type on the GUI thread
                failure = problem
                self._send(lambda: on_failure(failure), wanted)
            else:
                self._send(lambda: done(result), wanted)

        self._pool.submit(elsewhere)

    def _send(self, deliver: Deliver, wanted: Callable[[], bool]) -> None:
        if not self._stopped and isValid(self):
            self._finished.emit((deliver, wanted))

    def _on_finished(self, outcome: tuple[Deliver, Callable[[], bool]]) -> None:
        deliver, wanted = outcome
        self._running -= 1
        if self._stopped or not wanted():
            return
        try:
            deliver()
        except Exception as problem:  # a bug in a callback must not take the window down
            self._unhandled(problem)


class ViewJobs:
    """`Jobs` whose answers are only delivered while `view` exists."""

    def __init__(self, jobs: QtJobs, view: QObject) -> None:
        self._jobs = jobs
        self._view = view

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self._jobs.run_while(self._is_alive, work, done, failed)

    def _is_alive(self) -> bool:
        return isValid(self._view)


def _always() -> bool:
    return True
