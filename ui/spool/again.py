"""A person says that a slip did not come out: a copy takes its place, as an operation that names it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from app.domain.errors import Refused
from app.operations.reprint_slip import ReprintSlip
from app.ports.authority import Submission
from ui.counter.services import CounterServices


def printing_again(services: CounterServices, job: UUID, operation: UUID, document: str) -> Callable[[], None]:
    """What to do in a job. Asking twice, also on two screens, prints one copy."""
    person = services.who()

    def submit() -> None:
        if person is None:
            raise Refused("session.none")
        again = ReprintSlip.of_uncertain(job, operation, document)
        services.authority.submit(Submission((again,), person.session))
        services.paper.wake()

    return submit
