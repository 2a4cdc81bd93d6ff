"""Keeps slow work off the GUI thread: what calls `app.ports.threads.off_gui_thread` on it is noted, or stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.ports.threads import set_check


class OnGuiThread(AssertionError):
    """Slow work was about to run on the GUI thread."""


class GuiThreadGuard:
    """Knows the GUI thread: the one on which it was made. `breaches` names what ran there."""

    def __init__(self, *, strict: bool) -> None:
        self._gui_thread = threading.get_ident()
        self._strict = strict
        self.breaches: list[str] = []

    def forbid_on_gui_thread(self, what: str) -> None:
        """Raises OnGuiThread when strict; otherwise the breach is only noted, because a clerk is waiting."""
        if threading.get_ident() != self._gui_thread:
            return
        self.breaches.append(what)
        if self._strict:
            raise OnGuiThread(what)

    def install(self) -> None:
        set_check(self.forbid_on_gui_thread)


@contextmanager
def guarded(*, strict: bool = True) -> Iterator[GuiThreadGuard]:
    """A guard in force for a test; afterwards there is none."""
    guard = GuiThreadGuard(strict=strict)
    guard.install()
    try:
        yield guard
    finally:
        set_check(None)
