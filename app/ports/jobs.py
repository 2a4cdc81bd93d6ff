"""Work that must not run on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Jobs(Protocol):
    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run `work` elsewhere; `done` or `failed` is called back on the caller's (GUI) thread.

        Without `failed`, an exception goes to the program's one place for messages: refusals and unavailable things
        are shown as their sentence, anything else as a bug report."""


class JobsAtOnce:
    """For tests of presenters: everything runs here and now."""

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        try:
            result = work()
        except Exception as problem:
            if failed is None:
                raise
            failed(problem)
        else:
            done(result)
