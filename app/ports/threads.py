"""Where slow work says that it must not run on the GUI thread.

Databases, devices, networks and hashes call `off_gui_thread("store.write")` first. It costs one call and does nothing
until a program with a window, or a test, sets the check (see `ui.guard`)."""

from __future__ import annotations

from collections.abc import Callable


class _Check:
    """The check in force; one per process, because there is one GUI thread."""

    def __init__(self) -> None:
        self.call: Callable[[str], None] | None = None


_check = _Check()


def off_gui_thread(what: str) -> None:
    """Say that `what` is about to be done here. The check may raise or note it; without one nothing happens."""
    if _check.call is not None:
        _check.call(what)


def set_check(check: Callable[[str], None] | None) -> None:
    _check.call = check
