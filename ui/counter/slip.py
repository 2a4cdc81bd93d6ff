"""How the slip of one operation fares: printed, waiting for paper, or for a person to say."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from app.ports.paper import PrintJob, PrintState
from ui.counter.services import CounterServices
from ui.spool.again import printing_again

ASK_AGAIN_MS = 700
_SETTLED = {PrintState.CONFIRMED, PrintState.FAILED}


class SlipWatch:
    """Asks the spool until the slip is out of the printer; `job` is None while nothing is known of it."""

    def __init__(self, services: CounterServices, changed: Callable[[], None]) -> None:
        self.services = services
        self.job: PrintJob | None = None
        self._changed = changed
        self._operation: UUID | None = None
        self._stop: Callable[[], None] = lambda: None

    def watch(self, operation: UUID) -> None:
        self.forget()
        self._operation = operation
        self.services.paper.wake()
        self._ask()

    def forget(self) -> None:
        self._stop()
        self._operation = None
        self.job = None

    def settle(self, *, printed: bool) -> None:
        """Only a person can see whether an uncertain slip came out."""
        job = self.job
        if job is None or job.state is not PrintState.UNCERTAIN:
            return
        if printed:
            self.services.paper.came_out(job.job_id)
            self._watch_on(None)
        else:
            again = printing_again(self.services, job.job_id, job.operation_id, job.document)
            self.services.jobs.run(again, self._watch_on, self._not_known)

    def _watch_on(self, _settled: None) -> None:
        if self._operation is not None:
            self.watch(self._operation)

    def _ask(self) -> None:
        operation = self._operation
        if operation is None:
            return

        def told(jobs: tuple[PrintJob, ...]) -> None:
            if operation != self._operation:
                return
            ours = [job for job in jobs if job.operation_id == operation]
            newest = max(ours, key=lambda job: job.copy, default=None)
            if newest != self.job:
                self.job = newest
                self._changed()
            if newest is None or newest.state not in _SETTLED:
                self._stop = self.services.timers.after(ASK_AGAIN_MS, self._ask)

        self.services.jobs.run(self.services.paper.jobs, told, self._not_known)

    def _not_known(self, failure: Exception) -> None:
        """What was done stands; only the news of its slip is missing. Ask again."""
        self.services.problem(failure)
        self._stop = self.services.timers.after(ASK_AGAIN_MS * 4, self._ask)
