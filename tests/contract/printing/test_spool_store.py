"""What every spool store promises (app.ports.paper.SpoolStore)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID, uuid4

import pytest

from app.ports.paper import PrintJob, PrintState, SpoolStore
from tests.unit.printing.memory_spool import MemorySpoolStore


class FilledStore(SpoolStore, Protocol):
    """A spool store into which a test can put jobs, as a redemption does."""

    def enqueue(self, operation_id: UUID | None = None) -> PrintJob: ...


STORES: dict[str, Callable[[], FilledStore]] = {"memory": MemorySpoolStore}


@pytest.fixture(params=STORES, name="store")
def _store(request: pytest.FixtureRequest) -> FilledStore:
    return STORES[request.param]()


def test_the_oldest_job_comes_first(store: FilledStore) -> None:
    first, _ = store.enqueue(), store.enqueue()
    assert store.next_queued() == first


def test_a_failed_job_is_offered_again_and_keeps_its_place(store: FilledStore) -> None:
    first, _ = store.enqueue(), store.enqueue()
    store.set_state(first.job_id, PrintState.FAILED, "device.unplugged")
    again = store.next_queued()
    assert again is not None
    assert (again.job_id, again.state, again.cause) == (first.job_id, PrintState.FAILED, "device.unplugged")


@pytest.mark.parametrize(
    "state",
    [PrintState.SENDING, PrintState.WAITING, PrintState.CONFIRMED, PrintState.UNCERTAIN, PrintState.REPLACED],
)
def test_a_job_that_may_have_reached_paper_is_never_offered_again(store: FilledStore, state: PrintState) -> None:
    job = store.enqueue()
    store.set_state(job.job_id, state, None)
    assert store.next_queued() is None


@pytest.mark.parametrize("state", [PrintState.SENDING, PrintState.WAITING])
def test_what_was_with_the_printer_when_the_program_ended_is_uncertain(store: FilledStore, state: PrintState) -> None:
    job, untouched = store.enqueue(), store.enqueue()
    store.set_state(job.job_id, state, None)
    (recovered,) = store.recover()
    assert (recovered.job_id, recovered.state, recovered.cause) == (
        job.job_id,
        PrintState.UNCERTAIN,
        "printer.interrupted",
    )
    assert store.get(job.job_id) == recovered
    assert store.next_queued() == untouched
    assert store.recover() == ()


def test_the_newest_jobs_are_listed_first_and_no_more_than_asked(store: FilledStore) -> None:
    jobs = [store.enqueue() for _ in range(4)]
    assert store.recent(3) == tuple(reversed(jobs))[:3]


def test_an_unknown_job_is_none(store: FilledStore) -> None:
    assert store.get(uuid4()) is None
