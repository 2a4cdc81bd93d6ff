"""The spool's memory without a database; the contract in tests/contract/printing holds it to the same promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID, uuid4

from app.ports.paper import PrintJob, PrintState

_EPOCH = datetime(2026, 11, 22, tzinfo=UTC)


class MemorySpoolStore:
    def __init__(self) -> None:
        self._jobs: dict[UUID, PrintJob] = {}
        self._lock = Lock()

    def enqueue(self, operation_id: UUID | None = None, copy: int = 0) -> PrintJob:
        with self._lock:
            queued_at = _EPOCH + timedelta(seconds=len(self._jobs))
            job = PrintJob(uuid4(), operation_id or uuid4(), "redemption", copy, PrintState.QUEUED, None, queued_at)
            self._jobs[job.job_id] = job
            return job

    def next_queued(self) -> PrintJob | None:
        waiting = (job for job in self._jobs.values() if job.state in {PrintState.QUEUED, PrintState.FAILED})
        return next(waiting, None)

    def get(self, job_id: UUID) -> PrintJob | None:
        return self._jobs.get(job_id)

    def set_state(self, job_id: UUID, state: PrintState, cause: str | None) -> None:
        with self._lock:
            self._jobs[job_id] = replace(self._jobs[job_id], state=state, cause=cause)

    def recent(self, limit: int) -> tuple[PrintJob, ...]:
        with self._lock:
            return tuple(reversed(self._jobs.values()))[:limit]

    def recover(self) -> tuple[PrintJob, ...]:
        cut_short = [job for job in self._jobs.values() if job.state in {PrintState.SENDING, PrintState.WAITING}]
        for job in cut_short:
            self.set_state(job.job_id, PrintState.UNCERTAIN, "printer.interrupted")
        return tuple(self._jobs[job.job_id] for job in cut_short)
