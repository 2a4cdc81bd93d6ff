"""Keeps `None`, `True` and `False` alive under Python 3.11.

PySide6 6.12.0 returns them from its functions and takes no reference. Since Python 3.12 they are immortal (PEP 683) and
that is harmless; under 3.11 each such call takes one reference away, and after some ten thousand calls the interpreter
ends with "none_dealloc: deallocating None" or "bool_dealloc" (measured: `QObject.setObjectName` a thousand times costs
a thousand references). So here they are given as many references as they would have in 3.12."""

from __future__ import annotations

import ctypes
import sys

ENOUGH = 1 << 60


def keep_singletons() -> None:
    """Do what Python 3.12 does. Nothing where they are immortal already, or after the first time."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return
    for singleton in (None, True, False):
        if sys.getrefcount(singleton) < ENOUGH // 2:
            # The count is the first word of an object in every release build of CPython 3.11.
            ctypes.c_ssize_t.from_address(id(singleton)).value = ENOUGH
